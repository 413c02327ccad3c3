//! A user's own answer, in the form of the request's protocol.

use serde_json::{Map, Value, json};

use super::{head::Head, reply::Reply, xml};

/// A user's own answer. It holds the text that a command would print, and an error if the command fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canned {
    /// The answer. It is JSON in the form that a command prints, or bytes that are sent unchanged.
    pub text: Vec<u8>,
    /// The error, if the command fails.
    pub error: Option<CannedError>,
}

/// A user's own error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedError {
    /// The HTTP status.
    pub status: u16,
    /// `AccessDeniedException`
    pub code: String,
    /// The message.
    pub message: String,
}

impl Canned {
    /// Writes the answer for the wire. The names of some XML elements contain `operation`.
    pub(super) fn reply(self, operation: &str, head: &Head, request_id: &str) -> Reply {
        let kind = head.header("content-type").unwrap_or_default();
        let speaks_forms = kind.starts_with("application/x-www-form-urlencoded");
        let reply = match (self.error, speaks_forms) {
            (Some(error), true) => {
                let (code, message) = (xml::escaped(&error.code), xml::escaped(&error.message));
                let status = error.status;
                let error = format!(
                    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
                     <RequestId>{request_id}</RequestId></ErrorResponse>"
                );
                Reply::new(status, "text/xml", error)
            }
            (Some(error), false) => {
                let body = json!({ "__type": error.code, "message": error.message });
                Reply::new(error.status, "application/json", body.to_string())
                    .with("x-amzn-ErrorType", error.code)
            }
            (None, true) => match serde_json::from_slice(&self.text) {
                Ok(Value::Object(members)) => {
                    Reply::new(200, "text/xml", of_form(operation, &members))
                }
                _ if self.text.is_empty() => {
                    Reply::new(200, "text/xml", of_form(operation, &Map::new()))
                }
                _ => Reply::new(200, "text/xml", self.text),
            },
            (None, false) if self.text.is_empty() => Reply::new(200, "application/json", "{}"),
            (None, false) => Reply::new(200, "application/json", self.text),
        };
        reply.with("x-amzn-RequestId", request_id)
    }
}

/// Writes an XML answer for a service that takes forms, if the shapes of the answer are unknown. Each item of a list is
/// a `member` element.
fn of_form(operation: &str, members: &Map<String, Value>) -> String {
    fn element(out: &mut String, name: &str, value: &Value) {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if value.is_null() || name.is_empty() || !name.chars().all(is_name) {
            return;
        }
        out.push_str(&format!("<{name}>"));
        match value {
            Value::Object(members) => members.iter().for_each(|(name, it)| element(out, name, it)),
            Value::Array(items) => items.iter().for_each(|it| element(out, "member", it)),
            Value::String(text) => out.push_str(&xml::escaped(text)),
            other => out.push_str(&other.to_string()),
        }
        out.push_str(&format!("</{name}>"));
    }
    let mut text = String::new();
    let members = Value::Object(members.clone());
    element(&mut text, &format!("{operation}Result"), &members);
    format!(
        "{}<{operation}Response>{text}</{operation}Response>",
        xml::HEADER
    )
}

/// Reads the members of a body that was kept. The body is JSON or a form.
pub(super) fn members(body: &[u8]) -> Value {
    if let Ok(value @ Value::Object(_)) = serde_json::from_slice(body) {
        return value;
    }
    let Ok(text) = std::str::from_utf8(body) else {
        return Value::Null;
    };
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    let pairs = pairs.filter_map(|(name, value)| {
        let value = super::head::decoded(&value.replace('+', " "))?;
        Some((super::head::decoded(name)?, value.into()))
    });
    let members: Map<String, Value> = pairs.collect();
    match members.is_empty() {
        true => Value::Null,
        false => Value::Object(members),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::reply::Content;

    fn answered(canned: Canned, kind: &str) -> (u16, String) {
        let headers = vec![("content-type".to_owned(), kind.to_owned())];
        let head = Head::of("POST", "/", "", headers).expect("a head");
        let reply = canned.reply("DescribeStacks", &head, "id");
        let Content::Bytes(bytes) = reply.body else {
            panic!("bytes");
        };
        (reply.status, String::from_utf8(bytes).expect("text"))
    }

    #[test]
    fn what_a_command_prints_is_what_the_protocol_has() {
        let canned = || Canned {
            text: br#"{"Stacks": [{"StackName": "a<b", "Outputs": null}]}"#.to_vec(),
            error: None,
        };
        let (status, text) = answered(canned(), "application/x-www-form-urlencoded; charset=utf-8");
        assert_eq!(status, 200);
        assert!(text.ends_with(
            "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>a&lt;b</StackName></member></Stacks>\
             </DescribeStacksResult></DescribeStacksResponse>"
        ), "{text}");
        let (_, text) = answered(canned(), "application/x-amz-json-1.1");
        assert!(text.contains("\"StackName\": \"a<b\""), "{text}");
        let failing = Canned {
            text: Vec::new(),
            error: Some(CannedError {
                status: 400,
                code: "NoStack".to_owned(),
                message: "gone".to_owned(),
            }),
        };
        let (status, text) = answered(failing, "application/x-amz-json-1.1");
        assert_eq!(
            (status, text.as_str()),
            (400, r#"{"__type":"NoStack","message":"gone"}"#)
        );
    }

    #[test]
    fn a_body_is_read_as_json_or_as_a_form() {
        assert_eq!(members(br#"{"A": 1}"#), json!({ "A": 1 }));
        assert_eq!(
            members(b"Action=X&Name=a+b%2F"),
            json!({ "Action": "X", "Name": "a b/" })
        );
        assert_eq!(members(b"\xff="), Value::Null);
    }
}
