//! json, the default format: `json.dumps(value, indent=4, ensure_ascii=False)` of Python.
//!
//! Four blanks a level, members in their own order, non-ASCII characters unescaped. Three things differ from
//! `serde_json`'s own printer: the indent, floats (`1e-05`, not `0.00001`) and the escapes. An empty object at the top
//! prints nothing (seen in aws-cli 2.36.7).
//!
//! [`compact_ascii`] is `json.dumps(value)`: one line, ASCII only. Pagination tokens are built from it.

use serde_json::Value;

use super::python;

/// The value as `--output json` prints it, with the closing newline; an empty text for `{}`.
pub(super) fn render(value: &Value) -> String {
    if matches!(value, Value::Object(members) if members.is_empty()) {
        return String::new();
    }
    let mut out = String::new();
    push(&mut out, value, Layout::INDENTED, 0);
    out.push('\n');
    out
}

/// The value on one line as Python's `json.dumps` writes it: `{"a": 1}`, non-ASCII as `\u00e9`.
///
/// The function is recursive, so the value must not be nested deeper than a JSON parser accepts.
pub fn compact_ascii(value: &Value) -> String {
    let mut out = String::new();
    push(&mut out, value, Layout::COMPACT_ASCII, 0);
    out
}

/// The value as Python's `json.dumps(value, indent=4)` writes it, without a final newline.
pub fn indented_ascii(value: &Value) -> String {
    let layout = Layout {
        ascii: true,
        ..Layout::INDENTED
    };
    let mut out = String::new();
    push(&mut out, value, layout, 0);
    out
}

/// The value as `json.dumps(value, separators=(",", ":"))` writes it: ASCII without blanks, for JMESPath's `to_string`.
pub(super) fn compact_tight(value: &Value) -> String {
    let mut out = String::new();
    push(&mut out, value, Layout::TIGHT_ASCII, 0);
    out
}

#[derive(Clone, Copy)]
struct Layout {
    indented: bool,
    ascii: bool,
    /// The text that follows a comma, and a colon, on one line.
    blank: &'static str,
}

impl Layout {
    const INDENTED: Self = Self {
        indented: true,
        ascii: false,
        blank: " ",
    };
    const COMPACT_ASCII: Self = Self {
        indented: false,
        ascii: true,
        blank: " ",
    };
    const TIGHT_ASCII: Self = Self {
        blank: "",
        ..Self::COMPACT_ASCII
    };

    /// Writes the separator before an item: a comma unless the item is the first, then a new line or a blank.
    fn before_item(self, out: &mut String, index: usize, depth: usize) {
        if index > 0 {
            out.push(',');
        }
        if self.indented {
            self.new_line(out, depth + 1);
        } else if index > 0 {
            out.push_str(self.blank);
        }
    }

    fn new_line(self, out: &mut String, depth: usize) {
        if self.indented {
            out.push('\n');
            out.extend(std::iter::repeat_n("    ", depth));
        }
    }
}

fn push(out: &mut String, value: &Value, layout: Layout, depth: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => python::push_number(out, number),
        Value::String(text) => push_quoted(out, text, layout.ascii),
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                layout.before_item(out, index, depth);
                push(out, item, layout, depth + 1);
            }
            layout.new_line(out, depth);
            out.push(']');
        }
        Value::Object(members) if members.is_empty() => out.push_str("{}"),
        Value::Object(members) => {
            if let Some(number) = python::dumped(value) {
                return out.push_str(&number);
            }
            out.push('{');
            for (index, (key, member)) in members.iter().enumerate() {
                layout.before_item(out, index, depth);
                push_quoted(out, key, layout.ascii);
                out.push(':');
                out.push_str(layout.blank);
                push(out, member, layout, depth + 1);
            }
            layout.new_line(out, depth);
            out.push('}');
        }
    }
}

fn push_quoted(out: &mut String, text: &str, ascii: bool) {
    out.push('"');
    // Most text needs no escape.
    let plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\' && byte < 128;
    if text.bytes().all(plain) {
        out.push_str(text);
        out.push('"');
        return;
    }
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            // Python does not escape DEL in either mode.
            c if c < ' ' || (ascii && !c.is_ascii()) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::output::samples;

    #[test]
    fn prints_a_configuration_as_aws_does() {
        let expected = r#"{
    "FunctionName": "fA",
    "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:fA:4",
    "Runtime": "python3.12",
    "Role": "arn:aws:iam::123456789012:role/r1",
    "Handler": "app.handler",
    "CodeSize": 137,
    "Description": "",
    "Timeout": 3,
    "MemorySize": 128,
    "LastModified": "2024-05-01T12:00:00.000+0000",
    "CodeSha256": "V3Md2eBr4hQrLhvXOCPDwNq6U4mlKx8Kf6nyljBXoPw=",
    "Version": "4",
    "TracingConfig": {
        "Mode": "PassThrough"
    },
    "RevisionId": "aaaaaaaa-0000-0000-0000-000000000004",
    "PackageType": "Zip",
    "Architectures": [
        "x86_64"
    ],
    "EphemeralStorage": {
        "Size": 512
    },
    "SnapStart": {
        "ApplyOn": "None",
        "OptimizationStatus": "Off"
    },
    "LoggingConfig": {
        "LogFormat": "Text",
        "LogGroup": "/aws/lambda/fA"
    }
}
"#;
        assert_eq!(render(&samples::publish_version()), expected);
    }

    #[test]
    fn prints_weights_in_the_order_they_came() {
        let expected = r#"{
    "Aliases": [
        {
            "AliasArn": "arn:aws:lambda:us-east-1:123456789012:function:fA:live",
            "Name": "live",
            "FunctionVersion": "1",
            "Description": "",
            "RoutingConfig": {
                "AdditionalVersionWeights": {
                    "3": 0.1,
                    "2": 0.25
                }
            },
            "RevisionId": "r-live"
        }
    ]
}
"#;
        let live = samples::list_aliases()["Aliases"][1].clone();
        assert_eq!(render(&json!({ "Aliases": [live] })), expected);
    }

    #[test]
    fn prints_account_settings_as_aws_does() {
        let expected = r#"{
    "AccountLimit": {
        "TotalCodeSize": 80530636800,
        "CodeSizeUnzipped": 262144000,
        "CodeSizeZipped": 52428800,
        "ConcurrentExecutions": 1000,
        "UnreservedConcurrentExecutions": 1000
    },
    "AccountUsage": {
        "TotalCodeSize": 4567,
        "FunctionCount": 3
    }
}
"#;
        assert_eq!(render(&samples::account_settings()), expected);
    }

    #[test]
    fn prints_nothing_for_an_empty_object_but_something_for_other_empty_things() {
        assert_eq!(render(&json!({})), "");
        assert_eq!(render(&json!([])), "[]\n");
        assert_eq!(render(&json!(null)), "null\n");
        assert_eq!(render(&json!("")), "\"\"\n");
        assert_eq!(render(&json!([{}, []])), "[\n    {},\n    []\n]\n");
    }

    #[test]
    fn escapes_control_characters_and_leaves_all_others_alone() {
        assert_eq!(
            render(&json!("\u{1}\t\n\u{8}\u{c}\r\"\\/\u{7f}\u{2028}é✓😀")),
            "\"\\u0001\\t\\n\\b\\f\\r\\\"\\\\/\u{7f}\u{2028}é✓😀\"\n"
        );
    }

    #[test]
    fn writes_a_token_as_json_dumps_does() {
        assert_eq!(
            compact_ascii(&json!({"Marker": null, "boto_truncate_amount": 1})),
            r#"{"Marker": null, "boto_truncate_amount": 1}"#
        );
        assert_eq!(
            compact_ascii(&json!([["é😀", "\u{7f}"], {}, [], 1e-5])),
            "[[\"\\u00e9\\ud83d\\ude00\", \"\u{7f}\"], {}, [], 1e-05]"
        );
    }

    proptest! {
        #[test]
        fn any_value_reads_back_the_same(value in samples::any_value()) {
            if value != json!({}) {
                let read: Value = serde_json::from_str(&render(&value)).expect("it is JSON");
                prop_assert_eq!(&read, &value);
            }
            let compact = compact_ascii(&value);
            prop_assert!(compact.is_ascii());
            let read: Value = serde_json::from_str(&compact).expect("it is JSON");
            prop_assert_eq!(read, value);
        }
    }
}
