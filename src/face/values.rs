//! Turns the words of an option into a member of the request, by the member's shape.
//!
//! `file://` and `fileb://` are read first. Then structures and maps are read as JSON or shorthand, lists have one word
//! per element, integers are read by Python's `int()`, and text is not changed. Text for bytes becomes a handle only
//! after the region is known, as in aws-cli 2.36.7 (see [`super::blobs`]).

use serde_json::Value;

use super::blobs::Blobs;
use super::customize;
use super::encoding::Encoding;
use super::exit::Stop;
use super::world::Process;
use super::{json, paramfile, python, shorthand};
use crate::operation::shape::Shape;
use crate::state::plain::plain;

/// A member read from an option.
#[derive(Debug, PartialEq)]
pub(crate) struct Read {
    /// The value.
    pub(crate) value: Value,
    /// True if the value was given as JSON. Python would then hold its objects as OrderedDicts.
    pub(crate) ordered: bool,
}

/// The context for reading options.
pub(crate) struct Reader<'a> {
    /// The environment and the working directory, which are needed to find files.
    pub(crate) process: &'a Process,
    /// Stores the files of `fileb://`.
    pub(crate) blobs: &'a Blobs<'a>,
}

/// The error that Python raises for shorthand that is bytes.
const NOT_TEXT: &str = "'in <string>' requires string as left operand, not int";

/// The text `Error parsing parameter '--x': …`.
pub(crate) fn unreadable(option: &str, what: impl std::fmt::Display) -> Stop {
    Stop::Invalid(format!("Error parsing parameter '{option}': {what}"))
}

impl Reader<'_> {
    /// Reads the value of `option` for `shape`.
    ///
    /// # Errors
    /// Any error in the words, in aws-cli's words.
    pub(crate) fn member(
        &self,
        option: &str,
        shape: &Shape,
        words: &[String],
    ) -> Result<Read, Stop> {
        let plain = |value: Value| {
            Ok(Read {
                value,
                ordered: false,
            })
        };
        match shape {
            Shape::List { .. } => self.list(option, shape, words),
            Shape::Structure(_) | Shape::Map { .. } => match self.bytes(option, first(words))? {
                // Python's shorthand parser fails on bytes. For JSON in a file, `file://` is the right prefix.
                Some(_) => Err(Stop::Other(NOT_TEXT.to_owned())),
                None => self.complex(option, shape, &self.text(option, first(words))?),
            },
            Shape::Blob => plain(self.blob(option, first(words))?),
            Shape::String(_) => plain(self.string(option, first(words))?),
            Shape::Integer { .. } => {
                let number = self.number(option, first(words), python::int)?;
                plain(number.into())
            }
            Shape::Float { .. } => {
                let number = self.number(option, first(words), python::float)?;
                plain(python::number(number).map_err(Stop::Other)?)
            }
            Shape::Boolean => plain(true.into()),
        }
    }

    /// Reads the file of `--zip-file`.
    ///
    /// # Errors
    /// A value that does not name a zip file with `fileb://`.
    pub(crate) fn zip(&self, option: &str, word: &str) -> Result<Value, Stop> {
        let value = self.blob(option, word)?;
        if self.blobs.is_zip(&value) {
            Ok(value)
        } else {
            Err(customize::no_zip())
        }
    }

    /// Stores the file at that path and returns its handle.
    ///
    /// # Errors
    /// A file that does not exist, or that cannot be read.
    pub(crate) fn path(&self, option: &str, word: &str) -> Result<Value, Stop> {
        let path = self
            .process
            .cwd
            .join(paramfile::expanded(self.process, word));
        if !path.is_file() {
            return Err(unreadable(option, "Blob values must be a path to a file."));
        }
        self.blobs
            .file(&path)
            .map_err(|error| Stop::Other(paramfile::os_error(&error, word)))
    }

    /// A value's text, read from its file if it names one. A file that is named with `fileb://` is accepted if its
    /// bytes are text.
    pub(crate) fn text(&self, option: &str, word: &str) -> Result<String, Stop> {
        match paramfile::named(self.process, word) {
            None => Ok(word.to_owned()),
            Some(file) if file.binary => {
                let bytes = file.bytes().map_err(|text| unreadable(option, text))?;
                Ok(String::from_utf8_lossy(&bytes).into_owned())
            }
            Some(file) => {
                // A file that cannot be opened is reported before an unknown encoding.
                let encoding = match file.path.exists() {
                    true => Encoding::of_files(self.process).map_err(Stop::Other)?,
                    false => Encoding::Utf8,
                };
                file.text(encoding).map_err(|text| unreadable(option, text))
            }
        }
    }

    /// The bytes of the file that `fileb://` names; `None` for any other value.
    fn bytes(&self, option: &str, word: &str) -> Result<Option<Vec<u8>>, Stop> {
        match paramfile::named(self.process, word) {
            Some(file) if file.binary => file
                .bytes()
                .map(Some)
                .map_err(|text| unreadable(option, text)),
            _ => Ok(None),
        }
    }

    fn string(&self, option: &str, word: &str) -> Result<Value, Stop> {
        match self.bytes(option, word)? {
            Some(bytes) => Ok(python::bytes(&bytes)),
            None => self.text(option, word).map(Value::String),
        }
    }

    /// Reads a number with one of Python's functions. They accept bytes as well, and show them as bytes in their
    /// errors.
    fn number<T>(
        &self,
        option: &str,
        word: &str,
        read: fn(&str) -> Result<T, String>,
    ) -> Result<T, Stop> {
        let text = self.text(option, word)?;
        read(&text).map_err(|refused| match self.bytes(option, word) {
            Ok(Some(bytes)) => {
                Stop::Other(refused.replace(&python::repr(&text), &python::repr_bytes(&bytes)))
            }
            _ => Stop::Other(refused),
        })
    }

    /// Text, or a handle on the file of `fileb://`.
    fn blob(&self, option: &str, word: &str) -> Result<Value, Stop> {
        match paramfile::named(self.process, word) {
            Some(file) if file.binary => {
                self.blobs
                    .file(&file.path)
                    .map_err(|error| match error.raw_os_error() {
                        Some(_) => unreadable(option, file.unreadable(&error)),
                        None => Stop::Other(plain(&error)),
                    })
            }
            _ => self.text(option, word).map(Value::String),
        }
    }

    fn complex(&self, option: &str, shape: &Shape, text: &str) -> Result<Read, Stop> {
        let start = text.trim_start_matches(python::is_space);
        if start.starts_with('{') {
            return Ok(Read {
                value: from_json(option, text)?,
                ordered: true,
            });
        }
        if start.starts_with('[') {
            return Err(unreadable(option, format_args!("Invalid JSON:\n{text}")));
        }
        let mut value = self.shorthand(option, text)?;
        shorthand::apply(shape, &mut value).map_err(Stop::Other)?;
        Ok(Read {
            value,
            ordered: false,
        })
    }

    fn shorthand(&self, option: &str, text: &str) -> Result<Value, Stop> {
        let mut load = |word: &str| {
            let Some(file) = paramfile::named(self.process, word) else {
                return Ok(None);
            };
            if file.binary {
                return file.bytes().map(|bytes| Some(python::bytes(&bytes)));
            }
            let encoding = Encoding::of_files(self.process)?;
            file.text(encoding).map(|text| Some(Value::String(text)))
        };
        match shorthand::parse(text, &mut load) {
            Ok(members) => Ok(Value::Object(members)),
            Err(shorthand::Error::Syntax(text)) => Err(unreadable(option, text)),
            // The error for a file named by `@=` does not start with "Error parsing parameter", and the exit code is
            // 255, as in aws-cli.
            Err(shorthand::Error::Load(text)) => Err(Stop::Other(text)),
        }
    }

    fn list(&self, option: &str, shape: &Shape, words: &[String]) -> Result<Read, Stop> {
        let Shape::List { member, .. } = shape else {
            return Ok(Read {
                value: Value::Null,
                ordered: false,
            });
        };
        let structures = matches!(
            **member,
            Shape::Structure(_) | Shape::Map { .. } | Shape::List { .. }
        );
        let looks_like_json =
            |word: &str| word.trim_matches(python::is_space).starts_with(['[', '{']);
        if let [word] = words
            && paramfile::named(self.process, word).is_some()
        {
            if let Some(bytes) = self.bytes(option, word)? {
                // For Python, bytes are a list of numbers.
                return match structures {
                    true => Err(Stop::Other(NOT_TEXT.to_owned())),
                    false => Ok(Read {
                        value: bytes.into(),
                        ordered: false,
                    }),
                };
            }
            let text = self.text(option, word)?;
            let start = text.trim_start_matches(python::is_space);
            if start.is_empty() && !structures {
                return Err(Stop::Other("string index out of range".to_owned()));
            }
            if start.starts_with('[') {
                return Ok(Read {
                    value: from_json(option, &text)?,
                    ordered: true,
                });
            }
            if structures && !looks_like_json(&text) {
                // Python gets the file's text where a list of words is expected, and reads it as one word.
                return Ok(Read {
                    value: self.shorthand(option, &text)?,
                    ordered: false,
                });
            }
            // aws-cli makes a similar mistake with a list of texts: each letter of the file becomes an element.
            let letters: Vec<String> = text.chars().map(String::from).collect();
            return self.elements(option, member, &letters);
        }
        if structures && !words.first().is_some_and(|word| looks_like_json(word)) {
            let items: Result<Vec<Value>, Stop> = words
                .iter()
                .map(|word| self.shorthand(option, word))
                .collect();
            let mut value = Value::Array(items?);
            shorthand::apply(shape, &mut value).map_err(Stop::Other)?;
            return Ok(Read {
                value,
                ordered: false,
            });
        }
        if let [word] = words
            && word.trim_matches(python::is_space).starts_with('[')
        {
            return Ok(Read {
                value: from_json(option, word)?,
                ordered: true,
            });
        }
        self.elements(option, member, words)
    }

    /// Reads one element from each word: JSON for structures, text or numbers for other elements.
    fn elements(&self, option: &str, member: &Shape, words: &[String]) -> Result<Read, Stop> {
        let mut items = Vec::with_capacity(words.len());
        for word in words {
            items.push(match member {
                Shape::Structure(_) | Shape::Map { .. } => {
                    match word.trim_start_matches(python::is_space).chars().next() {
                        Some('{') => from_json(option, word)?,
                        Some(_) => {
                            return Err(unreadable(option, format_args!("Invalid JSON:\n{word}")));
                        }
                        None => return Err(Stop::Other("string index out of range".to_owned())),
                    }
                }
                Shape::Integer { .. } => match python::int(word) {
                    Ok(number) => number.into(),
                    Err(_) => return Err(unreadable(option, &words[0])),
                },
                Shape::Float { .. } => match python::float(word).and_then(python::number) {
                    Ok(number) => number,
                    Err(_) => return Err(unreadable(option, &words[0])),
                },
                _ => Value::String(word.clone()),
            });
        }
        Ok(Read {
            value: Value::Array(items),
            ordered: true,
        })
    }
}

/// The word of an option that takes one word.
pub(crate) fn first(words: &[String]) -> &str {
    words.first().map(String::as_str).unwrap_or_default()
}

/// Parses JSON on an option.
fn from_json(option: &str, text: &str) -> Result<Value, Stop> {
    json::parse(text).map_err(|complaint| {
        unreadable(
            option,
            format_args!("Invalid JSON: {complaint}\nJSON received: {text}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;
    use crate::face::fixtures::{Shown, process, shapes};

    fn read_in(dir: &Path, operation: &str, member: &str, words: &[&str]) -> Result<Value, Stop> {
        let (request, _) = shapes(operation);
        let shape = request.member(member).unwrap().shape.clone();
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let reader = Reader {
            process: &process(&[], dir),
            blobs: &Blobs::new(&Shown),
        };
        reader.member("--x", &shape, &words).map(|read| read.value)
    }

    fn read(member: &str, words: &[&str]) -> Result<Value, Stop> {
        read_in(Path::new("/nonexistent"), "CreateFunction", member, words)
    }

    fn invalid(text: &str) -> Result<Value, Stop> {
        Err(Stop::Invalid(format!(
            "Error parsing parameter '--x': {text}"
        )))
    }

    #[test]
    fn reads_structures_maps_and_lists() {
        assert_eq!(
            read("Environment", &["Variables={A=1,B=2}"]),
            Ok(json!({"Variables": {"A": "1", "B": "2"}}))
        );
        assert_eq!(
            read("Environment", &[" {\"Variables\":{\"A\":1}}"]),
            Ok(json!({"Variables": {"A": 1}}))
        );
        assert_eq!(
            read("VpcConfig", &["SubnetIds=s1,Ipv6AllowedForDualStack=TRUE"]),
            Ok(json!({"SubnetIds": ["s1"], "Ipv6AllowedForDualStack": true}))
        );
        assert_eq!(read("Tags", &["a=1,b=2"]), Ok(json!({"a": "1", "b": "2"})));
        assert_eq!(read("Layers", &["a:1", "b:2"]), Ok(json!(["a:1", "b:2"])));
        assert_eq!(read("Layers", &["a,b"]), Ok(json!(["a,b"])));
        assert_eq!(read("Layers", &[]), Ok(json!([])));
        assert_eq!(read("Layers", &["[]"]), Ok(json!([])));
        assert_eq!(
            read("FileSystemConfigs", &["Arn=a,LocalMountPath=/m", "Arn=b"]),
            Ok(json!([{"Arn": "a", "LocalMountPath": "/m"}, {"Arn": "b"}]))
        );
        assert_eq!(
            read("FileSystemConfigs", &["{\"Arn\":\"a\"}", "{\"Arn\":\"b\"}"]),
            Ok(json!([{"Arn": "a"}, {"Arn": "b"}]))
        );
        assert_eq!(read("FileSystemConfigs", &[]), Ok(json!([])));
    }

    #[test]
    fn reads_scalars() {
        assert_eq!(read("Timeout", &[" 0_10 "]), Ok(json!(10)));
        assert_eq!(
            read("Timeout", &["abc"]),
            Err(Stop::Other(
                "invalid literal for int() with base 10: 'abc'".to_owned()
            ))
        );
        assert_eq!(read("Description", &[""]), Ok(json!("")));
        assert_eq!(read("Description", &["https://x"]), Ok(json!("https://x")));
        assert_eq!(
            read_in(
                Path::new("/"),
                "UpdateAlias",
                "RoutingConfig",
                &["AdditionalVersionWeights={2=0.1}"]
            ),
            Ok(json!({"AdditionalVersionWeights": {"2": 0.1}}))
        );
    }

    #[test]
    fn says_what_is_wrong_in_its_words() {
        for (member, words, text) in [
            (
                "Environment",
                &["{bad"][..],
                "Invalid JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)\nJSON received: {bad",
            ),
            (
                "Environment",
                &["Variables"],
                "Expected: '=', received: 'EOF' for input:\n Variables\n         ^",
            ),
            (
                "Environment",
                &[""],
                "Expected: '=', received: 'EOF' for input:\n \n^",
            ),
            ("Environment", &["[]"], "Invalid JSON:\n[]"),
            (
                "Layers",
                &["[\"x\""],
                "Invalid JSON: Expecting ',' delimiter: line 1 column 5 (char 4)\nJSON received: [\"x\"",
            ),
            (
                "FileSystemConfigs",
                &["{}", "Arn=a"],
                "Invalid JSON:\nArn=a",
            ),
            (
                "Description",
                &["file://nope.json"],
                "Unable to load paramfile file://nope.json: [Errno 2] No such file or directory: 'nope.json'",
            ),
        ] {
            assert_eq!(read(member, words), invalid(text), "{member} {words:?}");
        }
        assert_eq!(
            read("Environment", &["Variables={A@=file://val.txt}"]),
            Err(Stop::Other("Unable to load paramfile file://val.txt: [Errno 2] No such file or directory: 'val.txt'".to_owned()))
        );
    }

    #[test]
    fn reads_files() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("t.txt"), "from-file\n").unwrap();
        std::fs::write(dir.path().join("e.json"), "{\"Variables\":{}}").unwrap();
        std::fs::write(dir.path().join("f.zip"), b"PK\xff").unwrap();
        let read = |operation: &str, member: &str, word: &str| {
            read_in(dir.path(), operation, member, &[word])
        };
        assert_eq!(
            read("CreateFunction", "Description", "file://t.txt"),
            Ok(json!("from-file\n"))
        );
        assert_eq!(
            read("CreateFunction", "Description", "fileb://t.txt"),
            Ok(python::bytes(b"from-file\n"))
        );
        assert_eq!(
            read("CreateFunction", "Environment", "file://e.json"),
            Ok(json!({"Variables": {}}))
        );
        assert_eq!(
            read("Invoke", "Payload", "fileb://t.txt"),
            Ok(json!({"blob": "from-file\n"}))
        );
        assert_eq!(
            read("Invoke", "Payload", "file://t.txt"),
            Ok(json!("from-file\n"))
        );
        assert_eq!(
            read("CreateFunction", "Layers", "file://t.txt").map(|v| v[0].clone()),
            Ok(json!("f"))
        );
        assert_eq!(
            read(
                "CreateFunction",
                "Environment",
                "Variables={A@=file://t.txt}"
            ),
            Ok(json!({"Variables": {"A": "from-file\n"}}))
        );
        let process = process(&[], dir.path());
        let blobs = Blobs::new(&Shown);
        let reader = Reader {
            process: &process,
            blobs: &blobs,
        };
        assert!(reader.zip("--zip-file", "fileb://f.zip").is_ok());
        assert_eq!(reader.zip("--zip-file", "f.zip"), Err(customize::no_zip()));
        assert_eq!(
            reader.zip("--zip-file", "fileb://t.txt"),
            Err(customize::no_zip())
        );
        let Err(Stop::Invalid(text)) = reader.zip("--zip-file", "file://f.zip") else {
            panic!("accepted")
        };
        assert!(text.contains("(f.zip), text contents could not be decoded.  If"));
        let Err(Stop::Invalid(text)) = reader.zip("--zip-file", "fileb://nope") else {
            panic!("accepted")
        };
        assert!(text.ends_with(
            "Unable to load paramfile fileb://nope: [Errno 2] No such file or directory: 'nope'"
        ));
    }
}
