//! Writing of YAML for `--output yaml` and `yaml-stream`, and reading of YAML for `--cli-input-yaml`.
//!
//! The writer is our own. It writes as libyaml's emitter does under `aws` (seen in aws-cli 2.36.7; on random values,
//! the bytes are the same as from ruamel.yaml 0.17.21). Keys are sorted, and lists have the indent of their parent. A
//! string is plain or single-quoted if it can be read back unchanged, and is folded after column 80. No other crate
//! that was tried gives the same output: each differs in quotes, `|-` for lines, folding or floats.
//!
//! The reader builds the value from the events of `granit-parser`, with a limit on depth, aliases and size: see
//! [`parse`].

mod read;
mod resolve;
mod write;

use serde_json::Value;

use super::json;
use write::Writer;

/// The value as `--output yaml` prints it: a bare scalar as JSON, nothing for `{}`.
pub(super) fn render(value: &Value) -> String {
    match value {
        Value::Object(members) if members.is_empty() => String::new(),
        Value::Object(_) | Value::Array(_) => Writer::write(value),
        scalar => json::render(scalar),
    }
}

/// One page as `--output yaml-stream` prints it: an item of a list.
pub(super) fn render_page(page: &Value) -> String {
    Writer::write_item(page)
}

/// Reads one YAML document, as `--cli-input-yaml` gives it, by the rules of YAML 1.2.
///
/// # Errors
///
/// The error and its position: a text that is not YAML, more than one document, a duplicate key, a date that does not
/// exist, or a limit that is exceeded (depth, aliases). A value that JSON lacks is not an error; it gets Python's text
/// form.
pub fn parse(text: &str) -> Result<Value, String> {
    read::read(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::output::samples;

    #[test]
    fn prints_an_alias_as_aws_does() {
        let value = json!({
            "AliasArn": "a",
            "Name": "live",
            "FunctionVersion": "1",
            "Description": "",
            "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.1, "10": 1e-5, "3": 1.0}},
            "RevisionId": "r",
        });
        let expected = "\
AliasArn: a
Description: ''
FunctionVersion: '1'
Name: live
RevisionId: r
RoutingConfig:
  AdditionalVersionWeights:
    '10': 1e-05
    '2': 0.1
    '3': 1.0
";
        assert_eq!(render(&value), expected);
    }

    #[test]
    fn prints_bare_scalars_as_json_and_nothing_for_an_empty_object() {
        assert_eq!(render(&json!("4")), "\"4\"\n");
        assert_eq!(render(&json!(4)), "4\n");
        assert_eq!(render(&json!(null)), "null\n");
        assert_eq!(render(&json!([])), "[]\n");
        assert_eq!(render(&json!({})), "");
    }

    #[test]
    fn prints_each_page_as_an_item() {
        assert_eq!(render_page(&json!(2)), "- 2\n");
        assert_eq!(render_page(&json!("$LATEST")), "- $LATEST\n");
        assert_eq!(
            render_page(&json!({"Versions": [{"Version": "4"}], "NextMarker": "2"})),
            "- NextMarker: '2'\n  Versions:\n  - Version: '4'\n"
        );
        assert_eq!(render_page(&json!({})), "- {}\n");
    }

    #[test]
    fn reads_by_the_rules_of_yaml_1_2() {
        let text = "
# a comment
FunctionName: fA  # [REQUIRED]
Description: ''
Publish: true
Mode: yes
Timeout: 3
Weights: {\"2\": 0.1, 3: 1e-05}
Layers:
- a
- null
Text: |
  two
  lines
Same: &x [1]
Again: *x
";
        let expected = json!({
            "FunctionName": "fA",
            "Description": "",
            "Publish": true,
            "Mode": "yes",
            "Timeout": 3,
            "Weights": {"2": 0.1, "3": 1e-5},
            "Layers": ["a", null],
            "Text": "two\nlines\n",
            "Same": [1],
            "Again": [1],
        });
        assert_eq!(parse(text), Ok(expected));
        assert_eq!(parse("{\"a\": [1.0]}"), Ok(json!({"a": [1.0]})));
    }

    #[test]
    fn reads_what_json_has_not() {
        let read = |text: &str| {
            let value = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            crate::output::python::str(&value)
        };
        for (text, shown) in [
            (".inf", "inf"),
            ("-.INF", "-inf"),
            (".nan", "nan"),
            ("99999999999999999999", "99999999999999999999"),
            ("-00_99999999999999999999", "-99999999999999999999"),
            ("2001-01-02", "2001-01-02"),
            ("2001-1-2 3:04:05.25", "2001-01-02 03:04:05.250000"),
            ("2001-01-01T00:00:00Z", "2001-01-01 00:00:00"),
            ("2001-01-01t00:30:00 +1:00", "2000-12-31 23:30:00"),
            ("[2001-01-02]", "[datetime.date(2001, 1, 2)]"),
            (
                "[2001-01-02T03:04:05Z]",
                "[datetime.datetime(2001, 1, 2, 3, 4, 5)]",
            ),
            ("!!binary aGk=", "b'hi'"),
            ("!!binary /w==", "b'\\xff'"),
            ("'2001-01-02'", "2001-01-02"),
        ] {
            assert_eq!(read(text), shown, "{text}");
        }
        assert!(parse("2001-02-30").is_err());
    }

    #[test]
    fn refuses_what_is_no_yaml() {
        for text in ["a: [1", "a: 1\na: 2\n", "a: 1\n---\nb: 2\n", "*x", "'"] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.lines().count(), 1, "{text}: {error}");
        }
    }

    #[test]
    fn names_the_key_given_twice_and_the_place() {
        assert_eq!(
            parse("a: 1\na: 2\n"),
            Err("duplicate mapping key: a at line 2, column 1".to_owned())
        );
    }

    #[test]
    fn refuses_a_document_nested_too_deep() {
        assert!(parse(&("[".repeat(100_000) + &"]".repeat(100_000))).is_err());
        assert!(parse(&"- ".repeat(100_000)).is_err());
    }

    #[test]
    fn refuses_aliases_that_grow_without_end() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..12 {
            let before = format!("*a{}, ", n - 1).repeat(10);
            text.push_str(&format!("a{n}: &a{n} [{before}]\n"));
        }
        assert!(parse(&text).is_err());
    }

    proptest! {
        #[test]
        fn any_object_or_list_reads_back_the_same(value in samples::any_value()) {
            let page = render_page(&value);
            // `aws` writes with libyaml, in which these characters are line breaks. In YAML 1.2 they are not.
            prop_assume!(!page.contains(['\u{2028}', '\u{2029}']));
            prop_assert_eq!(parse(&page), Ok(json!([value])));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "[-?:,\\[\\]{}#&*!|>'\"%@ \ta1\n]{0,60}") {
            drop(parse(&text));
        }
    }
}
