//! Candidates for the value of an option.

use crate::{
    face::{
        arguments::ValueType,
        options::{Meaning, Opt},
    },
    operation::shape::{Shape, Structure, Text},
    store::kind::{self, KINDS},
};

use super::{
    Candidate,
    files::files,
    line::{Subject, TypedLine},
    plain,
};

impl TypedLine<'_> {
    /// Candidates for the value of an option.
    pub(super) fn values(&self, opt: &Opt, current: &str) -> Vec<Candidate> {
        if let ValueType::Choice(names) = &opt.action.kind {
            return plain(names);
        }
        match &opt.meaning {
            Meaning::Member(member, shape) => self.member(member, shape, current),
            Meaning::Zip(_) => files(self.process, "fileb://", current, false),
            Meaning::Input => files(self.process, "file://", current, false),
            Meaning::Switch(..) => Vec::new(),
            Meaning::Face => match opt.name() {
                "--region" => self.regions(),
                "--profile" => self.profiles(),
                "--state-dir" => files(self.process, "", current, true),
                "--ca-bundle" => files(self.process, "", current, false),
                _ => Vec::new(),
            },
        }
    }

    fn member(&self, member: &str, shape: &Shape, current: &str) -> Vec<Candidate> {
        let operation = match self.place {
            Subject::Operation(name) => name,
            _ => "",
        };
        let by_member = |kind: &&&dyn kind::Kind| kind.words().members.contains(&member);
        if let Some(kind) = KINDS.iter().find(by_member) {
            // The name of a new resource cannot be guessed.
            let made = format!("Create{}", member.trim_end_matches("Name"));
            return match made.eq_ignore_ascii_case(operation) {
                true => Vec::new(),
                false => self.resources(*kind),
            };
        }
        match (member, operation) {
            ("Name", "CreateAlias") => return Vec::new(),
            ("Qualifier", _) => return self.qualifiers(true, true),
            ("Name", _) => return self.qualifiers(true, false),
            ("FunctionVersion", _) => return self.qualifiers(false, true),
            _ => {}
        }
        for prefix in ["file://", "fileb://"] {
            if current.starts_with(prefix) {
                return files(self.process, prefix, current, false);
            }
        }
        match shape {
            Shape::String(text) => known(text),
            Shape::List { member, .. } => match &**member {
                Shape::String(text) => known(text),
                _ => Vec::new(),
            },
            Shape::Blob => files(self.process, "fileb://", current, false),
            Shape::Structure(structure) => shorthand(structure, current),
            _ => Vec::new(),
        }
    }
}

/// The values that the model names.
fn known(text: &Text) -> Vec<Candidate> {
    plain(if text.values.is_empty() {
        &text.known_values
    } else {
        &text.values
    })
}

/// Candidates for a structure in shorthand. After its last comma: the members as `Member=`, or the values of a member
/// that is already named.
fn shorthand(structure: &Structure, current: &str) -> Vec<Candidate> {
    if current.contains(['{', '[', '"', '\'']) {
        return Vec::new();
    }
    let (before, last) = match current.rfind(',') {
        Some(comma) => current.split_at(comma + 1),
        None => ("", current),
    };
    if let Some((name, _)) = last.split_once('=') {
        let values = match structure.member(name).map(|member| &member.shape) {
            Some(Shape::String(text)) => known(text),
            Some(Shape::Boolean) => plain(&["true", "false"]),
            _ => Vec::new(),
        };
        return values
            .into_iter()
            .map(|value| Candidate::open(format!("{before}{name}={}", value.word), ""))
            .collect();
    }
    let used = |name: &str| {
        before
            .split(',')
            .any(|part| part.split_once('=').is_some_and(|(used, _)| used == name))
    };
    structure
        .members
        .iter()
        .filter(|member| !used(&member.name))
        .map(|member| Candidate::open(format!("{before}{}=", member.name), &member.about))
        .collect()
}
