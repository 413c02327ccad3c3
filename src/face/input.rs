//! `--cli-input-json` and `--cli-input-yaml`: a whole request in one text. Options on the line override it.

use serde_json::{Map, Value};

use super::exit::Stop;
use super::options::Given;
use super::values::{Reader, unreadable};
use super::{json, python};

/// Reads `--cli-input-yaml`.
pub(crate) type Yaml<'a> = &'a dyn Fn(&str) -> Result<Value, String>;

/// The text of the input option, if the option was given. The text may come from a file.
///
/// # Errors
/// Both options at once, or a file that cannot be read.
pub(crate) fn text(
    reader: &Reader<'_>,
    given: &Given,
) -> Result<Option<(&'static str, String)>, Stop> {
    let inputs = ["--cli-input-json", "--cli-input-yaml"];
    let mut found = None;
    for option in inputs {
        if let Some(word) = given.one(option) {
            found = Some((option, reader.text(option, word)?));
        }
    }
    if inputs.iter().all(|option| given.has(option)) {
        return Err(Stop::Invalid(
            "Only one --cli-input- parameter may be specified.".to_owned(),
        ));
    }
    Ok(found)
}

/// Adds the members of the input that the line does not set.
///
/// # Errors
/// A text that is not JSON (or YAML), or not a map.
pub(crate) fn merge(
    request: &mut Map<String, Value>,
    option: &str,
    text: &str,
    yaml: Yaml<'_>,
) -> Result<(), Stop> {
    let value = if option.ends_with("json") {
        json::parse(text).map_err(|_| unreadable("cli-input-json", "Invalid JSON received."))?
    } else {
        yaml(text).map_err(|_| unreadable("cli-input-yaml", "Invalid YAML received."))?
    };
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                request.entry(name).or_insert(value);
            }
            Ok(())
        }
        other => {
            let class = python::class(&other, false);
            Err(unreadable(
                option,
                format_args!("Invalid type: expecting map, received {class}"),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn merged(option: &str, text: &str) -> Result<Value, String> {
        let mut request = Map::from_iter([("FunctionName".to_owned(), json!("line"))]);
        match merge(&mut request, option, text, &|_| Err("nope".to_owned())) {
            Ok(()) => Ok(Value::Object(request)),
            Err(Stop::Invalid(text)) => Err(text),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn lets_the_line_win() {
        assert_eq!(
            merged(
                "--cli-input-json",
                "{\"Description\":\"d\",\"FunctionName\":\"input\"}"
            ),
            Ok(json!({"FunctionName": "line", "Description": "d"}))
        );
    }

    #[test]
    fn says_what_is_wrong() {
        let error = |text: &str| Err(format!("Error parsing parameter {text}"));
        assert_eq!(
            merged("--cli-input-json", "{bad"),
            error("'cli-input-json': Invalid JSON received.")
        );
        assert_eq!(
            merged("--cli-input-json", "[]"),
            error("'--cli-input-json': Invalid type: expecting map, received <class 'list'>")
        );
        assert_eq!(
            merged("--cli-input-yaml", "a: ["),
            error("'cli-input-yaml': Invalid YAML received.")
        );
    }
}
