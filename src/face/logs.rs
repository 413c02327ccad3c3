//! `logs tail`: the events of a log group. There are none, because the logs of functions are not kept.

use serde_json::json;

use super::arguments::{Action, Kind, Takes};
use super::call::Session;
use super::custom::{Custom, Words, switch, value};
use super::exit::Stop;
use super::options::Opt;
use super::world::World;

/// The commands that are not operations.
pub const COMMANDS: &[Custom] = &[Custom {
    name: "tail",
    examples: &["/aws/lambda/pay --since 5m"],
    about: "Prints the events of a log group. The simulation has none, so --follow ends.",
    table,
    run,
}];

fn table() -> Vec<Opt> {
    vec![
        Opt::face(
            Action::new("group_name", Takes::One).required(),
            "The name of the log group.",
        ),
        value(
            "--since",
            "The earliest time: a moment, or a duration such as 10m.",
        ),
        switch(
            "--follow",
            "Continues with new events; the simulation has none.",
        ),
        Opt::face(
            Action::new("--format", Takes::One).of(Kind::Choice(
                ["detailed", "short", "json"].as_slice().into(),
            )),
            "The format of an event: detailed, short or json.",
        ),
        value("--filter-pattern", "The pattern that events must match."),
        Opt::face(
            Action::new("--log-stream-names", Takes::Many),
            "The log streams.",
        ),
        value(
            "--log-stream-name-prefix",
            "The start of the names of log streams.",
        ),
    ]
}

fn run(world: &mut World<'_>, session: &Session<'_>, words: &Words) -> Result<u8, Stop> {
    let region = session.reach(world)?;
    let group = words.one("group_name").unwrap_or_default();
    session.demand(&region, "FilterLogEvents", json!({ "logGroupName": group }))?;
    Ok(0)
}
