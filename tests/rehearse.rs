//! `lambdry rehearse` with real scripts in real shells: the script's environment, the targets that it can reach, and
//! the things that it leaves behind.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its own environment"
)]

mod disk;

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use disk::{Answer, State, furnished, skipped::skipped, zip};
use serde_json::Value;

/// A folder with a state directory and a place to work in.
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
        let object = folder.path().join("state/s3/builds");
        fs::create_dir_all(&object).unwrap();
        fs::copy(work.join("next.zip"), object.join("next.zip")).unwrap();
        Self { folder, state }
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.work().join(name), text).unwrap();
    }

    /// A command in the working folder, with a person's environment.
    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C")
            .env("AWS_REGION", "us-east-1")
            .env("LAMBDRY_STATE_DIR", &self.state.root)
            .current_dir(self.work())
            .stdin(Stdio::null());
        command
    }

    /// `lambdry rehearse` with the given words, not yet started.
    fn rehearsal(&self, words: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_lambdry"));
        command.arg("rehearse").args(words);
        command
    }

    fn rehearse(&self, words: &[&str]) -> Answer {
        self.rehearsal(words).output().expect("it runs").into()
    }

    /// Rehearses a bash script and reads its call log.
    fn calls_of(&self, script: &str) -> (Answer, Vec<Value>) {
        self.write(
            "deploy.sh",
            &format!("{script}\ncp \"$LAMBDRY_CALLS\" calls\n"),
        );
        let answer = self.rehearse(&["--", "bash", "deploy.sh"]);
        (answer, self.calls())
    }

    fn calls(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.work().join("calls")).expect("a call log");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("a call"))
            .collect()
    }

    /// The folders that rehearsals left beside the state.
    fn stages(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .filter(|path| path.to_string_lossy().contains("rehearsal"))
            .collect()
    }

    /// Every file of the state, with its bytes, its inode, and the time at which it was written.
    fn everything(&self) -> BTreeMap<PathBuf, (Vec<u8>, u64, i64, i64)> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.state.root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let of = fs::symlink_metadata(&path).unwrap();
                if of.is_dir() {
                    folders.push(path.clone());
                }
                let bytes = if of.is_file() {
                    fs::read(&path).unwrap()
                } else {
                    Vec::new()
                };
                files.insert(path, (bytes, of.ino(), of.mtime(), of.mtime_nsec()));
            }
        }
        files
    }
}

/// Returns true if a program is installed; prints a message if it is not.
fn has(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    if !there {
        skipped(&format!("there is no {program}"));
    }
    there
}

/// A script that makes all the calls of a release.
const RELEASE: &str = r#"
set -e
lambda() { aws lambda "$@" --function-name pay; }
lambda update-function-code --s3-bucket builds --s3-key next.zip --output off
aws lambda wait function-updated-v2 --function-name pay
version=$(lambda publish-version --query Version --output text)
lambda update-alias --name live --function-version "$version" --routing-config 'AdditionalVersionWeights={}' --output off
lambda delete-alias --name canary
lambda delete-function --qualifier 1 --output off
arn=arn:aws:lambda:us-east-1:123456789012:function:pay
aws lambda tag-resource --resource $arn --tags team=a
aws lambda publish-layer-version --layer-name deps --zip-file fileb://next.zip --output off
aws lambda create-function --function-name new --runtime python3.12 --handler a.b \
    --role arn:aws:iam::123456789012:role/r --zip-file fileb://next.zip --output off
aws lambda delete-function --function-name ship --output off
aws configure set output json
echo "released $version"
"#;

#[test]
fn a_release_changes_no_byte_of_the_state_and_can_be_kept() {
    let place = Place::new();
    let before = place.everything();
    place.write("release.sh", RELEASE);
    let answer = place.rehearse(&["--keep", "kept", "--", "bash", "release.sh"]);
    assert_eq!(
        (answer.code, answer.out.as_str()),
        (0, "released 3\n"),
        "{}",
        answer.err
    );
    assert!(before == place.everything(), "the state was changed");
    assert_eq!(place.stages(), [] as [PathBuf; 0]);
    let kept = State::at(place.work().join("kept"));
    let live = kept.ok(&["get-alias", "--function-name", "pay", "--name", "live"]);
    assert_eq!(live.json()["FunctionVersion"], "3");
    assert_eq!(
        kept.run(&["get-function", "--function-name", "ship"]).code,
        254
    );
    let again = place.rehearse(&["--keep", "kept", "--", "touch", "ran"]);
    assert_eq!(again.code, 255);
    assert!(
        again.err.contains("kept is not empty") && !place.work().join("ran").exists(),
        "{}",
        again.err
    );
}

#[test]
fn in_place_what_the_script_does_stays() {
    let place = Place::new();
    place.write("release.sh", RELEASE);
    let answer = place.rehearse(&["--in-place", "--", "bash", "release.sh"]);
    assert_eq!(answer.code, 0, "{}", answer.err);
    let live = place
        .state
        .ok(&["get-alias", "--function-name", "pay", "--name", "live"]);
    assert_eq!(live.json()["FunctionVersion"], "3");
    assert_eq!(place.stages(), [] as [PathBuf; 0]);
}

#[test]
fn the_streams_and_the_exit_code_are_the_scripts_own() {
    let place = Place::new();
    let run = |words: &[&str], input: &str| -> Answer {
        let mut child = place
            .rehearsal(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap().into()
    };
    let script = "read line; echo \"out $line\"; echo err >&2; aws lambda list-functions --output off; exit 7";
    let answer = run(&["--", "bash", "-c", script], "hello\n");
    assert_eq!((answer.code, answer.out.as_str()), (7, "out hello\n"));
    assert!(answer.err.contains("err\n"));
    let quiet = run(&["--quiet", "--", "bash", "-c", script], "hello\n");
    assert_eq!((quiet.code, quiet.err.as_str()), (7, "err\n"));
    assert_eq!(
        place.rehearse(&["--", "sh", "-c", "kill -TERM $$"]).code,
        128 + 15
    );
    assert_eq!(place.rehearse(&["--", "./nothing"]).code, 255);
}

#[test]
fn whatever_calls_aws_is_answered() {
    let place = Place::new();
    let count = "aws lambda list-functions --query 'length(Functions)'";
    place.write("Makefile", &format!("all:\n\t@{count}\n"));
    place.write(
        "deploy.py",
        "import subprocess\nsubprocess.run(['aws', 'lambda', 'list-functions', '--query', 'length(Functions)'], check=True)\n",
    );
    place.write("script", &format!("#!/bin/sh\n{count}\n"));
    let script = place.work().join("script");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    for (program, words) in [
        ("sh", &["sh", "-c", count][..]),
        ("bash", &["bash", "-c", count]),
        ("make", &["make", "--silent"]),
        ("python3", &["python3", "deploy.py"]),
        ("env", &["./script"]),
        (
            "xargs",
            &[
                "sh",
                "-c",
                "echo lambda | xargs -I{} aws {} list-functions --query 'length(Functions)'",
            ],
        ),
    ] {
        if has(program) {
            let answer = place.rehearse(&[&["--"], words].concat());
            assert_eq!(
                (answer.code, answer.out.as_str()),
                (0, "2\n"),
                "{words:?}: {}",
                answer.err
            );
        }
    }
}

#[test]
fn a_cleared_environment_that_keeps_path_still_reaches_the_fork() {
    let place = Place::new();
    let before = place.everything();
    let (answer, calls) = place.calls_of(
        "env -i PATH=\"$PATH\" AWS_REGION=us-east-1 aws lambda delete-function --function-name ship --output off\n\
         env -i AWS_REGION=us-east-1 \"$(command -v aws)\" lambda list-functions --query 'Functions[].FunctionName' --output text\n\
         LAMBDRY_STATE_DIR=\"$PWD/../state\" aws lambda delete-function --function-name pay --output off\n\
         git init --quiet ..; git -C .. status --porcelain | grep rehearsal",
    );
    assert_eq!(
        (answer.code, answer.out.as_str()),
        (0, "pay\n"),
        "{}",
        answer.err
    );
    let of_aws = calls.iter().filter(|call| call["Program"] == "aws");
    assert_eq!(of_aws.count(), 3);
    assert!(before == place.everything(), "the state was changed");
}

#[test]
fn what_puts_itself_first_on_path_comes_after_us() {
    let place = Place::new();
    let fake = place.work().join("fake");
    fs::create_dir(&fake).unwrap();
    for (name, text) in [
        ("aws", "#!/bin/sh\necho the real one\n"),
        // pyenv does this, in bash, right before it starts the real program.
        (
            "pyenv-exec",
            "#!/usr/bin/env bash\nexport PATH=\"${0%/*}:$PATH\"\nexec sh -c \"$1\"\n",
        ),
    ] {
        let path = fake.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let profile = format!("PATH={}:$PATH\n", fake.display());
    fs::write(place.folder.path().join(".bash_profile"), profile).unwrap();
    let shim = fake.join("pyenv-exec");
    for words in [
        &["bash", "-lc", "aws --version"][..],
        &[shim.to_str().unwrap(), "aws --version"],
    ] {
        let answer = place.rehearse(&[&["--"], words].concat());
        assert!(
            answer.out.starts_with("aws-cli/"),
            "{words:?}: {}{}",
            answer.out,
            answer.err
        );
    }
    // The user's own BASH_ENV file is read as well.
    fs::write(place.work().join("mine"), "mine() { echo mine; }\n").unwrap();
    let mut command = place.rehearsal(&["--", "bash", "-c", "mine; aws --version"]);
    let answer: Answer = command
        .env("BASH_ENV", place.work().join("mine"))
        .output()
        .unwrap()
        .into();
    assert!(
        answer.out.starts_with("mine\naws-cli/"),
        "{}{}",
        answer.out,
        answer.err
    );
}

#[test]
fn the_environment_leads_nowhere() {
    let place = Place::new();
    let config = place.folder.path().join("config");
    fs::write(
        &config,
        "[default]\nregion = eu-west-1\n[profile prod]\nregion = eu-north-1\nrole_arn = arn:aws:iam::111122223333:role/deploy\n\
         source_profile = default\ncredential_process = /bin/false\nendpoint_url = https://example.com\n[services x]\nlambda =\n  endpoint_url = https://example.com\n",
    )
    .unwrap();
    let script = "env | sort | grep ^AWS_ | sed 's/127.0.0.1:[0-9]*/LOOPBACK/; s/=.*rehearsal-[^/]*/=STAGE/; s/=AKIA[A-Z2-7]*$/=KEY/'; \
                  sed 's/127.0.0.1:[0-9]*/LOOPBACK/' \"$AWS_CONFIG_FILE\"; \
                  grep -c prod \"$AWS_SHARED_CREDENTIALS_FILE\"; aws configure get region --profile prod; echo \"token $ACTIONS_ID_TOKEN_REQUEST_TOKEN\"";
    let answer: Answer = place
        .rehearsal(&["--", "bash", "-c", script])
        .env("AWS_CONFIG_FILE", &config)
        .env("AWS_SECRET_ACCESS_KEY", "real")
        .env("AWS_SESSION_TOKEN", "real")
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", "/real")
        .env("AWS_ROLE_ARN", "real")
        .env("AWS_ENDPOINT_URL_S3", "https://s3.example.com")
        .env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://real")
        .env("AWS_BEARER_TOKEN_BEDROCK", "real")
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "real")
        .output()
        .unwrap()
        .into();
    let expected = "\
AWS_ACCESS_KEY_ID=KEY
AWS_CONFIG_FILE=STAGE/aws/config
AWS_EC2_METADATA_DISABLED=true
AWS_EC2_METADATA_SERVICE_ENDPOINT=http://LOOPBACK
AWS_ENDPOINT_URL=http://LOOPBACK
AWS_ENDPOINT_URL_S3=http://LOOPBACK
AWS_REGION=us-east-1
AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
AWS_SHARED_CREDENTIALS_FILE=STAGE/aws/credentials
[default]
region = eu-west-1
endpoint_url = http://LOOPBACK
[profile prod]
region = eu-north-1
endpoint_url = http://LOOPBACK
1
eu-north-1
token 
";
    assert_eq!(answer.out, expected, "{}", answer.err);
    // A profile has its own account, if its settings name one.
    let script = "aws lambda list-functions --query 'length(Functions)'; AWS_PROFILE=prod aws lambda list-functions --query 'length(Functions)'; \
                  aws --profile prod lambda get-function --function-name pay";
    let mut command = place.rehearsal(&["--", "bash", "-c", script]);
    let answer: Answer = command
        .env("AWS_CONFIG_FILE", &config)
        .output()
        .unwrap()
        .into();
    assert_eq!(answer.out, "2\n0\n");
    assert!(
        answer.err.contains(":111122223333:function:pay"),
        "{}",
        answer.err
    );
}

#[test]
fn who_goes_around_us_is_refused_and_named() {
    let place = Place::new();
    let script = "host=${AWS_ENDPOINT_URL#http://}; exec 3<>/dev/tcp/${host%:*}/${host#*:}; \
        printf 'POST /2015-03-31/functions/pay/versions HTTP/1.1\\r\\nHost: x\\r\\nUser-Agent: Boto3/1.40\\r\\nAuthorization: \
        AWS4-HMAC-SHA256 Credential=K/20261122/us-east-1/lambda/aws4_request\\r\\n\\r\\n' >&3; head -1 <&3";
    let answer = place.rehearse(&["--", "bash", "-c", script]);
    assert!(answer.out.starts_with("HTTP/1.1 403 "), "{}", answer.out);
    assert!(
        answer.err.contains("Boto3/1.40")
            && answer
                .err
                .contains("POST /2015-03-31/functions/pay/versions"),
        "{}",
        answer.err
    );
}

#[test]
fn a_script_that_no_shell_is_named_in_is_run_by_sh() {
    let place = Place::new();
    place.write("plain", "aws sts get-caller-identity >/dev/null\nexit 3\n");
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(place.work().join("plain"), mode).unwrap();
    let answer = place.rehearse(&["--quiet", "--", "./plain"]);
    assert_eq!(answer.code, 3, "{}", answer.err);
}

#[test]
fn what_the_state_lacks_is_named_with_the_way_to_get_it() {
    let place = Place::new();
    place.write("up.sh", "aws s3 cp next.zip s3://nowhere/next.zip\n");
    let answer = place.rehearse(&["--", "bash", "up.sh"]);
    assert_eq!(answer.code, 1, "{}", answer.err);
    for told in [
        "NoSuchBucket: The specified bucket does not exist",
        "hint: lambdry s3 mb s3://nowhere creates it;",
    ] {
        assert!(answer.err.contains(told), "{told}: {}", answer.err);
    }
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_the_script_begins() {
    let place = Place::new();
    fs::create_dir(place.work().join("folder")).unwrap();
    for (option, why) in [
        (
            "--report=html=none/r.html",
            "cannot write the html report to none/r.html: there is no folder ",
        ),
        (
            "--report=json=folder",
            "cannot write the json report to folder: it is a folder",
        ),
        (
            "--report=junit=state.txt/r.xml",
            "cannot write the junit report to state.txt/r.xml: there is no folder ",
        ),
        (
            "--save-plan=none/plan.json",
            "cannot write the plan to none/plan.json: there is no folder ",
        ),
        (
            "--learn=none/stubs",
            "cannot write the stubs to none/stubs: there is no folder ",
        ),
    ] {
        fs::write(place.work().join("state.txt"), "").unwrap();
        let script = [
            "--",
            "sh",
            "-c",
            "touch ran; aws lambda list-functions --output off",
        ];
        let answer = place.rehearse(&[&[option][..], &script].concat());
        assert_eq!(
            (answer.code, answer.out.as_str()),
            (255, ""),
            "{option}: {}",
            answer.err
        );
        assert!(answer.err.contains(why), "{option}: {}", answer.err);
        assert!(!place.work().join("ran").exists(), "{option}");
    }
    // A file that is there is written over, and so is one that is no file of a folder's.
    fs::write(place.work().join("r.json"), "old").unwrap();
    for option in [
        "--report=json=r.json",
        "--report=json=/dev/null",
        "--report=json=folder/r.json",
    ] {
        let answer = place.rehearse(&[
            option,
            "--",
            "sh",
            "-c",
            "aws lambda list-functions --output off",
        ]);
        assert_eq!(answer.code, 0, "{option}: {}", answer.err);
    }
    assert!(
        fs::read_to_string(place.work().join("r.json"))
            .unwrap()
            .starts_with('{')
    );
}

#[test]
fn a_rehearsal_without_a_call_is_no_success() {
    let place = Place::new();
    place.write(
        "deploy.sh",
        "true || /usr/local/bin/aws lambda list-functions\n",
    );
    let answer = place.rehearse(&["--", "bash", "deploy.sh"]);
    assert_eq!(answer.code, 255);
    assert!(
        answer.err.contains("made no aws\ncall") && answer.err.contains("deploy.sh:1"),
        "{}",
        answer.err
    );
    assert!(
        !answer.err.contains("before its first call"),
        "{}",
        answer.err
    );
    let failed = place.rehearse(&["--", "sh", "-c", "exit 3"]);
    assert_eq!(failed.code, 3);
    assert!(
        failed.err.contains("before its first call"),
        "{}",
        failed.err
    );
}

#[test]
fn termination_reaches_the_script_and_the_report_still_comes() {
    let place = Place::new();
    let before = place.everything();
    let script = "trap 'echo told; exit 7' TERM; aws lambda delete-function --function-name ship --output off; echo ready; \
                  while :; do read -t 1 line || [ $? -gt 128 ] || exit 9; done";
    let mut child = place
        .rehearsal(&["--", "bash", "-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _input = child.stdin.take();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "ready");
    let killed = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    assert_eq!(lines.next().unwrap().unwrap(), "told");
    let answer: Answer = child.wait_with_output().unwrap().into();
    assert_eq!(answer.code, 7);
    assert!(answer.err.contains("delete-function"), "{}", answer.err);
    assert!(before == place.everything(), "the state was changed");
    assert_eq!(place.stages(), [] as [PathBuf; 0]);
}

#[test]
#[cfg(target_os = "linux")]
fn what_a_killed_rehearsal_left_is_cleared_once_its_script_is_gone() {
    let place = Place::new();
    let mut child = place
        .rehearsal(&[
            "--",
            "bash",
            "-c",
            "echo $$; read line; exec >&-; while [ -e go ]; do :; done",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let input = child.stdin.take();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let script = lines.next().unwrap().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let next = || place.rehearse(&["--", "aws", "--version"]).code;
    assert_eq!(
        (next(), place.stages().len()),
        (0, 1),
        "its script still runs in it"
    );
    drop(input);
    let process = PathBuf::from(format!("/proc/{script}"));
    let began = Instant::now();
    // The test is not the parent of the script's process, so it cannot wait for the process. It looks at `/proc`
    // instead.
    while process.join("environ").exists()
        && !fs::read(process.join("environ"))
            .unwrap_or_default()
            .is_empty()
    {
        assert!(began.elapsed() < Duration::from_secs(30), "it goes on");
        thread::yield_now();
    }
    assert_eq!((next(), place.stages().len()), (0, 0));
}

#[test]
fn a_script_may_delete_its_own_folder() {
    let place = Place::new();
    place.write(
        "deploy.sh",
        "rm -rf \"$PWD\"\naws lambda list-functions --query 'length(Functions)'\n",
    );
    let answer = place.rehearse(&["--", "bash", "deploy.sh"]);
    assert_eq!(
        (answer.code, answer.out.as_str()),
        (0, "2\n"),
        "{}",
        answer.err
    );
    assert!(answer.err.contains("list-functions"), "{}", answer.err);
    assert_eq!(place.stages(), [] as [PathBuf; 0]);
}

#[test]
fn a_script_that_deletes_the_stage_is_no_success() {
    let place = Place::new();
    let script = "aws lambda list-functions --output off; rm -rf \"$LAMBDRY_REHEARSAL\"";
    let answer = place.rehearse(&["--", "bash", "-c", script]);
    assert_eq!(answer.code, 255, "{}", answer.err);
    assert!(answer.err.contains("deleted"), "{}", answer.err);
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_left_running_is_waited_for_then_ended_and_named() {
    let place = Place::new();
    let script = "(aws lambda list-functions --output off; : > done) & exec 2>/dev/null; sleep 1000 & env -i sleep 1001 & setsid sleep 1002 &";
    // These commands run the system's own sleep, although a link of lambdry comes before it on PATH.
    let sleep = Command::new("sh")
        .args(["-c", "command -v sleep"])
        .output()
        .unwrap();
    let sleep = String::from_utf8(sleep.stdout).unwrap();
    let script = script.replace("sleep", sleep.trim());
    let began = Instant::now();
    let answer = place.rehearse(&["--", "bash", "-c", &script]);
    assert!(began.elapsed() < Duration::from_secs(60));
    assert!(place.work().join("done").exists(), "{}", answer.err);
    for seconds in ["1000", "1001", "1002"] {
        assert!(
            answer.err.contains(&format!("sleep {seconds}")),
            "{}",
            answer.err
        );
    }
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        assert!(
            !["sleep 1000 ", "sleep 1001 ", "sleep 1002 "]
                .iter()
                .any(|left| line.ends_with(left)),
            "{line}"
        );
    }
}

#[test]
fn calls_at_once_and_rehearsals_in_rehearsals_are_all_seen() {
    let place = Place::new();
    let before = place.everything();
    let (answer, calls) = place.calls_of(&format!(
        "for i in 1 2 3 4 5 6 7 8; do aws lambda tag-resource --resource arn:aws:lambda:us-east-1:123456789012:function:pay --tags t$i=$i & done; wait\n\
         aws lambda delete-function --function-name ship --output off\n\
         '{}' rehearse -- sh -c 'aws lambda delete-function --function-name pay --output off; cp \"$LAMBDRY_CALLS\" inner'\n\
         aws lambda list-tags --resource arn:aws:lambda:us-east-1:123456789012:function:pay --query 'length(Tags)'",
        env!("CARGO_BIN_EXE_lambdry")
    ));
    assert_eq!(
        (answer.code, answer.out.as_str()),
        (0, "8\n"),
        "{}",
        answer.err
    );
    assert_eq!(calls.len(), 8 + 1 + 1);
    let inner = fs::read_to_string(place.work().join("inner")).unwrap();
    assert_eq!(inner.lines().count(), 1);
    assert!(before == place.everything(), "the state was changed");
}

#[test]
#[cfg(target_os = "linux")]
fn a_call_is_placed_in_its_script() {
    let place = Place::new();
    place.write(
        "lib.sh",
        "release() {\n  aws lambda publish-version --function-name \"$1\" --output off\n}\n",
    );
    let script = ". ./lib.sh\n\
        for f in pay ship; do\n  aws lambda get-function --function-name $f --output off\ndone\n\
        release pay\n\
        v=$(aws lambda get-alias --function-name pay --name live \\\n  --query FunctionVersion)\n\
        echo pay | xargs -n1 aws lambda list-aliases --output off --function-name\n\
        ( aws lambda list-functions --output off )\n\
        aws lambda list-functions --output off\n\
        cp \"$LAMBDRY_CALLS\" calls\n";
    for (shell, twice) in [("bash", Some(9)), ("sh", None), ("zsh", None)] {
        if shell != "sh" && !has(shell) {
            continue;
        }
        place.write("deploy.sh", script);
        let answer = place.rehearse(&["--", shell, "deploy.sh"]);
        assert_eq!(answer.code, 0, "{}", answer.err);
        let places: Vec<_> = place
            .calls()
            .iter()
            .map(|call| {
                let of = &call["Place"];
                let file = Path::new(of["File"].as_str()?)
                    .file_name()?
                    .to_str()?
                    .to_owned();
                Some((file, of["Line"].as_u64()?))
            })
            .collect();
        let at = |file: &str, line: u64| Some((file.to_owned(), line));
        assert_eq!(
            places[..5],
            [
                at("deploy.sh", 3),
                at("deploy.sh", 3),
                at("lib.sh", 2),
                at("deploy.sh", 6),
                at("deploy.sh", 8)
            ],
            "{shell}"
        );
        // Two equal calls can be told apart only by the position up to which bash has read the script.
        if let Some(line) = twice {
            assert_eq!(
                places[5..],
                [at("deploy.sh", line), at("deploy.sh", line + 1)],
                "{shell}"
            );
        }
    }
}

#[test]
fn a_fault_is_judged_first_and_then_happens() {
    let place = Place::new();
    for bad in [
        "PublishVersion",
        "PublishIt#1=TooManyRequestsException",
        "PublishVersion=Nope",
    ] {
        let answer = place.rehearse(&["--fail", bad, "--", "touch", "ran"]);
        assert_eq!(answer.code, 252, "{}", answer.err);
        assert!(
            answer.err.contains("--fail") && !place.work().join("ran").exists(),
            "{}",
            answer.err
        );
    }
    let fault = "GetAlias#2=TooManyRequestsException";
    let script = "for i in 1 2 3; do aws lambda get-alias --function-name pay --name live --output off; echo $?; done";
    let answer = place.rehearse(&["--fail", fault, "--", "bash", "-c", script]);
    assert_eq!(answer.out, "0\n254\n0\n", "{}", answer.err);
}

#[test]
fn what_fetches_keys_runs_its_command_without() {
    let place = Place::new();
    let home = place.folder.path().join(".aws");
    fs::create_dir_all(&home).expect("a folder");
    fs::write(home.join("config"), "[profile prod]\n").expect("written");
    let answer = place.rehearse(&[
        "--",
        "sh",
        "-c",
        "saml2aws login && aws-vault exec prod --region eu-west-1 -- sh -c 'echo $AWS_PROFILE $AWS_REGION; aws lambda list-functions --query \"length(Functions)\"'; aws-vault export prod",
    ]);
    assert_eq!(
        (answer.code, answer.out.as_str()),
        (255, "prod eu-west-1\n0\n"),
        "{}",
        answer.err
    );
    let answer = place.rehearse(&["--", "chamber", "exec", "app", "--", "true"]);
    assert_eq!(answer.code, 255, "nothing was called: {}", answer.err);
}

#[test]
#[cfg(target_os = "linux")]
fn without_a_network_there_is_the_loopback_alone() {
    let place = Place::new();
    let script = "tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '; aws lambda list-functions --query 'length(Functions)'; \
                  host=${AWS_ENDPOINT_URL#http://}; exec 3<>/dev/tcp/${host%:*}/${host#*:} && echo reached; id -u";
    let answer = place.rehearse(&["--no-network", "--", "bash", "-c", script]);
    if answer.err.contains("does not work here") {
        skipped("no namespaces here");
        assert_eq!((answer.code, answer.out.as_str()), (255, ""));
        return;
    }
    let user = fs::metadata(place.work()).unwrap().uid();
    assert_eq!(
        answer.out,
        format!("lo\n2\nreached\n{user}\n"),
        "{}",
        answer.err
    );
}

#[test]
fn a_session_spans_the_commands_of_a_shell() {
    let place = Place::new();
    let before = place.everything();
    let script = "lambdry=$1\n\
        eval \"$($lambdry rehearse begin)\" && $lambdry rehearse begin; echo $?\n\
        sh -c 'aws lambda delete-function --function-name ship --output off'\n\
        aws lambda list-functions --query 'length(Functions)'\n\
        lines=$($lambdry rehearse end --keep kept); echo $?; eval \"$lines\"\n\
        echo \"${LAMBDRY_REHEARSAL-gone} $(command -v aws | grep -c rehearsal)\"; $lambdry rehearse end; echo $?";
    let mut command = place.command("bash");
    let answer: Answer = command
        .args(["-c", script, "-", env!("CARGO_BIN_EXE_lambdry")])
        .output()
        .unwrap()
        .into();
    assert_eq!(answer.out, "255\n1\n0\ngone 0\n255\n", "{}", answer.err);
    assert!(
        answer.err.contains("is already open here") && answer.err.contains("has no open session"),
        "{}",
        answer.err
    );
    assert!(before == place.everything(), "the state was changed");
    assert_eq!(place.stages(), [] as [PathBuf; 0]);
    let kept = State::at(place.work().join("kept"));
    assert_eq!(
        kept.run(&["get-function", "--function-name", "ship"]).code,
        254
    );
}

#[test]
fn a_session_spans_the_steps_of_a_job() {
    let place = Place::new();
    let (env, path) = (place.work().join("env"), place.work().join("path"));
    let begin: Answer = place
        .rehearsal(&["begin"])
        .env("GITHUB_ENV", &env)
        .env("GITHUB_PATH", &path)
        .env("AWS_SESSION_TOKEN", "real")
        .output()
        .unwrap()
        .into();
    assert_eq!((begin.code, begin.out.as_str()), (0, ""), "{}", begin.err);
    // These lines do what a CI runner does between two steps.
    let step = |words: &[&str]| -> Answer {
        let added = fs::read_to_string(&path).unwrap();
        let system = std::env::var_os("PATH").unwrap_or_default();
        let folders = added
            .lines()
            .map(PathBuf::from)
            .chain(std::env::split_paths(&system));
        let mut command = place.command(words[0]);
        command
            .args(&words[1..])
            .env("GITHUB_ENV", &env)
            .env("GITHUB_PATH", &path);
        command.env("AWS_SESSION_TOKEN", "real");
        command.env("PATH", std::env::join_paths(folders).unwrap());
        for line in fs::read_to_string(&env).unwrap().lines() {
            let (name, value) = line.split_once('=').unwrap();
            command.env(name, value);
        }
        command.output().unwrap().into()
    };
    let publish = step(&[
        "bash",
        "-c",
        "aws lambda update-function-configuration --function-name pay --timeout 9 --output off && \
        aws lambda wait function-updated-v2 --function-name pay && aws lambda publish-version --function-name pay --query Version",
    ]);
    assert_eq!(
        (publish.code, publish.out.as_str()),
        (0, "\"3\"\n"),
        "{}",
        publish.err
    );
    let read = step(&[
        "sh",
        "-c",
        "aws lambda get-function --function-name pay:3 --query Configuration.Timeout; echo \"token $AWS_SESSION_TOKEN\"",
    ]);
    assert_eq!(read.out, "9\ntoken \n", "{}", read.err);
    let end = step(&[env!("CARGO_BIN_EXE_lambdry"), "rehearse", "end"]);
    assert_eq!((end.code, end.out.as_str()), (0, ""), "{}", end.err);
    assert!(end.err.contains("publish-version"), "{}", end.err);
    assert_eq!(place.stages(), [] as [PathBuf; 0]);
    let after = step(&[
        env!("CARGO_BIN_EXE_lambdry"),
        "get-function",
        "--function-name",
        "pay:3",
    ]);
    assert_eq!(after.code, 254, "the state itself again: {}", after.err);
}
