//! Bytes in requests and responses. A request holds a handle to a spool, never the bytes. A small response holds the
//! bytes as base64.

use std::{borrow::Cow, path::PathBuf};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};

use crate::store::package::Handle;

/// Bytes that were spooled before the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Blob(pub Handle);

impl JsonSchema for Blob {
    fn schema_name() -> Cow<'static, str> {
        "Blob".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "x-blob": true })
    }
}

/// The bytes of a response. JSON holds them as base64, like the blobs of AWS's protocol.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(&self.0))
    }
}

impl JsonSchema for Bytes {
    fn schema_name() -> Cow<'static, str> {
        "Bytes".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "x-blob": true })
    }
}

/// The file that holds the bytes of a large response. In JSON, it is `{"File": "…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Stored {
    file: PathBuf,
}

impl Stored {
    /// Makes a blob of the bytes in that file.
    pub fn new(file: PathBuf) -> Self {
        Self { file }
    }
}

impl JsonSchema for Stored {
    fn schema_name() -> Cow<'static, str> {
        "Stored".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "x-blob": true })
    }
}
