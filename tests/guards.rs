//! Tests the commands of a rehearsed script that are not `aws`: programs that use the network, images, time, stubs, and
//! things that the script takes for granted. Stand-ins that leave a trace replace the real programs.
#![cfg(unix)]

mod common;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::Output,
    time::{Duration, Instant},
};

use common::Sandbox;

/// A place with programs that do nothing but leave a trace.
struct Place {
    sandbox: Sandbox,
    programs: PathBuf,
}

const HOST: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

impl Place {
    fn new(programs: &[&str]) -> Self {
        let sandbox = Sandbox::new();
        let folder = sandbox.work().join("programs");
        fs::create_dir(&folder).expect("a folder");
        let place = Self {
            sandbox,
            programs: folder,
        };
        for name in programs {
            place.program(name, "echo \"$(basename \"$0\") $*\" >>\"$TRACE\"");
        }
        place
    }

    fn program(&self, name: &str, body: &str) {
        let path = self.programs.join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
    }

    /// Rehearses a script. `options` are the options of the rehearsal.
    fn rehearse(&self, options: &[&str], script: &str) -> Output {
        let path = self.sandbox.work().join("deploy.sh");
        fs::write(&path, format!("#!/bin/bash\n{script}\n")).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
        // PATH holds the programs of the system. Guarded programs that are installed there are left out of this PATH.
        let system = self.sandbox.work().join("system");
        if !system.exists() {
            fs::create_dir(&system).expect("a folder");
            for name in [
                "bash", "sh", "env", "cat", "basename", "dirname", "sleep", "kill", "head", "true",
                "seq", "touch", "mkdir",
            ] {
                let found = common::search_path()
                    .into_iter()
                    .map(|folder| folder.join(name))
                    .find(|path| path.exists());
                if let Some(found) = found {
                    std::os::unix::fs::symlink(found, system.join(name)).expect("a link");
                }
            }
        }
        let bin = self.sandbox.work().parent().expect("a home").join("bin");
        let path = std::env::join_paths([&bin, &self.programs, &system]).expect("a PATH");
        self.sandbox
            .command(bin.join("lambdry"))
            .arg("rehearse")
            .arg("--quiet")
            .args(options)
            .args(["--", "./deploy.sh"])
            .env("PATH", path)
            .env("AWS_REGION", "eu-west-1")
            .env("TRACE", self.trace())
            .output()
            .expect("lambdry")
    }

    fn trace(&self) -> PathBuf {
        self.sandbox.work().join("trace")
    }

    /// The names of the programs that really ran.
    fn ran(&self) -> String {
        fs::read_to_string(self.trace()).unwrap_or_default()
    }
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A call that the script must make. Without a call, a rehearsal has nothing to report.
const CALL: &str = "aws --version >/dev/null; aws sts get-caller-identity >/dev/null";

#[test]
fn what_reaches_outwards_is_refused_by_name_and_everything_else_is_the_real_program() {
    let place = Place::new(&["git", "terraform", "kubectl"]);
    let told = place.rehearse(
        &[],
        &format!(
            "{CALL}\ngit -C repo push origin main; echo \"git $?\"\nterraform plan -out x; echo \"plan $?\"\n\
             terraform -chdir=infra apply x; echo \"apply $?\"\nkubectl version --client; git push --dry-run\n\
             git rev-parse 'a b'"
        ),
    );
    assert_eq!(out(&told), "git 255\nplan 0\napply 255\n", "{}", err(&told));
    assert_eq!(
        err(&told),
        "lambdry rehearse: git push changes things outside and was not run (to run it: --allow 'git push')\n\
         lambdry rehearse: terraform apply changes things outside and was not run (to run it: --allow 'terraform apply')\n"
    );
    assert_eq!(
        place.ran(),
        "terraform plan -out x\nkubectl version --client\ngit push --dry-run\ngit rev-parse a b\n"
    );
}

#[test]
fn what_is_allowed_runs_and_a_stub_answers_first() {
    let place = Place::new(&["git", "helm"]);
    fs::write(
        place.sandbox.work().join("answers"),
        "helm upgrade => 3\n    upgraded\n    ! almost\n\nterraform output\n    eu\n",
    )
    .expect("a file");
    let script = format!(
        "{CALL}\ngit -C repo push origin main\ngit push other; echo $?\nhelm -n prod upgrade a b; echo $?\nterraform output"
    );
    let told = place.rehearse(
        &["--allow", "git push origin", "--stub", "answers"],
        &script,
    );
    assert_eq!(out(&told), "255\nupgraded\n3\neu\n", "{}", err(&told));
    assert_eq!(place.ran(), "git -C repo push origin main\n");
    assert!(
        err(&told).starts_with("lambdry rehearse: git push changes things outside and was not run"),
        "{}",
        err(&told)
    );
    assert!(err(&told).ends_with("almost\n"), "{}", err(&told));
}

#[test]
fn a_cleared_environment_and_a_program_that_is_not_there_make_no_hole() {
    let place = Place::new(&["git"]);
    let told = place.rehearse(
        &[],
        &format!(
            "{CALL}\nenv -i PATH=\"$PATH\" git push; echo $?\ncommand -v gh; echo $?\ndocker build .; echo $?\n\
             \"$(command -v git)\" push; echo $?"
        ),
    );
    assert_eq!(out(&told), "255\n1\n127\n255\n", "{}", err(&told));
    assert!(
        err(&told).contains("\ndocker: command not found\n"),
        "{}",
        err(&told)
    );
    assert_eq!(place.ran(), "");
}

#[test]
fn an_image_is_deployed_to_the_end_without_an_engine() {
    let place = Place::new(&[]);
    place.program(
        "docker",
        "echo \"docker $*\" >>\"$TRACE\"\ncase $1 in image) echo 'Cannot connect to the Docker daemon' >&2; exit 1 ;; esac",
    );
    let told = place.rehearse(
        &[],
        &format!(
            "set -euo pipefail\nimage={HOST}/pay:7\n\
             aws sts get-caller-identity >/dev/null\n\
             echo secret | docker login --username AWS --password-stdin {HOST}\n\
             docker build -t pay .\ndocker tag pay $image\ndocker push $image\n\
             digest=$(docker inspect --format '{{{{index .RepoDigests 0}}}}' $image)\n\
             sha=$(aws lambda update-function-code --function-name pay --image-uri $image --query CodeSha256 --output text)\n\
             [ \"$digest\" = \"{HOST}/pay@sha256:$sha\" ] && echo same\n\
             : | docker login --username AWS --password-stdin {HOST} || echo no password\n\
             docker push ghcr.io/me/pay || echo refused"
        ),
    );
    let told_out = out(&told);
    assert!(
        told_out.starts_with("Login Succeeded\nThe push refers to repository ["),
        "{told_out}{}",
        err(&told)
    );
    assert!(
        told_out.ends_with("\nsame\nno password\nrefused\n"),
        "{told_out}{}",
        err(&told)
    );
    let ran = place.ran();
    let pushed = ran
        .lines()
        .any(|line| line.starts_with("docker push") || line.starts_with("docker login"));
    assert!(ran.contains("docker build -t pay .\n") && !pushed, "{ran}");
}

#[test]
fn an_engine_is_asked_for_images_and_misses_what_was_never_built() {
    let place = Place::new(&[]);
    place.program(
        "docker",
        "echo \"docker $*\" >>\"$TRACE\"\ncase \"$*\" in image*pay*) echo sha256:abc ;;\n\
         image*) echo 'Error response from daemon: No such image: x' >&2; exit 1 ;; esac",
    );
    let told = place.rehearse(
        &[],
        &format!(
            "{CALL}\ndocker tag pay:1 {HOST}/pay:1\ndocker push -q {HOST}/pay:1\ndocker push {HOST}/other:1; echo $?\n\
             docker buildx build --push -t {HOST}/pay:2 --platform linux/arm64 ."
        ),
    );
    assert_eq!(
        out(&told),
        format!("{HOST}/pay:1\nThe push refers to repository [{HOST}/other]\n1\n"),
        "{}",
        err(&told)
    );
    assert!(
        err(&told).contains("An image does not exist locally with the tag"),
        "{}",
        err(&told)
    );
    let ran = place.ran();
    assert!(
        ran.contains(&format!("docker tag pay:1 {HOST}/pay:1\n")),
        "{ran}"
    );
    assert!(
        ran.ends_with(&format!(
            "docker buildx build -t {HOST}/pay:2 --platform linux/arm64 .\n"
        )),
        "{ran}"
    );
}

/// A script that updates a function, runs `between`, and then publishes.
fn race(between: &str) -> String {
    format!(
        "aws lambda update-function-configuration --function-name pay --timeout 9 >/dev/null\n{between}\n\
         aws lambda publish-version --function-name pay --query Version --output text"
    )
}

#[test]
fn sleep_returns_at_once_and_the_update_is_done_after_it() {
    let place = Place::new(&[]);
    let hasty = place.rehearse(&[], &race(":"));
    assert_eq!(hasty.status.code(), Some(254), "{}", out(&hasty));
    assert!(
        err(&hasty).contains("ResourceConflictException"),
        "{}",
        err(&hasty)
    );
    let began = Instant::now();
    let patient = place.rehearse(&[], &race("sleep 3"));
    assert_eq!(out(&patient), "4\n", "{}", err(&patient));
    let polling = "until [ \"$(aws lambda get-function-configuration --function-name pay --query LastUpdateStatus \
                   --output text)\" = Successful ]; do echo again; sleep 1; done";
    let polled = place.rehearse(&[], &race(polling));
    assert_eq!(out(&polled), "again\nagain\n4\n", "{}", err(&polled));
    let long = place.rehearse(&[], &race("sleep 1h 30m"));
    assert_eq!(out(&long), "4\n", "{}", err(&long));
    assert!(began.elapsed() < Duration::from_secs(60));
}

#[test]
fn sleep_takes_its_time_where_that_is_asked_for_or_meant() {
    let place = Place::new(&[]);
    // Here time stands still, except when a sleep moves it.
    let real = place.rehearse(&["--real-sleep"], &race("sleep 0.1"));
    assert_eq!(real.status.code(), Some(254), "{}", out(&real));
    let watched = place.rehearse(
        &[],
        &format!("{CALL}\n( sleep 30; kill $$ ) 2>/dev/null &\nwatchdog=$!\nsleep 100; echo alive\nkill $watchdog"),
    );
    assert_eq!(out(&watched), "alive\n", "{}", err(&watched));
    let wrong = place.rehearse(&[], &format!("{CALL}\nsleep 1x; echo $?"));
    assert_eq!(out(&wrong), "1\n");
    assert!(err(&wrong).contains("1x"), "{}", err(&wrong));
}

#[test]
fn a_first_run_on_an_empty_state_goes_the_way_of_a_release_and_the_other_way_when_told() {
    let place = Place::new(&[]);
    place.sandbox.zip("app.zip", "two");
    let script = "set -e\n\
                  if aws lambda get-function --function-name pay >/dev/null 2>&1; then\n  \
                  aws lambda update-function-code --function-name pay --zip-file fileb://app.zip >/dev/null\n  \
                  aws lambda wait function-updated --function-name pay\n  \
                  v=$(aws lambda publish-version --function-name pay --query Version --output text)\n  \
                  aws lambda update-alias --function-name pay --name live --function-version $v --query FunctionVersion\n\
                  else\n  echo created\nfi";
    let told = place.rehearse(&[], script);
    assert_eq!(out(&told), "\"4\"\n", "{}", err(&told));
    let told = place.rehearse(&["--assume-versions=1"], script);
    assert_eq!(out(&told), "\"2\"\n", "{}", err(&told));
    let told = place.rehearse(&["--absent", "pay"], script);
    assert_eq!(out(&told), "created\n", "{}", err(&told));
    let told = place.rehearse(&["--strict-state"], script);
    assert_eq!(out(&told), "created\n", "{}", err(&told));
    assert!(
        !place.sandbox.work().join("state").exists(),
        "nothing is made of the state itself"
    );
}

#[test]
fn learning_writes_the_stubs_with_which_the_next_run_goes_through() {
    let place = Place::new(&["git"]);
    let script = "set -e\naws sts get-caller-identity >/dev/null\n\
                  host=$(aws ssm get-parameter --name /db/host --query Parameter.Value --output text)\n\
                  git -C x push origin\necho \"host: $host\"";
    let stopped = place.rehearse(&[], script);
    assert_eq!(stopped.status.code(), Some(254), "{}", err(&stopped));
    let learned = place.rehearse(&["--learn=stubs"], script);
    assert_eq!(out(&learned), "host: CHANGE-ME\n", "as the next run will");
    let stubs = fs::read_to_string(place.sandbox.work().join("stubs")).expect("stubs");
    assert!(
        stubs.contains("\nssm get-parameter * --name /db/host\n    {\"Parameter\""),
        "{stubs}"
    );
    assert!(stubs.ends_with("\ngit push\n"), "{stubs}");
    let stubbed = place.rehearse(&["--stub", "stubs"], script);
    assert_eq!(out(&stubbed), "host: CHANGE-ME\n", "{}", err(&stubbed));
    assert_eq!(place.ran(), "");
}

/// The forms of a report, each with a file, and the Markdown that a job shows.
const FORMS: [&str; 6] = ["text", "json", "markdown", "junit", "github", "html"];

/// Rehearses a script with a report in every form. Returns each report with its name, and the text on stderr.
fn told_in_every_form(place: &Place, options: &[&str], script: &str) -> Vec<(String, String)> {
    let reports = FORMS.map(|form| format!("--report={form}={form}.out"));
    let options: Vec<&str> = reports
        .iter()
        .map(String::as_str)
        .chain(options.iter().copied())
        .collect();
    let told = place.rehearse(&options, script);
    let mut texts: Vec<(String, String)> = FORMS
        .iter()
        .map(|form| {
            let path = place.sandbox.work().join(format!("{form}.out"));
            (
                (*form).to_owned(),
                fs::read_to_string(path).expect("a report"),
            )
        })
        .collect();
    texts.push(("stderr".to_owned(), err(&told)));
    texts
}

#[test]
fn what_may_be_secret_is_in_no_report_and_in_no_stub_unless_it_is_asked_for() {
    let place = Place::new(&["ssh", "curl", "kubectl"]);
    let script = "aws sts get-caller-identity >/dev/null\n\
        aws ssm put-parameter --name /q --type SecureString --value hunter2 2>/dev/null\n\
        aws ssm get-parameter --name /q --query Parameter.Type\n\
        aws ssm get-parameter --name /p 2>/dev/null\n\
        aws rds create-db-instance --db-instance-identifier d --master-user-password hunter2 2>/dev/null\n\
        aws lambda publish-version --function-name pay --pasword hunter2 2>/dev/null\n\
        ssh host 'echo hunter2' 2>/dev/null\n\
        kubectl create secret generic s --from-literal=k=hunter2 2>/dev/null\n\
        curl -d '{\"password\":\"hunter2\"}' https://me:hunter2@host/x 2>/dev/null; true";
    for (form, text) in told_in_every_form(&place, &["--learn=stubs.out"], script) {
        assert!(!text.contains("hunter2"), "{form}: {text}");
    }
    let stubs = fs::read_to_string(place.sandbox.work().join("stubs.out")).expect("stubs");
    assert!(
        !stubs.contains("hunter2") && stubs.contains("--name /p"),
        "{stubs}"
    );
    let told = told_in_every_form(&place, &["--show-values"], script);
    assert!(told[1].1.contains("hunter2"), "{}", told[1].1);
}

#[test]
fn a_program_that_really_ran_is_not_said_to_reach_nothing() {
    let place = Place::new(&["curl", "npm"]);
    let script = format!("{CALL}\ncurl https://host\nnpm view x");
    for (form, text) in told_in_every_form(&place, &[], &script) {
        let says = text
            .matches("really ran, and could reach the network")
            .count();
        let expected = match form.as_str() {
            "text" | "json" | "markdown" => 2,
            // The page lists both programs among the calls, and also at their lines if the lines are known.
            "html" => {
                assert!((2..=4).contains(&says), "{form}: {text}");
                continue;
            }
            _ => 0,
        };
        assert_eq!(says, expected, "{form}: {text}");
    }
}

#[test]
fn a_refused_change_that_is_left_is_no_clean_run_and_strict_fails() {
    let place = Place::new(&[]);
    let script = "aws lambda delete-function --function-name none\n\
        aws lambda update-alias --function-name none --name live --function-version 1 2>/dev/null; true";
    let told = told_in_every_form(&place, &["--strict-state"], script);
    assert!(
        told[0]
            .1
            .contains("AWS refused update-alias of none, and the script went on")
            && !told[0].1.contains("Clean"),
        "{}",
        told[0].1
    );
    let code = |options: &[&str], script: &str| place.rehearse(options, script).status.code();
    assert_eq!(code(&["--strict-state", "--strict"], script), Some(255));
    assert_eq!(code(&["--strict-state"], script), Some(0));
    let harmless = "aws lambda delete-function --function-name none 2>/dev/null; true";
    assert_eq!(code(&["--strict-state", "--strict"], harmless), Some(0));
    let old = "aws lambda publish-version --function-name pay --code-sha-256 x 2>/dev/null; true";
    let told = told_in_every_form(&place, &[], old);
    assert!(told[1].1.contains("Write --code-sha256"), "{}", told[1].1);
}

#[test]
fn no_word_of_a_script_begins_a_workflow_command_or_steers_a_terminal() {
    let place = Place::new(&["git"]);
    let script = "aws sts get-caller-identity >/dev/null\n\
        aws $'evil\\n::error::x\\e[31m' y\naws lambda $'evil\\n::error::x\\e[31m'\n\
        aws lambda get-function --function-name $'evil\\n::error::x\\e[31m'\n\
        lambdry $'evil\\n::error::x\\e[31m'\n\
        git -C $'evil\\n::error::x\\e[31m' push $'a\\n::error::x'; true";
    for (form, text) in told_in_every_form(&place, &[], script) {
        let begins = |line: &str| line.trim_start().starts_with("::error::x");
        assert!(!text.lines().any(begins), "{form}: {text}");
        assert!(!text.contains('\x1b'), "{form}: {text:?}");
    }
}

/// A shell command in an alias cannot leave the rehearsal. It gets the script's environment, with keys that belong to
/// no account.
#[test]
fn the_shell_of_an_alias_cannot_escape() {
    let place = Place::new(&["git", "aws"]);
    let home = place.sandbox.work().parent().expect("a home").to_owned();
    fs::create_dir_all(home.join(".aws/cli")).expect("a folder");
    fs::write(
        home.join(".aws/cli/alias"),
        "[toplevel]\nwho = !aws sts get-caller-identity --query Account --output text; echo \"$AWS_ACCESS_KEY_ID \
         $AWS_ENDPOINT_URL\"; git push\n[command lambda]\nship = !sh -c 'aws lambda delete-function --function-name pay; \
         echo $?'\n",
    )
    .expect("a file");
    fs::write(
        home.join(".aws/credentials"),
        "[default]\naws_access_key_id = REAL\naws_secret_access_key = REAL\n",
    )
    .expect("a file");
    let told = place.rehearse(
        &[],
        "aws sts get-caller-identity >/dev/null\naws who; echo $?\naws lambda ship",
    );
    let lines = out(&told);
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines[0], "123456789012", "{}", err(&told));
    assert!(
        lines[1].starts_with("AKIA") && lines[1].contains(" http://127.0.0.1:"),
        "{lines:?}"
    );
    assert_eq!(&lines[2..3], ["255"], "git push is refused: {}", err(&told));
    assert!(
        err(&told).contains("git push changes things outside"),
        "{}",
        err(&told)
    );
    // The `aws` after lambdry's on PATH and git never ran. The state is unchanged.
    assert_eq!(place.ran(), "");
    assert!(!place.sandbox.work().join("state").exists());
}
