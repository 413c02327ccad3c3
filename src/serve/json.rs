//! Reads a JSON body while it arrives. Bytes in base64 go to a spool at once; all other text is kept unchanged.
//!
//! A package travels as one text of up to 70 MB inside an object. The other text of the body has its own limit. Each
//! spooled text is replaced by the handle of its spool. In place of such a text, a structure or a list from the client
//! is refused, because it could be a handle of somebody else's file.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::refusal::{Front, Refusal};
use crate::state::plain::plain;
use crate::{
    operation::{
        Entry,
        shape::{Shape, Structure},
    },
    store::{
        Store,
        package::{Spool, Spooling},
    },
};

/// The most bytes of a body. Spooled texts are not counted.
const MOST: usize = 8 << 20;

/// Letters of base64 that are decoded at a time; a multiple of four.
const CHUNK: usize = 1 << 16;

/// The greatest depth of a body.
const DEEPEST: usize = 100;

/// The part of a body that has arrived.
#[derive(Debug)]
pub(super) struct Intake {
    text: Vec<u8>,
    frames: Vec<Frame>,
    at: At,
    /// The shape of the next value, found in the request's shape.
    next: Option<&'static Shape>,
    root: &'static Structure,
    spools: Vec<Spool>,
}

/// An object or a list that is open.
#[derive(Debug, Clone, Copy)]
enum Frame {
    Object(Option<&'static Structure>),
    Map(Option<&'static Shape>),
    List(Option<&'static Shape>),
}

#[derive(Debug)]
enum At {
    /// Between texts.
    Value,
    /// In a text that is kept and that began at `start`.
    Text { start: usize, escaped: bool },
    /// In a text that is spooled.
    Blob(Box<Blob>),
}

#[derive(Debug)]
struct Blob {
    spooling: Spooling,
    letters: Vec<u8>,
    escape: Escape,
    padded: bool,
}

#[derive(Debug)]
enum Escape {
    No,
    Begun,
    Digits(Vec<u8>),
}

fn malformed(text: &str) -> Refusal {
    Front::Malformed(text.to_owned()).into()
}

impl Intake {
    /// Starts to read a request of the given operation. For a ready answer, bytes in base64 stay text.
    pub(super) fn of(entry: &Entry) -> Self {
        static PLAIN: Structure = Structure {
            members: Vec::new(),
        };
        match entry.answer() {
            Some(_) => Self::new(&PLAIN),
            None => Self::new(entry.request()),
        }
    }

    /// Starts to read a request of the given shape.
    fn new(root: &'static Structure) -> Self {
        Self {
            text: Vec::new(),
            frames: Vec::new(),
            at: At::Value,
            next: None,
            root,
            spools: Vec::new(),
        }
    }

    /// Takes the bytes that have arrived.
    ///
    /// # Errors
    /// When the bytes cannot be JSON or base64, or the disk fails.
    pub(super) fn feed(&mut self, store: &Store, mut bytes: &[u8]) -> Result<(), Refusal> {
        while let [byte, rest @ ..] = bytes {
            match &mut self.at {
                At::Blob(blob) => {
                    // Letters without a special meaning are taken together.
                    let plain = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\'));
                    let plain = match blob.escape {
                        Escape::No => plain.unwrap_or(bytes.len()),
                        _ => 0,
                    };
                    if plain > 0 {
                        blob.letters.extend_from_slice(&bytes[..plain]);
                        blob.decode(store, false)?;
                        bytes = &bytes[plain..];
                        continue;
                    }
                    if blob.take(*byte)? {
                        let At::Blob(mut blob) = std::mem::replace(&mut self.at, At::Value) else {
                            continue;
                        };
                        blob.decode(store, true)?;
                        let spool = blob.spooling.finish();
                        let handle = serde_json::to_vec(&spool.handle());
                        self.text.extend(handle.expect("a handle becomes JSON"));
                        self.spools.push(spool);
                    }
                }
                At::Text { start, escaped } => {
                    self.text.push(*byte);
                    match (*byte, *escaped) {
                        (b'\\', false) => *escaped = true,
                        (b'"', false) => {
                            let start = *start;
                            self.at = At::Value;
                            self.key(start)?;
                        }
                        _ => *escaped = false,
                    }
                }
                At::Value => self.value(store, *byte)?,
            }
            if self.text.len() > MOST {
                return Err(malformed("the body is too large, even without its code"));
            }
            bytes = rest;
        }
        Ok(())
    }

    /// Ends a text. If the text is a key, finds the shape of the value that follows.
    fn key(&mut self, start: usize) -> Result<(), Refusal> {
        let shape = match self.frames.last() {
            Some(Frame::Object(Some(structure))) if self.next.is_none() => {
                // A key that is written with escapes means the same as the key without escapes.
                let name: String = serde_json::from_slice(&self.text[start..])
                    .map_err(|error| malformed(&plain(&error)))?;
                structure.member(&name).map(|member| &member.shape)
            }
            Some(Frame::Map(value)) => *value,
            _ => None,
        };
        self.next = shape;
        Ok(())
    }

    fn value(&mut self, store: &Store, byte: u8) -> Result<(), Refusal> {
        // A list's elements need no key.
        let shape = match self.frames.last() {
            Some(Frame::List(member)) => *member,
            _ => self.next,
        };
        let blob = matches!(shape, Some(Shape::Blob));
        match byte {
            b'"' if blob => {
                self.next = None;
                self.at = At::Blob(Box::new(Blob {
                    spooling: store.spooling()?,
                    letters: Vec::new(),
                    escape: Escape::No,
                    padded: false,
                }));
                return Ok(());
            }
            b'"' => {
                self.at = At::Text {
                    start: self.text.len(),
                    escaped: false,
                };
            }
            b'{' | b'[' if blob => return Err(malformed("bytes travel as base64")),
            b'{' | b'[' => {
                if self.frames.len() == DEEPEST {
                    return Err(malformed("the body nests too deep"));
                }
                self.frames.push(match (byte, shape) {
                    (b'{', Some(Shape::Structure(structure))) => Frame::Object(Some(structure)),
                    (b'{', Some(Shape::Map { value, .. })) => Frame::Map(Some(value)),
                    (b'{', None) if self.frames.is_empty() => Frame::Object(Some(self.root)),
                    (b'{', _) => Frame::Object(None),
                    (_, Some(Shape::List { member, .. })) => Frame::List(Some(member)),
                    _ => Frame::List(None),
                });
                self.next = None;
            }
            b'}' | b']' => {
                self.frames.pop();
                self.next = None;
            }
            b',' => self.next = None,
            _ => {}
        }
        self.text.push(byte);
        Ok(())
    }

    /// Returns the whole body and the spools that it refers to. An empty body counts as an empty object.
    ///
    /// # Errors
    /// A body that is not JSON, or not an object.
    pub(super) fn finish(self) -> Result<(Value, Vec<Spool>), Refusal> {
        if !matches!(self.at, At::Value) {
            return Err(malformed("the body ends inside a text"));
        }
        if self.text.iter().all(u8::is_ascii_whitespace) {
            return Ok((Value::Object(serde_json::Map::new()), self.spools));
        }
        match serde_json::from_slice(&self.text) {
            Ok(value @ Value::Object(_)) => Ok((value, self.spools)),
            Ok(_) => Err(malformed("the body is not an object")),
            Err(error) => Err(malformed(&plain(&error))),
        }
    }
}

impl Blob {
    /// Takes one byte of a JSON text. Returns true if the text ends with this byte.
    fn take(&mut self, byte: u8) -> Result<bool, Refusal> {
        let letter = match &mut self.escape {
            Escape::No if byte == b'"' => return Ok(true),
            Escape::No if byte == b'\\' => {
                self.escape = Escape::Begun;
                return Ok(false);
            }
            Escape::No => byte,
            Escape::Begun => match byte {
                b'/' => byte,
                b'u' => {
                    self.escape = Escape::Digits(Vec::new());
                    return Ok(false);
                }
                _ => return Err(malformed("bytes travel as base64")),
            },
            Escape::Digits(digits) => {
                digits.push(byte);
                if digits.len() < 4 {
                    return Ok(false);
                }
                let code = std::str::from_utf8(digits).ok();
                let code = code.and_then(|code| u8::from_str_radix(code, 16).ok());
                code.ok_or_else(|| malformed("bytes travel as base64"))?
            }
        };
        self.letters.push(letter);
        self.escape = Escape::No;
        Ok(false)
    }

    /// Decodes the letters that have arrived. The last letters are decoded only at the end of the text, because only
    /// they may be padding.
    fn decode(&mut self, store: &Store, last: bool) -> Result<(), Refusal> {
        while last || self.letters.len() > CHUNK {
            let many = match self.letters.len() > CHUNK {
                true => CHUNK,
                false => self.letters.len(),
            };
            let chunk = &self.letters[..many];
            // Nothing may follow the padding.
            let broken = self.padded && many > 0;
            self.padded |= chunk.contains(&b'=');
            let bytes = BASE64_STANDARD.decode(chunk).ok().filter(|_| !broken);
            let bytes = bytes.ok_or_else(|| malformed("bytes travel as base64"))?;
            store.write_spool(&mut self.spooling, &bytes)?;
            self.letters.drain(..many);
            if self.letters.is_empty() {
                break;
            }
        }
        Ok(())
    }
}

impl From<crate::state::error::ServiceError> for Refusal {
    fn from(error: crate::state::error::ServiceError) -> Self {
        Self::Service(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde_json::json;

    use super::*;
    use crate::{
        operation::{blob, sandbox::Sandbox},
        store::package::Handle,
    };

    #[derive(JsonSchema)]
    #[serde(rename_all = "PascalCase")]
    #[allow(dead_code, reason = "only its shape is used")]
    struct Request {
        code: Option<Code>,
        name: String,
        many: Option<Vec<blob::Blob>>,
        named: Option<std::collections::BTreeMap<String, blob::Blob>>,
    }

    #[derive(JsonSchema)]
    #[serde(rename_all = "PascalCase")]
    #[allow(dead_code, reason = "only its shape is used")]
    struct Code {
        zip_file: Option<blob::Blob>,
        name: Option<String>,
    }

    fn shape() -> &'static Structure {
        Box::leak(Box::new(Structure::of::<Request>()))
    }

    /// Feeds a body in pieces of the given size. Returns the result and the bytes of the spools.
    fn taken(body: &str, piece: usize) -> Result<(Value, Vec<Vec<u8>>), String> {
        let sandbox = Sandbox::new();
        let store = sandbox.store().expect("a store");
        let mut intake = Intake::new(shape());
        for piece in body.as_bytes().chunks(piece) {
            intake.feed(&store, piece).map_err(|e| format!("{e:?}"))?;
        }
        let (mut value, spools) = intake.finish().map_err(|e| format!("{e:?}"))?;
        let bytes = spools
            .iter()
            .map(|spool| std::fs::read(spool.path()).expect("a spool"))
            .collect();
        hide(&mut value);
        Ok((value, bytes))
    }

    /// Replaces each handle by a mark.
    fn hide(value: &mut Value) {
        if serde_json::from_value::<Handle>(value.clone()).is_ok() {
            *value = json!("spooled");
            return;
        }
        match value {
            Value::Object(members) => members.values_mut().for_each(hide),
            Value::Array(items) => items.iter_mut().for_each(hide),
            _ => {}
        }
    }

    #[test]
    fn bytes_are_spooled_wherever_the_shape_has_them_and_in_whatever_pieces_they_come() {
        let body = r#"{"Name":"a\"}","Code":{"ZipFile":"aGVs\/bE\u003D","Name":"aGk="},"Many":["YQ==","Yg=="],"Named":{"ZipFile":"Yw=="}}"#;
        for piece in [1, 2, 3, 7, 1000] {
            let (value, bytes) = taken(body, piece).expect("taken");
            assert_eq!(
                value,
                json!({ "Name": "a\"}", "Code": { "ZipFile": "spooled", "Name": "aGk=" },
                    "Many": ["spooled", "spooled"], "Named": { "ZipFile": "spooled" } }),
                "{piece}"
            );
            assert_eq!(
                bytes[0],
                BASE64_STANDARD.decode("aGVs/bE=").expect("base64")
            );
            assert_eq!(bytes[1..], [b"a".to_vec(), b"b".to_vec(), b"c".to_vec()]);
        }
    }

    #[test]
    fn many_bytes_are_the_same_bytes() {
        let many: Vec<u8> = (0..300_001u32).map(|n| (n * 7 % 251) as u8).collect();
        let body = format!(
            r#"{{"Code":{{"ZipFile":"{}"}}}}"#,
            BASE64_STANDARD.encode(&many)
        );
        for piece in [999, 65_536, 1 << 20] {
            assert_eq!(
                taken(&body, piece).expect("taken").1,
                std::slice::from_ref(&many)
            );
        }
    }

    #[test]
    fn a_handle_that_a_client_wrote_is_refused_however_its_key_is_written() {
        let handle = r#"{"Spool":"spool-x","CodeSha256":"x","CodeSize":1}"#;
        for body in [
            format!(r#"{{"Code":{{"ZipFile":{handle}}}}}"#),
            format!(r#"{{"Code":{{"Zip\u0046ile":{handle}}}}}"#),
            format!(r#"{{"Code":{{"ZipFile" : {handle}}}}}"#),
            format!(r#"{{"Code":{{"ZipFile":"YQ==","ZipFile":{handle}}}}}"#),
            format!(r#"{{"Many":[{handle}]}}"#),
            format!(r#"{{"Many":["YQ==",{handle}]}}"#),
            format!(r#"{{"Named":{{"a":"YQ==","b":{handle}}}}}"#),
        ] {
            let ended = taken(&body, 1000);
            assert!(
                ended.as_ref().is_err_and(|e| e.contains("base64")),
                "{body}: {ended:?}"
            );
        }
        assert!(taken(r#"{"Code":{"ZipFile":null}}"#, 3).is_ok());
    }

    #[test]
    fn what_is_no_json_or_no_base64_is_refused() {
        for body in [
            "{",
            "[]",
            "1",
            "\"a",
            r#"{"Code":{"ZipFile":"a"}}"#,
            r#"{"Code":{"ZipFile":"YQ==YQ=="}}"#,
            r#"{"Code":{"ZipFile":"Y Q=="}}"#,
            r#"{"Code":{"ZipFile":"\n"}}"#,
            r#"{"Code":{"ZipFile":"YQ"#,
            r#"{"Name":"a"} x"#,
            "\u{0}",
        ] {
            assert!(taken(body, 5).is_err(), "{body}");
        }
        let deep = format!("{{\"Name\":{}", "[".repeat(5000));
        assert!(taken(&deep, 64).is_err());
        assert_eq!(taken(" \n", 1).expect("taken").0, json!({}));
    }
}
