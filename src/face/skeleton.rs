//! `--generate-cli-skeleton`: a request to fill in, as JSON or commented YAML, and a sample answer.

use serde_json::{Map, Value, json};

use super::customize;
use super::python;
use crate::operation::shape::{Shape, Structure};

/// The moment used for every timestamp.
const MOMENT: &str = "1970-01-01T00:00:00";

/// A request to fill in. Texts are empty, numbers are zero, and an enum has its first value.
pub(crate) fn input(structure: &Structure) -> Value {
    let members = structure
        .members
        .iter()
        .map(|member| (member.name.clone(), blank(&member.shape)));
    Value::Object(members.collect())
}

fn blank(shape: &Shape) -> Value {
    match shape {
        Shape::String(text) if text.timestamp => json!(MOMENT),
        Shape::String(text) => json!(
            text.known_values
                .first()
                .or(text.values.first())
                .map_or("", String::as_str)
        ),
        Shape::Integer { .. } => json!(0),
        Shape::Float { .. } => json!(0.0),
        Shape::Boolean => json!(true),
        Shape::Blob => Value::Null,
        Shape::List { member, .. } => json!([blank(member)]),
        Shape::Map { value, .. } => json!({"KeyName": blank(value)}),
        Shape::Structure(structure) => input(structure),
    }
}

/// A sample answer: every text is the name of its member.
pub(crate) fn output(structure: &Structure) -> Value {
    let members = structure
        .members
        .iter()
        .map(|member| (member.name.clone(), sample(&member.shape, &member.name)));
    Value::Object(members.collect::<Map<_, _>>())
}

fn sample(shape: &Shape, name: &str) -> Value {
    match shape {
        Shape::String(text) if !text.timestamp => json!(name),
        Shape::List { member, .. } => json!([sample(member, customize::element_name(name))]),
        Shape::Map { value, .. } => json!({"KeyName": sample(value, "")}),
        Shape::Structure(structure) => output(structure),
        other => blank(other),
    }
}

/// A request to fill in as YAML, each member with its description.
pub(crate) fn yaml_input(structure: &Structure) -> String {
    if structure.members.is_empty() {
        return "{}\n".to_owned();
    }
    let mut out = String::new();
    yaml_members(structure, 0, "", &mut out);
    out
}

/// Writes members. The first one follows `lead` (such as `- ` in a list) instead of the indent.
fn yaml_members(structure: &Structure, indent: usize, lead: &str, out: &mut String) {
    for (index, member) in structure.members.iter().enumerate() {
        let margin = if index == 0 && !lead.is_empty() {
            format!("{}{lead}", " ".repeat(indent.saturating_sub(lead.len())))
        } else {
            " ".repeat(indent)
        };
        let mut comment = Vec::new();
        if member.required {
            comment.push("[REQUIRED]".to_owned());
        }
        if !member.about.is_empty() {
            comment.push(first_sentence(&member.about).to_owned());
        }
        if let Shape::String(text) = &member.shape {
            let values = if text.known_values.is_empty() {
                &text.values
            } else {
                &text.known_values
            };
            if !values.is_empty() {
                comment.push(format!("Valid values are: {}.", values.join(", ")));
            }
        }
        let comment = if comment.is_empty() {
            String::new()
        } else {
            format!("  # {}", comment.join(" "))
        };
        out.push_str(&format!("{margin}{}:", member.name));
        yaml_value(&member.shape, indent, &comment, out);
    }
}

/// Writes the value that follows a key, with a comment.
fn yaml_value(shape: &Shape, indent: usize, comment: &str, out: &mut String) {
    match shape {
        Shape::Structure(structure) if structure.members.is_empty() => {
            out.push_str(&format!(" {{}}{comment}\n"))
        }
        Shape::Structure(structure) => {
            out.push_str(&format!("{comment}\n"));
            yaml_members(structure, indent + 2, "", out);
        }
        Shape::Map { value, .. } => {
            out.push_str(&format!("{comment}\n{}KeyName:", " ".repeat(indent + 2)));
            yaml_value(value, indent + 2, "", out);
        }
        Shape::List { member, .. } => {
            out.push_str(&format!("{comment}\n"));
            match &**member {
                Shape::Structure(structure) => yaml_members(structure, indent + 2, "- ", out),
                other => {
                    out.push_str(&format!("{}-", " ".repeat(indent)));
                    yaml_value(other, indent, "", out);
                }
            }
        }
        Shape::Blob => out.push_str(&format!(" !!binary \"\"{comment}\n")),
        scalar => {
            let value = match blank(scalar) {
                Value::String(text) if text.is_empty() => "''".to_owned(),
                Value::Bool(set) => set.to_string(),
                other => python::str(&other, false),
            };
            out.push_str(&format!(" {value}{comment}\n"));
        }
    }
}

/// A description up to its first full stop.
fn first_sentence(about: &str) -> &str {
    about.find(". ").map_or(about, |end| &about[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::fixtures::shapes;

    #[test]
    fn leaves_a_request_to_fill_in() {
        assert_eq!(
            input(shapes("CreateFunction").0),
            json!({
                "FunctionName": "", "Role": "", "Code": {"ZipFile": null, "S3Bucket": "", "S3Key": ""},
                "Description": "", "Timeout": 0, "MemorySize": 0, "Publish": true,
                "VpcConfig": {"SubnetIds": [""], "SecurityGroupIds": [""], "Ipv6AllowedForDualStack": true},
                "Environment": {"Variables": {"KeyName": ""}}, "Tags": {"KeyName": ""}, "Layers": [""],
                "FileSystemConfigs": [{"Arn": "", "LocalMountPath": ""}]
            })
        );
        assert_eq!(
            input(shapes("UpdateAlias").0)["RoutingConfig"].to_string(),
            "{\"AdditionalVersionWeights\":{\"KeyName\":0.0}}"
        );
    }

    #[test]
    fn samples_an_answer() {
        assert_eq!(
            output(shapes("PublishVersion").1),
            json!({"FunctionName": "FunctionName", "Version": "Version", "State": "State", "Architectures": ["Architecture"]})
        );
    }

    #[test]
    fn comments_yaml() {
        let yaml = yaml_input(shapes("CreateFunction").0);
        assert!(
            yaml.starts_with(
                "FunctionName: ''  # [REQUIRED] The name or ARN of the Lambda function.\n"
            ),
            "{yaml}"
        );
        assert!(yaml.contains("\nVpcConfig:  # Networks it may reach.\n  SubnetIds:\n  - ''\n  SecurityGroupIds:\n"), "{yaml}");
        assert!(yaml.ends_with("FileSystemConfigs:  # File systems.\n- Arn: ''  # [REQUIRED]\n  LocalMountPath: ''  # [REQUIRED]\n"), "{yaml}");
        assert!(yaml.contains("Tags:  # Tags.\n  KeyName: ''\n"), "{yaml}");
    }
}
