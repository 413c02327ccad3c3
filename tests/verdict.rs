//! The last line of a rehearsal and its exit code, with real scripts: the conditions of Clean, and the settings of a
//! project.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its own environment"
)]

mod disk;

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use disk::{Answer, State, furnished, zip};

/// A folder with a state directory, in which `pay` has versions, and a folder to work in.
struct Place {
    folder: tempfile::TempDir,
    state: State,
}

impl Place {
    fn new() -> Self {
        let folder = disk::folder();
        let work = folder.path().join("work");
        fs::create_dir(&work).unwrap();
        zip(&work, "next");
        let state = furnished(folder.path().join("state"), folder.path());
        Self { folder, state }
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.work().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lambdry"));
        command
            .args(words)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C")
            .current_dir(self.work())
            .stdin(Stdio::null());
        command
    }

    /// Rehearses a bash script of the working folder on the prepared state, in its region.
    fn rehearse(&self, options: &[&str], script: &str) -> Answer {
        self.write("deploy.sh", script);
        let mut command =
            self.command(&[&["rehearse"], options, &["--", "bash", "deploy.sh"]].concat());
        command
            .env("AWS_REGION", "us-east-1")
            .env("LAMBDRY_STATE_DIR", &self.state.root);
        command.output().expect("it runs").into()
    }
}

/// The last paragraph of a report, in one line.
fn last(answer: &Answer) -> String {
    let told = answer.err.trim_end().rsplit("\n\n").next().unwrap_or("");
    told.split_whitespace().collect::<Vec<_>>().join(" ")
}

const MOVE: &str = "aws lambda update-alias --function-name pay --name live --function-version 1 --routing-config AdditionalVersionWeights={} --output off";
const CANARY: &str =
    "aws lambda update-alias --function-name pay --name canary --function-version 1 --output off";
const GONE: &str =
    "aws lambda update-alias --function-name pay --name gone --function-version 1 --output off";

#[test]
fn the_last_line_begins_with_the_word_that_the_run_deserves() {
    let place = Place::new();
    for (script, word, strict) in [
        (format!("set -e\n{MOVE}"), "Clean: exit code 0; 1 call", 0),
        // The call asks for a thing to be absent, and the thing is absent at the end. So it does not matter whether the
        // script looks at the status.
        (
            format!("{MOVE}\naws lambda delete-alias --function-name pay --name gone; true"),
            "Clean: exit code 0; 2 calls",
            0,
        ),
        (
            format!("if [ -n \"$1\" ]; then\n  {MOVE}\nfi\naws lambda list-functions --output off"),
            "Clean, 1 call never ran: exit code 0; 1 call",
            0,
        ),
        (
            format!("{GONE}\n{MOVE}"),
            "Broken: exit code 0, 1 error; 2 calls",
            255,
        ),
        (
            format!("{GONE} || true\n{MOVE}"),
            "Broken: exit code 0, 1 error; 2 calls",
            255,
        ),
        (
            format!("if ! {GONE}; then echo sorry; fi\n{MOVE}"),
            "Passed by luck: exit code 0, 1 refused change that the script checked but did not repair; 2 calls",
            0,
        ),
        (
            format!("set -e\n{GONE}\n{MOVE}"),
            "Broken: exit code 254; 1 call",
            254,
        ),
        (
            format!("{GONE} || {}", GONE.replace("update", "create")),
            "Clean: exit code 0; 2 calls",
            0,
        ),
        (
            format!("set -e\naws batch submit-job --job-name x\n{MOVE}"),
            "Not fully played: exit code 255 at batch submit-job, which was not played, 1 step not played as on AWS; 1 \
             call",
            255,
        ),
        // `|| true` in the script's text discards the status.
        (
            format!("aws batch submit-job --job-name x || true\n{MOVE}"),
            "Clean: exit code 0; 2 calls",
            0,
        ),
        (
            "aws lambda invoke --function-name pay out --output off".to_owned(),
            "Not fully played: exit code 0, 1 step not played as on AWS; 1 call",
            255,
        ),
    ] {
        let answer = place.rehearse(&[], &script);
        assert!(last(&answer).starts_with(word), "{script}: {}", answer.err);
        let answer = place.rehearse(&["--strict"], &script);
        assert_eq!(answer.code, strict, "{script}: {}", answer.err);
    }
    let branch =
        format!("if [ -n \"$1\" ]; then\n  {MOVE}\nfi\naws lambda list-functions --output off");
    let answer = place.rehearse(&["--strict=branches"], &branch);
    assert_eq!(answer.code, 255, "{}", answer.err);
    assert!(
        last(&answer).contains("Never ran: deploy.sh:2;"),
        "{}",
        answer.err
    );
    assert_eq!(place.rehearse(&["--strict=all"], &branch).code, 252);
}

#[test]
fn what_nobody_declared_is_assumed_and_not_clean() {
    let place = Place::new();
    place.write(
        "deploy.sh",
        "aws lambda get-function --function-name pay --output off\n",
    );
    let rehearse = |options: &[&str]| -> Answer {
        let words = [&["rehearse"], options, &["--", "bash", "deploy.sh"]].concat();
        let mut command = place.command(&words);
        command.env("AWS_REGION", "us-east-1");
        command.env("LAMBDRY_STATE_DIR", place.folder.path().join("empty"));
        command.output().expect("it runs").into()
    };
    for (options, word) in [
        (&[][..], "Not fully played"),
        (&["--assume"], "Clean"),
        (&["--assume=pay"], "Clean"),
        (&["--assume=other"], "Not fully played"),
    ] {
        let answer = rehearse(options);
        assert!(
            last(&answer).starts_with(word),
            "{options:?}: {}",
            answer.err
        );
    }
    // If the state has functions, only functions that an option names are assumed.
    let answer = place.rehearse(
        &["--assume=new"],
        "aws lambda get-function --function-name new --output off",
    );
    assert_eq!(answer.code, 0, "{}", answer.err);
    let answer = place.rehearse(
        &["--assume=other"],
        "aws lambda get-function --function-name new --output off",
    );
    assert_eq!(answer.code, 254, "{}", answer.err);
}

#[test]
fn a_session_ends_as_its_last_script_did() {
    let place = Place::new();
    let session = |script: &str| -> Answer {
        place.write("step.sh", script);
        let lambdry = env!("CARGO_BIN_EXE_lambdry");
        let typed = format!(
            "eval \"$('{lambdry}' rehearse --quiet begin)\"\nbash step.sh\n'{lambdry}' rehearse --strict end >/dev/null\n"
        );
        let command = place.command(&[]);
        let answer = Command::new("bash")
            .args(["-c", &typed])
            .env_clear()
            .envs(
                command
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .env("AWS_REGION", "us-east-1")
            .env("LAMBDRY_STATE_DIR", &place.state.root)
            .current_dir(place.work())
            .stdin(Stdio::null())
            .output();
        answer.expect("it runs").into()
    };
    let died = session(&format!("set -e\n{MOVE}\n{GONE}\n"));
    assert_eq!(died.code, 254, "{}", died.err);
    assert!(
        last(&died).starts_with("Broken: exit code 254"),
        "{}",
        died.err
    );
    let good = session(&format!("set -e\n{MOVE}\n"));
    assert_eq!(good.code, 0, "{}", good.err);
    assert!(last(&good).starts_with("Clean"), "{}", good.err);
}

#[test]
fn a_project_says_once_what_holds_for_its_rehearsals() {
    let place = Place::new();
    fs::create_dir(place.work().join(".git")).unwrap();
    let settings = "state = \"../../state\"\nregion = \"us-east-1\"\nsettle = \"1s\"\nstrict = true\nallow = [\"docker build *\"]\n";
    place.write("ci/lambdry.toml", settings);
    let race = "aws lambda update-function-code --function-name pay --zip-file fileb://next.zip --output off\n\
        aws lambda publish-version --function-name pay --output off; true\n";
    place.write("ci/deploy.sh", race);
    let rehearse = || -> Answer {
        let mut command = place.command(&["rehearse", "--", "bash", "ci/deploy.sh"]);
        command.output().expect("it runs").into()
    };
    let answer = rehearse();
    assert_eq!(answer.code, 255, "{}", answer.err);
    assert!(answer.err.contains("race-after-update"), "{}", answer.err);
    // First the project accepts the finding, then the line itself accepts it.
    let ignored = format!(
        "{settings}[ignore]\nrace-after-update = \"it is a test\"\nrollback-to-latest = \"no\"\n"
    );
    place.write("ci/lambdry.toml", &ignored);
    let answer = rehearse();
    assert_eq!(answer.code, 0, "{}", answer.err);
    for line in [
        "used    lambdry.toml: race-after-update, because it is a test",
        "unused  lambdry.toml: rollback-to-latest, because no",
    ] {
        assert!(answer.err.contains(line), "{line}: {}", answer.err);
    }
    place.write("ci/lambdry.toml", settings);
    let commented = race.replace(
        "aws lambda publish",
        "# lambdry: allow race-after-update because it is a test\naws lambda publish",
    );
    place.write("ci/deploy.sh", &commented);
    let answer = rehearse();
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert!(
        answer
            .err
            .contains("used  ci/deploy.sh:2: race-after-update"),
        "{}",
        answer.err
    );
    // An unknown setting gives an error before anything runs.
    place.write("ci/lambdry.toml", "sate = \"x\"\n");
    let answer = rehearse();
    assert_eq!(answer.code, 255);
    assert!(
        answer.err.contains("lambdry.toml: ") && answer.err.contains("unknown field `sate`"),
        "{}",
        answer.err
    );
}

#[test]
fn a_job_is_annotated_by_itself_with_places_from_its_workspace() {
    let place = Place::new();
    place.write("deploy.sh", &format!("{GONE}\n{MOVE}\n"));
    let rehearse = |options: &[&str]| -> Answer {
        let words = [&["rehearse"], options, &["--", "bash", "deploy.sh"]].concat();
        let mut command = place.command(&words);
        command
            .env("AWS_REGION", "us-east-1")
            .env("LAMBDRY_STATE_DIR", &place.state.root)
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_WORKSPACE", place.folder.path());
        command.output().expect("it runs").into()
    };
    let at = "::error file=work/deploy.sh,line=1,";
    let answer = rehearse(&[]);
    assert!(
        answer.err.contains(at) && answer.err.contains("Rehearsal of"),
        "{}",
        answer.err
    );
    let answer = rehearse(&["--quiet", "--report", "github"]);
    assert!(
        answer.err.contains(at) && !answer.err.contains("Rehearsal of"),
        "{}",
        answer.err
    );
    let answer = rehearse(&["--quiet"]);
    assert!(!answer.err.contains("::"), "{}", answer.err);
}

#[test]
fn a_plan_is_kept_and_expected() {
    let place = Place::new();
    let answer = place.rehearse(&["--save-plan", "plan.json"], CANARY);
    assert_eq!(answer.code, 0, "{}", answer.err);
    let plan = fs::read_to_string(place.work().join("plan.json")).unwrap();
    assert!(plan.contains("pay: canary 1"), "{plan}");
    let answer = place.rehearse(&["--expect", "plan.json"], CANARY);
    assert_eq!(answer.code, 0, "{}", answer.err);
    let more = format!("{MOVE}\naws lambda delete-function --function-name ship --output off");
    let answer = place.rehearse(&["--expect", "plan.json"], &more);
    assert_eq!(answer.code, 255, "{}", answer.err);
    let lines: Vec<&str> = answer.err.lines().collect();
    for line in [
        "  - pay: canary 1",
        "  + ship: deleted, with all its versions and aliases",
    ] {
        assert!(lines.contains(&line), "{line}: {}", answer.err);
    }
    place.write("plan.json", "{}");
    assert_eq!(place.rehearse(&["--expect", "plan.json"], MOVE).code, 255);
}

#[test]
fn a_state_that_is_filled_elsewhere_says_so_first() {
    let place = Place::new();
    place.write("deploy.sh", "aws lambda list-functions --output off\n");
    let first = |region: &str| {
        let mut command = place.command(&["rehearse", "--", "bash", "deploy.sh"]);
        command
            .env("AWS_REGION", region)
            .env("LAMBDRY_STATE_DIR", &place.state.root);
        let answer: Answer = command.output().expect("it runs").into();
        answer.err.lines().next().unwrap_or_default().to_owned()
    };
    let told = first("eu-west-1");
    assert!(
        told.contains("(2 functions, but none in eu-west-1; they are in us-east-1)"),
        "{told}"
    );
    let told = first("us-east-1");
    assert!(told.contains("(2 functions)"), "{told}");
}

#[test]
fn the_same_refusal_many_times_is_one_entry() {
    let place = Place::new();
    let script = format!("for i in 1 2 3; do\n  {GONE}\ndone\n{MOVE}");
    let answer = place.rehearse(&[], &script);
    let refused = answer.err.lines().filter(|line| line.contains("failed"));
    let refused: Vec<&str> = refused.collect();
    assert!(
        refused.len() == 1 && refused[0].contains("failed 3 times: the script went on"),
        "{}",
        answer.err
    );
    assert!(last(&answer).starts_with("Broken"), "{}", answer.err);
}
