//! The bytes of a request, in the form in which ready answers keep them: as base64 text. The command line passes
//! handles of spools, which are removed after the call. Requests over HTTP already contain base64 text.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::super::{
    Result,
    shape::{Shape, Structure},
};
use crate::store::{Store, package::Handle};

/// The request with its bytes as base64 text; `None` if the call has no members for bytes.
///
/// # Errors
/// The spool cannot be read.
pub(super) fn kept(store: &Store, takes: &Structure, request: &Value) -> Result<Option<Value>> {
    let takes = Shape::Structure(takes.clone());
    if !has_bytes(&takes) {
        return Ok(None);
    }
    let mut request = request.clone();
    read(store, &takes, &mut request)?;
    Ok(Some(request))
}

fn has_bytes(shape: &Shape) -> bool {
    match shape {
        Shape::Blob => true,
        Shape::List { member, .. } => has_bytes(member),
        Shape::Map { value, .. } => has_bytes(value),
        Shape::Structure(structure) => {
            let mut members = structure.members.iter();
            members.any(|member| has_bytes(&member.shape))
        }
        _ => false,
    }
}

fn read(store: &Store, shape: &Shape, value: &mut Value) -> Result<()> {
    match (shape, value) {
        (Shape::Blob, value @ Value::Object(_)) => {
            if let Ok(handle) = serde_json::from_value::<Handle>(value.clone()) {
                *value = BASE64_STANDARD.encode(store.read_spool(&handle)?).into();
            }
            Ok(())
        }
        (Shape::List { member, .. }, Value::Array(items)) => {
            let mut items = items.iter_mut();
            items.try_for_each(|item| read(store, member, item))
        }
        (Shape::Map { value: of, .. }, Value::Object(members)) => {
            let mut values = members.values_mut();
            values.try_for_each(|value| read(store, of, value))
        }
        (Shape::Structure(structure), Value::Object(members)) => {
            members.iter_mut().try_for_each(|(name, value)| {
                let member = structure.member(name);
                member.map_or(Ok(()), |member| read(store, &member.shape, value))
            })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::{super::find, *};
    use crate::operation::sandbox::Sandbox;

    /// The stored value must not be a handle, because the spool is removed after the call.
    #[test]
    fn bytes_that_a_command_was_given_are_kept_and_read_back() {
        let sandbox = Sandbox::new();
        let store = sandbox.store().expect("a state");
        let spool = store.spool(&mut &b"\xff\0key"[..], Path::new("a file"));
        let spool = spool.expect("a spool");
        let handle = serde_json::to_value(spool.handle()).expect("a handle becomes JSON");
        let call = |name: &str, request: Value| {
            let ready = find("secretsmanager", name).expect("a call");
            sandbox.with_lambda(|lambda| ready.run(lambda, &request))
        };
        call(
            "CreateSecret",
            json!({ "Name": "k", "SecretBinary": handle }),
        )
        .expect("kept");
        drop(spool);
        let read = call("GetSecretValue", json!({ "SecretId": "k" })).expect("read");
        assert_eq!(read["SecretBinary"], "/wBrZXk=");
    }
}
