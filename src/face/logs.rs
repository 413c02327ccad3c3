//! `logs tail`: prints the events of a log group as aws-cli does (its `logs/tail.py`).

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::arguments::{Action, Takes, ValueType};
use super::call::Session;
use super::custom::{Custom, Words, switch, value};
use super::exit::Stop;
use super::options::Opt;
use super::world::World;
use crate::{output::json::indented_ascii, state::event_source::Date, store::clock::iso8601};

/// The commands that are not operations.
pub const COMMANDS: &[Custom] = &[Custom {
    name: "tail",
    examples: &[
        "/aws/lambda/pay --since 5m",
        "/aws/lambda/pay --format short --filter-pattern ERROR",
    ],
    about: "Prints the events of a log group: the logs of invoked functions. --follow waits for new events of other \
        processes, until Ctrl-C. In a rehearsal, or while time is frozen, it ends at once, because no other process \
        invokes the function.",
    table,
    run,
}];

/// The pause of `--follow` between two requests.
const PAUSE: Duration = Duration::from_secs(1);

fn table() -> Vec<Opt> {
    vec![
        Opt::face(
            Action::new("group_name", Takes::One).required(),
            "The name of the log group.",
        ),
        value(
            "--since",
            "The earliest time: a time, or a duration before now, such as 10m (the default). The units are s, m, h, \
             d and w.",
        ),
        switch("--follow", "Waits for new events and prints them."),
        Opt::face(
            Action::new("--format", Takes::One).of(ValueType::Choice(
                ["detailed", "short", "json"].as_slice().into(),
            )),
            "The format of an event: detailed, short or json. json indents messages that are JSON.",
        ),
        value("--filter-pattern", "The pattern that events must match."),
        Opt::face(
            Action::new("--log-stream-names", Takes::Many),
            "Only these log streams.",
        ),
        value(
            "--log-stream-name-prefix",
            "Only log streams whose names start with this text.",
        ),
    ]
}

fn run(world: &mut World<'_>, session: &Session<'_>, words: &Words) -> Result<u8, Stop> {
    let region = session.reach(world)?;
    let start = since(words.one("--since").unwrap_or("10m"), session.state.now())?;
    let mut request = json!({
        "logGroupName": words.one("group_name").unwrap_or_default(),
        "interleaved": true,
        "startTime": start.as_millisecond(),
    });
    for (option, member) in [
        ("--filter-pattern", "filterPattern"),
        ("--log-stream-name-prefix", "logStreamNamePrefix"),
    ] {
        if let Some(text) = words.one(option) {
            request[member] = text.into();
        }
    }
    if let Some(names) = words.all("--log-stream-names") {
        request["logStreamNames"] = names.into();
    }
    let line = EventLine {
        format: words.one("--format").unwrap_or("detailed"),
        color: session.color(world),
    };
    let ends = !words.has("--follow")
        || ["LAMBDRY_NOW", "LAMBDRY_REHEARSAL"]
            .iter()
            .any(|name| world.process.var(name).is_some());
    let mut last: Option<(i64, String)> = None;
    loop {
        let page = session.demand(&region, "FilterLogEvents", request.clone())?;
        let events = page.get("events").and_then(Value::as_array);
        for event in events.into_iter().flatten() {
            let at = event["timestamp"].as_i64().unwrap_or_default();
            let id = event["eventId"].as_str().unwrap_or_default().to_owned();
            // The next request starts at the moment of the last event. That event is therefore in the answer again, and
            // must not be printed twice.
            if last.as_ref().is_none_or(|(_, last)| *last < id) {
                writeln!(world.stdout, "{}", line.of(event))?;
                last = Some((at, id));
            }
        }
        world.stdout.flush()?;
        if let Some(token) = page.get("nextToken").filter(|token| token.is_string()) {
            request["nextToken"] = token.clone();
            continue;
        }
        if ends {
            return Ok(0);
        }
        if let (Some(request), Some((at, _))) = (request.as_object_mut(), &last) {
            request.shift_remove("nextToken");
            request.insert("startTime".to_owned(), (*at).into());
        }
        (world.sleep)(PAUSE);
    }
}

/// The moment that the value of `--since` means.
///
/// # Errors
/// A text that is not a moment, in aws-cli's words.
fn since(text: &str, now: Timestamp) -> Result<Timestamp, Stop> {
    const UNITS: [(char, i64); 5] = [
        ('s', 1),
        ('m', 60),
        ('h', 3600),
        ('d', 86_400),
        ('w', 604_800),
    ];
    let relative = text.chars().next_back().and_then(|unit| {
        let amount = text.strip_suffix(unit)?;
        let is_number = !amount.is_empty() && amount.bytes().all(|byte| byte.is_ascii_digit());
        let (_, seconds) = UNITS.iter().find(|(known, _)| *known == unit)?;
        is_number.then_some((amount.parse::<i64>().ok()?, *seconds))
    });
    if let Some((amount, seconds)) = relative {
        let moment = amount
            .checked_mul(seconds)
            .and_then(|seconds| now.checked_sub(SignedDuration::from_secs(seconds)).ok());
        return moment.ok_or_else(|| Stop::Other("date value out of range".to_owned()));
    }
    Date::read(&text.into())
        .map(|Date(moment)| moment)
        .ok_or_else(|| {
            Stop::Other(format!(
                "Invalid timestamp \"{text}\": Unknown string format: {text}"
            ))
        })
}

/// The form of an event's line.
struct EventLine<'a> {
    format: &'a str,
    color: bool,
}

impl EventLine<'_> {
    fn of(&self, event: &Value) -> String {
        let text = |name: &str| event[name].as_str().unwrap_or_default();
        let at = Timestamp::from_millisecond(event["timestamp"].as_i64().unwrap_or_default());
        let at = at.unwrap_or_default();
        let moment = match self.format {
            "short" => at.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
            "json" => iso8601(at),
            _ => at.strftime("%Y-%m-%dT%H:%M:%S.%6f+00:00").to_string(),
        };
        let moment = self.colored(&moment, "32");
        let message = text("message");
        let line = match self.format {
            "short" => format!("{moment} {message}"),
            format => {
                let stream = self.colored(text("logStreamName"), "36");
                let spread = (format == "json").then(|| serde_json::from_str::<Value>(message));
                match spread {
                    Some(Ok(json)) => format!("{moment} {stream} \n{}", indented_ascii(&json)),
                    _ => format!("{moment} {stream} {message}"),
                }
            }
        };
        line.trim_end().to_owned()
    }

    fn colored(&self, text: &str, color: &str) -> String {
        match self.color {
            true => format!("\x1b[{color}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_as_aws_cli_prints_it() {
        let event = json!({
            "logStreamName": "2026/11/22/[1]ab", "timestamp": 1_795_348_800_120_i64, "message": "{\"a\": 1}\n",
        });
        let of = |format: &str, color| EventLine { format, color }.of(&event);
        assert_eq!(of("short", false), "2026-11-22T12:00:00 {\"a\": 1}");
        assert_eq!(
            of("detailed", false),
            "2026-11-22T12:00:00.120000+00:00 2026/11/22/[1]ab {\"a\": 1}"
        );
        assert_eq!(
            of("json", false),
            "2026-11-22T12:00:00.120000+00:00 2026/11/22/[1]ab \n{\n    \"a\": 1\n}"
        );
        assert_eq!(
            of("short", true),
            "\x1b[32m2026-11-22T12:00:00\x1b[0m {\"a\": 1}"
        );
    }

    #[test]
    fn since_is_a_moment_or_a_length_of_time() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().expect("a moment");
        for (text, moment) in [
            ("10m", "2026-11-22T11:50:00Z"),
            ("1w", "2026-11-15T12:00:00Z"),
            ("2026-11-22T00:00:00", "2026-11-22T00:00:00Z"),
            ("0", "1970-01-01T00:00:00Z"),
        ] {
            let since = since(text, now).unwrap_or_else(|_| panic!("{text}"));
            assert_eq!(since.to_string(), moment, "{text}");
        }
        for text in ["5h30m", "m", "soon", "999999999999999w"] {
            assert!(since(text, now).is_err(), "{text}");
        }
    }
}
