//! `--mask-values`: the names of environment variables stay, and the lengths; the values go.
//!
//! What differs still differs: of two values of one variable that have one length the second ends in a number. Else
//! a publish after a changed secret would find nothing changed.

use std::collections::BTreeMap;

use crate::{
    state::function::{Configuration, Function},
    store::import::Resource,
};

/// Values by variable and length, in the order they were met.
type Met = BTreeMap<(String, usize), Vec<String>>;

/// Masks every value of a function, in `$LATEST` and in all versions.
pub(super) fn mask(function: &mut Resource<Function>) {
    let mut met = Met::new();
    let latest = &mut function.head.latest.configuration;
    let published = function.head.published.as_mut();
    let unchanged = published
        .as_ref()
        .is_some_and(|published| published.digest == latest.digest());
    conceal(latest, &mut met);
    for (_, version) in &mut function.versions {
        conceal(&mut version.configuration, &mut met);
    }
    // What the last publish froze is told by a digest over the values.
    if let Some(published) = published {
        let last = function
            .versions
            .iter()
            .find(|(number, _)| number.to_string() == published.version);
        published.digest = match last {
            Some((_, version)) if !unchanged => version.configuration.digest(),
            _ => latest.digest(),
        };
    }
}

fn conceal(configuration: &mut Configuration, met: &mut Met) {
    for (name, value) in configuration.environment.iter_mut().flatten() {
        let length = value.len();
        let known = met.entry((name.clone(), length)).or_default();
        let at = known
            .iter()
            .position(|other| other == value)
            .unwrap_or_else(|| {
                known.push(value.clone());
                known.len() - 1
            });
        let number = if at == 0 {
            String::new()
        } else {
            at.to_string()
        };
        *value = format!(
            "{}{number}",
            "*".repeat(length.saturating_sub(number.len()))
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{operation::function::settings::defaults, state::version::Version};

    #[test]
    fn lengths_and_differences_stay_and_the_values_go() {
        let with = |value: &str| {
            let mut configuration = defaults("pay", "Zip");
            configuration.environment =
                Some([("KEY".to_owned(), value.to_owned())].into_iter().collect());
            configuration
        };
        let version = |number: u64, value: &str| {
            let version = Version {
                version: number.to_string(),
                revision_id: String::new(),
                published: jiff::Timestamp::UNIX_EPOCH,
                configuration: with(value),
            };
            (number, version)
        };
        let mut head = Function::new("pay", 1, 2, with("secret"));
        for (last, unchanged) in [("secret", true), ("hidden", false)] {
            head.published = Some(crate::state::function::Published {
                version: "2".to_owned(),
                digest: with(last).digest(),
                updated: false,
            });
            let mut function = Resource {
                head: head.clone(),
                versions: vec![version(1, "longer value"), version(2, last)],
                journal: Vec::new(),
            };
            mask(&mut function);
            let value = |configuration: &Configuration| {
                configuration.environment.as_ref().expect("there")["KEY"].clone()
            };
            let latest = &function.head.latest.configuration;
            assert_eq!(value(latest), "******");
            assert_eq!(value(&function.versions[0].1.configuration), "************");
            assert_eq!(
                value(&function.versions[1].1.configuration) == "******",
                unchanged
            );
            let published = function.head.published.expect("there");
            assert_eq!(published.digest == latest.digest(), unchanged);
        }
    }
}
