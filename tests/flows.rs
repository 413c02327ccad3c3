//! Rehearses the scripts in `tests/flows/` with the real binary, and compares what is found with what their headers
//! say: a script for each way that people deploy functions, sound ones and wrong ones.
//!
//! ```sh
//! # given: pay 3       the function `pay` with three versions and the alias `live` on the last; or `nothing`
//! # exits: 254         the script's exit code; 0 when it is not said
//! # finds: error race-after-update 9      a finding and its line, - where two lines are alike; repeated; or `nothing`
//! ```
#![cfg(unix)]

mod common;

use std::{fs, path::Path, thread};

use common::Sandbox;
use serde_json::Value;

const CODE: &str = "def handler(event, context):\n    return 'one'\n";

/// What a script's header says.
struct Header {
    versions: Option<usize>,
    exits: i32,
    finds: Vec<String>,
}

fn header(script: &str) -> Header {
    let lines = script.lines().filter_map(|line| line.strip_prefix("# "));
    let of = |what: &str| -> Vec<String> {
        let named = lines.clone().filter_map(|line| line.strip_prefix(what));
        named.map(|rest| rest.trim().to_owned()).collect()
    };
    let finds = of("finds:");
    assert!(!finds.is_empty(), "a script says what is found in it");
    let given = of("given:");
    let given = given.first().expect("a script says what it is given");
    Header {
        versions: given
            .strip_prefix("pay ")
            .map(|number| number.parse().expect("a number of versions")),
        exits: of("exits:")
            .first()
            .map_or(0, |code| code.parse().expect("an exit code")),
        finds: finds.into_iter().filter(|find| find != "nothing").collect(),
    }
}

fn lambdry(sandbox: &Sandbox, line: &str) {
    let output = sandbox
        .command("lambdry")
        .args(line.split_whitespace())
        .env("AWS_REGION", "eu-west-1")
        .output()
        .expect("lambdry is built");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {told}");
}

/// Rehearses a script; answers what is not as its header says.
fn check(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).expect("a script");
    let header = header(&text);
    let sandbox = Sandbox::new();
    sandbox.zip("one.zip", CODE);
    sandbox.zip("two.zip", &CODE.replace("one", "two"));
    if let Some(versions) = header.versions {
        lambdry(
            &sandbox,
            "create-function --function-name pay --runtime python3.13 --handler app.handler \
             --role arn:aws:iam::123456789012:role/pay --zip-file fileb://one.zip",
        );
        for number in 1..=versions {
            lambdry(
                &sandbox,
                &format!(
                    "update-function-configuration --function-name pay --description v{number}"
                ),
            );
            lambdry(&sandbox, "publish-version --function-name pay");
        }
        lambdry(
            &sandbox,
            &format!("create-alias --function-name pay --name live --function-version {versions}"),
        );
    }
    let script = sandbox.work().join(path.file_name().expect("a name"));
    fs::copy(path, &script).expect("a copy");
    let output = sandbox
        .command("lambdry")
        .args([
            "rehearse",
            "--strict-state",
            "--report",
            "json=report.json",
            "--",
        ])
        .arg(&script)
        .env("AWS_REGION", "eu-west-1")
        .output()
        .expect("lambdry is built");
    let told = sandbox.anonymous(&String::from_utf8_lossy(&output.stderr));
    let report = fs::read(sandbox.work().join("report.json")).expect("a report");
    let report: Value = serde_json::from_slice(&report).expect("JSON");
    let found: Vec<String> = report["Findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|finding| {
            let text = |name: &str| finding[name].as_str().unwrap_or_default().to_lowercase();
            let line = finding["Place"]["Line"].as_u64();
            let line = line.map_or_else(|| "-".to_owned(), |line| line.to_string());
            format!("{} {} {line}", text("Severity"), text("Rule"))
        })
        .collect();
    // Only Linux tells where a call stands.
    let told_as = |finds: &[String]| -> Vec<String> {
        let finds = finds.iter().map(|find| match cfg!(target_os = "linux") {
            true => find.clone(),
            false => find
                .rsplit_once(' ')
                .map_or("", |(find, _)| find)
                .to_owned(),
        });
        finds.collect()
    };
    let code = output.status.code();
    let is_as_said = code == Some(header.exits) && told_as(&found) == told_as(&header.finds);
    (!is_as_said).then(|| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        format!(
            "{name}: exit code {code:?}, found {found:?}, not {:?}\n{told}",
            header.finds
        )
    })
}

#[test]
fn wrong_scripts_are_found_out_and_sound_ones_let_be() {
    let folder = common::crate_folder().join("tests/flows");
    let mut scripts: Vec<_> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    scripts.sort();
    assert!(scripts.len() > 20, "all flows are there");
    let wrong: Vec<String> = thread::scope(|scope| {
        let checks: Vec<_> = scripts
            .iter()
            .map(|path| scope.spawn(move || check(path)))
            .collect();
        checks
            .into_iter()
            .filter_map(|check| check.join().expect("no panic"))
            .collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_rule_has_a_script_that_it_finds() {
    let output = Sandbox::new()
        .command("lambdry")
        .args(["rehearse", "findings"])
        .output()
        .expect("lambdry is built");
    let listed = String::from_utf8(output.stdout).expect("text");
    let rules: Vec<&str> = listed
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with(' '))
        .collect();
    assert!(rules.len() >= 8, "{listed}");
    let folder = common::crate_folder().join("tests/flows");
    let scripts: String = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| fs::read_to_string(entry.expect("an entry").path()).expect("a script"))
        .collect();
    for rule in rules {
        assert!(
            scripts.contains(&format!(" {rule} ")),
            "no script for {rule}"
        );
    }
}
