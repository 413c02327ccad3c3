//! The service's part of a command line: the subcommands that are simulated, and those of which only the name is known.

use super::{
    Service,
    arguments::{self, Action, Takes},
    call::{self, Command, Session},
    custom,
    exit::{Stop, unknown_options},
    help, waiters,
    world::World,
};

/// Every service of the imitated version of the AWS CLI, one name per line.
const SERVICES: &str = include_str!("services.txt");

/// Every subcommand of the services that are simulated at least in part. Each line holds the name of a service, then
/// its subcommands. From botocore 1.43.11's models and from aws-cli's own commands.
const SUBCOMMANDS: &str = include_str!("subcommands.txt");

/// Waiters of AWS for which lambdry has no answer, although it answers other waiters of the same service.
const NOT_SIMULATED: [(&str, &str); 2] =
    [("iam", "instance-profile-exists"), ("iam", "user-exists")];

/// Returns true if AWS has a service of that name.
pub(crate) fn is_service(name: &str) -> bool {
    known().any(|service| service == name)
}

/// The names of all services of AWS.
pub(super) fn known() -> impl Iterator<Item = &'static str> {
    SERVICES.lines()
}

/// Every subcommand of a service, simulated or not.
pub(super) fn subcommands(service: &Service) -> impl Iterator<Item = &'static str> {
    let mut lines = SUBCOMMANDS.lines().map(|line| line.split(' '));
    let named = lines.find_map(|mut words| (words.next() == Some(service.name)).then_some(words));
    named.into_iter().flatten()
}

/// Returns true if the words are a service and one of its subcommands, or one of the subcommands of its `wait`.
pub(super) fn is_subcommand(services: &[Service], words: &[String]) -> bool {
    let named = |name: &String| services.iter().find(|service| service.name == *name);
    match words {
        [service, name] => named(service)
            .is_some_and(|service| subcommands(service).any(|subcommand| subcommand == name)),
        [service, wait, name] => {
            wait == "wait"
                && named(service).is_some()
                && waiters::of(service).any(|waiter| waiter.command == name)
        }
        _ => false,
    }
}

pub(super) fn not_simulated(what: &str) -> Stop {
    Stop::Unanswered(what.to_owned())
}

/// Runs a service's command with the words after the service's name. Returns the exit code.
///
/// # Errors
/// Any error that can end a command line.
pub(super) fn run(
    world: &mut World<'_>,
    session: &Session<'_>,
    service: &Service,
    words: &[String],
) -> Result<u8, Stop> {
    let names = subcommands(service).chain(["help"]).collect();
    // A service that has only commands is parsed in the same way as `wait`.
    let action = match service.entries.is_empty() {
        true => Action::new("subcommand", Takes::Optional),
        false => Action::new("operation", Takes::One).required(),
    };
    let taken = arguments::parse(&[action.of(arguments::ValueType::Choice(names))], words)?;
    let Some(word) = taken.words(0).and_then(|words| words.first()).cloned() else {
        return Err(too_few(world, service.name, &taken.rest));
    };
    if word == "help" {
        return help::service(world, service).map(|()| 0);
    }
    if word == "wait" && service.waits() {
        return run_wait(world, session, service, &taken.rest).map(|()| 0);
    }
    if let Some(custom) = service.commands.iter().find(|custom| custom.name == word) {
        return custom::run(world, session, custom, &taken.rest);
    }
    match service.entry(&word) {
        Some(entry) => call::run(
            world,
            session,
            &Command {
                service: service.name,
                entry,
                waiter: None,
            },
            &taken.rest,
        )
        .map(|()| 0),
        None => {
            let waited = taken.rest.first().filter(|_| word == "wait");
            let waited = waited.map(|name| format!(" {name}")).unwrap_or_default();
            Err(not_simulated(&format!("{} {word}{waited}", service.name)))
        }
    }
}

fn run_wait(
    world: &mut World<'_>,
    session: &Session<'_>,
    service: &Service,
    words: &[String],
) -> Result<(), Stop> {
    if words == ["help"] {
        return help::wait(world, service.name);
    }
    let known = NOT_SIMULATED.iter().filter(|(of, _)| *of == service.name);
    let mut names: Vec<&str> = known.map(|(_, name)| *name).collect();
    names.extend(waiters::of(service.name).map(|waiter| waiter.command));
    names.sort_unstable();
    let subcommand =
        Action::new("subcommand", Takes::Optional).of(arguments::ValueType::Choice(names.into()));
    let taken = arguments::parse(&[subcommand], words)?;
    let Some(word) = taken.words(0).and_then(|words| words.first()) else {
        return Err(too_few(
            world,
            &format!("{} wait", service.name),
            &taken.rest,
        ));
    };
    let mut rest = words.to_vec();
    if let Some(at) = rest.iter().position(|other| other == word) {
        rest.remove(at);
    }
    let waiter = waiters::of(service.name).find(|waiter| waiter.command == word);
    let entry = waiter.and_then(|waiter| {
        service
            .entries
            .iter()
            .find(|entry| entry.name == waiter.operation)
    });
    match entry {
        Some(entry) => {
            let command = Command {
                service: service.name,
                entry,
                waiter,
            };
            call::run(world, session, &command, &rest)
        }
        None => Err(not_simulated(&format!("{} wait {word}", service.name))),
    }
}

/// The error for a line on which the subcommand is missing.
fn too_few(world: &World<'_>, before: &str, rest: &[String]) -> Stop {
    if !rest.is_empty() {
        return unknown_options(rest);
    }
    let program = &world.process.program;
    Stop::Invalid(format!(
        "usage: {program} [options] {before} <subcommand> [parameters]\n{program}: [ERROR]: too few arguments"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{face::options::kebab, operation};

    #[test]
    fn every_operation_and_every_waiter_is_a_subcommand_that_aws_has() {
        for service in operation::services() {
            let mut lines = SUBCOMMANDS.lines().map(|line| line.split(' '));
            let line =
                lines.find_map(|mut words| (words.next() == Some(service.name)).then_some(words));
            let names: Vec<&str> = line.unwrap_or_else(|| panic!("{}", service.name)).collect();
            for entry in service.entries() {
                assert!(
                    names.contains(&&*kebab(entry.name)),
                    "{} {}",
                    service.name,
                    entry.name
                );
            }
            assert!(is_service(service.name));
            for waiter in waiters::of(service.name) {
                let mut entries = service.entries();
                assert!(names.contains(&"wait"), "{}", service.name);
                assert!(
                    entries.any(|entry| entry.name == waiter.operation),
                    "{}",
                    waiter.command
                );
            }
            let waits = waiters::of(service.name).next().is_some();
            let said = service.ready.map(|ready| ready.waits);
            assert_eq!(said.unwrap_or(waits), waits, "{}", service.name);
        }
    }
}
