//! The members of a request or a response, read from the JSON schema of the Rust type.
//!
//! Options, help, skeletons, `--cli-input-json`, client-side checks and the service's own validation all use the same
//! [`Shape`]. A process describes only the operation that it calls, and nothing at start-up.
//!
//! Schema keys beyond JSON Schema's own, set with `#[schemars(extend(…))]`:
//!
//! * `"x-blob": true` — bytes (see [`super::blob::Blob`]).
//! * `"x-values": ["…"]` — the model's enum values, if the service does not check them as an enum (`Runtime` has its
//!   own error) or checks only some; completions and skeletons use them.
//! * `"x-server-order": ["…"]` — the order in which the service prints the values of an enum, if it differs from the
//!   order of the declaration.
//! * `"x-not-null": true` — on the elements of a list: the service adds `Member must not be null` to its constraints.
//! * `"x-bare": true` — on the elements of a list: if an element has only one constraint, the service prints it as for
//!   a value outside a list.
//! * `"x-last": true` — on a member: the service checks it after all others, wherever the command line lists it.
//! * `"x-client-min": n` — the minimum that the command line checks, if it is not the service's.
//! * `"x-refused": true` — on a member: AWS has it, and lambdry does not simulate it. A request with it is refused by
//!   name after the form of the request is checked. Its field begins with `_`, because nothing reads it.
//! * `"x-ignored": true` — on a member: requests may have it, and it changes nothing here. A member that only the model
//!   has needs no attribute, see [`Structure::completed`].
//! * `"pattern": "…"` — the text of a pattern of [`crate::state::pattern`], on a member without its own type.
//! * `"x-sensitive": true` — the service leaves the value out of its messages.
//! * `"x-timestamp": true` — a time. The command line prints it in another form than JSON and XML have on the wire.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

/// Help for a member or an option that is accepted and ignored.
pub(crate) const IGNORED: &str = "Accepted, but without effect here.";

/// A kind of value, with the bounds that AWS sets.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Text.
    String(Text),
    /// A whole number.
    Integer {
        /// The minimum.
        min: Option<i64>,
        /// The maximum.
        max: Option<i64>,
    },
    /// A number with a fraction.
    Float {
        /// The minimum.
        min: Option<f64>,
        /// The maximum.
        max: Option<f64>,
    },
    /// `true` or `false`.
    Boolean,
    /// Bytes.
    Blob,
    /// An ordered list.
    List {
        /// The shape of each element.
        member: Box<Self>,
        /// The minimum length.
        min: Option<u64>,
        /// The maximum length.
        max: Option<u64>,
        /// True if the service lists `Member must not be null` among the constraints of an element.
        not_null: bool,
    },
    /// A map: the caller chooses the keys.
    Map {
        /// The bounds of a key.
        key: Text,
        /// The shape of each value.
        value: Box<Self>,
        /// True if the service leaves the value out of its messages.
        sensitive: bool,
    },
    /// Named members, in the model's order.
    Structure(Structure),
}

/// The bounds of a text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Text {
    /// The minimum length in characters that the service checks.
    pub min: Option<u64>,
    /// The minimum length in characters that the command line checks before the call.
    pub client_min: Option<u64>,
    /// The maximum length in characters.
    pub max: Option<u64>,
    /// The pattern, as the service prints it.
    pub pattern: Option<String>,
    /// The values that the service accepts, in the model's order; empty if any text is allowed.
    pub values: Vec<String>,
    /// The accepted values in the order in which the service prints them.
    pub server_order: Vec<String>,
    /// The values that the model names, in the model's order. Empty if the service accepts exactly these values as an
    /// enum.
    pub known_values: Vec<String>,
    /// True if the service prints the only constraint of a list's element in the same way as for a value outside a
    /// list.
    pub bare: bool,
    /// True if the text is a time, in any of the forms that [`crate::state::event_source::Date`] reads.
    pub timestamp: bool,
}

/// Named members, in the model's order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Structure {
    /// The members.
    pub members: Vec<Member>,
}

/// One member of a structure.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// AWS's name for the member, for example `FunctionName`.
    pub name: String,
    /// A description in one or more sentences.
    pub about: String,
    /// True if a request without it is refused.
    pub required: bool,
    /// True if the service checks this member after all others.
    pub last: bool,
    /// True if lambdry refuses a request with this member, with an error that names it.
    pub refused: bool,
    /// True if requests may have it, and it changes nothing here.
    pub ignored: bool,
    /// The shape of its value.
    pub shape: Shape,
}

impl Structure {
    /// The structure of a Rust type.
    pub fn of<T: JsonSchema>() -> Self {
        Self::described(T::json_schema)
    }

    /// The structure that a schema describes. This function is not generic, so that hundreds of types share its code.
    pub(super) fn described(describe: fn(&mut SchemaGenerator) -> Schema) -> Self {
        let settings = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
        let schema = describe(&mut settings.into_generator());
        match shape_of(schema.as_value()) {
            Shape::Structure(structure) => structure,
            // `()` stands for a structure without members.
            _ => Self::default(),
        }
    }

    /// Adds the members that only the model has, in the model's order. The text holds their names, separated by blanks.
    /// A member is text unless its name is followed by a colon and a kind: `int`, `bool`, `map`, `list` or `time`.
    /// After `=` follow the values that the model names: `ACL:=private|public-read`. Requests may give members that the
    /// Rust type lacks, but they change nothing.
    #[must_use]
    pub fn completed(mut self, model: &str) -> Self {
        let mut members = Vec::new();
        for word in model.split_whitespace() {
            let (name, kind) = word.split_once(':').unwrap_or((word, ""));
            let (kind, values) = kind.split_once('=').unwrap_or((kind, ""));
            let text = Text {
                known_values: (values.split('|').filter(|value| !value.is_empty()))
                    .map(str::to_owned)
                    .collect(),
                timestamp: kind == "time",
                ..Text::default()
            };
            match self.members.iter().position(|member| member.name == name) {
                Some(at) => {
                    let mut member = self.members.remove(at);
                    if let Shape::String(held) = &mut member.shape
                        && held.values.is_empty()
                        && held.known_values.is_empty()
                    {
                        held.known_values = text.known_values;
                        held.timestamp |= text.timestamp;
                    }
                    members.push(member);
                }
                None => members.push(Member {
                    name: name.to_owned(),
                    about: IGNORED.to_owned(),
                    required: false,
                    last: false,
                    refused: false,
                    ignored: true,
                    shape: Self::shape_of_kind(kind, text),
                }),
            }
        }
        members.append(&mut self.members);
        self.members = members;
        self
    }

    fn shape_of_kind(kind: &str, text: Text) -> Shape {
        match kind {
            "bool" => Shape::Boolean,
            "int" => Shape::Integer {
                min: None,
                max: None,
            },
            "list" => Shape::List {
                member: Box::new(Shape::String(text)),
                min: None,
                max: None,
                not_null: false,
            },
            "map" => Shape::Map {
                key: Text::default(),
                value: Box::new(Shape::String(text)),
                sensitive: false,
            },
            _ => Shape::String(text),
        }
    }

    /// The member with that name.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }
}

/// Reads one JSON schema whose references are inlined. A schema of an unknown form is read as text without bounds.
fn shape_of(schema: &Value) -> Shape {
    if schema.get("x-blob").is_some() {
        return Shape::Blob;
    }
    // schemars writes an optional enum as `anyOf` of the enum and null, and documented variants as `oneOf` of
    // constants.
    if let Some(any) = schema.get("anyOf").and_then(Value::as_array)
        && let Some(inner) = any.iter().find(|s| s.get("type") != Some(&"null".into()))
    {
        return shape_of(inner);
    }
    let natural = |key: &str| schema.get(key).and_then(Value::as_u64);
    match kind(schema) {
        Some("object") => match schema.get("additionalProperties") {
            Some(value @ Value::Object(_)) => Shape::Map {
                key: schema.get("propertyNames").map(text_of).unwrap_or_default(),
                value: Box::new(shape_of(value)),
                sensitive: flag(schema, "x-sensitive"),
            },
            _ => Shape::Structure(structure_of(schema)),
        },
        Some("array") => {
            let items = schema.get("items").unwrap_or(&Value::Null);
            Shape::List {
                member: Box::new(shape_of(items)),
                min: natural("minItems"),
                max: natural("maxItems"),
                not_null: flag(items, "x-not-null"),
            }
        }
        Some("integer") => Shape::Integer {
            min: schema.get("minimum").and_then(whole),
            max: schema.get("maximum").and_then(whole),
        },
        Some("number") => Shape::Float {
            min: schema.get("minimum").and_then(Value::as_f64),
            max: schema.get("maximum").and_then(Value::as_f64),
        },
        Some("boolean") => Shape::Boolean,
        _ => Shape::String(text_of(schema)),
    }
}

fn flag(schema: &Value, key: &str) -> bool {
    schema.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// Reads a bound. schemars writes it as `128` or `128.0`.
fn whole(bound: &Value) -> Option<i64> {
    bound.as_i64().or_else(|| bound.as_f64().map(|f| f as i64))
}

/// The schema's type, without `null`.
fn kind(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null"),
        _ => None,
    }
}

fn structure_of(schema: &Value) -> Structure {
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let members = schema
        .get("properties")
        .and_then(Value::as_object)
        .map(|properties| {
            properties
                .iter()
                .map(|(name, schema)| Member {
                    name: name.clone(),
                    about: about(schema),
                    required: required.contains(&name.as_str()),
                    last: flag(schema, "x-last"),
                    refused: flag(schema, "x-refused"),
                    ignored: flag(schema, "x-ignored"),
                    shape: shape_of(schema),
                })
                .collect()
        })
        .unwrap_or_default();
    Structure { members }
}

/// The doc comment, with its lines joined into one.
fn about(schema: &Value) -> String {
    schema
        .get("description")
        .and_then(Value::as_str)
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        .unwrap_or_default()
}

fn text_of(schema: &Value) -> Text {
    let names = |key: &str| -> Vec<String> {
        schema
            .get(key)
            .and_then(Value::as_array)
            .map(|values| {
                values
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect()
            })
            .unwrap_or_default()
    };
    let mut values = names("enum");
    if let Some(variants) = schema.get("oneOf").and_then(Value::as_array) {
        for variant in variants {
            match variant.get("const").and_then(Value::as_str) {
                Some(one) => values.push(one.to_owned()),
                None => values.extend(text_of(variant).values),
            }
        }
    }
    let mut server_order = names("x-server-order");
    if server_order.is_empty() {
        server_order.clone_from(&values);
    }
    let min = schema.get("minLength").and_then(Value::as_u64);
    Text {
        min,
        client_min: schema.get("x-client-min").and_then(Value::as_u64).or(min),
        max: schema.get("maxLength").and_then(Value::as_u64),
        pattern: schema
            .get("pattern")
            .and_then(Value::as_str)
            .map(str::to_owned),
        values,
        server_order,
        known_values: names("x-values"),
        bare: flag(schema, "x-bare"),
        timestamp: flag(schema, "x-timestamp"),
    }
}
