//! The notation for members in a catalogue: names, each followed by its kind.
//!
//! ```text
//! TableName!                        text, required
//! KeySchema![{AttributeName! …}]    a list of structures
//! TableClass=STANDARD|OTHER         text, and the values that the model names
//! Attributes<>                      a map of texts
//! Limit:int  Enabled:bool  Weight:float  Payload:blob  StartTime:time
//! ```
//!
//! [`written`] makes this notation from a structure. A comparison with the service's own model uses it.

use std::{iter::Peekable, str::Chars};

use super::super::shape::{Member, Shape, Structure, Text};

/// Reads members.
///
/// # Errors
/// The part of the text that cannot be read, and its position.
pub fn read(text: &str) -> Result<Structure, String> {
    let mut reader = Reader(text.chars().peekable());
    let members = reader.members()?;
    match reader.0.next() {
        None => Ok(Structure { members }),
        Some(other) => Err(format!("{other:?} closes nothing")),
    }
}

struct Reader<'a>(Peekable<Chars<'a>>);

impl Reader<'_> {
    fn members(&mut self) -> Result<Vec<Member>, String> {
        let mut members = Vec::new();
        loop {
            while self.0.next_if(|c| c.is_whitespace()).is_some() {}
            if self.0.peek().is_none_or(|c| "}]>".contains(*c)) {
                return Ok(members);
            }
            let name = self.word();
            if name.is_empty() {
                return Err(format!("{:?} is no member", self.0.peek()));
            }
            let required = self.is_next('!');
            let shape = self.shape().map_err(|cause| format!("{name}: {cause}"))?;
            members.push(Member {
                about: "As AWS's page of the operation says; stored as given.".to_owned(),
                name,
                required,
                last: false,
                refused: false,
                ignored: false,
                shape,
            });
        }
    }

    fn shape(&mut self) -> Result<Shape, String> {
        let end = |reader: &mut Self, end: char| match reader.is_next(end) {
            true => Ok(()),
            false => Err(format!("{end:?} is missing")),
        };
        Ok(match self.0.peek() {
            Some('{') => {
                self.0.next();
                let members = self.members()?;
                end(self, '}')?;
                Shape::Structure(Structure { members })
            }
            Some('[') => {
                self.0.next();
                let member = Box::new(self.shape()?);
                end(self, ']')?;
                Shape::List {
                    member,
                    min: None,
                    max: None,
                    not_null: false,
                }
            }
            Some('<') => {
                self.0.next();
                let value = Box::new(self.shape()?);
                end(self, '>')?;
                Shape::Map {
                    key: Text::default(),
                    value,
                    sensitive: false,
                }
            }
            Some(':') => {
                self.0.next();
                match self.word().as_str() {
                    "int" => Shape::Integer {
                        min: None,
                        max: None,
                    },
                    "float" => Shape::Float {
                        min: None,
                        max: None,
                    },
                    "bool" => Shape::Boolean,
                    "blob" => Shape::Blob,
                    "time" => Shape::String(Text {
                        timestamp: true,
                        ..Text::default()
                    }),
                    other => return Err(format!("{other:?} is no kind of value")),
                }
            }
            Some('=') => {
                self.0.next();
                let mut values = vec![self.word()];
                while self.is_next('|') {
                    values.push(self.word());
                }
                Shape::String(Text {
                    known_values: values,
                    ..Text::default()
                })
            }
            _ => Shape::String(Text::default()),
        })
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(c) = self
            .0
            .next_if(|c| !c.is_whitespace() && !"!{}[]<>:=|".contains(*c))
        {
            word.push(c);
        }
        word
    }

    fn is_next(&mut self, c: char) -> bool {
        self.0.next_if_eq(&c).is_some()
    }
}

/// Members in the notation of a catalogue, without the values that the model names.
pub fn written(structure: &Structure) -> String {
    let members = structure.members.iter().map(|member| {
        let required = if member.required { "!" } else { "" };
        format!("{}{required}{}", member.name, kind(&member.shape))
    });
    members.collect::<Vec<_>>().join(" ")
}

fn kind(shape: &Shape) -> String {
    match shape {
        Shape::Structure(structure) => format!("{{{}}}", written(structure)),
        Shape::List { member, .. } => format!("[{}]", kind(member)),
        Shape::Map { value, .. } => format!("<{}>", kind(value)),
        Shape::Integer { .. } => ":int".to_owned(),
        Shape::Float { .. } => ":float".to_owned(),
        Shape::Boolean => ":bool".to_owned(),
        Shape::Blob => ":blob".to_owned(),
        Shape::String(text) if text.timestamp => ":time".to_owned(),
        Shape::String(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_and_written() {
        let text = "Name! Keys![{A! B:int}] Tags<> Nested{On:bool At:time} Deep[[:blob]] Weights<:float> Of<{X}>";
        assert_eq!(written(&read(text).expect("members")), text);
        let read = read("Class=STANDARD|OTHER A").expect("members");
        let Shape::String(text) = &read.members[0].shape else {
            panic!("{read:?}")
        };
        assert_eq!(text.known_values, ["STANDARD", "OTHER"]);
        assert_eq!(read.members[1].name, "A");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, told) in [
            ("A{B", "A: '}' is missing"),
            ("A:long", "A: \"long\" is no kind of value"),
            ("A]", "']' closes nothing"),
            ("{A}", "Some('{') is no member"),
        ] {
            assert_eq!(read(text), Err(told.to_owned()), "{text}");
        }
    }
}
