//! `--mask-values`: keeps the names of environment variables and replaces the values.
//!
//! Different values get different masks, and equal values get equal masks in every import, because a mask ends with a
//! digest that uses the key of the state directory. Otherwise a publish would not notice a changed secret, and a second
//! import would report a change of every value. A mask has the length of its value, if the value is long enough.

use crate::{
    state::{
        function::{Configuration, Function},
        masked,
    },
    store::import::Resource,
};

/// The number of digest characters at the end of a mask.
const DIGITS: usize = 8;

/// Masks every value of a function, in `$LATEST` and in all versions.
pub(super) fn mask(function: &mut Resource<Function>, key: &str) {
    let latest = &mut function.head.latest.configuration;
    let published = function.head.published.as_mut();
    let unchanged = published
        .as_ref()
        .is_some_and(|published| published.digest == latest.digest());
    conceal(latest, key);
    for (_, version) in &mut function.versions {
        conceal(&mut version.configuration, key);
    }
    // The content of the last publish is stored as a digest that includes the values.
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

fn conceal(configuration: &mut Configuration, key: &str) {
    for (name, value) in configuration.environment.iter_mut().flatten() {
        // The digest includes the variable's name. So the masks do not show that two variables have the same value.
        let digest = masked::digest(format!("{key} {name}").as_bytes(), value);
        let stars = value.chars().count().saturating_sub(DIGITS);
        let stars = "*".repeat(stars.max(masked::STARS.len()));
        *value = format!("{stars}{}", &digest[..DIGITS]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{operation::function::settings::defaults, state::version::Version};

    fn with(value: &str) -> Configuration {
        let mut configuration = defaults("pay", "Zip");
        let variables = ["KEY", "SAME"].map(|name| (name.to_owned(), value.to_owned()));
        configuration.environment = Some(variables.into_iter().collect());
        configuration
    }

    fn value(configuration: &Configuration) -> &str {
        &configuration.environment.as_ref().expect("there")["KEY"]
    }

    #[test]
    fn differences_stay_and_the_values_go() {
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
                versions: vec![version(1, "longer value of a secret"), version(2, last)],
                journal: Vec::new(),
            };
            mask(&mut function, "key");
            let latest = &function.head.latest.configuration;
            assert!(value(latest).starts_with("****") && !value(latest).contains("secret"));
            let longer = &function.versions[0].1.configuration;
            assert_eq!(value(longer).len(), "longer value of a secret".len());
            assert_eq!(
                value(&function.versions[1].1.configuration) == value(latest),
                unchanged
            );
            let published = function.head.published.expect("there");
            assert_eq!(published.digest == latest.digest(), unchanged);
        }
    }

    #[test]
    fn a_value_has_one_mask_under_one_key_and_one_name() {
        let masked = |of: &str, key: &str| {
            let mut configuration = with(of);
            conceal(&mut configuration, key);
            configuration
        };
        let (one, again) = (masked("secret", "key"), masked("secret", "key"));
        assert_eq!(one.environment, again.environment);
        for other in [masked("hidden", "key"), masked("secret", "another")] {
            assert_ne!(value(&one), value(&other));
        }
        let variables = one.environment.expect("there");
        assert_ne!(variables["KEY"], variables["SAME"]);
    }
}
