//! Describes the state that a run left. For each function, the text says how far the function has come from its old
//! state to the end of the clean run.

use std::collections::BTreeSet;

use super::{
    end::{Difference, End, FunctionEnd, differences, extras, points, settings},
    things,
};
use crate::{store::kind::Key, tool::diff::model};

/// Describes the state that a run left.
pub(super) fn told(before: &End, clean: &End, left: &End, at_random: &BTreeSet<String>) -> String {
    let open = |from: &End, to: &End| -> Vec<Difference> {
        let mut differences = differences(before, from, to);
        differences.retain(|difference| !at_random.contains(&difference.about));
        differences
    };
    // In a comparison with the state before the run, random differences count as well.
    if differences(before, before, left).is_empty()
        && extras(before, before, left).is_empty()
        && !rebuilt(before, left)
    {
        return "nothing was changed".to_owned();
    }
    if open(clean, left).is_empty() {
        return match extras(before, clean, left).as_slice() {
            [] => "everything is done".to_owned(),
            extras => format!("everything is done, and {} too many", extras.join(", ")),
        };
    }
    let keys: BTreeSet<&Key> = [before, clean, left]
        .into_iter()
        .flat_map(|end| end.functions.keys())
        .collect();
    let several = keys.len() > 1;
    let mut parts = Vec::new();
    for key in keys {
        let sides = Sides {
            before: before.functions.get(key),
            clean: clean.functions.get(key),
            left: left.functions.get(key),
        };
        let told = sides.told();
        if !told.is_empty() {
            let name = if several {
                format!("{}: ", key.name)
            } else {
                String::new()
            };
            parts.push(format!("{name}{}", told.join(", ")));
        }
    }
    let (published, put) = things::left(before, left);
    parts.extend(published);
    if parts.is_empty() {
        parts.extend(put.into_iter().take(2));
    }
    match parts.as_slice() {
        // The difference does not belong to a known step, so the text names it.
        [] => open(clean, left)
            .into_iter()
            .map(|difference| difference.told)
            .take(2)
            .collect::<Vec<_>>()
            .join(", "),
        parts => parts.join("; "),
    }
}

/// Returns true if a function has another package than before the run. A new zip of the same files counts as another
/// package.
fn rebuilt(before: &End, left: &End) -> bool {
    before.functions.iter().any(|(key, function)| {
        let is = left.functions.get(key);
        is.is_some_and(|is| is.raw() != function.raw())
    })
}

/// A function before the run, after the clean run, and after the failed run.
struct Sides<'a> {
    before: Option<&'a FunctionEnd>,
    clean: Option<&'a FunctionEnd>,
    left: Option<&'a FunctionEnd>,
}

impl Sides<'_> {
    fn told(&self) -> Vec<String> {
        match (self.before, self.clean, self.left) {
            (None, Some(clean), Some(left)) => {
                let mut told = vec!["made".to_owned()];
                told.extend(moved(None, clean, left));
                told
            }
            (None, Some(_), None) => vec!["not made".to_owned()],
            (Some(_), None, None) => vec!["deleted".to_owned()],
            (Some(_), None, Some(_)) => vec!["not deleted".to_owned()],
            (Some(before), Some(clean), Some(left)) => moved(Some(before), clean, left),
            (Some(_), Some(_), None) => vec!["gone".to_owned()],
            (None, None, _) => Vec::new(),
        }
    }
}

fn moved(before: Option<&FunctionEnd>, clean: &FunctionEnd, left: &FunctionEnd) -> Vec<String> {
    let mut told = Vec::new();
    let none = BTreeSet::new();
    let since = before.map_or(&none, |before| &before.numbers);
    let made = |end: &FunctionEnd| -> Vec<u64> { end.numbers.difference(since).copied().collect() };
    // For AWS, a new package of the same files is another package.
    let changed = before.is_some_and(|before| before.raw() != left.raw());
    let publishes = !made(clean).is_empty();
    if changed || before.is_none() {
        let in_part = !model::members(&clean.latest, &left.latest, false).is_empty();
        let published = left.has_published(&left.latest, since);
        match (in_part, publishes && !published) {
            (true, true) => told.push("$LATEST changed in part, not published".to_owned()),
            (true, false) => told.push("$LATEST changed in part".to_owned()),
            (false, true) => told.push("$LATEST changed, not published".to_owned()),
            (false, false) if changed && !publishes => told.push("$LATEST changed".to_owned()),
            (false, false) => {}
        }
    }
    let versions: Vec<String> = made(left).iter().map(u64::to_string).collect();
    if !versions.is_empty() {
        let versions = versions.join(" and ");
        told.push(format!("version {versions} published"));
    }
    let gone: Vec<String> = since
        .difference(&left.numbers)
        .map(u64::to_string)
        .collect();
    if !gone.is_empty() {
        told.push(format!("version {} deleted", gone.join(" and ")));
    }
    let names: BTreeSet<&String> = before
        .into_iter()
        .chain([clean, left])
        .flat_map(|end| end.head.aliases.keys())
        .collect();
    // An alias that did not move is mentioned only if there is a version to which it could move.
    let is_half = !versions.is_empty() || !publishes;
    for name in names {
        let of = |end: Option<&FunctionEnd>| {
            end.filter(|end| end.head.aliases.contains_key(name))
                .map(|end| points(end, name))
        };
        let (was, wanted, is) = (of(before), of(Some(clean)), of(Some(left)));
        told.push(match (was, wanted, is) {
            (None, _, Some(is)) => format!("alias {name} made, on {is}"),
            (None, Some(_), None) if is_half => format!("no alias {name} yet"),
            (Some(_), None, None) => format!("alias {name} deleted"),
            (Some(_), None, Some(_)) => format!("alias {name} not deleted"),
            (Some(was), _, Some(is)) if was != is => format!("{name} moved from {was} to {is}"),
            (Some(was), Some(wanted), Some(_)) if was != wanted && is_half => {
                format!("{name} still on {was}")
            }
            _ => continue,
        });
    }
    // The last steps are mentioned only if all earlier steps are done.
    let is_open = told.iter().any(|told| {
        [" not ", " still ", "no ", " in part"]
            .iter()
            .any(|open| told.contains(open))
    });
    let was = before.map(settings);
    let is_untouched =
        told.is_empty() && model::settings(was.as_ref(), Some(&settings(left))).is_empty();
    if is_open || is_untouched {
        return told;
    }
    let open = model::settings(Some(&settings(clean)), Some(&settings(left)));
    let mut open: Vec<&str> = open.iter().map(|change| short(&change.name)).collect();
    open.dedup();
    match open.as_slice() {
        [] => {}
        [one] => told.push(format!("not yet {one}")),
        [one, other] => told.push(format!("not yet {one} and {other}")),
        [one, rest @ ..] => told.push(format!("not yet {one} and {} more", rest.len())),
    }
    told
}

/// Shortens the name of a setting. `$LATEST.Policy.Statements.s3` counts as one setting, whatever its content is.
fn short(name: &str) -> &str {
    let ends = name.match_indices('.').nth(1).map(|(at, _)| at);
    ends.map_or(name, |at| &name[..at])
}

#[cfg(test)]
mod tests {
    use super::{
        super::end::tests::{RELEASE, ends, released},
        *,
    };

    #[test]
    fn a_release_is_told_by_how_far_it_came() {
        let tag =
            "tag-resource --resource arn:aws:lambda:eu-west-1:123456789012:function:pay --tags a=b";
        let clean = released(&[
            "update-alias --function-name pay --name live --function-version 2",
            "create-alias --function-name pay --name next --function-version 2",
            tag,
        ]);
        let weights = "update-alias --function-name pay --name live --function-version 1 \
                       --routing-config AdditionalVersionWeights={2=0.25}";
        for (lines, words) in [
            (&[][..], "nothing was changed"),
            (&RELEASE[..2], "$LATEST changed, not published"),
            (
                &RELEASE[..],
                "version 2 published, live still on 1, no alias next yet",
            ),
            (
                &[&RELEASE[..], &[weights]].concat(),
                "version 2 published, live moved from 1 to 1 + 25 % 2, no alias next yet",
            ),
            (
                &[
                    &RELEASE[..],
                    &["update-alias --function-name pay --name live --function-version 2"],
                    &["create-alias --function-name pay --name next --function-version 2"],
                ]
                .concat(),
                "version 2 published, live moved from 1 to 2, alias next made, on 2, not yet Tags.a",
            ),
            (&["delete-function --function-name pay"], "gone"),
        ] {
            let (before, left) = ends(lines);
            assert_eq!(
                told(&before, &clean, &left, &BTreeSet::new()),
                words,
                "{lines:?}"
            );
        }
        let (before, _) = ends(&[]);
        assert_eq!(
            told(&before, &clean, &clean, &BTreeSet::new()),
            "everything is done"
        );
    }
}
