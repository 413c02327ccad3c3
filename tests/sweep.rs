//! `lambdry rehearse --sweep` with real scripts: the points that it finds, its results, and the files that it leaves
//! unchanged.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its own environment"
)]

mod common;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use common::Sandbox;
use serde_json::Value;

/// A correct release. Every step can be made twice.
const SOUND: &str = "\
#!/bin/bash
set -euo pipefail
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip >/dev/null
aws lambda wait function-updated --function-name pay
V=$(aws lambda publish-version --function-name pay --query Version --output text)
aws lambda update-alias --function-name pay --name live --function-version \"$V\" >/dev/null ||
  aws lambda create-alias --function-name pay --name live --function-version \"$V\" >/dev/null
";

/// The result of a sweep.
#[derive(Debug)]
struct Answer {
    code: i32,
    stdout: String,
    stderr: String,
}

/// A state with a function `pay` whose alias `live` is on version 1, and new code to release.
struct Place {
    sandbox: Sandbox,
}

impl Place {
    fn new() -> Self {
        let place = Self {
            sandbox: Sandbox::new(),
        };
        place.sandbox.zip("one.zip", "one");
        place.sandbox.zip("two.zip", "two");
        for line in [
            "create-function --function-name pay --runtime python3.13 --handler app.handler \
             --role arn:aws:iam::123456789012:role/r --zip-file fileb://one.zip --publish",
            "create-alias --function-name pay --name live --function-version 1",
        ] {
            let mut command = place.sandbox.command(env!("CARGO_BIN_EXE_lambdry"));
            let status = command
                .args(line.split_whitespace())
                .env("AWS_REGION", "us-east-1")
                .output()
                .expect("it runs");
            assert!(status.status.success(), "{status:?}");
        }
        place
    }

    fn work(&self) -> PathBuf {
        self.sandbox.work()
    }

    /// Makes a program on PATH.
    fn program(&self, name: &str, text: &str) {
        let path = self.work().join("../bin").join(name);
        fs::write(&path, text).expect("written");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("runs");
    }

    fn sweep_with(&self, script: &str, options: &[&str], environment: &[(&str, &str)]) -> Answer {
        let path = self.work().join("deploy.sh");
        let script = format!(
            "{}{script}",
            if script.starts_with("#!") {
                ""
            } else {
                "#!/bin/bash\n"
            }
        );
        fs::write(&path, script).expect("written");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("runs");
        let mut command = self.sandbox.command(env!("CARGO_BIN_EXE_lambdry"));
        let output = command
            .args(["rehearse", "--sweep"])
            .args(options)
            .args(["--", "./deploy.sh"])
            .env("AWS_REGION", "us-east-1")
            .envs(environment.iter().copied())
            .stdin(std::process::Stdio::null())
            .output()
            .expect("it runs");
        Answer {
            code: output.status.code().expect("a code"),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// Sweeps a script. Returns the exit code and the table.
    fn sweep(&self, script: &str) -> (i32, Value) {
        let answer = self.sweep_with(script, &["--report", "json"], &[]);
        let table = serde_json::from_str(&answer.stdout);
        (
            answer.code,
            table.unwrap_or_else(|error| panic!("{error}: {answer:?}")),
        )
    }

    /// Every file of the working folder, including the state directory.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        fn walk(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
            for entry in fs::read_dir(folder).expect("a folder").flatten() {
                match entry.path() {
                    path if path.is_dir() => walk(&path, files),
                    path => {
                        files.insert(path.clone(), fs::read(&path).expect("a file"));
                    }
                }
            }
        }
        let mut files = BTreeMap::new();
        walk(&self.work(), &mut files);
        files
    }
}

/// The points, one on each line. A line has the call, the way in which the call dies, the script's behaviour, and the
/// result of the second run.
fn lines(table: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let points = table["Points"].as_array().expect("points");
    points
        .iter()
        .map(|row| {
            let again = match (row["Again"]["Why"].as_str(), row["Rerunnable"] == true) {
                (Some(why), _) => why.to_owned(),
                (None, true) => "yes".to_owned(),
                (None, false) => "nobody is told".to_owned(),
            };
            format!(
                "{} {}: {}, {}: {again}",
                text(&row["Call"]),
                text(&row["Dies"]),
                text(&row["Script"]["Did"]),
                text(&row["Left"]),
            )
        })
        .collect()
}

#[test]
fn a_script_that_can_be_run_again_from_every_point_is_told_so() {
    let place = Place::new();
    let (code, table) = place.sweep(SOUND);
    assert_eq!(
        lines(&table),
        [
            "update-function-code Before: Stopped, nothing was changed: yes",
            "update-function-code After: Stopped, $LATEST changed, not published: yes",
            "publish-version Before: Stopped, $LATEST changed, not published: yes",
            "publish-version After: Stopped, version 2 published, live still on 1: yes",
            // The script then tries `create-alias`, which fails because the alias exists.
            "update-alias live Before: Stopped, version 2 published, live still on 1: yes",
            "update-alias live After: Stopped, everything is done: yes",
        ]
    );
    assert_eq!(code, 0);
    assert_eq!(table["Again"]["Arrives"], true);
    assert_eq!(table["AtRandom"], Value::Array(Vec::new()));
    let told = place.sweep_with(SOUND, &[], &[]);
    assert!(
        told.stdout.contains("If the script fails, run it again"),
        "{told:?}"
    );
    assert!(told.stdout.contains("deploy.sh:3"), "{told:?}");
}

#[test]
fn the_point_after_which_a_script_cannot_be_run_again_is_found() {
    let place = Place::new();
    let script = SOUND
        .replace("--name live", "--name canary")
        .replace("update-alias", "create-alias");
    let (code, table) = place.sweep(script.split(" ||").next().expect("a script"));
    let conflict = "it fails: create-alias canary: ResourceConflictException: Alias already exists";
    assert_eq!(
        lines(&table)[3..],
        [
            "publish-version After: Stopped, version 2 published, no alias canary yet: yes"
                .to_owned(),
            "create-alias canary Before: Stopped, version 2 published, no alias canary yet: yes"
                .to_owned(),
            format!("create-alias canary After: Stopped, everything is done: {conflict}"),
        ]
    );
    assert_eq!(code, 1);
    assert_eq!(
        table["Again"]["Why"], conflict,
        "nor after a run without a fault"
    );
}

#[test]
fn a_script_that_goes_on_as_if_a_call_had_worked_is_found_out() {
    let place = Place::new();
    let (code, table) = place.sweep(
        &SOUND
            .replace("set -euo pipefail", "set +e")
            .replace(" ||\n", "\n#"),
    );
    let lines = lines(&table);
    assert_eq!(code, 1);
    assert_eq!(
        lines[0],
        "update-function-code Before: WentOn, nothing was changed: nobody is told"
    );
    assert_eq!(
        lines[4], "update-alias live Before: Stopped, version 2 published, live still on 1: yes",
        "the last call's code is the script's"
    );
}

#[test]
fn what_a_second_run_makes_once_more_is_told_and_is_no_failure() {
    let place = Place::new();
    let (code, table) = place.sweep(
        "set -e\naws lambda publish-layer-version --layer-name lib --zip-file fileb://one.zip >/dev/null\n",
    );
    assert_eq!(code, 0, "{table:#}");
    assert_eq!(table["Points"][0]["Again"].get("LeftOver"), None);
    assert_eq!(
        table["Points"][1]["Again"]["LeftOver"][0],
        "layer version lib:1"
    );
}

#[test]
fn what_the_service_names_is_told_apart_by_what_it_is_and_counted() {
    let place = Place::new();
    let (code, table) = place.sweep(
        "set -e\naws lambda create-code-signing-config --allowed-publishers \
         SigningProfileVersionArns=arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/v1 >/dev/null\n",
    );
    assert_eq!(code, 0, "{table:#}");
    let points = &table["Points"];
    assert_eq!(points[0]["Left"], "nothing was changed");
    assert_eq!(points[0]["Again"].get("LeftOver"), None, "{table:#}");
    assert_eq!(points[1]["Left"], "everything is done");
    let left = points[1]["Again"]["LeftOver"][0].as_str();
    let left = left.unwrap_or_else(|| panic!("two runs make two: {table:#}"));
    assert!(
        left.starts_with("code signing configuration csc-"),
        "{left}"
    );
}

#[test]
fn a_run_that_does_not_end_is_ended_after_ten_times_the_calls() {
    let place = Place::new();
    let (code, table) = place.sweep(
        "aws lambda update-alias --function-name pay --name live --description new >/dev/null
         until [ new = \"$(aws lambda get-alias --function-name pay --name live --query Description --output text)\" ]
         do sleep 1; done\n",
    );
    assert_eq!(code, 1);
    let row = &table["Points"][0];
    assert_eq!(row["Script"]["Did"], "WentOnForever", "{table:#}");
    assert!(row["Script"]["CallsAfter"].as_u64().expect("a number") >= 20);
    assert_eq!(table["Points"][1]["Script"]["Did"], "Recovered");
}

#[test]
fn no_byte_of_the_state_or_the_working_folder_changes() {
    let place = Place::new();
    place.sandbox.git();
    let script = format!(
        "{SOUND}git log --format=%s | grep -qx one; git diff --quiet\nrm -rf build; mkdir build; echo new > one.zip; echo more >> app.py; rm two.zip
         git commit --quiet -am two --author 'a <a@b.c>' || true; touch \"$PWD/x\" \"$TMPDIR/y\"\n"
    );
    let path = place.work().join("deploy.sh");
    fs::write(&path, &script).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("runs");
    let before = place.files();
    let (_, table) = place.sweep(&script);
    assert_eq!(table["Points"].as_array().map(Vec::len), Some(6));
    assert!(before == place.files(), "something changed");
    // A second run needs the thing that the first run removed.
    let why = table["Points"][0]["Again"]["Why"].as_str();
    assert_eq!(
        why, None,
        "the first point stops before anything is removed"
    );
}

#[test]
fn a_script_that_leaves_its_copy_is_told_at_once() {
    let place = Place::new();
    let script = format!("{SOUND}date > {}/stamp\n", place.work().display());
    let answer = place.sweep_with(&script, &[], &[]);
    assert_eq!(answer.code, 255, "{answer:?}");
    assert!(
        answer.stderr.contains("the script changed stamp in"),
        "{answer:?}"
    );
}

#[test]
fn other_commands_are_repeated_when_that_is_confirmed_and_once_when_that_is_asked_for() {
    let place = Place::new();
    place.program(
        "mybuild",
        "#!/bin/sh\necho built >> \"$HOME/builds\"\ncp one.zip built.zip\n",
    );
    let script = SOUND.replace(
        "aws lambda update-function-code",
        "mybuild all\naws lambda update-function-code",
    );
    let script = script.replace("two.zip", "built.zip");
    let builds = || {
        let file = place.work().join("../builds");
        let count = fs::read_to_string(&file)
            .unwrap_or_default()
            .lines()
            .count();
        let _ = fs::remove_file(file);
        count
    };
    let asked = place.sweep_with(&script, &[], &[]);
    assert_eq!(asked.code, 252, "{asked:?}");
    assert!(
        asked.stderr.contains("mybuild all  (deploy.sh:3)"),
        "{asked:?}"
    );
    assert_eq!(builds(), 1, "the clean run alone");
    let once = place.sweep_with(&script, &["--once", "mybuild *", "--report", "json"], &[]);
    assert_eq!((once.code, builds()), (0, 1), "{once:?}");
    let table: Value = serde_json::from_str(&once.stdout).expect("JSON");
    let runs = table["Runs"].as_u64().expect("a number");
    let yes = place.sweep_with(&script, &["--yes"], &[]);
    assert_eq!(yes.code, 0, "{yes:?}");
    // In every run, the build comes before the point at which the run dies.
    assert_eq!(builds() as u64, runs);
}

#[test]
fn nothing_but_the_sweep_makes_calls_fail() {
    let place = Place::new();
    fs::write(
        place.work().join("state/faults"),
        "PublishVersion=ServiceException",
    )
    .expect("written");
    let fault = [("LAMBDRY_FAULTS", "UpdateAlias=ServiceException")];
    let answer = place.sweep_with(SOUND, &[], &fault);
    assert_eq!(answer.code, 0, "{answer:?}");
}

#[test]
fn a_script_that_does_not_end_well_by_itself_is_not_swept() {
    let place = Place::new();
    let answer = place.sweep_with(
        "aws lambda publish-version --function-name missing\n",
        &[],
        &[],
    );
    assert_eq!(answer.code, 255);
    assert!(
        answer
            .stderr
            .contains("publish-version: ResourceNotFoundException"),
        "{answer:?}"
    );
    let answer = place.sweep_with("echo 'no such thing' >&2; exit 3\n", &[], &[]);
    assert!(
        answer.stderr.contains("exit 3, no such thing"),
        "{answer:?}"
    );
    let answer = place.sweep_with("tail -f /dev/null\n", &["--timeout", "0.1s"], &[]);
    assert_eq!(answer.code, 255);
    assert!(answer.stderr.contains("did not end in time"), "{answer:?}");
    let answer = place.sweep_with("aws lambda list-functions\n", &[], &[]);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(
        answer.stdout.contains("it can always be run again"),
        "{answer:?}"
    );
}

#[test]
fn machines_are_told_of_every_point_and_failing_ones_come_first() {
    let place = Place::new();
    let script = SOUND
        .replace("--name live", "--name canary")
        .replace("update-alias", "create-alias");
    let script = script.split(" ||").next().expect("a script");
    let files = [
        "junit=junit.xml",
        "github=github.txt",
        "text=text.txt",
        "html=sweep.html",
    ];
    let options: Vec<&str> = files.iter().flat_map(|file| ["--report", file]).collect();
    let workspace = place.work();
    let environment = [(
        "GITHUB_WORKSPACE",
        workspace.parent().and_then(Path::to_str).expect("text"),
    )];
    let answer = place.sweep_with(script, &options, &environment);
    assert_eq!(answer.code, 1, "{answer:?}");
    let read = |name: &str| fs::read_to_string(place.work().join(name)).expect("a report");
    let junit = read("junit.xml");
    let counted = |what: &str| junit.matches(what).count();
    assert_eq!(
        (counted("<testcase "), counted("<failure ")),
        (7, 1),
        "{junit}"
    );
    assert!(junit.contains("tests=\"7\" failures=\"1\""), "{junit}");
    let at = |text: &str, what: &str| text.find(what).unwrap_or_else(|| panic!("{what}: {text}"));
    assert!(
        at(&junit, "create-alias canary (deploy.sh:6) loses") < at(&junit, "update-function-code")
    );
    let github = read("github.txt");
    let folder = place.work();
    let folder = folder.file_name().and_then(|it| it.to_str()).expect("text");
    assert!(
        github.starts_with(&format!(
            "::error file={folder}/deploy.sh,line=6,title=running it again does not help when create-alias canary loses its \
             answer::The script stops"
        )),
        "{github}"
    );
    assert_eq!(github.matches("::error ").count(), 1, "{github}");
    let text = read("text.txt");
    assert!(
        at(&text, "create-alias canary") < at(&text, "update-function-code"),
        "{text}"
    );
    // The page shows the clean run, with the sweep's answer at the top and the mark at its line.
    let page = read("sweep.html");
    assert!(
        at(&page, "Running it again does not help at 1 of 6 points:")
            < at(&page, "The run without failures"),
        "{page}"
    );
    let line = at(&page, "<li id=\"line-0-6\" value=\"6\" class=\"error\">");
    assert!(
        page[line..].contains(
            "<strong>sweep</strong> running the script again does not help when this loses its answer"
        ),
        "{page}"
    );
    assert!(
        page.contains("<h2 id=\"script-0\">deploy.sh</h2>"),
        "{page}"
    );
    assert!(page.contains("aria-label=\"canary: version "), "{page}");
}

#[test]
fn what_is_taken_for_granted_is_not_the_script_s_own_work() {
    let place = Place::new();
    fs::remove_dir_all(place.work().join("state")).expect("an empty state");
    let answer = place.sweep_with(SOUND, &["--report", "json"], &[]);
    let table: Value = serde_json::from_str(&answer.stdout).expect("a table");
    let lines = lines(&table);
    assert_eq!(
        lines[0], "update-function-code Before: Stopped, nothing was changed: yes",
        "{answer:?}"
    );
    assert!(lines.iter().all(|line| !line.contains("made")), "{lines:?}");
    assert_eq!(answer.code, 0, "{answer:?}");
}

#[test]
fn what_makes_no_sense_is_a_usage_error() {
    let place = Place::new();
    for options in [
        &["--in-place"][..],
        &["--fail", "PublishVersion=ServiceException"],
        &["--timeout", "soon"],
    ] {
        assert_eq!(
            place.sweep_with(SOUND, options, &[]).code,
            252,
            "{options:?}"
        );
    }
}
