//! `logs tail`: what a log group holds, which is nothing: what functions log is not kept.

use serde_json::json;

use super::arguments::{Action, Kind, Takes};
use super::call::Session;
use super::custom::{Custom, Words, switch, value};
use super::exit::Stop;
use super::options::Opt;
use super::world::World;

/// The commands that are no operations.
pub const COMMANDS: &[Custom] = &[Custom {
    name: "tail",
    examples: &["/aws/lambda/pay --since 5m"],
    about: "Prints the events of a log group. Here there are none, and --follow ends.",
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
            "From what time on: a moment, or a length of time as 10m.",
        ),
        switch("--follow", "Goes on with new events; here there come none."),
        Opt::face(
            Action::new("--format", Takes::One).of(Kind::Choice(
                ["detailed", "short", "json"].as_slice().into(),
            )),
            "How an event is printed: detailed, short or json.",
        ),
        value("--filter-pattern", "The pattern that events fit."),
        Opt::face(
            Action::new("--log-stream-names", Takes::Many),
            "The log streams.",
        ),
        value(
            "--log-stream-name-prefix",
            "How the names of log streams begin.",
        ),
    ]
}

fn run(world: &mut World<'_>, session: &Session<'_>, words: &Words) -> Result<u8, Stop> {
    let region = session.reach(world)?;
    let group = words.one("group_name").unwrap_or_default();
    session.demand(&region, "FilterLogEvents", json!({ "logGroupName": group }))?;
    Ok(0)
}
