//! `PutBucketPolicy`, `GetBucketWebsite`, `DeleteBucketTagging` …: the operations on the configurations of a bucket.
//! The bucket stores each configuration by its name, and returns it unchanged. [`super::configurations`] has the table
//! of them.

use std::{borrow::Cow, marker::PhantomData};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::{
    notation,
    object::{missing, no_such_bucket},
};
use crate::{
    operation::{
        Lambda, Operation, Result,
        shape::{Shape, Structure},
    },
    state::error::{Code, ServiceError},
    store::s3::Bucket,
};

/// A configuration that a bucket can have.
pub trait Configuration: 'static {
    /// The name by which the bucket stores the configuration: one of [`crate::state::bucket::CONFIGURED`].
    const NAME: &'static str;
    /// The member of the request that contains the configuration.
    const MEMBER: &'static str;
    /// The members inside the member `MEMBER`, in `notation`. It is empty if that member is a text.
    const SHAPE: &'static str;
    /// True if the answer contains the member `MEMBER`, false if it contains only the members inside it.
    const WHOLE: bool;
    /// The operation that puts the configuration: name, route, wire, description and the members of the model.
    const PUT: [&'static str; 5];
    /// The operation that gets the configuration.
    const GET: [&'static str; 5];
    /// The operation that deletes the configuration.
    const DELETE: [&'static str; 5];
    /// S3's error for a bucket without this configuration; `None` if S3 returns an empty body instead.
    const MISSING: Option<(Code, &'static str)>;

    /// The configuration that a bucket has before anybody puts one.
    fn from_the_start(_: &Bucket) -> Option<Value> {
        None
    }

    /// Checks a value that somebody puts. Returns the value to store, or `None` if it deletes the configuration.
    ///
    /// # Errors
    /// The errors that S3 raises for such a value.
    fn kept(_: &Lambda<'_>, _: &Bucket, _: &Asked, value: Value) -> Result<Option<Value>> {
        Ok(Some(value))
    }
}

/// The whole request of a put operation.
pub type Asked = Map<String, Value>;

/// Puts a configuration.
#[derive(Debug)]
pub struct Put<C> {
    asked: Asked,
    of: PhantomData<fn() -> C>,
}

/// Gets a configuration.
#[derive(Debug)]
pub struct Get<C> {
    bucket: String,
    of: PhantomData<fn() -> C>,
}

/// Deletes a configuration.
#[derive(Debug)]
pub struct Delete<C> {
    bucket: String,
    of: PhantomData<fn() -> C>,
}

/// A configuration in an answer.
#[derive(Debug)]
pub struct Answer<C> {
    value: Value,
    of: PhantomData<fn() -> C>,
}

/// A request whose only member is the bucket.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    bucket: String,
}

/// The JSON schema of a configuration.
fn shape<C: Configuration>() -> Value {
    match C::SHAPE {
        "" => json!({ "type": "string", "description": "The text, as JSON." }),
        text => {
            let mut shape = notation::schema(text);
            shape["description"] = "The whole configuration. It replaces the earlier one.".into();
            shape
        }
    }
}

fn as_schema(schema: Value) -> Schema {
    schema.try_into().expect("an object is a schema")
}

const BUCKET: &str = "The bucket.";

macro_rules! schema {
    ($type:ident, $body:expr) => {
        impl<C: Configuration> JsonSchema for $type<C> {
            fn schema_name() -> Cow<'static, str> {
                format!(concat!(stringify!($type), "{}"), C::NAME).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                as_schema($body)
            }
        }
    };
}

schema!(
    Put,
    json!({
        "type": "object",
        "properties": { "Bucket": { "type": "string", "description": BUCKET }, C::MEMBER: shape::<C>() },
        "required": ["Bucket", C::MEMBER],
    })
);
schema!(
    Get,
    json!({
        "type": "object",
        "properties": { "Bucket": { "type": "string", "description": BUCKET } },
        "required": ["Bucket"],
    })
);
schema!(
    Delete,
    json!({
        "type": "object",
        "properties": { "Bucket": { "type": "string", "description": BUCKET } },
        "required": ["Bucket"],
    })
);
schema!(
    Answer,
    match C::WHOLE {
        true => json!({ "type": "object", "properties": { C::MEMBER: shape::<C>() } }),
        false => shape::<C>(),
    }
);

impl<'de, C> Deserialize<'de> for Put<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Ok(Self {
            asked: Asked::deserialize(deserializer)?,
            of: PhantomData,
        })
    }
}

impl<'de, C> Deserialize<'de> for Get<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Ok(Self {
            bucket: Named::deserialize(deserializer)?.bucket,
            of: PhantomData,
        })
    }
}

impl<'de, C> Deserialize<'de> for Delete<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Ok(Self {
            bucket: Named::deserialize(deserializer)?.bucket,
            of: PhantomData,
        })
    }
}

impl<C> Serialize for Answer<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

/// Reads a bucket, and refuses a request for one that does not exist.
pub(super) fn bucket(lambda: &Lambda<'_>, name: &str) -> Result<Bucket> {
    let bucket = lambda.place.store.s3_bucket(name)?;
    bucket.ok_or_else(|| no_such_bucket().into())
}

impl<C: Configuration> Operation for Put<C> {
    const NAME: &'static str = C::PUT[0];
    const ROUTE: &'static str = C::PUT[1];
    const WIRE: &'static str = C::PUT[2];
    const ABOUT: &'static str = C::PUT[3];
    const MEMBERS: &'static str = C::PUT[4];
    type Response = ();

    fn call(mut self, lambda: &Lambda<'_>) -> Result<()> {
        let named = self.asked.get("Bucket").and_then(Value::as_str);
        let bucket = bucket(lambda, named.unwrap_or_default())?;
        let value = self.asked.shift_remove(C::MEMBER).unwrap_or_default();
        let kept = C::kept(lambda, &bucket, &self.asked, value)?;
        let store = lambda.place.store;
        store
            .s3_configure(&bucket.name, C::NAME, kept)?
            .map_err(missing)
    }
}

impl<C: Configuration> Operation for Get<C> {
    const NAME: &'static str = C::GET[0];
    const ROUTE: &'static str = C::GET[1];
    const WIRE: &'static str = C::GET[2];
    const ABOUT: &'static str = C::GET[3];
    const MEMBERS: &'static str = C::GET[4];
    type Response = Answer<C>;

    fn call(self, lambda: &Lambda<'_>) -> Result<Answer<C>> {
        let bucket = bucket(lambda, &self.bucket)?;
        let kept = bucket.configuration.get(C::NAME).cloned();
        let value = match (kept.or_else(|| C::from_the_start(&bucket)), C::MISSING) {
            // The value is null if a default configuration was deleted.
            (Some(value), _) if !value.is_null() => value,
            (_, Some((code, message))) => return Err(ServiceError::new(code, message).into()),
            (_, None) => json!({}),
        };
        let value = match C::SHAPE {
            "" => value,
            _ => {
                let structure = Structure::of::<Answer<C>>();
                let within = structure.members.first().filter(|_| C::WHOLE);
                match within.map(|member| &member.shape) {
                    Some(Shape::Structure(inner)) => arranged(inner, value),
                    _ => arranged(&structure, value),
                }
            }
        };
        Ok(Answer {
            value: match C::WHOLE {
                true => json!({ C::MEMBER: value }),
                false => value,
            },
            of: PhantomData,
        })
    }
}

impl<C: Configuration> Operation for Delete<C> {
    const NAME: &'static str = C::DELETE[0];
    const ROUTE: &'static str = C::DELETE[1];
    const WIRE: &'static str = C::DELETE[2];
    const ABOUT: &'static str = C::DELETE[3];
    const MEMBERS: &'static str = C::DELETE[4];
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        let bucket = bucket(lambda, &self.bucket)?;
        // A default configuration can also be deleted, if S3 has an error for a missing one. Then null is stored.
        let left = C::from_the_start(&bucket).map(|_| Value::Null);
        let left = left.filter(|_| C::MISSING.is_some());
        let store = lambda.place.store;
        store
            .s3_configure(&bucket.name, C::NAME, left)?
            .map_err(missing)
    }
}

/// The members of a structure in the model's order. Other members are left out.
fn arranged(structure: &Structure, value: Value) -> Value {
    let Value::Object(mut given) = value else {
        return value;
    };
    let mut members = Map::new();
    for member in &structure.members {
        if let Some(value) = given.shift_remove(&member.name) {
            members.insert(member.name.clone(), ordered(&member.shape, value));
        }
    }
    Value::Object(members)
}

fn ordered(shape: &Shape, value: Value) -> Value {
    match (shape, value) {
        (Shape::Structure(structure), value) => arranged(structure, value),
        (Shape::List { member, .. }, Value::Array(items)) => items
            .into_iter()
            .map(|item| ordered(member, item))
            .collect(),
        (_, value) => value,
    }
}
