//! Advice for a name that does not exist: similar names, other regions, and the versions and aliases that exist.
//!
//! The advice is made after a call has failed. It never changes the answer of that call.

use serde_json::Value;

use super::backend::Opened;
use crate::{
    face::{self, Globals, State as _, hints, nearest::likely, world::Process},
    state::{
        arn::{FunctionRef, Scope},
        error::{Code, ServiceError},
        function::Function,
    },
};

/// The most aliases, and the most versions, that one piece of advice lists.
const NAMED: usize = 6;

/// Advice for an error without advice of its own. `request` is the request of the failed call.
pub(super) fn hint(
    opened: &Opened,
    region: &str,
    error: &ServiceError,
    request: &Value,
) -> Option<String> {
    let text = |member: &str| request.get(member).and_then(Value::as_str);
    let word = text("FunctionName")?;
    if word.ends_with(':') || text("Qualifier") == Some("") {
        return Some(hints::QUOTE.to_owned());
    }
    if error.code != Code::ResourceNotFoundException {
        return None;
    }
    let function = FunctionRef::parse(word)?;
    let names = opened
        .with(region, |lambda| lambda.functions().names())
        .ok()?;
    if !names.contains(&function.name) {
        return Some(unknown_function(opened, region, &function.name, &names));
    }
    let asked = ["Qualifier", "Name", "FunctionVersion"].map(text);
    let asked = asked
        .into_iter()
        .flatten()
        .chain(function.qualifier.as_deref());
    let (aliases, versions) = opened.with(region, |lambda| {
        let seen = lambda.functions().view(&function.name, |view| {
            let aliases: Vec<String> = view.head.aliases.keys().cloned().collect();
            let versions: Vec<String> = view.numbers()?.iter().map(u64::to_string).collect();
            Ok((aliases, versions))
        });
        seen.ok().flatten()
    })?;
    let mut asked = asked.filter(|asked| *asked != "$LATEST");
    let missing = asked.find(|asked| !aliases.iter().chain(&versions).any(|name| name == asked))?;
    let near = likely(missing, aliases.iter().map(String::as_str));
    if let Some(near) = near.first() {
        return Some(format!("perhaps the alias {near}"));
    }
    Some(format!(
        "{} has {}",
        function.name,
        listed(&aliases, &versions)
    ))
}

/// Lists the names in words: `the aliases live, beta and the versions 1, 2`. If there are many, only the last ones are
/// listed.
fn listed(aliases: &[String], versions: &[String]) -> String {
    let some = |one: &str, many: &str, names: &[String]| match names.len() {
        0 => format!("no {one}"),
        1 => format!("the {one} {}", names[0]),
        all => {
            let named = &names[all.saturating_sub(NAMED)..];
            let more = if all > NAMED { "… " } else { "" };
            format!("the {many} {more}{}", named.join(", "))
        }
    };
    format!(
        "{} and {}",
        some("alias", "aliases", aliases),
        some("version", "versions", versions)
    )
}

/// Advice if this region has no function of the given name.
fn unknown_function(opened: &Opened, region: &str, name: &str, names: &[String]) -> String {
    let scopes = opened.store.scopes().unwrap_or_default();
    let has = |scope: &&Scope| {
        let elsewhere = scope.region != region || scope.account != opened.account;
        let there = opened.store.place((*scope).clone());
        let names = elsewhere.then(|| there.all::<Function>().names().unwrap_or_default());
        names.is_some_and(|names| names.iter().any(|other| other == name))
    };
    if let Some(scope) = scopes.iter().find(has) {
        return match scope.account == opened.account {
            true => format!("{name} is in {}: --region {0}", scope.region),
            false => format!(
                "{name} is in {} of account {}: set LAMBDRY_ACCOUNT_ID to reach it",
                scope.region, scope.account
            ),
        };
    }
    if let Some(near) = likely(name, names.iter().map(String::as_str)).first() {
        return format!("perhaps {near}");
    }
    if let Some(named) = hints::functions(names) {
        return named;
    }
    let root = opened.store.root();
    match root.exists() {
        true => format!("region {region} of {} has no function", root.display()),
        false => format!(
            "the state directory {} does not exist yet; the first change makes it",
            root.display()
        ),
    }
}

/// Returns the names of the functions, for a command that was called without one; `None` if they cannot be read.
pub(super) fn functions(process: &Process, globals: &Globals) -> Option<Vec<String>> {
    let opened = Opened::new(process, &globals.own).ok()?;
    let region = face::region(process, globals, opened.config()).ok()?;
    opened
        .with(&region, |lambda| lambda.functions().names())
        .ok()
}
