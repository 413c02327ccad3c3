//! Compares the newest botocore model of Lambda on the machine with the simulation: every operation, member and enum
//! value.
//!
//! It is optional. It runs if `LAMBDRY_MODEL` is 1, or names a `service-2.json` or `service-2.json.gz`. It fails if
//! anything is neither simulated nor refused on purpose, and lists it.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test that runs on request: it reads the request from the environment and prints a list"
)]

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use lambdry::operation::{
    FAMILIES, find,
    refused::{NEVER_ANSWERED, NEWER, NEWER_VALUES, REFUSED},
    route::Location,
    shape::{Member, Shape, Structure, Text},
};
use serde_json::Value;

/// The models that Python finds, as version and path, the newest first.
const FIND: &str = "
import glob, os, re, sys
roots = list(sys.path) + ['/usr/lib/python3/dist-packages/awscli']
found = []
for root in roots:
    folder = os.path.join(root, 'botocore')
    for path in glob.glob(os.path.join(folder, 'data/lambda/2015-03-31/service-2.json*')):
        text = open(os.path.join(folder, '__init__.py')).read()
        version = re.search(r\"__version__ = '([^']+)'\", text).group(1)
        # The AWS CLI's own says nothing of its age.
        age = [int(part) for part in version.split('.')] if re.fullmatch('[0-9.]+', version) else [0]
        found.append((age, version, path))
for _, version, path in sorted(found, reverse=True)[:1]:
    print(version, path)
";

/// A model and its name. The error is the reason why there is no model.
fn model() -> Result<(String, Value), String> {
    let said = std::env::var_os("LAMBDRY_MODEL").unwrap_or_default();
    let said = said.to_string_lossy().into_owned();
    let (version, path) = match said.as_str() {
        "" | "0" => return Err("the comparison with a model runs with LAMBDRY_MODEL=1".to_owned()),
        "1" => {
            let output = Command::new("python3").args(["-c", FIND]).output();
            let text = output
                .map_err(|error| format!("there is no python3 ({error})"))?
                .stdout;
            let text = String::from_utf8_lossy(&text).trim().to_owned();
            let (version, path) = text
                .split_once(' ')
                .ok_or("python3 has no botocore with a model of Lambda")?;
            (format!("botocore {version}"), PathBuf::from(path))
        }
        path => (path.to_owned(), PathBuf::from(path)),
    };
    let text =
        read(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    let model =
        serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok((version, model))
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    if path.extension().is_none_or(|end| end != "gz") {
        return std::fs::read(path);
    }
    Command::new("gzip")
        .arg("-dc")
        .arg(path)
        .output()
        .map(|output| output.stdout)
}

/// The parts of the model that the simulation lacks.
#[derive(Default)]
struct Missing {
    operations: Vec<String>,
    asked: BTreeSet<String>,
    answered: BTreeSet<String>,
    values: BTreeSet<String>,
}

impl Missing {
    fn structure(&mut self, model: &Value, name: &str, ours: &Structure, at: &str, asks: bool) {
        let members = model["shapes"][name]["members"].as_object();
        for (member, of) in members.into_iter().flatten() {
            let path = format!("{at}.{member}");
            match ours.member(member) {
                // If a member is refused as a whole, all its parts are refused with it.
                Some(Member { refused: true, .. }) => {}
                Some(found) => self.shape(model, of, &found.shape, &path, asks),
                None if NEWER.split_whitespace().any(|newer| newer == member) => {}
                None if asks => drop(self.asked.insert(path)),
                // A structure may be part of many answers.
                None => {
                    let path = format!("{name}.{member}");
                    let mut never =
                        (NEVER_ANSWERED.iter()).flat_map(|(_, members)| members.split_whitespace());
                    if !never.any(|never| never == path) {
                        self.answered.insert(path);
                    }
                }
            }
        }
    }

    fn shape(&mut self, model: &Value, of: &Value, ours: &Shape, at: &str, asks: bool) {
        let name = of["shape"].as_str().unwrap_or_default();
        let theirs = &model["shapes"][name];
        match ours {
            Shape::Structure(structure) => self.structure(model, name, structure, at, asks),
            Shape::List { member, .. } => self.shape(model, &theirs["member"], member, at, asks),
            Shape::Map { value, .. } => self.shape(model, &theirs["value"], value, at, asks),
            Shape::String(Text {
                values,
                known_values,
                ..
            }) if asks => {
                let has = |value: &str| {
                    values
                        .iter()
                        .chain(known_values)
                        .map(String::as_str)
                        .chain(NEWER_VALUES.split_whitespace())
                        .any(|known| known == value)
                };
                let list = theirs["enum"].as_array().into_iter().flatten();
                let new = list.filter_map(Value::as_str).filter(|value| !has(value));
                self.values.extend(new.map(|value| format!("{at}={value}")));
            }
            _ => {}
        }
    }
}

#[test]
fn everything_of_the_model_is_simulated_or_refused_on_purpose() {
    let (version, model) = match model() {
        Ok(found) => found,
        Err(reason) => return println!("skipped: {reason}"),
    };
    let refused: BTreeSet<&str> = REFUSED
        .iter()
        .flat_map(|one| one.operations.split_whitespace())
        .collect();
    let mut missing = Missing::default();
    let operations = model["operations"].as_object().expect("operations");
    for (name, operation) in operations {
        let Some(entry) = find(name) else {
            if !refused.contains(name.as_str()) {
                missing.operations.push(name.clone());
            }
            continue;
        };
        for (side, ours, asks) in [
            ("input", entry.request(), true),
            ("output", entry.response(), false),
        ] {
            if let Some(shape) = operation[side]["shape"].as_str() {
                missing.structure(&model, shape, ours, name, asks);
            }
        }
    }
    println!("{version}: {} operations", operations.len());
    for (what, names) in [
        ("operations", missing.operations.iter().collect::<Vec<_>>()),
        ("members of requests", missing.asked.iter().collect()),
        ("values of requests", missing.values.iter().collect()),
        ("members of answers", missing.answered.iter().collect()),
    ] {
        println!("neither simulated nor refused, {what}: {}", names.len());
        for name in names {
            println!("  {name}");
        }
    }
    let gone: Vec<&str> = FAMILIES
        .iter()
        .flat_map(|family| family.iter())
        .map(|entry| entry.name)
        .chain(refused)
        .filter(|name| !operations.contains_key(*name))
        .collect();
    println!("not in the model: {}", gone.join(", "));
    assert!(
        missing.operations.is_empty()
            && missing.asked.is_empty()
            && missing.values.is_empty()
            && missing.answered.is_empty(),
        "the lists above are not empty"
    );
}

/// Operations whose recorded answers have another status than the model gives, with that status.
const RECORDED: &[(&str, u64)] = &[("DeleteFunction", 204)];

/// The part of a request or answer in which the model puts a member.
fn travels<'a>(structure: &'a Value, name: &'a str) -> Location<'a> {
    let member = &structure["members"][name];
    let on_the_wire = member["locationName"].as_str().unwrap_or(name);
    match member["location"].as_str() {
        Some("uri") => Location::Path,
        Some("querystring") => Location::Query(on_the_wire),
        Some("header") => Location::Header(on_the_wire),
        Some("headers") => Location::Headers(on_the_wire),
        Some("statusCode") => Location::Status,
        _ if structure["payload"] == name => Location::Payload,
        _ => Location::Body,
    }
}

/// The members of a structure, at any depth, that only one of the two sides declares as moments.
fn moments(model: &Value, name: &str, ours: &Structure, at: &str, odd: &mut Vec<String>) {
    let members = model["shapes"][name]["members"].as_object();
    for (member, of) in members.into_iter().flatten() {
        let of = of["shape"].as_str().unwrap_or_default();
        let theirs = &model["shapes"][of];
        let path = format!("{at}.{member}");
        match ours.member(member).map(|member| &member.shape) {
            Some(Shape::Structure(structure)) => moments(model, of, structure, &path, odd),
            Some(Shape::List { member, .. }) => {
                let item = theirs["member"]["shape"].as_str().unwrap_or_default();
                if let Shape::Structure(structure) = &**member {
                    moments(model, item, structure, &path, odd);
                }
            }
            Some(Shape::String(text)) if text.timestamp != (theirs["type"] == "timestamp") => {
                odd.push(format!("{path} is a moment on one side alone"));
            }
            _ => {}
        }
    }
}

#[test]
fn every_member_travels_where_the_model_says() {
    let (version, model) = match model() {
        Ok(found) => found,
        Err(reason) => return println!("skipped: {reason}"),
    };
    let mut odd = Vec::new();
    for entry in FAMILIES.iter().flat_map(|family| family.iter()) {
        let operation = &model["operations"][entry.name];
        if operation.is_null() {
            continue;
        }
        let http = &operation["http"];
        let path = http["requestUri"].as_str().unwrap_or_default();
        let recorded = RECORDED.iter().find(|(name, _)| *name == entry.name);
        let status = recorded.map_or(http["responseCode"].as_u64(), |(_, status)| Some(*status));
        let told = format!(
            "{} {} {}",
            http["method"].as_str().unwrap_or_default(),
            path.trim_end_matches('/'),
            status.unwrap_or(200)
        );
        if told != entry.route.replace("/ ", " ") {
            odd.push(format!("{}: {} and {told}", entry.name, entry.route));
        }
        let route = entry.routed();
        for (side, ours) in [("input", entry.request()), ("output", entry.response())] {
            let Some(name) = operation[side]["shape"].as_str() else {
                continue;
            };
            let structure = &model["shapes"][name];
            for member in ours.members.iter().filter(|member| !member.refused) {
                if structure["members"].get(&member.name).is_none() {
                    continue;
                }
                let here = match side {
                    "input" => entry.place_in_request(&route, &member.name),
                    _ => entry.place_in_response(&member.name),
                };
                let there = travels(structure, &member.name);
                if here != there {
                    odd.push(format!(
                        "{}, {side}, {}: {here:?} and {there:?}",
                        entry.name, member.name
                    ));
                }
            }
            moments(&model, name, ours, entry.name, &mut odd);
        }
    }
    println!("{version}: {} members travel otherwise", odd.len());
    assert!(odd.is_empty(), "{}", odd.join("\n"));
}
