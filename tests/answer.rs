//! Rehearsals of programs that call AWS over HTTP, as SDKs do. Their calls are treated like calls of `aws`. They are
//! answered from the fork, and the report gives the program and its line. They can be made to fail, stubbed and swept.
//! No byte goes to AWS or to the state itself.
//!
//! The programs are written in Python with the small SDK in `answer/sdk.py`, which needs only the standard library.
//! `tests/clients` runs the real SDKs.
#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its own environment"
)]

mod disk;

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use disk::{Answer, State, furnished, skipped::skipped, zip};
use serde_json::Value;

/// The line that every program begins with.
const HEAD: &str = "import os, sys, time; from sdk import Client, ClientError; client = Client()\n";

/// A correct release.
const SOUND: &str = r#"
code = open("next.zip", "rb").read()
client.update_function_code(FunctionName="pay", ZipFile=code)
client.get_waiter("function_updated_v2").wait(FunctionName="pay")
version = client.publish_version(FunctionName="pay")["Version"]
client.update_alias(FunctionName="pay", Name="live", FunctionVersion=version, RoutingConfig={})
"#;

/// A folder with a state directory, a folder to work in, and the SDK.
struct Place {
    folder: tempfile::TempDir,
    state: State,
}

impl Place {
    /// Makes a place; `None` with a message if there is no Python.
    fn new() -> Option<Self> {
        if Command::new("python3").arg("--version").output().is_err() {
            skipped("there is no python3");
            return None;
        }
        let folder = disk::folder();
        let work = folder.path().join("work");
        fs::create_dir(&work).unwrap();
        zip(&work, "next");
        let state = furnished(folder.path().join("state"), folder.path());
        fs::write(work.join("sdk.py"), include_str!("answer/sdk.py")).unwrap();
        Some(Self { folder, state })
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.work().join(name), text).unwrap();
    }

    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C")
            .env("AWS_REGION", "us-east-1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("LAMBDRY_STATE_DIR", &self.state.root)
            .current_dir(self.work())
            .stdin(Stdio::null());
        command
    }

    fn rehearsal(&self, words: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_lambdry"));
        command.arg("rehearse").args(words);
        command
    }

    fn rehearse(&self, words: &[&str]) -> Answer {
        let before = self.everything();
        let answer = self.rehearsal(words).output().expect("it runs").into();
        assert!(before == self.everything(), "the state was changed");
        assert_eq!(self.stages(), [] as [PathBuf; 0], "nothing is left");
        answer
    }

    /// Rehearses a Python program.
    fn python(&self, options: &[&str], text: &str) -> Answer {
        self.write("deploy.py", &format!("{HEAD}{text}"));
        self.rehearse(&[options, &["--", "python3", "deploy.py"]].concat())
    }

    /// Rehearses a Python program, and reads its report as data.
    fn report(&self, options: &[&str], text: &str) -> (Answer, Value) {
        let options = [
            options,
            &["--report", "json=report.json", "--report", "text"],
        ]
        .concat();
        let answer = self.python(&options, text);
        (answer, self.read_report())
    }

    fn read_report(&self) -> Value {
        let text = fs::read(self.work().join("report.json")).expect("a report");
        serde_json::from_slice(&text).expect("JSON")
    }

    fn stages(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .filter(|path| path.to_string_lossy().contains("rehearsal"))
            .collect()
    }

    /// Every file of the state, with its bytes and the time at which it was written.
    fn everything(&self) -> BTreeMap<PathBuf, (Vec<u8>, i64, i64)> {
        fn look(folder: &Path, files: &mut BTreeMap<PathBuf, (Vec<u8>, i64, i64)>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let of = fs::symlink_metadata(&path).unwrap();
                if of.is_dir() {
                    look(&path, files);
                } else {
                    let bytes = fs::read(&path).unwrap_or_default();
                    files.insert(path, (bytes, of.mtime(), of.mtime_nsec()));
                }
            }
        }
        let mut files = BTreeMap::new();
        look(&self.state.root, &mut files);
        files
    }
}

/// The last paragraph of a report, in one line.
fn verdict(answer: &Answer) -> String {
    let last = answer.err.trim().rsplit("\n\n").next().unwrap_or_default();
    last.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_sound_program_ends_clean_and_its_calls_are_told_with_it() {
    let Some(place) = Place::new() else { return };
    let (answer, report) = place.report(&[], SOUND);
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert!(
        verdict(&answer).starts_with("Clean: exit code 0; 4 calls in "),
        "{}",
        answer.err
    );
    for told in [
        "  python3 deploy.py (Boto3/1.40.0)\n",
        "  deploy.py:4  update-function-code",
        "  deploy.py:5  waiter's get-function",
        "  deploy.py:6  publish-version",
        "live → 3",
    ] {
        assert!(answer.err.contains(told), "{told}: {}", answer.err);
    }
    let call = &report["Calls"][0];
    assert_eq!(call["Program"], "python3");
    assert_eq!(call["Client"]["Line"], "python3 deploy.py");
    assert_eq!(
        report["Functions"][0]["PublishedVersions"][0]["Version"],
        "3"
    );
}

#[test]
fn a_race_is_named_with_its_line_and_the_way_to_write_it() {
    let Some(place) = Place::new() else { return };
    let (answer, report) = place.report(
        &["--strict"],
        &SOUND.replace("client.get_waiter(\"function_updated_v2\").wait", "dict"),
    );
    assert_eq!(answer.code, 1, "{}", answer.err);
    assert!(
        answer.err.contains("ResourceConflictException"),
        "{}",
        answer.err
    );
    assert!(verdict(&answer).starts_with("Broken"), "{}", answer.err);
    let finding = &report["Findings"][0];
    assert_eq!(finding["Rule"], "race-after-update");
    assert_eq!(
        (&finding["Place"]["File"], &finding["Place"]["Line"]),
        (&"deploy.py".into(), &6.into())
    );
    assert_eq!(
        finding["Fix"],
        "client.get_waiter(\"function_updated_v2\").wait(FunctionName=\"pay\")"
    );
}

#[test]
fn innocent_reads_hide_no_race_and_a_poll_is_none() {
    let Some(place) = Place::new() else { return };
    let settled = ["--settle", "0.2s"];
    let rehearse = |text: &str| {
        place.write("deploy.py", &format!("{HEAD}{text}"));
        let mut command = place.command(env!("CARGO_BIN_EXE_lambdry"));
        let words = ["rehearse", "--", "python3", "deploy.py"];
        let answer: Answer = command.args(settled).args(words).output().unwrap().into();
        answer
    };
    let update =
        "client.update_function_code(FunctionName='pay', ZipFile=open('next.zip', 'rb').read())\n";
    // The update is done when the last read is made, but the program does not look at the answer.
    let innocent = format!(
        "{update}for _ in range(3):\n    client.get_function(FunctionName='pay')['Code']\n    time.sleep(0.4)\n\
         client.publish_version(FunctionName='pay')\n"
    );
    let answer = rehearse(&innocent);
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert!(
        verdict(&answer).starts_with("Passed by luck"),
        "{}",
        answer.err
    );
    assert!(
        answer.err.contains("python3 deploy.py  waited 1."),
        "what sleep cost: {}",
        answer.err
    );
    let polls = format!(
        "{update}while client.get_function_configuration(FunctionName='pay')['LastUpdateStatus'] != 'Successful':\n    \
         time.sleep(0.1)\nclient.publish_version(FunctionName='pay')\n"
    );
    let answer = rehearse(&polls);
    assert!(verdict(&answer).starts_with("Clean"), "{}", answer.err);
}

#[test]
fn a_waiter_that_looks_at_something_else_completes_nothing() {
    let Some(place) = Place::new() else { return };
    let answer = place.python(
        &[],
        &SOUND.replace("function_updated_v2", "function_active_v2"),
    );
    assert_eq!(answer.code, 1, "{}", answer.err);
    assert!(
        answer.err.contains("ResourceConflictException") && verdict(&answer).starts_with("Broken"),
        "{}",
        answer.err
    );
}

#[test]
fn a_refusal_that_a_program_swallows_is_never_clean_unless_the_state_says_so() {
    let Some(place) = Place::new() else { return };
    let swallowed = "try:\n    client.update_alias(FunctionName='pay', Name='gone', FunctionVersion='1')\nexcept ClientError:\n    pass\n";
    let answer = place.python(&["--strict"], swallowed);
    assert_eq!(answer.code, 255, "{}", answer.err);
    assert!(
        verdict(&answer).starts_with("Not fully played") && answer.err.contains("deploy.py:3"),
        "{}",
        answer.err
    );
    let harmless = swallowed.replace(
        "client.update_alias(FunctionName='pay', Name='gone', FunctionVersion='1')",
        "client.delete_function(FunctionName='nobody')",
    );
    let answer = place.python(&["--strict"], &harmless);
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert!(verdict(&answer).starts_with("Clean"), "{}", answer.err);
    let made_good = "try:\n    client.create_alias(FunctionName='pay', Name='live', FunctionVersion='2')\n\
        except ClientError as error:\n    assert error.code == 'ResourceConflictException', error\n    \
        client.update_alias(FunctionName='pay', Name='live', FunctionVersion='2', RoutingConfig={})\n";
    let answer = place.python(&["--strict"], made_good);
    assert!(verdict(&answer).starts_with("Clean"), "{}", answer.err);
}

#[test]
fn a_program_that_a_shell_script_starts_is_told_with_the_line_that_did() {
    let Some(place) = Place::new() else { return };
    let twice = "for version in ['1', '2']:\n    if version == '1': client.update_alias(FunctionName='pay', Name='canary', FunctionVersion='1')\n    \
        else: client.update_alias(FunctionName='pay', Name='canary', FunctionVersion='2')\n";
    place.write("move.py", &format!("{HEAD}{twice}"));
    place.write(
        "deploy.sh",
        "set -e\naws lambda get-alias --function-name pay --name live --output off\npython3 move.py --token s3cr3t\n\
         aws lambda list-functions --output off\n",
    );
    let answer = place.rehearse(&["--", "bash", "deploy.sh"]);
    assert_eq!(answer.code, 0, "{}", answer.err);
    for told in [
        "python3 move.py --token '****' (Boto3/1.40.0), started at deploy.sh:3\n",
        // Two lines of the program can have made the call, but the line of the shell script is certain.
        "deploy.sh:3  1st update-alias",
        "deploy.sh:4  list-functions",
    ] {
        assert!(answer.err.contains(told), "{told}: {}", answer.err);
    }
    assert!(!answer.err.contains("s3cr3t"), "{}", answer.err);
    assert!(verdict(&answer).starts_with("Clean"), "{}", answer.err);
}

#[test]
fn faults_fail_a_call_once_however_often_an_sdk_tries() {
    let Some(place) = Place::new() else { return };
    let fails = "try:\n    client.publish_version(FunctionName='ship')\nexcept ClientError as error:\n    print(error.status, error.code)\n\
        print(client.publish_version(FunctionName='ship')['Version'])\n";
    let fault = "PublishVersion#1=TooManyRequestsException";
    let answer = place.python(&["--fail", fault], fails);
    assert_eq!(
        answer.out, "429 TooManyRequestsException\n1\n",
        "{}",
        answer.err
    );
    assert!(answer.err.contains("a second try passed"), "{}", answer.err);
    let answer = place.python(
        &["--fail", "PublishVersion#1=ServiceException,after"],
        fails,
    );
    // The publish took effect, so the second publish finds nothing to publish.
    assert_eq!(answer.out, "500 ServiceException\n1\n", "{}", answer.err);
}

#[test]
fn stubs_assumptions_and_absences_hold_for_requests() {
    let Some(place) = Place::new() else { return };
    place.write(
        "stubs",
        "ssm get-parameter * --name /prod/*\n    {\"Parameter\": {\"Value\": \"from the stub\"}}\n\
         lambda invoke * --function-name pay => 254\n    ! An error occurred (ServiceException) when calling the Invoke operation: no\n",
    );
    let text = "ssm = Client('ssm')\nprint(ssm.get_parameter(Name='/prod/x')['Parameter']['Value'])\n\
        try: client.invoke(FunctionName='pay', Payload=b'{}')\nexcept ClientError as error: print(error.code)\n\
        try: Client('glue').get_job(JobName='/other')\nexcept ClientError as error: print(error.status, error)\n\
        try: Client('dynamodb').put_item(Item={'secret': {'S': 's3cr3t'}})\nexcept ClientError as error: print(error.status)\n";
    let (answer, report) = place.report(&["--stub", "stubs"], text);
    assert_eq!(
        answer.out,
        "from the stub\nServiceException\n501 An error occurred (NotSimulated): glue GetJob is not simulated by \
         lambdry; nothing was changed\n501\n",
        "{}",
        answer.err
    );
    assert!(
        verdict(&answer).starts_with("Not fully played"),
        "{}",
        answer.err
    );
    let calls: Vec<(&str, &str)> = report["Calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| {
            (
                call["Name"].as_str().unwrap(),
                call["Answered"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        calls,
        [
            ("ssm get-parameter", "Stub"),
            ("invoke", "Stub"),
            ("glue get-job", "Simulated"),
            ("dynamodb put-item", "Simulated"),
        ]
    );
    assert!(!answer.err.contains("s3cr3t") && !report.to_string().contains("s3cr3t"));
    let read = "try: print(client.get_function(FunctionName='new')['Configuration']['FunctionName'])\n\
        except ClientError as error: print(error.code)\n";
    assert_eq!(place.python(&["--assume"], read).out, "new\n");
    let absent = place.python(&["--assume", "--absent", "new"], read);
    assert_eq!(absent.out, "ResourceNotFoundException\n", "{}", absent.err);
}

#[test]
fn ready_answers_are_calls_of_the_rehearsal_and_lead_to_it() {
    let Some(place) = Place::new() else { return };
    let given = "[given]\n\"ssm parameter /pay/host\" = { Value = \"db\" }\n";
    place.write("lambdry.toml", given);
    let text = "print(Client('ssm').get_parameter(Name='/pay/host')['Parameter']['Value'])\n\
        url = Client('sqs').create_queue(QueueName='orders')['QueueUrl']\n\
        print(url.replace(os.environ['AWS_ENDPOINT_URL'], ''))\n\
        print(os.popen('aws sqs list-queues --query QueueUrls --output text').read().strip())\n\
        os.system('aws sqs purge-queue --queue-url ' + url)\n";
    let (answer, report) = place.report(&["--strict"], text);
    assert_eq!(
        answer.out,
        "db\n/123456789012/orders\nhttps://sqs.us-east-1.amazonaws.com/123456789012/orders\n",
        "{}",
        answer.err
    );
    assert!(verdict(&answer).starts_with("Clean"), "{}", answer.err);
    let call = &report["Calls"][0];
    assert_eq!(
        (&call["Name"], &call["Ready"]),
        (&"ssm get-parameter".into(), &true.into())
    );
    let told = "ready answer  ssm get-parameter by python3 deploy.py, deploy.py:2";
    assert!(answer.err.contains(told), "{}", answer.err);
    // No ready answer invents the missing thing. The report says how to provide it.
    let (answer, _) = place.report(&[], "Client('ssm').get_parameter(Name='/none')\n");
    assert!(answer.err.contains("ParameterNotFound"), "{}", answer.err);
    let flat = answer.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains("given.\"ssm parameter /none\""),
        "{}",
        answer.err
    );
    assert!(verdict(&answer).starts_with("Broken"), "{}", answer.err);
}

#[test]
fn values_of_variables_are_masked_wherever_they_come_back() {
    let Some(place) = Place::new() else { return };
    let text = "client.update_function_configuration(FunctionName='pay', Environment={'Variables': {'KEY': 's3cr3t'}})\n\
        try: client.update_function_configuration(FunctionName='pay', Environment={'Variables': {'1 KEY': 's3cr3t'}})\n\
        except ClientError: pass\nos.system('cp $LAMBDRY_CALLS calls')\n";
    let (answer, report) = place.report(&[], text);
    let calls = fs::read_to_string(place.work().join("calls")).expect("a log");
    assert!(
        calls.contains("****") && !calls.contains("s3cr3t"),
        "{calls}"
    );
    assert!(!answer.err.contains("s3cr3t") && !report.to_string().contains("s3cr3t"));
}

#[test]
fn a_profile_is_its_own_account() {
    let Some(place) = Place::new() else { return };
    let config = place.folder.path().join("config");
    fs::write(
        &config,
        "[default]\nregion = us-east-1\n[profile prod]\nregion = us-east-1\nrole_arn = arn:aws:iam::111122223333:role/deploy\n",
    )
    .unwrap();
    let text = "def account(client):\n    try: return client.get_function(FunctionName='x')\n    except ClientError as error: return str(error).split(':')[6]\n\
        print(account(client), account(Client(profile='prod')))\nsys.stdout.flush()\n\
        if 'AWS_PROFILE' not in os.environ: os.system('AWS_PROFILE=prod python3 deploy.py')\n";
    place.write("deploy.py", &format!("{HEAD}{text}"));
    let mut command = place.rehearsal(&["--", "python3", "deploy.py"]);
    let answer: Answer = command
        .env("AWS_CONFIG_FILE", &config)
        .output()
        .unwrap()
        .into();
    assert_eq!(
        answer.out, "123456789012 111122223333\n111122223333 111122223333\n",
        "{}",
        answer.err
    );
}

#[test]
fn other_keys_are_refused_and_named_and_other_ways_lead_here_all_the_same() {
    let Some(place) = Place::new() else { return };
    let refused = "try: Client(key=('AKIAREALREALREALREAL', 'x')).delete_function(FunctionName='pay')\n\
        except ClientError as error: print(error.status, 'rehearsal' in str(error))\n";
    let answer = place.python(&[], refused);
    assert_eq!(answer.out, "403 True\n", "{}", answer.err);
    let flat = answer.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains("refused lambda DeleteFunction (Boto3/1.40.0, python3 deploy.py): its key is not a key of the rehearsal"),
        "{}",
        answer.err
    );
    // If the variables are missing, the files of the rehearsal still lead its programs to it. If `env` clears the
    // environment, the `env` of the rehearsal restores the variables.
    place.write(
        "count.py",
        &format!("{HEAD}print(len(client.list_functions()['Functions']))\n"),
    );
    for line in [
        "unset AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID; python3 count.py",
        "env -i PATH=\"$PATH\" python3 count.py",
        "env -i PATH=\"$PATH\" sh -c 'python3 count.py'",
        "env -u AWS_ENDPOINT_URL -u AWS_CONFIG_FILE python3 count.py",
    ] {
        let answer = place.rehearse(&["--", "bash", "-c", line]);
        assert_eq!(
            (answer.code, answer.out.as_str()),
            (0, "2\n"),
            "{line}: {}",
            answer.err
        );
        assert!(
            !verdict(&answer).starts_with("Clean"),
            "{line}: {}",
            answer.err
        );
    }
}

#[test]
fn many_programs_at_once_are_each_told_by_their_own_name() {
    let Some(place) = Place::new() else { return };
    place.write(
        "one.py",
        &format!("{HEAD}for n in range(5): client.create_alias(FunctionName='pay', Name=sys.argv[1] + str(n), FunctionVersion='1')\n"),
    );
    place.write(
        "deploy.sh",
        "for name in a b c d; do python3 one.py $name & done\nwait\n",
    );
    let options = ["--report", "json=report.json", "--", "bash", "deploy.sh"];
    let answer = place.rehearse(&options);
    let report = place.read_report();
    let calls = report["Calls"].as_array().unwrap();
    assert_eq!(calls.len(), 20, "{}", answer.err);
    for call in calls {
        let name = call["Outcome"].as_str().unwrap();
        let letter = call["Client"]["Line"]
            .as_str()
            .unwrap()
            .rsplit(' ')
            .next()
            .unwrap();
        assert!(name.contains(&format!(": {letter}")), "{call}");
    }
    assert_eq!(
        report["Functions"][0]["Aliases"].as_array().map(Vec::len),
        Some(20)
    );
}

#[test]
fn a_program_that_is_killed_while_it_is_answered_leaves_a_whole_call() {
    let Some(place) = Place::new() else { return };
    let text = "client.list_functions()\nimport base64, json, signal, threading\nbody = json.dumps({'ZipFile': base64.b64encode(open('next.zip', 'rb').read()).decode()})\n\
        real = client.connection.getresponse\n\
        client.connection.getresponse = lambda: os.kill(os.getpid(), signal.SIGKILL)\n\
        client.update_function_code(FunctionName='pay', ZipFile=open('next.zip', 'rb').read())\n";
    let (answer, report) = place.report(&[], text);
    assert_eq!(answer.code, 137, "{}", answer.err);
    let calls = report["Calls"].as_array().unwrap();
    assert!((1..=2).contains(&calls.len()), "{}", answer.err);
    // The log holds exactly the changes that took effect.
    let changed = report["Functions"].as_array().unwrap().len();
    assert_eq!(calls.len() - 1, changed, "{report}");
}

#[test]
fn without_a_network_requests_are_answered_too() {
    let Some(place) = Place::new() else { return };
    let answer = place.python(&["--no-network"], SOUND);
    if answer.err.contains("does not work here") {
        skipped("no namespaces here");
        return;
    }
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert!(verdict(&answer).starts_with("Clean"), "{}", answer.err);
}

#[test]
fn a_sweep_lets_requests_die_before_and_after() {
    let Some(place) = Place::new() else { return };
    place.write("deploy.py", &format!("{HEAD}{SOUND}"));
    let answer = place.rehearse(&[
        "--sweep",
        "--yes",
        "--jobs",
        "1",
        "--",
        "python3",
        "deploy.py",
    ]);
    let out = answer.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for told in [
        "update-function-code",
        "publish-version",
        "update-alias live",
        "deploy.py:4",
    ] {
        assert!(out.contains(told), "{told}: {}{}", answer.out, answer.err);
    }
    assert_eq!(answer.code, 0, "{}{}", answer.out, answer.err);
}

/// Runs some lines in a session. `{lambdry}` in the lines is replaced by the program's path.
fn session(place: &Place, lines: &str) -> Answer {
    let before = place.everything();
    place.write("deploy.py", &format!("{HEAD}{SOUND}"));
    let script = lines.replace("{lambdry}", env!("CARGO_BIN_EXE_lambdry"));
    let answer = place.command("bash").args(["-c", &script]).output();
    assert!(before == place.everything(), "the state was changed");
    answer.expect("bash runs").into()
}

#[test]
fn a_session_answers_and_ends_what_answers() {
    let Some(place) = Place::new() else { return };
    let answer = session(
        &place,
        "eval \"$({lambdry} rehearse --quiet begin)\"\nplace=${AWS_ENDPOINT_URL#http://}\n\
         (exec 3<>/dev/tcp/${place%:*}/${place#*:}) && echo answers\nbash -c 'python3 deploy.py'\n\
         eval \"$({lambdry} rehearse end)\"\n\
         (exec 3<>/dev/tcp/${place%:*}/${place#*:}) 2>/dev/null || echo gone\necho $AWS_ENDPOINT_URL\n",
    );
    assert_eq!(
        answer.out, "answers\ngone\nhttp://127.0.0.1:9\n",
        "{}",
        answer.err
    );
    assert!(verdict(&answer).starts_with("Clean"), "{}", answer.err);
    assert!(
        answer.err.contains("deploy.py:6  publish-version"),
        "{}",
        answer.err
    );
    assert_eq!(place.stages(), [] as [PathBuf; 0]);
}

#[test]
fn the_death_of_what_answers_is_told() {
    let Some(place) = Place::new() else { return };
    let answer = session(
        &place,
        "eval \"$({lambdry} rehearse --quiet begin)\"\npython3 deploy.py\n\
         kill -9 $(cat \"$LAMBDRY_REHEARSAL/endpoint.pid\")\nsleep 0.3\n\
         python3 deploy.py 2>&1 | grep -o ConnectionRefusedError | head -1\n{lambdry} rehearse end >/dev/null\n",
    );
    assert_eq!(answer.out, "ConnectionRefusedError\n", "{}", answer.err);
    let flat = answer.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains("ended before the session") && flat.contains("Not fully played"),
        "{}",
        answer.err
    );
}
