//! Rehearses broken and correct deploy scripts as people write them, and compares the verdicts with a key. The key was
//! written before any of the scripts ran. For each fault, the key gives the line and the effect on AWS.
//!
//! `tests/exam/<set>/key.json` has an entry for each script. `before` holds the calls that make its state (`pay 3` is
//! the function `pay` with three versions and the alias `live` on the last). `line` and `why` describe the fault of a
//! broken script. `verdict` and `told` are the report of a rehearsal: findings, and refused calls, by their lines.
//! Another person wrote the first set. The second is in the style of public scripts. The third tests what was learned
//! from the other two. The fourth contains kinds of faults that no rule looked for. At its first run, 11 of its 35
//! broken scripts were reported at the line of the fault, and two at the call where the fault shows. 19 were Clean. One
//! had a warning for another reason, one was not fully played for another reason, and one could not run. None of its 25
//! sound scripts had a finding. `missed` gives the reason why no rehearsal of the script reports its fault. `needs` is a
//! Python module without which the script cannot run.
#![cfg(target_os = "linux")]

mod common;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Mutex,
    thread,
};

use common::Sandbox;
use serde::Deserialize;
use serde_json::Value;

/// The key's entry for a script.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    before: Vec<String>,
    line: Option<u64>,
    why: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    missed: Option<String>,
    #[serde(default)]
    needs: Option<String>,
    verdict: String,
    told: Vec<String>,
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

/// A place with the state that the script needs.
fn given(entry: &Entry) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.zip("one.zip", "one");
    sandbox.zip("two.zip", "two");
    for line in &entry.before {
        let Some(versions) = line.strip_prefix("pay ") else {
            lambdry(&sandbox, line);
            continue;
        };
        lambdry(
            &sandbox,
            "create-function --function-name pay --runtime python3.13 --handler app.handler \
             --role arn:aws:iam::123456789012:role/pay --zip-file fileb://one.zip",
        );
        let versions: u64 = versions.parse().expect("a number of versions");
        for number in 1..=versions {
            let update = "update-function-configuration --function-name pay --description";
            lambdry(&sandbox, &format!("{update} v{number}"));
            lambdry(&sandbox, "publish-version --function-name pay");
        }
        let alias = "create-alias --function-name pay --name live --function-version";
        lambdry(&sandbox, &format!("{alias} {versions}"));
    }
    sandbox
}

/// The report on a script: the verdict, and the findings and refused calls with their lines.
fn rehearse(entry: &Entry, script: &Path) -> (String, Vec<String>) {
    let sandbox = given(entry);
    let name = script.file_name().expect("a name");
    let copy = sandbox.work().join(name);
    fs::copy(script, &copy).expect("a script");
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).expect("a mode");
    let is_makefile = copy.extension().is_some_and(|end| end == "mk");
    let output = sandbox
        .command("lambdry")
        .args(["rehearse", "--report", "json=report.json", "--"])
        .args(is_makefile.then_some(["make", "-f"]).iter().flatten())
        .arg(Path::new(".").join(name))
        .env("AWS_REGION", "eu-west-1")
        .env_remove("LAMBDRY_NOW")
        .envs(&entry.env)
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    let report = fs::read(sandbox.work().join("report.json"));
    let report = report.unwrap_or_else(|error| panic!("{name:?}: {error}: {output:?}"));
    let report: Value = serde_json::from_slice(&report).expect("JSON");
    let at = |it: &Value| {
        let line = it["Place"]["Line"].as_u64();
        line.map_or_else(|| "-".to_owned(), |line| line.to_string())
    };
    let text = |it: &Value, member: &str| it[member].as_str().unwrap_or_default().to_owned();
    let list = |member: &str| report[member].as_array().cloned().unwrap_or_default();
    let mut told: Vec<String> = list("Findings")
        .iter()
        .map(|it| {
            let severity = text(it, "Severity").to_lowercase();
            format!("{severity} {} {}", text(it, "Rule"), at(it))
        })
        .collect();
    let failed = report["ExitCode"] != 0;
    let held = ["Ignored", "Ended", "LookedAt", "CannotTell", "WentOn"];
    for call in list("Calls") {
        let refused = call["ExitCode"] != 0;
        if refused && (failed || held.contains(&&*text(&call, "Became"))) {
            told.push(format!("refused {}", at(&call)));
        }
    }
    (text(&report, "Verdict"), told)
}

/// The scripts of a set, with the key's entry for each.
fn set(name: &str) -> Vec<(PathBuf, Entry)> {
    let folder = Path::new(common::crate_folder())
        .join("tests/exam")
        .join(name);
    let key = fs::read(folder.join("key.json")).expect("a key");
    let mut key: BTreeMap<String, Entry> = serde_json::from_slice(&key).expect("entries");
    let files = fs::read_dir(&folder).expect("a folder").flatten();
    let mut scripts: Vec<PathBuf> = files.map(|file| file.path()).collect();
    scripts.retain(|file| file.extension().is_some_and(|end| end != "json"));
    scripts.sort();
    let scripts: Vec<(PathBuf, Entry)> = scripts
        .into_iter()
        .map(|file| {
            let name = file.file_stem().and_then(|it| it.to_str()).expect("a name");
            let entry = key.remove(name);
            let entry = entry.unwrap_or_else(|| panic!("{name} has no entry"));
            (file, entry)
        })
        .collect();
    assert!(key.is_empty(), "no script: {key:?}");
    scripts
}

/// Returns true if Python has that module.
fn has(module: &str) -> bool {
    let mut python = Sandbox::new().command("python3");
    let ended = python.args(["-c", &format!("import {module}")]).output();
    ended.is_ok_and(|output| output.status.success())
}

/// The differences between a script's rehearsal and the key.
fn wrong(script: &Path, entry: &Entry) -> Option<String> {
    if entry.needs.as_deref().is_some_and(|module| !has(module)) {
        return None;
    }
    let (verdict, told) = rehearse(entry, script);
    let is_as_said = (&verdict, &told) == (&entry.verdict, &entry.told);
    (!is_as_said).then(|| {
        format!(
            "{}: {verdict} {told:?}, not {} {:?}",
            script.display(),
            entry.verdict,
            entry.told
        )
    })
}

#[test]
fn every_script_is_judged_as_its_key_says() {
    let sets = ["first", "second", "third", "fourth"].map(set);
    let scripts: Vec<&(PathBuf, Entry)> = sets.iter().flatten().collect();
    let todo = Mutex::new(scripts.iter());
    let next = || todo.lock().ok().and_then(|mut todo| todo.next());
    let work = || -> Vec<String> {
        std::iter::from_fn(next)
            .filter_map(|(script, entry)| wrong(script, entry))
            .collect()
    };
    let wrong: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        let ended = workers
            .into_iter()
            .map(|worker| worker.join().expect("no panic"));
        ended.flatten().collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_keys_hold_what_is_promised() {
    for (name, broken, accused) in [
        ("first", 20, 0),
        ("second", 20, 0),
        ("third", 10, 0),
        ("fourth", 34, 0),
    ] {
        let scripts = set(name);
        let is_found = |entry: &&Entry| {
            let line = entry.line.map(|line| line.to_string()).unwrap_or_default();
            let is_there = |told: &String| told.rsplit(' ').next() == Some(&*line);
            entry.verdict != "Clean" && entry.told.iter().any(is_there)
        };
        let entries = || scripts.iter().map(|(_, entry)| entry);
        let faulty = || entries().filter(|entry| entry.line.is_some());
        let found = faulty().filter(is_found).count();
        assert!(found >= broken, "{name}: {found} of {}", faulty().count());
        for entry in faulty().filter(|entry| !is_found(entry)) {
            assert!(entry.missed.is_some() && entry.why.is_some(), "{entry:?}");
        }
        let is_accused = |entry: &&Entry| {
            let finds = |told: &String| !told.starts_with("refused");
            entry.verdict == "Broken" || entry.told.iter().any(finds)
        };
        let sound = entries().filter(|entry| entry.line.is_none());
        assert!(sound.filter(is_accused).count() <= accused, "{name}");
    }
}
