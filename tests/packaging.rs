//! Installers find the packages, and the scripts of the action give the outputs that the action declares.
//!
//! The tests use no network: archives come from a folder. Without curl or jq a test is skipped with a message.
#![cfg(unix)]

mod common;
mod skipped;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Output,
};

use common::{Sandbox, crate_folder};
use lambdry::output::yaml;
use serde_json::Value;

const TARGET: &str = "x86_64-unknown-linux-musl";

/// A script of `packaging/`, run in the sandbox.
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

/// Packs a stand-in for the binary, as `out/v<version>/<name>.tar.gz`. Returns the name.
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

/// The release workflow.
fn workflow() -> Value {
    let path = crate_folder().join(".github/workflows/release.yml");
    let text = fs::read_to_string(path).expect("a workflow");
    yaml::parse(&text).expect("YAML")
}

/// The script of a step of the release workflow.
fn step(workflow: &Value, job: &str, name: &str) -> String {
    let steps = workflow["jobs"][job]["steps"].as_array().expect("steps");
    let found = steps.iter().find(|step| step["name"] == name);
    let found = found.unwrap_or_else(|| panic!("{job} has no step {name}"));
    found["run"].as_str().expect("a script").to_owned()
}

/// Runs the lines of the release workflow that name and pack archives, for each target of its matrix. The binaries are
/// stand-ins. Afterwards, `out/` holds the files that the workflow would publish.
fn released(sandbox: &Sandbox) {
    let work = sandbox.work();
    let copied = sandbox
        .command("cp")
        .args(["-r", "Cargo.toml", "packaging", "man", "completions"])
        .args(["LICENSE-MIT", "LICENSE-APACHE", "README.md", "CHANGELOG.md"])
        .arg(&work)
        .current_dir(crate_folder())
        .status();
    assert!(copied.expect("cp is installed").success());
    let program = |name: &str, text: &str| {
        let path = work.join("../bin").join(name);
        fs::write(&path, text).expect("written");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a mode");
    };
    program("lipo", "#!/bin/sh\ncp \"$4\" \"$3\"\n");
    program("brew", "#!/bin/sh\n");
    let workflow = workflow();
    let run = |script: &str, env: &[(&str, &str)]| {
        let mut bash = sandbox.command("bash");
        bash.args(["-eo", "pipefail", "-c", script]);
        let done = bash.envs(env.iter().copied()).output().expect("bash");
        assert!(done.status.success(), "{script}: {done:?}");
    };
    let targets = &workflow["jobs"]["build"]["strategy"]["matrix"]["include"];
    let pack = step(&workflow, "build", "pack");
    for entry in targets.as_array().expect("a matrix") {
        let target = entry["target"].as_str().expect("a target");
        let built = work.join("target").join(target).join("dist");
        fs::create_dir_all(&built).expect("a folder");
        let binary = match target.contains("windows") {
            true => "lambdry.exe",
            false => "lambdry",
        };
        fs::write(built.join(binary), target).expect("written");
        fs::create_dir_all(work.join("target/wheels")).expect("a folder");
        fs::write(work.join(format!("target/wheels/{target}.whl")), "").expect("written");
        let npm = entry["npm"].as_str().unwrap_or_default();
        run(&pack, &[("TARGET", target), ("NPM", npm)]);
    }
    run(&step(&workflow, "collect", "macOS universal"), &[]);
    for made in ["lambdry_1_amd64.deb", "lambdry-sbom.json"] {
        fs::write(work.join("out").join(made), "").expect("written");
    }
    let sums = step(&workflow, "collect", "checksums and formula");
    run(&sums, &[("GITHUB_REPOSITORY", "lambdry/lambdry")]);
}

/// The targets that cargo-binstall tries on a platform, the best first, and the name of the binary.
const PLATFORMS: &[(&[&str], &str)] = &[
    (
        &["x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl"],
        "",
    ),
    (&["x86_64-unknown-linux-musl"], ""),
    (
        &["aarch64-unknown-linux-gnu", "aarch64-unknown-linux-musl"],
        "",
    ),
    (&["aarch64-unknown-linux-musl"], ""),
    (&["x86_64-apple-darwin", "universal-apple-darwin"], ""),
    (
        &[
            "aarch64-apple-darwin",
            "x86_64-apple-darwin",
            "universal-apple-darwin",
        ],
        "",
    ),
    (&["x86_64-pc-windows-msvc"], ".exe"),
];

#[test]
fn binstall_finds_every_platform_among_what_the_workflow_releases() {
    let sandbox = Sandbox::new();
    if !is_here(&sandbox, "zip") {
        return;
    }
    released(&sandbox);
    let manifest = fs::read_to_string(crate_folder().join("Cargo.toml")).expect("a manifest");
    let manifest: toml::Table = manifest.parse().expect("TOML");
    let package = &manifest["package"];
    let binstall = &package["metadata"]["binstall"];
    let out = sandbox.work().join("out");
    let mut found = Vec::new();
    for (targets, extension) in PLATFORMS {
        let archive = targets.iter().find_map(|target| {
            let text = |key: &str| {
                let own = binstall["overrides"]
                    .get(*target)
                    .and_then(|own| own.get(key));
                let template = own
                    .or_else(|| binstall.get(key))
                    .and_then(toml::Value::as_str);
                template
                    .expect("a template")
                    .replace("{ repo }", package["repository"].as_str().expect("one"))
                    .replace("{ version }", env!("CARGO_PKG_VERSION"))
                    .replace("{ target }", target)
                    .replace("{ bin }", "lambdry")
                    .replace("{ binary-ext }", extension)
            };
            let url = text("pkg-url");
            let file = out.join(Path::new(&url).file_name().expect("a name"));
            file.is_file()
                .then(|| (file, text("bin-dir"), text("pkg-fmt"), url))
        });
        let (file, binary, format, url) = archive.unwrap_or_else(|| panic!("{targets:?}"));
        let tag = format!("/releases/download/v{}/", env!("CARGO_PKG_VERSION"));
        assert!(url.contains(&tag), "{url}");
        let (lister, words) = match format.as_str() {
            "zip" => ("unzip", "-Z1"),
            _ => ("tar", "-tzf"),
        };
        if !is_here(&sandbox, lister) {
            continue;
        }
        let listed = sandbox.command(lister).arg(words).arg(&file).output();
        let listed = String::from_utf8(listed.expect("it is installed").stdout).expect("names");
        let folder = Path::new(&binary).parent().expect("a folder").display();
        for wanted in [
            binary.clone(),
            format!("{folder}/man/lambdry-rehearse.1"),
            format!("{folder}/completions/_lambdry"),
        ] {
            assert!(
                listed.lines().any(|line| line == wanted),
                "{wanted}: {listed}"
            );
        }
        found.push(file);
    }
    // Every released file must be one that an installer looks for.
    for entry in fs::read_dir(&out).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.to_string_lossy();
        if name.ends_with(".tar.gz") || name.ends_with(".zip") {
            assert!(found.contains(&path), "no platform finds {name}");
        }
    }
}

#[test]
fn the_formula_and_the_sums_name_what_the_workflow_releases() {
    let sandbox = Sandbox::new();
    if !is_here(&sandbox, "zip") {
        return;
    }
    released(&sandbox);
    let out = sandbox.work().join("out");
    let formula = fs::read_to_string(out.join("lambdry.rb")).expect("a formula");
    let sums = fs::read_to_string(out.join("SHA256SUMS")).expect("sums");
    let quoted = |key: &str| {
        let lines = formula.lines().filter_map(move |line| {
            let value = line.trim().strip_prefix(key)?.trim();
            Some(value.trim_matches('"').to_owned())
        });
        lines.collect::<Vec<_>>()
    };
    let (urls, digests) = (quoted("url "), quoted("sha256 "));
    assert_eq!((urls.len(), digests.len()), (3, 3), "{formula}");
    for (url, digest) in urls.iter().zip(digests) {
        let name = url.rsplit('/').next().unwrap_or_default();
        assert!(
            sums.contains(&format!("{digest}  {name}")),
            "{name}: {sums}"
        );
    }
    for entry in fs::read_dir(&out).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_file() && name != "SHA256SUMS" {
            let is_told = sums
                .lines()
                .any(|line| line.ends_with(&format!("  {name}")));
            assert!(is_told, "{name} has no checksum: {sums}");
        }
    }
    if is_here(&sandbox, "ruby") {
        let read = sandbox
            .command("ruby")
            .arg("-wc")
            .arg(out.join("lambdry.rb"))
            .output();
        let read = read.expect("ruby is installed");
        assert_eq!(
            String::from_utf8_lossy(&read.stdout),
            "Syntax OK\n",
            "{read:?}"
        );
        assert!(read.stderr.is_empty(), "{read:?}");
    }
}

#[test]
fn the_action_asks_for_archives_that_the_workflow_releases() {
    let sandbox = Sandbox::new();
    if !is_here(&sandbox, "zip") {
        return;
    }
    released(&sandbox);
    let work = sandbox.work();
    for (system, machine) in [
        ("Linux", "x86_64"),
        ("Linux", "aarch64"),
        ("Darwin", "arm64"),
        ("Darwin", "x86_64"),
    ] {
        let uname =
            format!("#!/bin/sh\ncase $1 in -s) echo {system} ;; *) echo {machine} ;; esac\n");
        let path = work.join("../bin/uname");
        fs::write(&path, uname).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
        let output = work.join("output").display().to_string();
        fs::write(&output, "").expect("written");
        let done = packaging(&sandbox, "action/where", &[], &[("GITHUB_OUTPUT", &output)]);
        assert!(done.status.success(), "{done:?}");
        let told = fs::read_to_string(&output).expect("outputs");
        let name = told.lines().find_map(|line| line.strip_prefix("name="));
        let archive = format!("out/{}.tar.gz", name.expect("a name"));
        assert!(
            work.join(&archive).is_file(),
            "{system} {machine}: {archive}"
        );
    }
}

#[test]
fn the_deb_holds_files_that_are_there_and_is_described_in_a_few_lines() {
    let manifest = fs::read_to_string(crate_folder().join("Cargo.toml")).expect("a manifest");
    let manifest: toml::Table = manifest.parse().expect("TOML");
    let deb = &manifest["package"]["metadata"]["deb"];
    for asset in deb["assets"].as_array().expect("assets") {
        let source = asset[0].as_str().expect("a source");
        let (folder, name) = source.rsplit_once('/').unwrap_or(("", source));
        if folder.starts_with("target") {
            continue;
        }
        let (start, end) = name.split_once('*').unwrap_or((name, ""));
        let names = fs::read_dir(crate_folder().join(folder)).expect("a folder");
        let names = names.map(|entry| entry.expect("an entry").file_name());
        let is_there = names
            .filter_map(|name| name.into_string().ok())
            .any(|name| name.starts_with(start) && name.ends_with(end));
        assert!(is_there, "{source}");
    }
    // Without this text, cargo-deb uses the README.
    let described = deb["extended-description"].as_str().expect("a description");
    assert!(
        described.len() < 600 && described.lines().count() == 1,
        "{described}"
    );
    let maintainer = deb["maintainer"].as_str().expect("a maintainer");
    assert!(
        maintainer.contains(" <") && maintainer.contains('@'),
        "{maintainer}"
    );
}

#[test]
fn every_configuration_in_the_docs_is_yaml() {
    let mut read = 0;
    let docs = fs::read_dir(crate_folder().join("docs")).expect("a folder");
    let docs = docs.map(|entry| entry.expect("an entry").path());
    for path in docs.chain([crate_folder().join("README.md")]) {
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("UTF-8");
        for block in text.split("```yaml\n").skip(1) {
            let block = block.split("```").next().unwrap_or_default();
            let value = yaml::parse(block);
            let value =
                value.unwrap_or_else(|cause| panic!("{}: {cause}\n{block}", path.display()));
            assert!(value.is_object(), "{}: {block}", path.display());
            for line in commands(&value) {
                lambdry_takes(&line, &path);
            }
            read += 1;
        }
    }
    assert!(read >= 7, "{read} configurations");
}

#[test]
fn workflows_the_action_and_the_docs_use_one_version_of_each_action() {
    let files = |folder: &str| {
        let entries = fs::read_dir(crate_folder().join(folder)).expect("a folder");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths.filter(|path| {
            path.extension()
                .is_some_and(|end| end == "md" || end == "yml")
        })
    };
    let mut versions: BTreeMap<String, (String, PathBuf)> = BTreeMap::new();
    let all = files(".github/workflows").chain(files("docs"));
    for path in all.chain(["action.yml", "README.md"].map(|name| crate_folder().join(name))) {
        let text = fs::read_to_string(&path).expect("UTF-8");
        for used in text.lines().filter_map(|line| line.split_once("uses: ")) {
            let Some((action, version)) = used.1.trim().split_once('@') else {
                continue;
            };
            let version = version
                .split([' ', '`'])
                .next()
                .unwrap_or_default()
                .to_owned();
            let seen = (version.clone(), path.clone());
            let first = versions.entry(action.to_owned()).or_insert(seen);
            let places = format!("{} and {}", first.1.display(), path.display());
            assert_eq!(first.0, version, "{action}, in {places}");
        }
    }
    assert!(versions.contains_key("actions/checkout"), "{versions:?}");
}

#[test]
fn the_service_of_the_docs_listens_on_the_name_that_clients_ask() {
    let text = fs::read_to_string(crate_folder().join("docs/ci.md")).expect("a page");
    let blocks = text.split("```yaml\n").skip(1);
    let block = blocks.filter_map(|block| block.split("```").next());
    let mut services = block.filter(|block| block.starts_with("services:"));
    let value = yaml::parse(services.next().expect("a service container")).expect("YAML");
    let (name, service) = value["services"]
        .as_object()
        .and_then(|services| services.iter().next())
        .expect("a service");
    let words: Vec<&str> = service["command"]
        .as_str()
        .expect("a command")
        .split(' ')
        .collect();
    let given = |option: &str| {
        let at = words.iter().position(|word| *word == option);
        words[at.unwrap_or_else(|| panic!("no {option}")) + 1]
    };
    assert_eq!(given("--listen"), name);
    let client = &value["environment"];
    assert_eq!(
        client["AWS_ENDPOINT_URL"],
        format!("http://{name}:{}", given("--port"))
    );
    let key = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map(|name| client[name].as_str());
    let [Some(id), Some(secret)] = key else {
        panic!("{client}")
    };
    assert_eq!(given("--access-key"), format!("{id}:{secret}"));
}

/// The commands in a configuration, that is, all its texts that call `lambdry`.
fn commands(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => text
            .lines()
            .filter(|line| line.contains("lambdry ") || line.starts_with("serve "))
            .map(str::to_owned)
            .collect(),
        Value::Array(items) => items.iter().flat_map(commands).collect(),
        Value::Object(members) => members.values().flat_map(commands).collect(),
        _ => Vec::new(),
    }
}

/// Checks that every option of a lambdry command line is in the help of that command, or is a global option.
fn lambdry_takes(line: &str, path: &Path) {
    let words = line.split(" -- ").next().unwrap_or_default();
    let words = words.rsplit("lambdry ").next().unwrap_or_default();
    let words: Vec<&str> = words.split_whitespace().collect();
    let own = ["rehearse", "serve", "import", "export"];
    let Some(at) = words.iter().position(|word| own.contains(word)) else {
        return;
    };
    let sandbox = Sandbox::new();
    let help = |words: &[&str]| {
        let told = sandbox.command("lambdry").args(words).output();
        String::from_utf8_lossy(&told.expect("lambdry").stdout).into_owned()
    };
    let page = fs::read_to_string(crate_folder().join("man/lambdry.1")).expect("a page");
    let (globals, options) = (page.replace("\\-", "-"), help(&[words[at], "--help"]));
    for (place, word) in words.iter().enumerate() {
        let name = word.split('=').next().unwrap_or_default();
        if name.starts_with("--") {
            let known = if place < at { &globals } else { &options };
            assert!(known.contains(name), "{}: {name} in {line}", path.display());
        }
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
