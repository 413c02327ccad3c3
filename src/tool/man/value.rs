//! The words for the kind of a value and its limits.

use std::borrow::Borrow;

use crate::{
    face::help,
    operation::shape::{Shape, Text},
};

/// The kind of a value, and of the values inside it.
pub(super) fn kind(shape: &Shape) -> String {
    match shape {
        Shape::List { member, .. } => format!("list of {}", kind(member)),
        Shape::Map { value, .. } => format!("map of {}", kind(value)),
        other => help::kind(other).to_owned(),
    }
}

/// The limits of a value, in a sentence; empty if it has none.
pub(super) fn bounds(shape: &Shape) -> String {
    let span = |what: &str, min: Option<String>, max: Option<String>| match (min, max) {
        (Some(min), Some(max)) if min == max => format!("{what} {min}."),
        (Some(min), Some(max)) => format!("{what} {min} to {max}."),
        (Some(min), None) => format!("{what} {min} or more."),
        (None, Some(max)) => format!("{what} {max} at most."),
        (None, None) => String::new(),
    };
    match shape {
        Shape::String(text) => match names(text) {
            [] => {
                let least = text.min.filter(|min| *min > 0).map(|min| min.to_string());
                span("Characters:", least, text.max.map(|max| max.to_string()))
            }
            names => one_of(names),
        },
        Shape::Integer { min, max } => span(
            "Range:",
            min.map(|min| min.to_string()),
            max.map(|max| max.to_string()),
        ),
        Shape::Float { min, max } => span(
            "Range:",
            min.map(|min| min.to_string()),
            max.map(|max| max.to_string()),
        ),
        Shape::List {
            member, min, max, ..
        } => {
            let items = span(
                "Items:",
                min.filter(|min| *min > 0).map(|min| min.to_string()),
                max.map(|max| max.to_string()),
            );
            match &**member {
                Shape::String(text) if !names(text).is_empty() => {
                    join(&items, &one_of(names(text)))
                }
                _ => items,
            }
        }
        _ => String::new(),
    }
}

fn names(text: &Text) -> &[String] {
    if text.values.is_empty() {
        &text.known_values
    } else {
        &text.values
    }
}

pub(super) fn one_of(names: &[impl Borrow<str>]) -> String {
    format!("One of: {}.", names.join(", "))
}

pub(super) fn join(first: &str, second: &str) -> String {
    [first, second]
        .iter()
        .filter(|part| !part.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_a_value_may_be() {
        let text = |min, max| {
            Shape::String(Text {
                min,
                max,
                ..Text::default()
            })
        };
        assert_eq!(bounds(&text(Some(1), Some(64))), "Characters: 1 to 64.");
        assert_eq!(
            bounds(&text(Some(0), Some(256))),
            "Characters: 256 at most."
        );
        assert_eq!(bounds(&text(None, None)), "");
        let list = Shape::List {
            member: Box::new(Shape::String(Text {
                values: vec!["a".to_owned(), "b".to_owned()],
                ..Text::default()
            })),
            min: Some(1),
            max: Some(1),
            not_null: false,
        };
        assert_eq!(bounds(&list), "Items: 1. One of: a, b.");
        assert_eq!(kind(&list), "list of string");
    }
}
