//! A notation for the shape of a configuration: members on one line, separated by blanks. A member is a text unless
//! something follows its name.
//!
//! ```text
//! Status=Enabled|Suspended    one of those words, as the model has them
//! Days:int  Quiet:bool  Date:time
//! Filter{Prefix Tag{Key! Value!}}     members of its own; ! is required
//! Events[=a|b]!  Names[]  Rules[{Prefix Days:int}]    lists
//! ```

use serde_json::{Map, Value, json};

/// The description of each member that is written in this notation.
const ABOUT: &str = "Stored as given.";

/// Builds the JSON schema of an object from members in this notation.
pub(super) fn schema(text: &str) -> Value {
    let mut reader = Reader { rest: text };
    reader.object()
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn take(&mut self, start: &str) -> bool {
        match self.rest.strip_prefix(start) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> &'a str {
        let end = self
            .rest
            .find([' ', '\n', '{', '}', '[', ']', '!', ':', '=']);
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }

    /// Parses members until the object that contains them ends.
    fn object(&mut self) -> Value {
        let (mut members, mut required) = (Map::new(), Vec::new());
        loop {
            self.rest = self.rest.trim_start();
            let name = self.word();
            if name.is_empty() {
                break;
            }
            let mut shape = self.shape();
            shape["description"] = ABOUT.into();
            if self.take("!") {
                required.push(name);
            }
            members.insert(name.to_owned(), shape);
        }
        json!({ "type": "object", "properties": members, "required": required })
    }

    /// Parses the shape that follows a name.
    fn shape(&mut self) -> Value {
        if self.take("{") {
            let object = self.object();
            self.take("}");
            return object;
        }
        if self.take("[") {
            let items = match self.take("{") {
                true => {
                    let object = self.object();
                    self.take("}");
                    object
                }
                false => self.shape(),
            };
            self.take("]");
            return json!({ "type": "array", "items": items });
        }
        if self.take("=") {
            let mut words = Vec::new();
            loop {
                words.push(self.colons());
                if !self.take("|") {
                    break;
                }
            }
            return json!({ "type": "string", "x-values": words });
        }
        if self.take(":") {
            return match self.word() {
                "bool" => json!({ "type": "boolean" }),
                "int" => json!({ "type": "integer" }),
                _ => json!({ "type": "string", "x-timestamp": true }),
            };
        }
        json!({ "type": "string" })
    }

    /// Parses a word of the model. It can contain colons.
    fn colons(&mut self) -> &'a str {
        let end = self.rest.find([' ', '\n', '{', '}', '[', ']', '!', '|']);
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_member_by_member() {
        let schema = schema("A! B[=x:y|z]! C[{D:int E{F:bool}}] G:time");
        assert_eq!(schema["required"], json!(["A", "B"]));
        let of = |name: &str| schema["properties"][name].clone();
        assert_eq!(
            of("B"),
            json!({ "type": "array", "items": { "type": "string", "x-values": ["x:y", "z"] }, "description": ABOUT })
        );
        assert_eq!(of("C")["items"]["properties"]["D"]["type"], "integer");
        assert_eq!(
            of("C")["items"]["properties"]["E"]["properties"]["F"]["type"],
            "boolean"
        );
        assert_eq!(of("G")["x-timestamp"], true);
    }
}
