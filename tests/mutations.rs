//! Mutates the correct scripts of `tests/flows/` mechanically, and compares the result of rehearsing each mutation with
//! the table `tests/mutations.txt`. A mutation is caught if a finding or the exit code shows it. A mutation is harmless
//! if the account and the output are the same as without it. Otherwise it is unknown.
//!
//! By default every twentieth mutation is run. `LAMBDRY_MUTATIONS=all` runs all of them, and `LAMBDRY_MUTATIONS=write`
//! writes the table.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its own environment"
)]

mod common;

use std::{collections::BTreeMap, fs, sync::Mutex, thread};

use common::flow::{self, Header, Rehearsed};

/// A script in which one thing was changed.
struct Mutation {
    /// The line, and the change.
    what: String,
    text: String,
}

/// The statements of a script, as ranges of lines. A range includes the lines that continue the statement.
fn statements(lines: &[&str]) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let begin = at;
        let goes_on = |line: &str| ["\\", "|", "&&"].iter().any(|end| line.ends_with(end));
        while at + 1 < lines.len() && goes_on(lines[at]) && !lines[at].starts_with('#') {
            at += 1;
        }
        at += 1;
        found.push(begin..at);
    }
    found
}

/// Every mutation of a script.
fn mutations(text: &str) -> Vec<Mutation> {
    let lines: Vec<&str> = text.lines().collect();
    let mut made: Vec<Mutation> = Vec::new();
    let mut add = |line: usize, what: &str, lines: Vec<String>| {
        let text = lines.join("\n") + "\n";
        let what = format!("{} {what}", line + 1);
        let again = made
            .iter()
            .filter(|other| other.what.starts_with(&what))
            .count();
        let what = match again {
            0 => what,
            many => format!("{what} ({})", many + 1),
        };
        made.push(Mutation { what, text });
    };
    let owned =
        |lines: &[&str]| -> Vec<String> { lines.iter().map(|line| (*line).to_owned()).collect() };
    let replaced = |at: usize, line: String| {
        let mut all = owned(&lines);
        all[at] = line;
        all
    };
    let all = statements(&lines);
    let is_code = |at: usize| !lines[at].trim_start().starts_with('#');
    for statement in &all {
        let first = lines[statement.start].trim();
        let kind = match first {
            _ if first.starts_with("aws lambda wait") => "drop wait",
            _ if first.starts_with("set -") => "drop set",
            _ => continue,
        };
        let mut rest = owned(&lines[..statement.start]);
        rest.extend(owned(&lines[statement.end..]));
        add(statement.start, kind, rest);
    }
    for pair in all.windows(2) {
        let (one, other) = (&pair[0], &pair[1]);
        let is_plain = |statement: &std::ops::Range<usize>| {
            let line = lines[statement.start].trim();
            let opens = line.ends_with("do") || line.ends_with("then") || line.ends_with('{');
            let ends = lines[statement.end - 1].trim_end();
            is_code(statement.start)
                && line.contains("aws ")
                && !opens
                && !ends.ends_with("do")
                && !ends.ends_with("then")
        };
        let indent = |at: usize| lines[at].len() - lines[at].trim_start().len();
        if is_plain(one) && is_plain(other) && indent(one.start) == indent(other.start) {
            let mut swapped = owned(&lines[..one.start]);
            swapped.extend(owned(&lines[other.clone()]));
            swapped.extend(owned(&lines[one.clone()]));
            swapped.extend(owned(&lines[other.end..]));
            add(one.start, "swap with next", swapped);
        }
    }
    for (at, line) in lines.iter().enumerate().filter(|(at, _)| is_code(*at)) {
        for (begin, _) in line.match_indices("\"$") {
            let rest = &line[begin + 1..];
            let inside = rest.find('"').map(|end| &rest[..end]);
            let Some(inside) = inside.filter(|inside| !inside.contains(['(', ' '])) else {
                continue;
            };
            let bare = format!(
                "{}{inside}{}",
                &line[..begin],
                &line[begin + inside.len() + 2..]
            );
            add(at, &format!("unquote {inside}"), replaced(at, bare));
        }
        for (begin, _) in line.match_indices(" --") {
            let rest = &line[begin + 1..];
            let name = rest.split([' ', ')']).next().unwrap_or_default();
            let value = rest[name.len()..]
                .strip_prefix(' ')
                .map(value_of)
                .unwrap_or_default();
            let length = 1 + name.len() + if value.is_empty() { 0 } else { 1 + value.len() };
            let without = format!("{}{}", &line[..begin], &line[begin + length..]);
            add(at, &format!("drop {name}"), replaced(at, without));
        }
        let name = line.trim_start().split('=').next().unwrap_or_default();
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        if is_name && line.trim_start().len() > name.len() {
            let other = line.replacen(name, &format!("{name}_2"), 1);
            add(at, &format!("rename {name}"), replaced(at, other));
        }
    }
    made
}

/// The value of an option that a text begins with.
fn value_of(text: &str) -> &str {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let end = match quote {
        Some(quote) => text[1..].find(quote).map_or(text.len(), |end| end + 2),
        None => text
            .find(|c: char| c.is_whitespace() || c == ')' || c == '|')
            .unwrap_or(text.len()),
    };
    let value = &text[..end];
    let is_none = value.starts_with("--")
        || value.starts_with(['>', '|', '&', '\\'])
        || value.starts_with("2>");
    match is_none {
        true => "",
        false => value,
    }
}

/// The result of rehearsing a mutation.
fn verdict(header: &Header, sound: &Rehearsed, ran: Option<&Rehearsed>) -> String {
    let Some(ran) = ran else {
        return "caught: it does not end".to_owned();
    };
    let mut why: Vec<String> = Vec::new();
    if ran.code != Some(header.exits) {
        why.push(format!("exit {}", ran.code.unwrap_or(-1)));
    }
    let mut rules: Vec<String> = ran
        .found()
        .iter()
        .filter_map(|find| find.split(' ').nth(1).map(str::to_owned))
        .collect();
    rules.dedup();
    why.extend(rules);
    let same = |name: &str| ended(&ran.report[name]) == ended(&sound.report[name]);
    match why.as_slice() {
        [] if same("Functions") && same("Layers") && ran.stdout == sound.stdout => {
            "harmless".to_owned()
        }
        [] => "unknown".to_owned(),
        why => format!("caught: {}", why.join(", ")),
    }
}

/// The state of the resources at the end, without the steps that led to it.
fn ended(resources: &serde_json::Value) -> serde_json::Value {
    let mut ended = resources.clone();
    for resource in ended.as_array_mut().into_iter().flatten() {
        if let Some(members) = resource.as_object_mut() {
            members.remove("History");
        }
    }
    ended
}

/// The results for those mutations of a script that `pick` accepts.
fn verdicts(name: &str, text: &str, pick: &dyn Fn(&str) -> bool) -> BTreeMap<String, String> {
    let header = Header::of(text);
    let mutations: Vec<Mutation> = mutations(text)
        .into_iter()
        .filter(|mutation| pick(&format!("{name}:{}", mutation.what)))
        .collect();
    if mutations.is_empty() {
        return BTreeMap::new();
    }
    let sandbox = flow::given(&header);
    let sound = flow::rehearse(&sandbox, &header, name, text).expect("a sound script ends");
    assert_eq!(sound.found(), header.finds, "{name}: {}", sound.told);
    let judged = mutations.into_iter().map(|mutation| {
        let ran = flow::rehearse(&sandbox, &header, name, &mutation.text);
        (
            format!("{name}:{}", mutation.what),
            verdict(&header, &sound, ran.as_ref()),
        )
    });
    judged.collect()
}

#[test]
fn every_mutation_of_a_sound_script_is_caught_or_harmless_or_listed() {
    let table = common::crate_folder().join("tests/mutations.txt");
    let mode = std::env::var("LAMBDRY_MUTATIONS").unwrap_or_default();
    let written = fs::read_to_string(&table).unwrap_or_default();
    let listed: BTreeMap<String, String> = written
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" => "))
        .map(|(what, verdict)| (what.to_owned(), verdict.to_owned()))
        .collect();
    let mut all: Vec<String> = Vec::new();
    let scripts: Vec<(String, String)> = flow::scripts("flows")
        .into_iter()
        .filter(|(name, _)| name.contains("sound"))
        .collect();
    for (name, text) in &scripts {
        all.extend(
            mutations(text)
                .iter()
                .map(|mutation| format!("{name}:{}", mutation.what)),
        );
    }
    let some: Vec<&String> = all.iter().step_by(20).collect();
    let is_whole = matches!(mode.as_str(), "all" | "write");
    let pick = |what: &str| is_whole || some.iter().any(|picked| *picked == what);
    let todo = Mutex::new(scripts.iter());
    let next = || todo.lock().ok().and_then(|mut todo| todo.next());
    let work = || -> BTreeMap<String, String> {
        std::iter::from_fn(next)
            .flat_map(|(name, text)| verdicts(name, text, &pick))
            .collect()
    };
    let found: BTreeMap<String, String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        let ended = workers
            .into_iter()
            .map(|worker| worker.join().expect("no panic"));
        ended.flatten().collect()
    });
    if mode == "write" {
        let count = |what: &str| {
            found
                .values()
                .filter(|verdict| verdict.starts_with(what))
                .count()
        };
        let head = format!(
            "# Mutations of the sound scripts of tests/flows, by script and line, and what a rehearsal says of each.\n\
             # {} mutations: {} caught, {} harmless, {} unknown.\n",
            found.len(),
            count("caught"),
            count("harmless"),
            count("unknown")
        );
        let lines = found
            .iter()
            .map(|(what, verdict)| format!("{what} => {verdict}\n"));
        fs::write(&table, head + &lines.collect::<String>()).expect("the table");
        return;
    }
    assert!(
        all.iter().all(|what| listed.contains_key(what)) && all.len() == listed.len(),
        "the table is of other scripts: LAMBDRY_MUTATIONS=write cargo test --test mutations"
    );
    let differing: Vec<String> = found
        .iter()
        .filter(|(what, verdict)| listed.get(*what) != Some(verdict))
        .map(|(what, verdict)| format!("{what}: {verdict}, not {}", listed[what]))
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}
