//! text: lines of TAB-separated columns, for `cut` and `awk`.
//!
//! An object is one line of its scalar members sorted by key, then its other members, each under its own key in
//! capitals. The columns of a list of objects are the union of their scalar keys. Scalars have Python's text forms.
//! Nothing is escaped. (Seen in aws-cli 2.36.7. On random values, the bytes are the same as from
//! `awscli.text.format_text` of 1.45.11.)
//!
//! `aws` prints each page of a listing as it comes, so the caller renders page by page. `aws` fails on one input only:
//! a list that holds both objects and other items. The text before that item is printed.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::python::{self, is_scalar};

/// The value, or one page of it, as `--output text` prints it; an empty text for empty values.
///
/// # Errors
///
/// A list that holds objects and another item. The error holds the text that is printed before that item, and Python's
/// message.
pub(super) fn render(value: &Value) -> Result<String, (String, String)> {
    let mut out = String::new();
    match push(&mut out, value, None, None) {
        Ok(()) => Ok(out),
        Err(message) => Err((out, message)),
    }
}

/// Appends a value. `label` is its key. If it is an item of a list of objects, `columns` are the columns of that list.
fn push(
    out: &mut String,
    value: &Value,
    label: Option<&str>,
    columns: Option<&BTreeSet<&str>>,
) -> Result<(), String> {
    match value {
        Value::Object(members) if python::is_dict(value) => {
            push_object(out, members, label, columns)
        }
        Value::Array(items) => push_list(out, items, label),
        scalar => {
            python::push_str(out, scalar);
            out.push('\n');
            Ok(())
        }
    }
}

fn push_object(
    out: &mut String,
    members: &Map<String, Value>,
    label: Option<&str>,
    columns: Option<&BTreeSet<&str>>,
) -> Result<(), String> {
    let mut sorted: Vec<(&str, &Value)> = members
        .iter()
        .map(|(key, member)| (key.as_str(), member))
        .collect();
    sorted.sort_unstable_by_key(|(key, _)| *key);

    // If a key has a scalar value in one object of the list, it is a column for all objects, even for one in which its
    // value is not a scalar.
    let in_columns = |key: &str, member: &Value| match columns {
        Some(columns) => columns.contains(key),
        None => is_scalar(member),
    };
    let cells: Vec<String> = match columns {
        Some(columns) => columns
            .iter()
            .map(|key| members.get(*key).map_or_else(String::new, python::str))
            .collect(),
        None => sorted
            .iter()
            .filter(|(_, member)| is_scalar(member))
            .map(|(_, member)| python::str(member))
            .collect(),
    };
    if !cells.is_empty() {
        if let Some(label) = label {
            out.push_str(&label.to_uppercase());
            out.push('\t');
        }
        push_row(out, &cells);
    }
    for (key, member) in sorted {
        if !in_columns(key, member) {
            push(out, member, Some(key), None)?;
        }
    }
    Ok(())
}

fn push_list(out: &mut String, items: &[Value], label: Option<&str>) -> Result<(), String> {
    if items.iter().any(python::is_dict) {
        let columns = scalar_keys(items)?;
        for item in items {
            push(out, item, label, Some(&columns))?;
        }
        return Ok(());
    }
    let (scalars, lists): (Vec<&Value>, Vec<&Value>) =
        items.iter().partition(|item| is_scalar(item));
    let cells: Vec<String> = scalars.into_iter().map(python::str).collect();
    match label {
        Some(label) => {
            let label = label.to_uppercase();
            for cell in cells {
                out.push_str(&label);
                out.push('\t');
                out.push_str(&cell);
                out.push('\n');
            }
        }
        None if cells.is_empty() => {}
        None => push_row(out, &cells),
    }
    for list in lists {
        push(out, list, label, None)?;
    }
    Ok(())
}

fn push_row(out: &mut String, cells: &[String]) {
    out.push_str(&cells.join("\t"));
    out.push('\n');
}

fn scalar_keys(items: &[Value]) -> Result<BTreeSet<&str>, String> {
    let mut keys = BTreeSet::new();
    for item in items {
        let members = item.as_object().filter(|_| python::is_dict(item));
        let members = members.ok_or_else(|| {
            let name = python::type_name(item);
            format!("'{name}' object has no attribute 'items'")
        })?;
        let scalars = members.iter().filter(|(_, member)| is_scalar(member));
        keys.extend(scalars.map(|(key, _)| key.as_str()));
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::output::samples;

    /// Renders the value and shows each TAB as an arrow.
    fn text(value: &Value) -> String {
        render(value).expect("it can be printed").replace('\t', "→")
    }

    #[test]
    fn prints_a_configuration_as_aws_does() {
        assert_eq!(
            text(&samples::publish_version()),
            "V3Md2eBr4hQrLhvXOCPDwNq6U4mlKx8Kf6nyljBXoPw=→137→→arn:aws:lambda:us-east-1:123456789012:function:fA:4→fA→app.handler→2024-05-01T12:00:00.000+0000→128→Zip→aaaaaaaa-0000-0000-0000-000000000004→arn:aws:iam::123456789012:role/r1→python3.12→3→4
ARCHITECTURES→x86_64
EPHEMERALSTORAGE→512
LOGGINGCONFIG→Text→/aws/lambda/fA
SNAPSTART→None→Off
TRACINGCONFIG→PassThrough
"
        );
    }

    #[test]
    fn prints_a_function_as_aws_does() {
        let value = json!({
            "Configuration": {
                "FunctionName": "fA",
                "VpcConfig": {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": [], "VpcId": "vpc-1"},
                "Environment": {"Variables": {"B": "é✓", "A": "two words", "C": "1"}},
                "Layers": [{"CodeSize": 10, "Arn": "l1"}, {"Arn": "l2", "CodeSize": 20}],
            },
            "Code": {"RepositoryType": "S3", "Location": "https://bucket.s3/key?X=1&Y=2"},
            "Tags": {"env": "prod", "x": "x"},
            "Concurrency": {"ReservedConcurrentExecutions": 5},
        });
        assert_eq!(
            text(&value),
            "CODE→https://bucket.s3/key?X=1&Y=2→S3
CONCURRENCY→5
CONFIGURATION→fA
VARIABLES→two words→é✓→1
LAYERS→l1→10
LAYERS→l2→20
VPCCONFIG→vpc-1
SUBNETIDS→subnet-1
SUBNETIDS→subnet-2
TAGS→prod→x
"
        );
    }

    #[test]
    fn prints_aliases_as_aws_does() {
        assert_eq!(
            text(&samples::list_aliases()),
            "ALIASES→arn:aws:lambda:us-east-1:123456789012:function:fA:beta→→3→beta→r-beta
ALIASES→arn:aws:lambda:us-east-1:123456789012:function:fA:live→→1→live→r-live
ADDITIONALVERSIONWEIGHTS→0.25→0.1
ALIASES→arn:aws:lambda:us-east-1:123456789012:function:fA:prod→→2→prod→r-prod
"
        );
    }

    #[test]
    fn prints_account_settings_as_aws_does() {
        assert_eq!(
            text(&samples::account_settings()),
            "ACCOUNTLIMIT→262144000→52428800→1000→80530636800→1000\nACCOUNTUSAGE→3→4567\n"
        );
    }

    #[test]
    fn prints_scalars_as_python_does_and_unescaped() {
        assert_eq!(text(&json!(null)), "None\n");
        assert_eq!(text(&json!(true)), "True\n");
        assert_eq!(text(&json!(1.0)), "1.0\n");
        assert_eq!(text(&json!(1e-5)), "1e-05\n");
        assert_eq!(text(&json!("")), "\n");
        assert_eq!(text(&json!("a\nb\tc")), "a\nb→c\n");
    }

    #[test]
    fn prints_lists_of_scalars_and_of_lists() {
        assert_eq!(text(&json!(["$LATEST", "1"])), "$LATEST→1\n");
        assert_eq!(
            text(&json!([["$LATEST", 137, null], ["1", 137, null]])),
            "$LATEST→137→None\n1→137→None\n"
        );
        assert_eq!(text(&json!({"a": [1, [2, 3], 4]})), "A→1\nA→4\nA→2\nA→3\n");
        assert_eq!(text(&json!([1, [2, [3]], 4])), "1→4\n2\n3\n");
    }

    #[test]
    fn gives_objects_of_a_list_the_columns_of_all_of_them() {
        assert_eq!(
            text(&json!([{"b": 1}, {"a": 2}, {}, {"a": {"3": 0.1, "2": 0.25}}])),
            "→1\n2→\n→\n{'3': 0.1, '2': 0.25}→\n"
        );
    }

    #[test]
    fn prints_nothing_for_empty_things() {
        for empty in [json!([]), json!({}), json!([[]]), json!({"a": [], "b": {}})] {
            assert_eq!(text(&empty), "");
        }
    }

    #[test]
    fn fails_as_python_does_after_what_came_before() {
        assert_eq!(
            render(&json!([["beta", 1], ["live", {"a": 1}]])),
            Err((
                "beta\t1\n".to_owned(),
                "'str' object has no attribute 'items'".to_owned()
            ))
        );
        assert_eq!(
            render(&json!([{"a": 1}, null])),
            Err((
                String::new(),
                "'NoneType' object has no attribute 'items'".to_owned()
            ))
        );
    }

    proptest! {
        #[test]
        fn any_value_ends_in_a_newline_or_prints_nothing(value in samples::any_value()) {
            let out = render(&value).unwrap_or_else(|(partial, _)| partial);
            prop_assert!(out.is_empty() || out.ends_with('\n'));
        }
    }
}
