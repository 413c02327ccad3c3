use std::{fs, path::Path};

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    face::{call, customize, options::kebab},
    operation::sandbox::Sandbox,
};

fn process(root: &Path) -> Process {
    Process {
        program: "lambdry".to_owned(),
        env: [("LAMBDRY_STATE_DIR".into(), root.into())].into(),
        cwd: root.to_owned(),
        ..Process::default()
    }
}

/// Candidates at the end of a line. The line is split at blanks; the last word may be empty.
fn asked(process: &Process, line: &str) -> Vec<String> {
    let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    let found = candidates(&words, process);
    found.into_iter().map(|candidate| candidate.word).collect()
}

fn offered(line: &str) -> Vec<String> {
    let empty = tempfile::tempdir().unwrap();
    asked(&process(empty.path()), line)
}

/// A function with two versions and an alias that points to version 1.
fn released() -> Sandbox {
    let sandbox = Sandbox::with("pay");
    sandbox.create("bill");
    for description in ["one", "two"] {
        let new = json!({"FunctionName": "pay", "Description": description});
        sandbox.call("UpdateFunctionConfiguration", new);
        sandbox.call("PublishVersion", json!({"FunctionName": "pay"}));
    }
    let alias = json!({"FunctionName": "pay", "Name": "live", "FunctionVersion": "1"});
    sandbox.call("CreateAlias", alias);
    sandbox
}

#[test]
fn offers_what_a_line_can_begin_with() {
    let first = offered("");
    for word in ["generate", "lambda", "publish-version", "wait", "help"] {
        assert!(first.iter().any(|offered| offered == word), "{word}");
    }
    assert!(!first.iter().any(|word| word.starts_with('-')));
    assert_eq!(offered("publish-v"), ["publish-version"]);
    assert_eq!(offered("lambda create-al"), ["create-alias"]);
    assert_eq!(offered("--output json lambda get-al"), ["get-alias"]);
    assert_eq!(offered("wait published"), ["published-version-active"]);
    assert_eq!(offered("ecs "), [""; 0]);
    assert_eq!(offered("lambda create-layer x"), [""; 0]);
}

#[test]
fn offers_every_operation_and_every_option_of_it() {
    let words = offered("lambda ");
    for entry in crate::operation::FAMILIES
        .iter()
        .flat_map(|family| family.iter())
    {
        let name = kebab(entry.name);
        let hidden = customize::is_hidden(&name);
        assert_eq!(words.contains(&name), !hidden, "{name}");
        let command = call::Command {
            service: "lambda",
            entry,
            waiter: None,
        };
        let table = command.table(false);
        let options = offered(&format!("{name} --"));
        for opt in table.iter().filter(|opt| opt.name().starts_with('-')) {
            assert_eq!(
                options.iter().any(|word| word == opt.name()),
                !opt.hidden,
                "{name} {}",
                opt.name()
            );
        }
        assert!(options.contains(&"--output".to_owned()), "{name}");
    }
}

#[test]
fn offers_an_option_once() {
    assert_eq!(
        offered("publish-version --revision-id r --re"),
        ["--region"]
    );
    assert_eq!(offered("create-function --publish --pub"), ["--publish-to"]);
    let bare = offered("publish-version ");
    assert_eq!(bare.first().map(String::as_str), Some("--function-name"));
    assert!(!bare.contains(&"--output".to_owned()));
}

#[test]
fn offers_the_values_of_a_choice_and_of_an_enum() {
    assert_eq!(offered("list-functions --output t"), ["text", "table"]);
    assert_eq!(
        offered("list-functions --output=t"),
        ["--output=text", "--output=table"]
    );
    assert_eq!(offered("create-function --package-type "), ["Zip", "Image"]);
    assert_eq!(
        offered("create-function --runtime=python3.13"),
        ["--runtime=python3.13"]
    );
    assert_eq!(offered("create-function --arch arm"), ["arm64"]);
    assert_eq!(
        offered("create-function --architectures x86_64 a"),
        ["arm64"]
    );
    assert_eq!(offered("list-functions --region eu-n"), ["eu-north-1"]);
    assert_eq!(offered("create-function --timeout "), [""; 0]);
    assert_eq!(
        offered("list-functions --bogus "),
        offered("list-functions ")
    );
}

#[test]
fn offers_members_and_values_of_a_structure() {
    let open = |line: &str| offered(&format!("update-function-configuration {line}"));
    assert_eq!(open("--tracing-config "), ["Mode="]);
    assert_eq!(open("--tracing-config Mode=A"), ["Mode=Active"]);
    assert_eq!(
        open("--logging-config LogFormat=JSON,L"),
        ["LogFormat=JSON,LogGroup="]
    );
    assert_eq!(open("--tracing-config {\"Mode"), [""; 0]);
}

#[test]
fn offers_what_the_state_holds() {
    let sandbox = released();
    let process = process(sandbox.root());
    let asked = |line: &str| asked(&process, line);
    assert_eq!(asked("get-function --function-name "), ["bill", "pay"]);
    assert_eq!(
        asked("wait function-active --function-name=p"),
        ["--function-name=pay"]
    );
    assert_eq!(
        asked("get-function --function-name pay --qualifier "),
        ["live", "$LATEST", "2", "1"]
    );
    assert_eq!(
        asked(
            "get-function --function-name arn:aws:lambda:us-east-1:123456789012:function:pay --qualifier l"
        ),
        ["live"]
    );
    assert_eq!(asked("update-alias --function-name pay --name "), ["live"]);
    assert_eq!(
        asked("update-alias --name live --function-name pay --function-version "),
        ["$LATEST", "2", "1"]
    );
    assert_eq!(asked("create-alias --function-name pay --name "), [""; 0]);
    assert_eq!(asked("get-alias --function-name nobody --name "), [""; 0]);
    assert_eq!(asked("get-alias --function-name ../../x --name "), [""; 0]);
    assert_eq!(asked("get-alias --name "), [""; 0]);
    assert_eq!(
        asked("--region eu-west-1 get-function --function-name "),
        [""; 0]
    );
}

#[test]
fn follows_the_line_to_another_state_and_region() {
    let sandbox = released();
    let elsewhere = tempfile::tempdir().unwrap();
    let mut process = process(elsewhere.path());
    process.env.insert("AWS_REGION".into(), "eu-west-1".into());
    let root = sandbox.root().display();
    let line = format!("get-function --state-dir {root} --region us-east-1 --function-name b");
    assert_eq!(asked(&process, &line), ["bill"]);
    let config = elsewhere.path().join("config");
    fs::write(
        &config,
        "[profile test]\nregion = us-east-1\n[services x]\na = b\n",
    )
    .unwrap();
    process.env.remove(std::ffi::OsStr::new("AWS_REGION"));
    process.env.insert("AWS_CONFIG_FILE".into(), config.into());
    assert_eq!(asked(&process, "list-functions --profile "), ["test"]);
    let line = format!("get-function --state-dir={root} --profile test --function-name p");
    assert_eq!(asked(&process, &line), ["pay"]);
    let folder = sandbox.root().join("123456789012/xx-mars-1");
    fs::create_dir_all(folder).unwrap();
    let line = format!("--state-dir {root} --region xx");
    assert_eq!(asked(&process, &line), ["xx-mars-1"]);
}

#[test]
fn has_nothing_to_offer_of_what_is_broken_and_writes_nothing() {
    let sandbox = released();
    let line = "get-function --function-name pay --qualifier ";
    let asked = |name: &str, value: &str| {
        let mut process = process(sandbox.root());
        process.env.insert(name.into(), value.into());
        asked(&process, line)
    };
    assert_eq!(asked("LAMBDRY_NOW", "never").len(), 4);
    assert_eq!(asked("LAMBDRY_ACCOUNT_ID", "../x"), [""; 0]);
    assert_eq!(asked("AWS_REGION", "../x"), [""; 0]);
    let head = sandbox
        .root()
        .join("123456789012/us-east-1/functions/pay/function.json");
    fs::write(&head, "{").unwrap();
    assert_eq!(asked("A", ""), [""; 0]);
    fs::write(sandbox.root().join("FORMAT"), "99").unwrap();
    assert_eq!(asked("A", ""), [""; 0]);
    let nowhere = sandbox.root().join("nowhere");
    assert_eq!(super::tests::asked(&process(&nowhere), line), [""; 0]);
    assert!(!nowhere.exists());
}

#[test]
fn offers_files_where_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["code.zip", "env.json", ".hidden"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    // A name with a newline would be printed as two lines. Windows does not allow such a name.
    if cfg!(unix) {
        fs::write(folder.path().join("two\nlines"), "").unwrap();
    }
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("src/deep.zip"), "").unwrap();
    let mut process = process(folder.path());
    process.env.insert("HOME".into(), folder.path().into());
    let asked = |line: &str| asked(&process, line);
    assert_eq!(asked("update-function-code --zip-file "), ["fileb://"]);
    assert_eq!(
        asked("update-function-code --zip-file fileb://"),
        ["fileb://code.zip", "fileb://env.json", "fileb://src/"]
    );
    assert_eq!(
        asked("update-function-code --zip-file=fileb://~/src/"),
        ["--zip-file=fileb://~/src/deep.zip"]
    );
    assert_eq!(
        asked("create-alias --cli-input-json file://.h"),
        ["file://.hidden"]
    );
    assert_eq!(
        asked("create-function --tags file://e"),
        ["file://env.json"]
    );
    assert_eq!(asked("create-function --description file://n"), [""; 0]);
    assert_eq!(asked("--state-dir "), ["src/"]);
    assert_eq!(asked("generate man s"), ["src/"]);
}

#[test]
fn completes_our_own_commands_from_their_clap_command() {
    assert_eq!(offered("generate c"), ["completions"]);
    assert_eq!(
        offered("generate completions "),
        ["bash", "zsh", "fish", "powershell", "elvish"]
    );
    assert_eq!(offered("generate completions zsh "), [""; 0]);
    assert_eq!(offered("--output json generate man --s"), ["--stdout"]);
    let sandbox = released();
    let process = process(sandbox.root());
    assert_eq!(asked(&process, "history "), ["bill", "pay"]);
    assert_eq!(asked(&process, "--region eu-west-1 history "), [""; 0]);
    assert_eq!(asked(&process, "history pay --format m"), ["mermaid"]);
}

#[test]
fn says_what_a_candidate_is() {
    let sandbox = released();
    let words: Vec<String> = ["get-alias", "--function-name", "pay", "--name", "l"]
        .map(str::to_owned)
        .into();
    let found = candidates(&words, &process(sandbox.root()));
    assert_eq!(found, [Candidate::new("live", "alias of 1")]);
    assert_eq!(gist("Makes it. Or not."), "Makes it");
}

proptest! {
    #[test]
    fn never_panics(words in proptest::collection::vec("(--)?[a-z=/~$,-]{0,8}|--function-name|publish-version|generate|wait|é|--output=|fileb://", 0..6)) {
        let folder = tempfile::tempdir().unwrap();
        let found = candidates(&words, &process(folder.path()));
        let current = words.last().cloned().unwrap_or_default();
        prop_assert!(found.iter().all(|candidate| candidate.word.starts_with(&current)));
        prop_assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
