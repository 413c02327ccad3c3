//! What is packed is where installers look for it, and the action's scripts answer as its outputs say.
//!
//! No network is asked: archives come from a folder. Without curl or jq a test is skipped aloud.
#![cfg(unix)]

mod common;
mod skipped;

use std::{fs, path::Path, process::Output};

use common::{Sandbox, crate_folder};

const TARGET: &str = "x86_64-unknown-linux-musl";

/// A script of `packaging/`, called in the sandbox.
fn packaging(sandbox: &Sandbox, script: &str, words: &[&str], env: &[(&str, &str)]) -> Output {
    let mut command = sandbox.command("bash");
    command.arg(crate_folder().join("packaging").join(script));
    command.args(words).envs(env.iter().copied());
    command.output().expect("bash is installed")
}

fn is_here(sandbox: &Sandbox, program: &str) -> bool {
    let here = sandbox.command(program).arg("--version").output().is_ok();
    if !here {
        skipped::skipped(&format!("there is no {program} on this machine"));
    }
    here
}

/// Packs a stand-in for the binary, as `out/v<version>/<name>.tar.gz`; answers the name.
fn packed(sandbox: &Sandbox) -> String {
    let version = env!("CARGO_PKG_VERSION");
    fs::write(
        sandbox.work().join("lambdry"),
        "#!/bin/sh\necho stands in\n",
    )
    .expect("written");
    let out = format!("out/v{version}");
    let done = packaging(sandbox, "archive", &[TARGET, "lambdry", &out], &[]);
    assert!(done.status.success(), "{done:?}");
    format!("lambdry-v{version}-{TARGET}")
}

#[test]
fn an_archive_is_where_binstall_looks() {
    let sandbox = Sandbox::new();
    let name = packed(&sandbox);
    let manifest = fs::read_to_string(crate_folder().join("Cargo.toml")).expect("a manifest");
    let manifest: toml::Table = manifest.parse().expect("TOML");
    let package = &manifest["package"];
    let text = |key: &str| {
        let template = package["metadata"]["binstall"][key].as_str();
        template
            .expect("a template")
            .replace(
                "{ repo }",
                package["repository"].as_str().expect("a repository"),
            )
            .replace("{ version }", env!("CARGO_PKG_VERSION"))
            .replace("{ target }", TARGET)
            .replace("{ bin }", "lambdry")
            .replace("{ binary-ext }", "")
    };
    let url = text("pkg-url");
    let file = Path::new(&url).file_name().expect("a name");
    let folder = format!("out/v{}", env!("CARGO_PKG_VERSION"));
    let archive = sandbox.work().join(folder).join(file);
    assert!(archive.is_file(), "{}", archive.display());
    let listed = sandbox.command("tar").arg("-tzf").arg(&archive).output();
    let listed = String::from_utf8(listed.expect("tar is installed").stdout).expect("names");
    for wanted in [
        text("bin-dir"),
        format!("{name}/man/lambdry-rehearse.1"),
        format!("{name}/completions/_lambdry"),
    ] {
        assert!(
            listed.lines().any(|line| line == wanted),
            "{wanted}: {listed}"
        );
    }
}

#[test]
fn the_action_installs_by_version_and_digest() {
    let sandbox = Sandbox::new();
    if !is_here(&sandbox, "curl") {
        return;
    }
    let name = packed(&sandbox);
    let work = sandbox.work();
    let downloads = format!("file://{}", work.join("out").display());
    let path = work.join("path").display().to_string();
    let install = |folder: &str, digest: &str| {
        let env = [
            ("DOWNLOADS", downloads.as_str()),
            ("VERSION", env!("CARGO_PKG_VERSION")),
            ("NAME", &name),
            ("FOLDER", folder),
            ("SHA256", digest),
            ("GITHUB_PATH", &path),
        ];
        packaging(&sandbox, "action/install", &[], &env)
    };
    assert!(
        !install("none", "").status.success(),
        "there are no sums yet"
    );
    let sums = format!(
        "cd out/v{} && sha256sum *.gz >SHA256SUMS",
        env!("CARGO_PKG_VERSION")
    );
    let summed = sandbox.command("sh").args(["-c", &sums]).status();
    assert!(summed.expect("sh is installed").success());
    let wrong = install("wrong", "0000");
    assert!(
        !wrong.status.success() && !work.join("wrong").exists(),
        "{wrong:?}"
    );
    let right = install("right", "");
    assert_eq!(
        String::from_utf8_lossy(&right.stdout),
        "stands in\n",
        "{right:?}"
    );
    fs::remove_dir_all(work.join("out")).expect("removed");
    assert!(
        install("right", "").status.success(),
        "the cache serves without the archive"
    );
}

#[test]
fn the_action_answers_verdict_and_counts() {
    let sandbox = Sandbox::new();
    if !is_here(&sandbox, "jq") {
        return;
    }
    sandbox.zip("app.zip", "one");
    let update = "aws lambda update-function-code --function-name pay --zip-file fileb://app.zip --output off\n";
    let wait = "aws lambda wait function-updated-v2 --function-name pay\n";
    let publish = "aws lambda publish-version --function-name pay --output off\n";
    let rehearse = |script: String| {
        fs::write(
            sandbox.work().join("deploy.sh"),
            format!("set -e\n{script}"),
        )
        .expect("written");
        let work = sandbox.work().display().to_string();
        let output = format!("{work}/output");
        fs::write(&output, "").expect("written");
        let env = [
            ("SCRIPT", "sh deploy.sh 'prod eu'"),
            ("STATE", ""),
            ("STRICT", "false"),
            ("SWEEP", "true"),
            ("REPORT", "junit=report.xml"),
            ("RUNNER_TEMP", work.as_str()),
            ("GITHUB_OUTPUT", &output),
            ("GITHUB_STEP_SUMMARY", &format!("{work}/summary")),
        ];
        let done = packaging(&sandbox, "action/rehearse", &[], &env);
        let outputs = fs::read_to_string(&output).expect("outputs");
        (done.status.code(), outputs)
    };
    let (code, outputs) = rehearse(format!("{update}{publish}"));
    assert_eq!(code, Some(254), "{outputs}");
    for line in ["verdict=Broken", "errors=1", "warnings=0", "calls=2"] {
        assert!(
            outputs.lines().any(|told| told == line),
            "{line}: {outputs}"
        );
    }
    let summary = fs::read_to_string(sandbox.work().join("summary")).expect("a summary");
    assert!(summary.contains("race-after-update"), "{summary}");
    assert!(sandbox.work().join("report.xml").is_file());
    let (code, outputs) = rehearse(format!("{update}{wait}{publish}"));
    assert_eq!(code, Some(0), "{outputs}");
    for line in ["errors=0", "calls=3", "cannot-rerun=0"] {
        assert!(
            outputs.lines().any(|told| told == line),
            "{line}: {outputs}"
        );
    }
}
