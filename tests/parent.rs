//! A rehearsal never changes the state that it forked. This is true for every name by which a script calls that state,
//! and for everything that the script writes into the fork. If somebody else changes that state, the report says so.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test reads its own environment, and what is skipped is said aloud"
)]

mod disk;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use disk::{Answer, State, furnished, zip};
use serde_json::Value;

/// The files of the state, each with its bytes, inode, links and times.
type Seen = BTreeMap<PathBuf, (Vec<u8>, [i64; 6])>;

/// A home with the real state in lambdry's default place, and a folder to work in.
struct Home {
    folder: tempfile::TempDir,
    real: State,
}

impl Home {
    fn new() -> Self {
        let folder = disk::folder();
        let at = |name: &str| folder.path().join(name);
        for name in ["work", ".local/share"] {
            fs::create_dir_all(at(name)).unwrap();
        }
        zip(&at("work"), "next");
        let real = furnished(at(".local/share/lambdry"), folder.path());
        let layer = at("work/next.zip");
        let layer = format!("fileb://{}", layer.display());
        let layer = ["--layer-name", "deps", "--zip-file", &layer];
        real.ok(&[&["publish-layer-version"], &layer[..]].concat());
        let versioned = real.root.join("s3/builds/.versions");
        fs::create_dir_all(&versioned).unwrap();
        let object = real.root.join("s3/builds/next.zip");
        fs::copy(at("work/next.zip"), object).unwrap();
        Self { folder, real }
    }

    fn work(&self, name: &str) -> PathBuf {
        self.folder.path().join("work").join(name)
    }

    /// A command in the working folder. Scripts can use `$REAL` and `$OURS`. The state is in the default place.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let search_path = std::env::var_os("PATH").unwrap_or_default();
        command
            .env_clear()
            .env("PATH", search_path)
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C")
            .env("AWS_REGION", "us-east-1")
            .env("REAL", &self.real.root)
            .env("OURS", env!("CARGO_BIN_EXE_lambdry"))
            .current_dir(self.work(""))
            .stdin(Stdio::null());
        command
    }

    fn script(&self, text: &str) {
        fs::write(self.work("deploy.sh"), text).unwrap();
    }

    /// Rehearses a bash script. Returns the answer and the report.
    fn rehearse(&self, script: &str, options: &[&str]) -> (Answer, Value) {
        self.script(script);
        let report = ["rehearse", "--report", "text", "--report", "json=report"];
        let mut command = self.command(env!("CARGO_BIN_EXE_lambdry"));
        command.args(report).args(options);
        command.args(["--", "bash", "deploy.sh"]);
        let answer: Answer = command.output().expect("it runs").into();
        let report = fs::read(self.work("report")).unwrap_or_default();
        (answer, serde_json::from_slice(&report).unwrap_or_default())
    }

    fn seen(&self) -> Seen {
        let mut seen = Seen::new();
        let mut folders = vec![self.real.root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let of = fs::symlink_metadata(&path).unwrap();
                if of.is_dir() {
                    folders.push(path.clone());
                }
                let bytes = match of.is_file() {
                    true => fs::read(&path).unwrap(),
                    false => Vec::new(),
                };
                let number = |number: u64| i64::try_from(number).unwrap();
                let lies = [
                    number(of.ino()),
                    number(of.nlink()),
                    of.mtime(),
                    of.mtime_nsec(),
                    of.ctime(),
                    of.ctime_nsec(),
                ];
                seen.insert(path, (bytes, lies));
            }
        }
        seen
    }
}

/// The files that differ.
fn differing(before: &Seen, after: &Seen) -> Vec<PathBuf> {
    let paths = before.keys().chain(after.keys());
    let mut paths: Vec<_> = paths
        .filter(|path| before.get(*path) != after.get(*path))
        .cloned()
        .collect();
    paths.dedup();
    paths
}

/// The change that a script makes to the function `pay`. It is tried with each of the [`NAMES`] of the state.
const CHANGE: &str = "update-function-configuration --function-name pay --timeout 77 --output off";

/// Ways to name the real state. `CHANGE` is replaced by a call that changes the state.
const NAMES: &[(&str, &str)] = &[
    ("an option", r#"lambdry --state-dir "$REAL" CHANGE"#),
    ("an option with =", r#"lambdry --state-dir="$REAL" CHANGE"#),
    (
        "an option, by the program's own path",
        r#""$OURS" --state-dir "$REAL" CHANGE"#,
    ),
    ("a variable", r#"LAMBDRY_STATE_DIR="$REAL" lambdry CHANGE"#),
    (
        "a variable before aws",
        r#"LAMBDRY_STATE_DIR="$REAL" aws lambda CHANGE"#,
    ),
    (
        "an option and a settling time",
        r#"lambdry --settle 0 --state-dir "$REAL" CHANGE"#,
    ),
    (
        "variables for both",
        r#"LAMBDRY_SETTLE=1s LAMBDRY_STATE_DIR="$REAL" lambdry CHANGE"#,
    ),
    (
        "a file of settings that is taken in",
        r#"echo "export LAMBDRY_STATE_DIR=$REAL" > settings; . ./settings; lambdry CHANGE"#,
    ),
    (
        "a link",
        r#"ln -s "$REAL" link; lambdry --state-dir link CHANGE"#,
    ),
    (
        "a link to a folder above it",
        r#"ln -s "$REAL/../.." above; lambdry --state-dir above/share/lambdry CHANGE"#,
    ),
    (
        "a relative path",
        "lambdry --state-dir ../.local/share/lambdry CHANGE",
    ),
    (
        "a path with dots",
        r#"lambdry --state-dir "$REAL/../lambdry/.//" CHANGE"#,
    ),
    (
        "the current folder",
        r#"cd "$REAL" && lambdry --state-dir . CHANGE"#,
    ),
    (
        "the folder above an account",
        r#"cd "$REAL/123456789012" && LAMBDRY_STATE_DIR=.. lambdry CHANGE"#,
    ),
    (
        "the current folder, as the kernel names it",
        r#"cd "$REAL" && lambdry --state-dir /proc/self/cwd CHANGE"#,
    ),
    (
        "no name, so the default",
        "env -u LAMBDRY_STATE_DIR lambdry CHANGE",
    ),
    (
        "no name, and the data folder's variable",
        r#"env -u LAMBDRY_STATE_DIR XDG_DATA_HOME="$HOME/.local/share" lambdry CHANGE"#,
    ),
    (
        "a cleared environment with PATH",
        r#"env -i PATH="$PATH" AWS_REGION=us-east-1 lambdry --state-dir "$REAL" CHANGE"#,
    ),
    (
        "a cleared environment",
        r#"env -i AWS_REGION=us-east-1 "$OURS" --state-dir "$REAL" CHANGE"#,
    ),
    (
        "a cleared environment and the default",
        r#"env -i HOME="$HOME" AWS_REGION=us-east-1 "$OURS" CHANGE"#,
    ),
    (
        "without the rehearsal's variables",
        r#"env -u LAMBDRY_REHEARSAL -u LAMBDRY_CALLS "$OURS" --state-dir "$REAL" CHANGE"#,
    ),
    (
        "with the rehearsal's variable emptied",
        r#"LAMBDRY_REHEARSAL= "$OURS" --state-dir "$REAL" CHANGE"#,
    ),
    (
        "a mount of it elsewhere",
        r#"mkdir mount; unshare --map-root-user --mount sh -c 'mount --bind "$REAL" mount && lambdry --state-dir mount CHANGE'"#,
    ),
    (
        "another process's child",
        r#"python3 -c 'import os,sys; os.environ["LAMBDRY_STATE_DIR"]=os.environ["REAL"]; os.execvp("lambdry",["lambdry"]+sys.argv[1:])' CHANGE"#,
    ),
    (
        "a rehearsal in the rehearsal, in place",
        r#"lambdry --state-dir "$REAL" rehearse --in-place --quiet -- aws lambda CHANGE"#,
    ),
];

/// Ways to write files: in the fork, in files that the fork gave out, and in the folders of the real state. Each line
/// changes something.
const WRITES: &[(&str, &str)] = &[
    (
        "a state directory below an account of it",
        r#"lambdry --init --state-dir "$REAL/123456789012" ecr create-repository --repository-name apps"#,
    ),
    (
        "a name in a rehearsal in the rehearsal",
        r#"lambdry rehearse --quiet -- lambdry --state-dir "$REAL" CHANGE"#,
    ),
    (
        "a repair",
        r#"rm "$LAMBDRY_STATE_DIR"/123456789012/us-east-1/usage.json; lambdry --state-dir "$REAL" doctor --repair"#,
    ),
    (
        "an import",
        r#"lambdry export out.zip && lambdry --state-dir "$REAL" import --replace out.zip"#,
    ),
    (
        "an object in a bucket with versions",
        r#"lambdry --state-dir "$REAL" s3 cp next.zip s3://builds/next.zip && find "$LAMBDRY_STATE_DIR/s3" -type f -exec sh -c 'echo x >> "$1"' - {} \;"#,
    ),
    (
        "settings",
        r#"LAMBDRY_STATE_DIR="$REAL" aws configure set output text"#,
    ),
    (
        "its settings, named as AWS's",
        r#"AWS_CONFIG_FILE="$REAL/aws/config" aws configure set output text"#,
    ),
    (
        ">> into every file of the fork",
        r#"lambdry CHANGE; find "$LAMBDRY_STATE_DIR" -type f -exec sh -c 'echo x >> "$1"' - {} \;"#,
    ),
    (
        "open(f, 'r+') on every file of the fork",
        r#"lambdry CHANGE; python3 -c 'import os
for folder, _, files in os.walk(os.environ["LAMBDRY_STATE_DIR"]):
    for name in files:
        with open(os.path.join(folder, name), "r+") as f: f.write("x")'"#,
    ),
    (
        "sed -i on every file of the fork",
        r#"lambdry CHANGE; find "$LAMBDRY_STATE_DIR" -type f -exec sed -i s/a/b/ {} +"#,
    ),
    (
        "truncation of a head",
        r#"lambdry CHANGE; : > "$LAMBDRY_STATE_DIR/123456789012/us-east-1/functions/pay/function.json""#,
    ),
    (
        "modes",
        r#"lambdry CHANGE; chmod -R a-w "$LAMBDRY_STATE_DIR"; chmod -R u+w "$LAMBDRY_STATE_DIR""#,
    ),
    ("the fork removed", r#"rm -r "$LAMBDRY_STATE_DIR"/*"#),
    (
        "zip -u on a Code.Location",
        r#"url=$(aws lambda get-function --function-name pay --qualifier 1 --query Code.Location --output text)
python3 -c 'import sys,zipfile; zipfile.ZipFile(sys.argv[1],"a").writestr("new.py","x")' "${url#file://}""#,
    ),
    (
        ">> into a layer's Content.Location",
        r#"url=$(aws lambda get-layer-version --layer-name deps --version-number 1 --query Content.Location --output text)
echo x >> "${url#file://}""#,
    ),
    (
        ">> into the Location that a publish answers",
        r#"url=$(aws lambda publish-layer-version --layer-name deps --zip-file fileb://next.zip --query Content.Location --output text)
echo x >> "${url#file://}""#,
    ),
    (
        "what answers an invocation",
        r#"LAMBDRY_INVOKE='pwd >&2; echo x >> app.py; echo 1' aws lambda invoke --function-name pay:1 out; test "$(cat out)" = 1"#,
    ),
    (
        ">> into a package of an export",
        r#"lambdry export --expanded out && find out -type f -exec sh -c 'echo x >> "$1"' - {} \;"#,
    ),
];

fn ways(list: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let ways = list.iter();
    ways.map(|(name, way)| (*name, way.replace("CHANGE", CHANGE)))
        .collect()
}

/// Returns true if this machine supports the given feature; otherwise prints a message.
fn can(way: &str) -> bool {
    if way.contains("unshare") {
        let tried = Command::new("unshare")
            .args(["--map-root-user", "--mount", "true"])
            .output();
        if !tried.is_ok_and(|tried| tried.status.success()) {
            eprintln!("SKIPPED: no mount can be made here");
            return false;
        }
    }
    true
}

#[test]
fn every_name_of_the_real_state_leads_to_the_fork() {
    let home = Home::new();
    let before = home.seen();
    for (name, way) in ways(NAMES).into_iter().filter(|(_, way)| can(way)) {
        let script = format!(
            "set -e\n({way})\naws lambda get-function-configuration --function-name pay --query Timeout\n"
        );
        let (answer, report) = home.rehearse(&script, &[]);
        let found = differing(&before, &home.seen());
        assert!(found.is_empty(), "{name}: {found:?}");
        assert_eq!(
            (answer.code, answer.out.lines().last()),
            (0, Some("77")),
            "{name}: {}",
            answer.err
        );
        for member in ["Touched", "OtherStates"] {
            assert_eq!(report[member], serde_json::json!([]), "{name}: {member}");
        }
        assert_eq!(report["Functions"][0]["FunctionName"], "pay", "{name}");
    }
}

#[test]
fn nothing_that_is_written_to_a_fork_reaches_the_real_state() {
    let home = Home::new();
    let before = home.seen();
    for (name, way) in ways(WRITES) {
        let script =
            format!("set -e\naws lambda list-functions --output off\n{way}\ntouch finished\n");
        let (answer, _) = home.rehearse(&script, &[]);
        let found = differing(&before, &home.seen());
        assert!(found.is_empty(), "{name}: {found:?}");
        // A rehearsal with a damaged fork may give no report. So the test checks that the script ran to its end.
        assert!(home.work("finished").exists(), "{name}: {}", answer.err);
        for rest in ["out", "out.zip", "finished"] {
            let path = home.work(rest);
            let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path));
        }
    }
}

#[test]
fn a_kept_fork_shares_no_file_with_the_real_state() {
    let home = Home::new();
    let before = home.seen();
    let (answer, _) = home.rehearse(
        "aws lambda list-functions --output off",
        &["--keep", "kept"],
    );
    assert_eq!(answer.code, 0, "{}", answer.err);
    let all = r#"find kept -type f -exec sh -c 'echo x >> "$1"' - {} \;"#;
    assert!(
        home.command("sh")
            .args(["-c", all])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(differing(&before, &home.seen()), [] as [PathBuf; 0]);
}

#[test]
fn a_state_that_is_not_made_yet_is_not_made() {
    let folder = disk::folder();
    let work = folder.path().join("work");
    fs::create_dir(&work).unwrap();
    std::os::unix::fs::symlink("../state", work.join("link")).unwrap();
    for way in [
        "--state-dir ../state",
        "--state-dir link",
        "--state-dir ../work/../state/",
    ] {
        let script = format!("lambdry {way} ecr create-repository --repository-name apps");
        let answer = Command::new(env!("CARGO_BIN_EXE_lambdry"))
            .args(["rehearse", "--", "sh", "-c", &script])
            .env("LAMBDRY_STATE_DIR", folder.path().join("state"))
            .env("AWS_REGION", "us-east-1")
            .current_dir(&work)
            .output();
        let answer: Answer = answer.unwrap().into();
        assert_eq!(answer.code, 0, "{way}: {}", answer.err);
        assert!(!folder.path().join("state").exists(), "{way}");
        assert!(!answer.err.contains("another state"), "{}", answer.err);
    }
}

#[test]
fn another_state_is_used_as_it_is_named_and_every_report_names_it() {
    let home = Home::new();
    let before = home.seen();
    let other = State::at(home.work("other"));
    let script = "lambdry --state-dir other ecr create-repository --repository-name apps --output off\n\
        LAMBDRY_STATE_DIR=other aws ecr describe-repositories --query 'repositories[].repositoryName' --output text\n\
        lambdry rehearse --quiet -- lambdry --state-dir nested list-functions --output off";
    let (answer, report) = home.rehearse(script, &["--report", "markdown=page"]);
    assert_eq!(
        (answer.code, answer.out.trim()),
        (0, "apps"),
        "{}",
        answer.err
    );
    let named =
        [home.work("nested"), other.root.clone()].map(|path| Value::from(path.to_string_lossy()));
    assert_eq!(report["OtherStates"], Value::from(named.to_vec()));
    let text = format!("another state  {}", other.root.display());
    assert!(answer.err.contains(&text), "{}", answer.err);
    assert!(!answer.err.contains("Clean"), "{}", answer.err);
    let page = fs::read_to_string(home.work("page")).unwrap();
    assert!(
        page.contains(&format!("- another state: `{}", other.root.display())),
        "{page}"
    );
    assert!(other.root.join("123456789012").is_dir());
    assert_eq!(differing(&before, &home.seen()), [] as [PathBuf; 0]);
}

/// Ways to make another state from the real state's files. Each line makes the state `third`.
const LINKS: &[(&str, &str)] = &[
    (
        "an account",
        r#"mkdir third; cp "$REAL/FORMAT" third; ln -s "$REAL/123456789012" third/"#,
    ),
    (
        "a function",
        r#"mkdir -p third/123456789012/us-east-1/functions; cp "$REAL/FORMAT" third
ln -s "$REAL/123456789012/us-east-1/functions/pay" third/123456789012/us-east-1/functions/"#,
    ),
    (
        "a link to a link",
        r#"mkdir third between; cp "$REAL/FORMAT" third; ln -s "$REAL/123456789012" between/account; ln -s ../between/account third/123456789012"#,
    ),
    (
        "a folder beside it with links",
        r#"mkdir -p third beside/us-east-1/functions; cp "$REAL/FORMAT" third; ln -s ../beside third/123456789012
ln -s "$REAL/123456789012/us-east-1/functions/pay" beside/us-east-1/functions/"#,
    ),
    ("every file, by links", r#"cp -rs "$REAL" third"#),
    ("every file, by second names", r#"cp -rl "$REAL" third"#),
    (
        "one journal, by a second name",
        r#"cp -r "$REAL" third; cd third/123456789012/us-east-1/functions/pay; rm journal.jsonl
ln "$REAL/123456789012/us-east-1/functions/pay/journal.jsonl" ."#,
    ),
    (
        "the sums, by a second name",
        r#"cp -r "$REAL" third; cd third/123456789012/us-east-1; rm usage.json; ln "$REAL/123456789012/us-east-1/usage.json" ."#,
    ),
    (
        "its buckets",
        r#"cp -r "$REAL" third; rm -r third/s3; ln -s "$REAL/s3" third/"#,
    ),
    (
        "its packages",
        r#"cp -r "$REAL" third; rm -r third/packages; ln -s "$REAL/packages" third/"#,
    ),
    (
        "its locks and its spools",
        r#"cp -r "$REAL" third; rm -rf third/tmp; mkdir -p "$REAL/tmp"; ln -s "$REAL/tmp" third/"#,
    ),
];

#[test]
fn another_state_that_is_made_of_links_into_the_real_one_is_refused() {
    let home = Home::new();
    fs::create_dir_all(home.real.root.join("tmp")).unwrap();
    let before = home.seen();
    for (name, make) in LINKS {
        let calls = format!(
            "code=0\nlambdry --state-dir third {CHANGE} || code=$?\nlambdry --state-dir third s3 cp next.zip s3://builds/next.zip || true\n\
             LAMBDRY_STATE_DIR=third aws lambda delete-function --function-name pay || true\necho $code"
        );
        let (answer, _) = home.rehearse(&format!("set -e\n({make})\n{calls}\n"), &[]);
        // The script itself made second hard links to files of the state. They are removed before the comparison,
        // because they change the files' link counts.
        let _ = fs::remove_dir_all(home.work("third"));
        for folder in ["between", "beside"] {
            let _ = fs::remove_dir_all(home.work(folder));
        }
        let bytes = |seen: &Seen| -> BTreeMap<PathBuf, (Vec<u8>, [i64; 2])> {
            let seen = seen.iter();
            seen.map(|(path, (bytes, lies))| (path.clone(), (bytes.clone(), [lies[0], lies[2]])))
                .collect()
        };
        assert_eq!(bytes(&before), bytes(&home.seen()), "{name}");
        assert_eq!(
            answer.out.lines().last(),
            Some("255"),
            "{name}: {}",
            answer.err
        );
        let told = "leads into the state that this rehearsal must not change";
        assert!(answer.err.contains(told), "{name}: {}", answer.err);
    }
    // Links to other places, and files that already have several hard links, belong to somebody else. A state is not
    // refused because of them.
    let script = "cp -r \"$REAL\" third; mv third/s3 elsewhere; ln -s ../elsewhere third/s3\n\
        ln third/123456789012/us-east-1/usage.json second\n\
        lambdry --state-dir third update-function-configuration --function-name pay --timeout 77 --output off\n";
    let (answer, report) = home.rehearse(script, &[]);
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert_eq!(report["OtherStates"].as_array().map(Vec::len), Some(1));
}

/// Ways to bring a part of the real state into another one by a mount.
const MOUNTS: &[(&str, &str)] = &[
    (
        "an account, as the state itself",
        r#"mkdir third; mount --bind "$REAL/123456789012" third"#,
    ),
    (
        "a folder below a mount of an account",
        r#"mkdir mount; mount --bind "$REAL/123456789012" mount; ln -s mount/us-east-1 third"#,
    ),
    (
        "a region",
        r#"cp -r "$REAL" third; mount --bind "$REAL/123456789012/us-east-1" third/123456789012/us-east-1"#,
    ),
    (
        "a region, where a blank is in the path",
        r#"cp -r "$REAL" "a third"; mount --bind "$REAL/123456789012/us-east-1" "a third/123456789012/us-east-1"; ln -s "a third" third"#,
    ),
    (
        "one function",
        r#"cp -r "$REAL" third; cd third/123456789012/us-east-1/functions; mount --bind "$REAL/123456789012/us-east-1/functions/pay" pay"#,
    ),
    (
        "one journal",
        r#"cp -r "$REAL" third; cd third/123456789012/us-east-1/functions/pay; mount --bind "$REAL/123456789012/us-east-1/functions/pay/journal.jsonl" journal.jsonl"#,
    ),
];

#[test]
fn another_state_into_which_a_part_of_the_real_one_is_mounted_is_refused() {
    if !can("unshare") {
        return;
    }
    let home = Home::new();
    let before = home.seen();
    // The code of a change of a state that is made in that way.
    let change = |make: &str| {
        fs::write(
            home.work("inside.sh"),
            format!("set -e\n({make})\nlambdry --state-dir third {CHANGE} && code=0 || code=$?\necho $code\n"),
        )
        .unwrap();
        let script = "aws lambda list-functions --output off\nunshare --map-root-user --mount bash inside.sh\n";
        let (answer, _) = home.rehearse(script, &[]);
        for folder in ["third", "a third", "mount", "elsewhere"] {
            let _ = fs::remove_file(home.work(folder));
            let _ = fs::remove_dir_all(home.work(folder));
        }
        answer
    };
    for (name, make) in MOUNTS {
        let answer = change(make);
        assert_eq!(
            differing(&before, &home.seen()),
            [] as [PathBuf; 0],
            "{name}"
        );
        assert_eq!(
            answer.out.lines().last(),
            Some("255"),
            "{name}: {}",
            answer.err
        );
        let told = "leads into the state that this rehearsal must not change";
        assert!(answer.err.contains(told), "{name}: {}", answer.err);
    }
    // A mount of something else belongs to somebody else.
    let make = r#"cp -r "$REAL" third; cp -r "$REAL/123456789012" elsewhere; mount --bind elsewhere third/123456789012"#;
    let answer = change(make);
    assert_eq!(answer.out.lines().last(), Some("0"), "{}", answer.err);
}

#[test]
fn a_rehearsal_that_is_gone_reaches_nothing() {
    let home = Home::new();
    let before = home.seen();
    let script = format!(
        "aws lambda list-functions --output off\nrm -r \"$LAMBDRY_REHEARSAL\"\n\"$OURS\" --state-dir \"$REAL\" {CHANGE}; echo $?"
    );
    let (answer, _) = home.rehearse(&script, &[]);
    assert_eq!(
        (answer.code, answer.out.as_str()),
        (255, "255\n"),
        "{}",
        answer.err
    );
    assert!(
        answer
            .err
            .contains("the rehearsal of this process has ended"),
        "{}",
        answer.err
    );
    assert_eq!(differing(&before, &home.seen()), [] as [PathBuf; 0]);
}

#[test]
fn in_place_every_name_is_the_state_itself() {
    let home = Home::new();
    let way = format!("lambdry --state-dir \"$REAL\" {CHANGE}\necho x >> next.zip");
    let (answer, report) = home.rehearse(&way, &["--in-place"]);
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert_eq!(report["Touched"], serde_json::json!([]));
    assert_eq!(report["Functions"][0]["Members"][0]["Name"], "Timeout");
    let now = home
        .real
        .ok(&["get-function-configuration", "--function-name", "pay"]);
    assert_eq!(now.json()["Timeout"], 77);
}

#[test]
fn a_session_leads_every_name_to_its_fork_and_tells_what_moved() {
    let home = Home::new();
    let before = home.seen();
    let names = ways(NAMES)
        .into_iter()
        .filter(|(_, way)| can(way) && !way.contains(" rehearse "));
    let lines: String = names
        // In a session, nothing shows that a shell cleared its environment.
        .filter(|(name, _)| !name.contains("cleared") && !name.contains("rehearsal's"))
        .map(|(_, way)| {
            format!(
                "({way}) || echo failed\naws lambda wait function-updated-v2 --function-name pay\n"
            )
        })
        .collect();
    let session = |lines: &str| -> Answer {
        let script = format!(
            "eval \"$(\"$OURS\" rehearse begin)\"\n{lines}\n\
             aws lambda get-function-configuration --function-name pay --query Timeout\n\
             lambdry rehearse end --report text --report json=report > /dev/null; echo $?"
        );
        home.command("bash")
            .args(["-c", &script])
            .output()
            .unwrap()
            .into()
    };
    let answer = session(&lines);
    assert_eq!(answer.out, "77\n0\n", "{}", answer.err);
    assert_eq!(differing(&before, &home.seen()), [] as [PathBuf; 0]);
    let head = "123456789012/us-east-1/functions/ship/function.json";
    let answer = session(&format!("echo >> \"$REAL/{head}\""));
    let report: Value = serde_json::from_slice(&fs::read(home.work("report")).unwrap()).unwrap();
    assert_eq!(report["Touched"][0]["Files"][0], head, "{}", answer.err);
    assert!(
        answer.out.ends_with("3\n0\n"),
        "a session has no script to accuse: {}",
        answer.out
    );
}

#[test]
fn a_sweep_leads_every_name_to_its_forks_and_tells_what_moved() {
    let home = Home::new();
    let before = home.seen();
    let sweep = |script: &str| -> (Answer, Value) {
        home.script(script);
        let mut command = home.command(env!("CARGO_BIN_EXE_lambdry"));
        command.args(["rehearse", "--sweep", "--yes", "--report", "json"]);
        let answer: Answer = command
            .args(["--", "bash", "deploy.sh"])
            .output()
            .unwrap()
            .into();
        let table = serde_json::from_str(&answer.out).unwrap_or_default();
        (answer, table)
    };
    let change = format!("set -e\nlambdry --state-dir \"$REAL\" {CHANGE}\n");
    let (answer, table) = sweep(&change);
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert_eq!(
        (&table["Touched"], table["Points"].as_array().map(Vec::len)),
        (&serde_json::json!([]), Some(2))
    );
    assert_eq!(differing(&before, &home.seen()), [] as [PathBuf; 0]);
    let (answer, table) = sweep(&format!("{change}touch \"$REAL/stubs\"\n"));
    assert_eq!(
        (answer.code, &table["Touched"][0]["Severity"]),
        (1, &Value::from("Error")),
        "{}",
        answer.err
    );
}

/// Rehearses a script while another process does `meanwhile`.
fn beside(home: &Home, script: &str, meanwhile: impl FnOnce() + Send) -> (Answer, Value) {
    let sleep = ["/bin/sleep", "/usr/bin/sleep"]
        .into_iter()
        .find(|sleep| Path::new(sleep).exists());
    let sleep = sleep.expect("a sleep that is not answered");
    let script = format!(
        "aws lambda list-functions --output off\ntouch began\nfor i in $(seq 999); do [ -e done ] && break; {sleep} 0.02; done\n{script}"
    );
    for name in ["began", "done"] {
        let _ = fs::remove_file(home.work(name));
    }
    thread::scope(|scope| {
        scope.spawn(|| {
            while !home.work("began").exists() {
                thread::sleep(Duration::from_millis(5));
            }
            meanwhile();
            fs::write(home.work("done"), "").unwrap();
        });
        home.rehearse(&script, &[])
    })
}

#[test]
fn what_moves_around_the_journal_is_told_first_and_nobody_is_accused_of_their_own_work() {
    let home = Home::new();
    let real = &home.real;
    let functions = real.root.join("123456789012/us-east-1/functions");
    let append = |path: &Path| {
        let text = fs::read(path).unwrap();
        fs::write(path, [text, b"\n".to_vec()].concat()).unwrap();
    };
    // Another person makes ordinary calls.
    let (answer, report) = beside(&home, "", || {
        real.ok(&[
            "update-function-configuration",
            "--function-name",
            "pay",
            "--timeout",
            "9",
        ]);
        real.ok(&["publish-version", "--function-name", "pay"]);
        real.ok(&[
            "delete-function",
            "--function-name",
            "pay",
            "--qualifier",
            "3",
        ]);
        real.ok(&["delete-function", "--function-name", "ship"]);
        let code = format!("fileb://{}", home.work("next.zip").display());
        let new = [
            "--runtime",
            "python3.12",
            "--handler",
            "a.b",
            "--zip-file",
            &code,
        ];
        let role = ["--role", "arn:aws:iam::123456789012:role/r"];
        for name in ["new", "brief"] {
            real.ok(&[
                &["create-function", "--function-name", name],
                &new[..],
                &role,
            ]
            .concat());
        }
        real.ok(&["delete-function", "--function-name", "brief"]);
        real.ok(&[
            "publish-layer-version",
            "--layer-name",
            "deps",
            "--zip-file",
            &code,
        ]);
    });
    assert_eq!(
        (answer.code, &report["Touched"]),
        (0, &serde_json::json!([])),
        "{}",
        answer.err
    );
    assert!(answer.err.contains("Clean"), "{}", answer.err);
    // Another person edits files by hand. Some of the files have no journal.
    let (answer, report) = beside(&home, "", || {
        append(&functions.join("new/function.json"));
        fs::write(real.root.join("s3/builds/next.zip"), "other").unwrap();
    });
    let told = |report: &Value| -> Vec<String> {
        let touched = report["Touched"].as_array().unwrap().iter();
        touched
            .map(|it| {
                format!(
                    "{} {}",
                    it["Severity"].as_str().unwrap(),
                    it["What"].as_str().unwrap()
                )
            })
            .collect()
    };
    assert_eq!(
        told(&report),
        ["Warning function new", "Warning s3://builds/next.zip"]
    );
    assert!(
        answer.code == 0 && !answer.err.contains("Clean"),
        "{}",
        answer.err
    );
    // The script itself changes files. The file of a version is never written again, even if another person moves the
    // function at the same time.
    let script = "echo >> \"$REAL\"/123456789012/us-east-1/functions/pay/versions/2.json\n\
        find \"$REAL/packages\" -name '*.zip' | head -1 | xargs -I{} sh -c 'echo >> {}'";
    let (answer, report) = beside(&home, script, || {
        real.ok(&[
            "update-function-configuration",
            "--function-name",
            "pay",
            "--timeout",
            "8",
        ]);
    });
    let told = told(&report);
    assert_eq!(told[0], "Error function pay", "{told:?}");
    assert!(
        told.len() == 2 && told[1].starts_with("Error package "),
        "{told:?}"
    );
    assert_eq!(answer.code, 255);
    let first = answer
        .err
        .lines()
        .find(|line| !line.is_empty() && !line.starts_with("lambdry: "));
    assert!(
        first.is_some_and(
            |line| line.starts_with("error: the state itself was changed: function pay")
        ),
        "{}",
        answer.err
    );
    assert!(answer.err.contains("deploy.sh:4"), "{}", answer.err);
}
