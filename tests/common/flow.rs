//! A deploy script of `tests/flows/`: its header, its state, and its rehearsal.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::Sandbox;

const CODE: &str = "def handler(event, context):\n    return 'one'\n";

/// The time after which a script counts as endless. A correct script takes about a second.
const LONGEST: Duration = Duration::from_secs(20);

/// A script's header.
///
/// ```sh
/// # given: pay 3       the function `pay` with three versions and the alias `live` on the last; or `nothing`
/// # also: CALL         a call of lambdry before the run; repeated
/// # env: NAME=VALUE    a variable of the run; repeated
/// # exits: 254         the script's exit code; 0 if the header does not give it
/// # finds: error race-after-update 9      a finding and its line, - if the line is unknown; repeated; or `nothing`
/// ```
pub(crate) struct Header {
    versions: Option<usize>,
    also: Vec<String>,
    env: Vec<(String, String)>,
    pub(crate) exits: i32,
    pub(crate) finds: Vec<String>,
}

impl Header {
    pub(crate) fn of(script: &str) -> Self {
        let lines = script.lines().filter_map(|line| line.strip_prefix("# "));
        let of = |what: &str| -> Vec<String> {
            let named = lines.clone().filter_map(|line| line.strip_prefix(what));
            named.map(|rest| rest.trim().to_owned()).collect()
        };
        let finds = of("finds:");
        assert!(!finds.is_empty(), "a script says what is found in it");
        let given = of("given:");
        let given = given.first().expect("a script says what it is given");
        let pair = |text: &String| {
            text.split_once('=')
                .map(|(a, b)| (a.to_owned(), b.to_owned()))
        };
        Self {
            versions: given
                .strip_prefix("pay ")
                .map(|number| number.parse().expect("a number of versions")),
            also: of("also:"),
            env: of("env:").iter().filter_map(pair).collect(),
            exits: of("exits:")
                .first()
                .map_or(0, |code| code.parse().expect("an exit code")),
            finds: finds.into_iter().filter(|find| find != "nothing").collect(),
        }
    }
}

/// A rehearsal of a script.
pub(crate) struct Rehearsed {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    /// The report in the form for people.
    pub(crate) told: String,
    /// The report as JSON.
    pub(crate) report: Value,
}

impl Rehearsed {
    /// The findings in short: `error race-after-update 9`.
    pub(crate) fn found(&self) -> Vec<String> {
        let findings = self.report["Findings"].as_array().expect("a list");
        findings
            .iter()
            .map(|finding| {
                let text = |name: &str| finding[name].as_str().unwrap_or_default().to_lowercase();
                let line = finding["Place"]["Line"].as_u64();
                let line = line.map_or_else(|| "-".to_owned(), |line| line.to_string());
                format!("{} {} {line}", text("Severity"), text("Rule"))
            })
            .collect()
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

/// A place with the state that a script needs.
pub(crate) fn given(header: &Header) -> Sandbox {
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
    for line in &header.also {
        lambdry(&sandbox, line);
    }
    sandbox
}

/// Rehearses a script in a place, with the state that the place has. Returns `None` if the script does not end.
pub(crate) fn rehearse(
    sandbox: &Sandbox,
    header: &Header,
    name: &str,
    text: &str,
) -> Option<Rehearsed> {
    let script = sandbox.work().join(name);
    fs::write(&script, text).expect("a script");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("a mode");
    let into = |name: &str| fs::File::create(sandbox.work().join(name)).expect("a file");
    let mut child = sandbox
        .command("lambdry")
        .args(["rehearse", "--strict-state", "--report", "text"])
        .args(["--report", "json=report.json", "--"])
        .arg(&script)
        .env("AWS_REGION", "eu-west-1")
        .envs(header.env.iter().cloned())
        .stdin(Stdio::null())
        .stdout(into("stdout"))
        .stderr(into("stderr"))
        .spawn()
        .expect("lambdry is built");
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            break status;
        }
        if begun.elapsed() > LONGEST {
            // The script must end together with its rehearsal.
            let id = child.id().to_string();
            let _ = sandbox.command("kill").args(["-TERM", &id]).status();
            let _ = child.wait();
            return None;
        }
        thread::sleep(Duration::from_millis(10));
    };
    let read = |name: &str| fs::read(sandbox.work().join(name)).expect("a file");
    let text = |name: &str| String::from_utf8_lossy(&read(name)).into_owned();
    Some(Rehearsed {
        code: status.code(),
        stdout: text("stdout"),
        told: sandbox.anonymous(&text("stderr")),
        report: serde_json::from_slice(&read("report.json")).expect("JSON"),
    })
}

/// The scripts in a folder of `tests/`, each with its name.
pub(crate) fn scripts(folder: &str) -> Vec<(String, String)> {
    let folder = super::crate_folder().join("tests").join(folder);
    let read = |path: &Path| fs::read_to_string(path).expect("a script");
    let mut scripts: Vec<(String, String)> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sh"))
        .map(|path| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, read(&path))
        })
        .collect();
    scripts.sort();
    scripts
}
