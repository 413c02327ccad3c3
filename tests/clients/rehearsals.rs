//! Rehearses deploy programs that use the real SDKs. A correct program ends Clean. A program that does not wait is
//! Broken at the line of its publish.

use std::{ffi::OsString, fs, path::PathBuf, process::Command};

use crate::{asked_for, common::Sandbox, javascript, python, say};

/// Rehearses a deploy program. Returns the exit code, and the report as one line.
fn rehearse(sandbox: &Sandbox, program: &[OsString], more: &[(&str, &PathBuf)]) -> (i32, String) {
    let mut command = sandbox.command("lambdry");
    command
        .args(["rehearse", "--strict", "--"])
        .args(program)
        .env_remove("LAMBDRY_NOW")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_DEFAULT_REGION", "us-east-1");
    for (name, value) in more {
        command.env(name, value);
    }
    let done = command.output().expect("it runs");
    let err = String::from_utf8_lossy(&done.stderr).into_owned();
    let flat = err.split_whitespace().collect::<Vec<_>>().join(" ");
    (done.status.code().unwrap_or(-1), flat)
}

/// A state with a function, and the deploy program in its folder.
fn place(name: &str, text: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.zip("one.zip", "one");
    sandbox.zip("next.zip", "two");
    for line in [
        "create-function --function-name pay --runtime python3.12 --handler app.handler --role \
         arn:aws:iam::123456789012:role/r --zip-file fileb://one.zip --publish",
        "create-alias --function-name pay --name live --function-version 1",
    ] {
        let words = line.split_whitespace();
        let done = sandbox.command("lambdry").args(words).output();
        assert!(done.expect("it runs").status.success(), "{line}");
    }
    fs::write(sandbox.work().join(name), text).expect("a file");
    sandbox
}

/// Rehearses a deploy program as it is, and again without the line that waits.
fn both(name: &str, text: &str, waits: &str, program: &[OsString], more: &[(&str, &PathBuf)]) {
    let (code, told) = rehearse(&place(name, text), program, more);
    say(&format!(
        "{name}: {}",
        told.rsplit("changed ").next().unwrap_or_default()
    ));
    assert!(code == 0 && told.contains(" Clean: exit code 0"), "{told}");
    let lines = text.lines().filter(|line| !line.contains(waits));
    let racing = lines.collect::<Vec<_>>().join("\n") + "\n";
    let line = 1 + racing
        .lines()
        .position(|line| {
            line.contains("publish_version(") || line.contains("PublishVersionCommand(")
        })
        .expect("a publish");
    let (code, told) = rehearse(&place(name, &racing), program, more);
    assert!(
        code == 1 && told.contains(" Broken: exit code 1, 1 error"),
        "{told}"
    );
    assert!(
        told.contains(&format!(
            "error: {name}:{line}: publish-version of pay does not wait"
        )),
        "{told}"
    );
}

#[test]
fn a_deploy_by_boto3() {
    if !asked_for() {
        return;
    }
    let Some(python) = python() else { return };
    let text = include_str!("deploy.py");
    both(
        "deploy.py",
        text,
        "get_waiter",
        &[python, "deploy.py".into()],
        &[],
    );
}

#[test]
fn a_deploy_by_the_sdk_for_javascript() {
    if !asked_for() {
        return;
    }
    let Some(modules) = javascript() else { return };
    let text = include_str!("deploy.mjs");
    let program = ["node".into(), "deploy.mjs".into()];
    both(
        "deploy.mjs",
        text,
        "await waitUntil",
        &program,
        &[("MODULES", &modules)],
    );
}

#[test]
fn older_and_other_settings_of_boto3_lead_to_the_rehearsal_or_nowhere() {
    if !asked_for() {
        return;
    }
    let Some(python) = python() else { return };
    // There are three cases: a profile that is given by its name, no variables at all, and the keys of another person.
    let text = "import os, boto3\n\
        print(len(boto3.Session(profile_name='default').client('lambda').list_functions()['Functions']))\n\
        for name in ('AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'): del os.environ[name]\n\
        print(len(boto3.Session().client('lambda').list_functions()['Functions']))\n\
        try: boto3.Session(aws_access_key_id='AKIAREALREALREALREAL', aws_secret_access_key='x').client('lambda').list_functions()\n\
        except Exception as error: print(type(error).__name__, 'rehearsal' in str(error))\n";
    let sandbox = place("deploy.py", text);
    let mut command: Command = sandbox.command("lambdry");
    let done = command
        .args(["rehearse", "--quiet", "--"])
        .args([python, "deploy.py".into()])
        .env_remove("LAMBDRY_NOW")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .output()
        .expect("it runs");
    let out = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(out, "1\n1\nClientError True\n", "{done:?}");
}
