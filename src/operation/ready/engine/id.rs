//! The ids that AWS gives to new things.

use super::Run;
use crate::{
    state::{arn::Scope, ready::Things},
    store::Place,
};

impl Run<'_> {
    pub(super) fn id(&self, things: &mut Things, kind: &str, form: &str) -> String {
        id(
            self.place,
            things,
            &format!("{} {kind}", self.ready.service),
            form,
        )
    }

    /// An id for something that the state does not store.
    pub(super) fn uuid(&self) -> String {
        self.ids.set(self.ids.get() + 1);
        let ids = &self.place.store.ids;
        ids.id(
            &format!("{} {}", self.ready.service, self.ready.name),
            self.ids.get(),
        )
    }
}

/// An id that no other thing of this kind has. `kind` is, for example, `apigateway rest-api`. The id depends only on
/// the account, the region, the kind and the number of earlier ids.
pub(in crate::operation::ready) fn id(
    place: &Place<'_>,
    things: &mut Things,
    kind: &str,
    form: &str,
) -> String {
    let count = things.ids.entry(kind.to_owned()).or_default();
    *count += 1;
    let Scope { account, region } = &place.scope;
    let ids = &place.store.ids;
    formed(
        form,
        &ids.alike(&format!("{account}/{region}/{kind}"), *count),
    )
}

/// Converts a UUID to another form: `lower10` has ten small letters and digits, `upper14` has 14 capital letters and
/// digits, `hex8` has eight hexadecimal digits.
fn formed(form: &str, uuid: &str) -> String {
    if let Some((before, form)) = form.split_once('+') {
        return format!("{before}{}", formed(form, uuid));
    }
    let letters = form.trim_end_matches(|c: char| c.is_ascii_digit());
    let length: usize = form[letters.len()..].parse().unwrap_or_default();
    let alphabet: &[u8] = match letters {
        "lower" => b"abcdefghijklmnopqrstuvwxyz0123456789",
        "upper" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        "mixed" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "hex" => b"0123456789abcdef",
        _ => return uuid.to_owned(),
    };
    let hex = uuid.replace('-', "");
    let mut number = u128::from_str_radix(&hex, 16).unwrap_or_default();
    let base = alphabet.len() as u128;
    let mut out = String::new();
    for _ in 0..length {
        out.push(char::from(
            alphabet[usize::try_from(number % base).unwrap_or_default()],
        ));
        number /= base;
    }
    out
}
