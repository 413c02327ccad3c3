//! Candidates from the state directory that a line names.

use std::collections::BTreeSet;

use crate::{
    face::{self, Globals, Own},
    state::{
        arn::{FunctionRef, is_region},
        function::Function,
    },
    store::kind,
};

use super::{super::backend::Opened, Candidate, files::expanded, line::TypedLine, plain};

/// Regions that are always offered. An account can use them without opting in.
const REGIONS: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

impl TypedLine<'_> {
    /// The value of an option on the line.
    fn word(&self, name: &str) -> Option<&str> {
        let mut given = self.given.iter().rev();
        given.find(|(given, _)| given == name)?.1.as_deref()
    }

    /// The state directory that this line names, and the region.
    fn state(&self) -> Option<(Opened, String)> {
        let text = |name: &str| {
            let word = self.word(name).filter(|word| !word.is_empty());
            word.map(str::to_owned)
        };
        let globals = Globals {
            region: text("--region"),
            profile: text("--profile"),
            own: Own {
                // The shell has not expanded its `~` yet.
                state_dir: text("--state-dir").map(|path| expanded(self.process, &path)),
                ..Own::default()
            },
            ..Globals::default()
        };
        let mut process = self.process.clone();
        for name in ["SETTLE", "NOW", "SEED", "TOTAL_CODE_SIZE", "STEPS"] {
            process
                .env
                .remove(format!("LAMBDRY_{name}").as_ref() as &std::ffi::OsStr);
        }
        // Completion does not wait for a lock.
        process
            .env
            .insert("LAMBDRY_LOCK_TIMEOUT".into(), "0".into());
        process.env.insert("LAMBDRY_HINTS".into(), "0".into());
        let opened = Opened::new(&process, &globals.own).ok()?;
        let config = face::State::config(&opened);
        let region = face::region(&process, &globals, config).ok()?;
        Some((opened, region))
    }

    /// The resources of a kind, by the names that calls use.
    pub(super) fn resources(&self, kind: &dyn kind::Kind) -> Vec<Candidate> {
        let Some((opened, region)) = self.state() else {
            return Vec::new();
        };
        let names = opened.with(&region, |lambda| {
            let scope = &lambda.place.scope;
            let place = lambda.place.store.place(kind.lies().scope(scope));
            let names = kind.names(&place);
            names.map(|names| -> Vec<String> {
                let names = names.iter();
                names.map(|name| kind.called(scope, name)).collect()
            })
        });
        plain(&names.unwrap_or_default())
    }

    /// The aliases of the function on the line, then `$LATEST` and its versions, newest first.
    pub(super) fn qualifiers(&self, aliases: bool, versions: bool) -> Vec<Candidate> {
        let function = self.word("--function-name").and_then(FunctionRef::parse);
        self.qualifiers_of(function, aliases, versions)
    }

    pub(super) fn qualifiers_of(
        &self,
        function: Option<FunctionRef>,
        aliases: bool,
        versions: bool,
    ) -> Vec<Candidate> {
        let (Some(function), Some((opened, region))) = (function, self.state()) else {
            return Vec::new();
        };
        let found = opened.with(&region, |lambda| {
            lambda.place.all::<Function>().view(&function.name, |view| {
                let mut found = Vec::new();
                if aliases {
                    found.extend(view.head.aliases.iter().map(|(name, alias)| {
                        Candidate::new(name, &format!("alias of {}", alias.function_version))
                    }));
                }
                if versions {
                    found.push(Candidate::new(
                        "$LATEST",
                        "the unpublished code and settings",
                    ));
                    let numbers = view.numbers()?;
                    let numbers = numbers.iter().rev();
                    found.extend(numbers.map(|n| Candidate::new(n.to_string(), "version")));
                }
                Ok(found)
            })
        });
        found.ok().flatten().unwrap_or_default()
    }

    pub(super) fn regions(&self) -> Vec<Candidate> {
        let mut names: BTreeSet<String> = REGIONS.iter().map(|name| (*name).to_owned()).collect();
        if let Some((opened, _)) = self.state() {
            let used = opened.store.scopes().unwrap_or_default().into_iter();
            let used = used.filter(|scope| scope.account == opened.account);
            names.extend(
                used.map(|scope| scope.region)
                    .filter(|name| is_region(name)),
            );
        }
        plain(&names.into_iter().collect::<Vec<_>>())
    }

    pub(super) fn profiles(&self) -> Vec<Candidate> {
        let config = self
            .state()
            .and_then(|(opened, _)| face::State::config(&opened));
        plain(&face::profiles(self.process, config).unwrap_or_default())
    }
}
