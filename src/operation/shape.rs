//! What a request or a response is made of, read off the Rust type through its JSON schema.
//!
//! A [`Shape`] is the one description that options, help, skeletons, `--cli-input-json`, client-side checks and the
//! service's own validation share. Only the operation asked for is described; nothing is built at start-up.
//!
//! Schema keys beyond JSON Schema's own, set with `#[schemars(extend(…))]`:
//!
//! * `"x-blob": true` — bytes (see [`super::blob::Blob`]).
//! * `"x-values": ["…"]` — the model's enum values where the service does not check them as an enum (`Runtime` has its
//!   own error) or checks fewer; completions and skeletons use them.
//! * `"x-server-order": ["…"]` — the order the service prints an enum in, where it differs from the declaration.
//! * `"x-not-null": true` — on a list's element: the service adds `Member must not be null` to its constraints.
//! * `"x-bare": true` — on a list's element: the service prints its one constraint as a single value's.
//! * `"x-last": true` — on a member: the service checks it after all others, wherever the command line lists it.
//! * `"x-client-min": n` — the minimum the command line checks where it differs from the service's.
//! * `"x-refused": true` — on a member: AWS has it and lambdry does not simulate it. A request with it is refused by name
//!   once its form was judged, and its field begins with `_`, for nothing reads it. The model's own member that changes nothing here needs no attribute, see
//!   [`Structure::completed`].
//! * `"pattern": "…"` — the text of a pattern of [`crate::state::pattern`], on a member that has no type of its own.
//! * `"x-sensitive": true` — the service leaves the value out of its messages.
//! * `"x-timestamp": true` — a moment, which JSON and XML carry in other forms than the command prints.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

/// One kind of value, with the bounds AWS puts on it.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Text.
    String(Text),
    /// A whole number.
    Integer {
        /// The least value.
        min: Option<i64>,
        /// The greatest value.
        max: Option<i64>,
    },
    /// A number with a fraction.
    Float {
        /// The least value.
        min: Option<f64>,
        /// The greatest value.
        max: Option<f64>,
    },
    /// `true` or `false`.
    Boolean,
    /// Bytes.
    Blob,
    /// An ordered list.
    List {
        /// What each element is.
        member: Box<Self>,
        /// The least length.
        min: Option<u64>,
        /// The greatest length.
        max: Option<u64>,
        /// Whether the service names `Member must not be null` among the constraints of an element.
        not_null: bool,
    },
    /// Keys of the caller's choice.
    Map {
        /// What a key may look like.
        key: Text,
        /// What each value is.
        value: Box<Self>,
        /// Whether the service keeps the value out of its messages.
        sensitive: bool,
    },
    /// Named members, in the model's order.
    Structure(Structure),
}

/// The bounds of a text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Text {
    /// The least length, in characters, that the service checks.
    pub min: Option<u64>,
    /// The least length, in characters, that the command line checks before the call.
    pub client_min: Option<u64>,
    /// The greatest length, in characters.
    pub max: Option<u64>,
    /// The pattern, as the service prints it.
    pub pattern: Option<String>,
    /// The values the service accepts, in the model's order; empty when any text will do.
    pub values: Vec<String>,
    /// The same values in the order the service prints them.
    pub server_order: Vec<String>,
    /// Values the model names where the service does not check an enum, or a smaller one; in the model's order.
    pub known_values: Vec<String>,
    /// Whether the service prints the one constraint of a list's element as a single value's.
    pub bare: bool,
    /// Whether it is a moment, as the command prints one.
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
    /// AWS's name for it, `FunctionName`.
    pub name: String,
    /// One or more sentences on what it is.
    pub about: String,
    /// Whether a request without it is refused.
    pub required: bool,
    /// Whether the service checks it after all others.
    pub last: bool,
    /// True where lambdry refuses a request with it, by name.
    pub refused: bool,
    /// What it is.
    pub shape: Shape,
}

impl Structure {
    /// The structure of a Rust type.
    pub fn of<T: JsonSchema>() -> Self {
        Self::described(T::json_schema)
    }

    /// The structure that a schema describes. Not generic: hundreds of types share the code.
    pub(super) fn described(describe: fn(&mut SchemaGenerator) -> Schema) -> Self {
        let settings = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
        let schema = describe(&mut settings.into_generator());
        match shape_of(schema.as_value()) {
            Shape::Structure(structure) => structure,
            // `()` stands for "no members".
            _ => Self::default(),
        }
    }

    /// The same with what the model has besides, in the model's order: names with blanks between, each with its kind
    /// after a colon unless it is text. What the type does not hold is taken from a request and changes nothing.
    #[must_use]
    pub fn completed(mut self, model: &str) -> Self {
        let mut members = Vec::new();
        for word in model.split_whitespace() {
            let (name, kind) = word.split_once(':').unwrap_or((word, ""));
            let text = || Self::shape_of_kind("");
            members.push(
                match self.members.iter().position(|member| member.name == name) {
                    Some(at) => self.members.remove(at),
                    None => Member {
                        name: name.to_owned(),
                        about: "Taken; changes nothing here.".to_owned(),
                        required: false,
                        last: false,
                        refused: false,
                        shape: match kind {
                            "list" => Shape::List {
                                member: Box::new(text()),
                                min: None,
                                max: None,
                                not_null: false,
                            },
                            "map" => Shape::Map {
                                key: Text::default(),
                                value: Box::new(text()),
                                sensitive: false,
                            },
                            other => Self::shape_of_kind(other),
                        },
                    },
                },
            );
        }
        members.append(&mut self.members);
        self.members = members;
        self
    }

    fn shape_of_kind(kind: &str) -> Shape {
        match kind {
            "bool" => Shape::Boolean,
            "int" => Shape::Integer {
                min: None,
                max: None,
            },
            _ => Shape::String(Text::default()),
        }
    }

    /// The member of that name.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }
}

/// Reads one (inlined) JSON schema. Anything it does not know is text without bounds.
fn shape_of(schema: &Value) -> Shape {
    if schema.get("x-blob").is_some() {
        return Shape::Blob;
    }
    // schemars writes an optional enum as anyOf [it, null] and documented variants as oneOf consts.
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

/// A bound that schemars may have written as `128` or `128.0`.
fn whole(bound: &Value) -> Option<i64> {
    bound.as_i64().or_else(|| bound.as_f64().map(|f| f as i64))
}

/// The schema's type, `null` aside.
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
                    shape: shape_of(schema),
                })
                .collect()
        })
        .unwrap_or_default();
    Structure { members }
}

/// The doc comment, its lines joined.
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
