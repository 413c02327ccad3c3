use std::fs;

use serde_json::{Value, json};

use crate::{operation::sandbox::Sandbox, store::Failure};

fn of(name: &str) -> Value {
    json!({ "FunctionName": name })
}

/// The journal's lines. Each is its number, its call and the recorded change.
fn journal(lambda: &Sandbox, name: &str) -> Vec<(u64, String, String)> {
    let text = fs::read_to_string(lambda.file_of(name, "journal.jsonl")).expect("a journal");
    let line = |line: &str| {
        let line: Value = serde_json::from_str(line).expect("a line");
        let call = line["Call"].as_str().expect("a call").to_owned();
        (
            line["Change"].as_u64().expect("a number"),
            call,
            line["Moved"].to_string(),
        )
    };
    text.lines().map(line).collect()
}

#[test]
fn the_journal_tells_what_moved_under_the_change_counter() {
    let lambda = Sandbox::new();
    lambda.create_with("pay", json!({ "Tags": { "team": "a" } }));
    let first = lambda.latest("pay")["CodeSha256"].clone();
    lambda.pass(std::time::Duration::from_secs(60));
    lambda.update_code("pay", "second", json!({ "Architectures": ["arm64"] }));
    let second = lambda.latest("pay")["CodeSha256"].clone();
    lambda.call(
        "UpdateFunctionConfiguration",
        json!({ "FunctionName": "pay", "Environment": { "Variables": { "KEY": "secret" } } }),
    );
    lambda.publish("pay");
    let alias = json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" });
    lambda.call("CreateAlias", alias.clone());
    let mut moved = alias;
    moved["FunctionVersion"] = json!("$LATEST");
    lambda.call("UpdateAlias", moved);
    lambda.call(
        "DeleteAlias",
        json!({ "FunctionName": "pay", "Name": "live" }),
    );
    lambda.call("DeleteFunction", of("pay:1"));
    let line = |change: u64, call: &str, moved: String| (change, call.to_owned(), moved);
    assert_eq!(
        journal(&lambda, "pay"),
        [
            line(3, "CreateFunction", format!(r#"{{"CodeSha256":{first},"Tags":["team"]}}"#)),
            line(
                5,
                "UpdateFunctionCode",
                format!(r#"{{"$LATEST":["CodeSize","UnzippedSize","CodeSha256","Architectures"],"CodeSha256":{second}}}"#)
            ),
            line(7, "UpdateFunctionConfiguration", r#"{"$LATEST":["Environment"]}"#.to_owned()),
            line(9, "PublishVersion", r#"{"Published":"1"}"#.to_owned()),
            line(10, "CreateAlias", r#"{"Aliases":{"live":{"From":null,"To":{"FunctionVersion":"1"}}}}"#.to_owned()),
            line(
                11,
                "UpdateAlias",
                r#"{"Aliases":{"live":{"From":{"FunctionVersion":"1"},"To":{"FunctionVersion":"$LATEST"}}}}"#.to_owned()
            ),
            line(12, "DeleteAlias", r#"{"Aliases":{"live":{"From":{"FunctionVersion":"$LATEST"},"To":null}}}"#.to_owned()),
            line(13, "DeleteFunction", r#"{"Deleted":"1"}"#.to_owned()),
        ]
    );
}

#[test]
fn what_is_refused_or_changes_nothing_writes_no_line() {
    let lambda = Sandbox::with("pay");
    lambda.publish("pay");
    let before = lambda.files();
    lambda.publish("pay");
    lambda.refused(
        "PublishVersion",
        json!({ "FunctionName": "pay", "RevisionId": "wrong" }),
    );
    lambda.refused(
        "UpdateFunctionConfiguration",
        json!({ "FunctionName": "pay", "Runtime": "nope" }),
    );
    assert_eq!(before, lambda.files());
}

#[test]
fn a_deleted_function_s_counters_are_kept_and_its_namesake_goes_on_from_them() {
    let lambda = Sandbox::with("pay");
    lambda.publish("pay");
    lambda.update_code("pay", "two", json!({ "Publish": true }));
    lambda.call("DeleteFunction", of("pay"));
    let retired = lambda.here().join("retired/functions/pay.json");
    let kept: Value = serde_json::from_slice(&fs::read(&retired).expect("a file")).expect("JSON");
    assert_eq!(kept, json!({ "LastVersion": 2, "Changes": 9 }));
    lambda.create("pay");
    assert_eq!(
        journal(&lambda, "pay")[0].0,
        12,
        "the change counter never goes back"
    );
    for number in ["1", "2"] {
        assert_eq!(
            lambda
                .refused("GetFunction", of(&format!("pay:{number}")))
                .code
                .status(),
            404
        );
    }
    assert_eq!(lambda.publish("pay"), "3");
    lambda.call("DeleteFunction", of("pay"));
    fs::write(&retired, "{").expect("spoilt");
    let spool = lambda.zip("x");
    let told = lambda.broken(
        "CreateFunction",
        json!({
            "FunctionName": "pay", "Runtime": "python3.12", "Role": "arn:aws:iam::123456789012:role/r",
            "Handler": "h", "Code": { "ZipFile": spool.handle() },
        }),
    );
    assert!(told.contains("retired/functions/pay.json"), "{told}");
}

#[test]
fn equal_calls_under_one_seed_write_equal_bytes_wherever_the_state_lies() {
    let run = || {
        let lambda = Sandbox::new();
        lambda.create_with(
            "pay",
            json!({ "Publish": true, "Tags": { "b": "1", "a": "2" } }),
        );
        lambda.create("bill");
        lambda.update_code("pay", "two", json!({ "Publish": true }));
        lambda.call(
            "CreateAlias",
            json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" }),
        );
        lambda.call("DeleteFunction", of("bill"));
        lambda.create("bill");
        lambda.files()
    };
    let (one, other) = (run(), run());
    assert!(one.len() > 10);
    assert_eq!(one, other);
}

#[test]
fn functions_share_no_ids_whatever_order_they_are_changed_in() {
    let ids = |names: [&str; 2]| {
        let lambda = Sandbox::new();
        for name in names {
            lambda.create(name);
        }
        ["a", "b"].map(|name| lambda.latest(name)["RevisionId"].clone())
    };
    let first = ids(["a", "b"]);
    assert_eq!(first, ids(["b", "a"]));
    assert_ne!(first[0], first[1]);
}

#[test]
fn a_valid_hand_edit_is_honoured() {
    let lambda = Sandbox::with("pay");
    lambda.publish("pay");
    let path = lambda.file_of("pay", "function.json");
    let mut head: Value = serde_json::from_slice(&fs::read(&path).expect("a head")).expect("JSON");
    head["$LATEST"]["Configuration"]["Timeout"] = json!(77);
    head["Aliases"]["hand"] =
        json!({ "FunctionVersion": "1", "Description": "", "RevisionId": "by-hand" });
    // JSON in compact form and with another order of members is valid, too.
    fs::write(&path, head.to_string()).expect("edited");
    assert_eq!(lambda.latest("pay")["Timeout"], 77);
    assert_eq!(
        lambda.call("GetFunction", of("pay:hand"))["Configuration"]["Version"],
        "1"
    );
    assert_eq!(lambda.publish("pay"), "2", "it is a change like any other");
    let alias = json!({ "FunctionName": "pay", "Name": "hand", "RevisionId": "by-hand", "FunctionVersion": "2" });
    lambda.call("UpdateAlias", alias);
    fs::remove_file(lambda.file_of("pay", "versions/1.json")).expect("removed");
    assert_eq!(
        lambda.refused("GetFunction", of("pay:1")).code.status(),
        404
    );
}

#[test]
fn a_head_that_is_none_is_named_by_every_operation_and_left_alone() {
    let lambda = Sandbox::with("pay");
    lambda.publish("pay");
    let path = lambda.file_of("pay", "function.json");
    let whole = fs::read(&path).expect("a head");
    let text = String::from_utf8(whole.clone()).expect("text");
    let spool = lambda.zip("new");
    let spoilt = [
        Vec::new(),
        whole[..whole.len() / 2].to_vec(),
        whole[..whole.len() - 2].to_vec(),
        b"[]".to_vec(),
        b"\xff\xfe".to_vec(),
        text.replacen('{', r#"{ "Foreign": 1,"#, 1).into_bytes(),
        text.replace(r#""FunctionName": "pay""#, r#""FunctionName": "Pay""#)
            .into_bytes(),
        [b"[".repeat(100_000), b"]".repeat(100_000)].concat(),
    ];
    for spoilt in spoilt {
        fs::write(&path, &spoilt).expect("spoilt");
        let before = lambda.files();
        for (operation, more) in [
            ("GetFunction", json!({})),
            ("GetFunctionConfiguration", json!({})),
            ("ListVersionsByFunction", json!({})),
            ("ListFunctions", json!({})),
            ("PublishVersion", json!({})),
            ("UpdateFunctionConfiguration", json!({ "Timeout": 1 })),
            ("UpdateFunctionCode", json!({ "ZipFile": spool.handle() })),
            (
                "CreateAlias",
                json!({ "Name": "a", "FunctionVersion": "1" }),
            ),
            ("DeleteAlias", json!({ "Name": "a" })),
            ("DeleteFunction", json!({})),
            ("DeleteFunction", json!({ "Qualifier": "1" })),
        ] {
            let mut request = more;
            if operation != "ListFunctions" {
                request["FunctionName"] = json!("pay");
            }
            let told = lambda.broken(operation, request);
            assert!(
                told.starts_with(&format!("cannot read {}: ", path.display())),
                "{operation}: {told}"
            );
        }
        assert_eq!(before, lambda.files());
    }
    fs::write(&path, whole).expect("restored");
    lambda.call("DeleteFunction", of("pay"));
}

#[test]
fn a_copied_folder_is_told_from_a_disk_that_does_not_know_case() {
    let lambda = Sandbox::with("pay");
    let head = fs::read(lambda.file_of("pay", "function.json")).expect("a head");
    for (name, advice) in [("pay2", "rename the folder"), ("PAY", "are case-sensitive")] {
        fs::create_dir(lambda.file_of(name, "")).expect("a folder");
        fs::write(lambda.file_of(name, "function.json"), &head).expect("a copy");
        let Err(Failure::Store(error)) = lambda.try_call("GetFunction", of(name)) else {
            panic!("{name} is read");
        };
        assert!(
            error.hint.is_some_and(|hint| hint.contains(advice)),
            "{name}"
        );
    }
}

#[test]
fn no_change_makes_a_head_that_cannot_be_read_again() {
    let lambda = Sandbox::with("pay");
    let path = lambda.file_of("pay", "function.json");
    let mut head: Value = serde_json::from_slice(&fs::read(&path).expect("a head")).expect("JSON");
    for counter in ["LastVersion", "Changes"] {
        let kept = head[counter].clone();
        head[counter] = json!(1u64 << 53);
        fs::write(&path, head.to_string()).expect("edited");
        lambda.latest("pay");
        let told = lambda.broken("PublishVersion", of("pay"));
        assert!(told.contains("not usable"), "{told}");
        lambda.latest("pay");
        head[counter] = kept;
    }
}

#[test]
fn a_version_s_file_that_is_none_is_named_and_left_alone() {
    let lambda = Sandbox::with("pay");
    lambda.publish("pay");
    lambda.update_code("pay", "two", json!({ "Publish": true }));
    let path = lambda.file_of("pay", "versions/1.json");
    let whole = fs::read(&path).expect("a version");
    let other = fs::read(lambda.file_of("pay", "versions/2.json")).expect("a version");
    for spoilt in [&b""[..], &whole[..whole.len() / 2], b"{}", &other] {
        fs::write(&path, spoilt).expect("spoilt");
        let before = lambda.files();
        for (operation, request) in [
            ("GetFunction", of("pay:1")),
            ("ListVersionsByFunction", of("pay")),
            ("ListFunctions", json!({ "FunctionVersion": "ALL" })),
            (
                "CreateAlias",
                json!({ "FunctionName": "pay", "Name": "a", "FunctionVersion": "1" }),
            ),
            ("DeleteFunction", of("pay:1")),
        ] {
            let told = lambda.broken(operation, request);
            assert!(
                told.starts_with(&format!("cannot read {}: ", path.display())),
                "{operation}: {told}"
            );
        }
        assert_eq!(before, lambda.files());
        lambda.call("GetFunction", of("pay:2"));
    }
}

#[test]
fn a_state_of_another_format_is_refused_whole() {
    let lambda = Sandbox::with("pay");
    for (format, cause) in [
        (
            "3\n",
            "the state has format 3, but this lambdry knows formats only up to 2",
        ),
        ("", "it holds \"\" instead of the number 2"),
        ("one", "it holds \"one\" instead of the number 2"),
        ("0", "it holds \"0\" instead of the number 2"),
    ] {
        fs::write(lambda.root().join("FORMAT"), format).expect("a format");
        let before = lambda.files();
        for (operation, request) in [
            ("GetFunction", of("pay")),
            ("PublishVersion", of("pay")),
            ("ListFunctions", json!({})),
        ] {
            assert_eq!(
                lambda.broken(operation, request),
                format!(
                    "cannot read {}: {cause}",
                    lambda.root().join("FORMAT").display()
                )
            );
        }
        assert_eq!(before, lambda.files());
    }
}

#[test]
fn a_file_where_a_function_s_folder_should_be_is_named_to_readers_and_writers_alike() {
    let lambda = Sandbox::with("pay");
    fs::write(lambda.here().join("functions/bill"), "").expect("a file");
    for operation in ["GetFunction", "PublishVersion", "DeleteFunction"] {
        let told = lambda.broken(operation, of("bill"));
        assert!(
            told.contains("functions/bill/function.json"),
            "{operation}: {told}"
        );
    }
}

#[test]
fn a_version_on_its_way_out_is_gone_for_readers_and_finished_by_the_next_edit() {
    let lambda = Sandbox::with("pay");
    lambda.publish("pay");
    let file = lambda.file_of("pay", "versions/1.json");
    let kept = fs::read(&file).expect("a version");
    lambda.call("DeleteFunction", of("pay:1"));
    // This is the state after the process stopped between the commit and the clean-up.
    fs::write(&file, kept).expect("back");
    assert_eq!(
        lambda.refused("GetFunction", of("pay:1")).code.status(),
        404
    );
    let versions = lambda.call("ListVersionsByFunction", of("pay"));
    assert_eq!(versions["Versions"].as_array().map(Vec::len), Some(1));
    assert_eq!(lambda.publish("pay"), "2");
    assert!(!file.exists());
}

#[test]
fn what_a_stopped_publish_left_does_not_exist_and_is_replaced() {
    let lambda = Sandbox::with("pay");
    fs::write(lambda.file_of("pay", "versions/1.json"), "left").expect("a leftover");
    fs::write(lambda.file_of("pay", "function.json.new"), "left").expect("a leftover");
    assert_eq!(
        lambda.refused("GetFunction", of("pay:1")).code.status(),
        404
    );
    assert_eq!(lambda.publish("pay"), "1");
    lambda.call("GetFunction", of("pay:1"));
}

#[cfg(unix)]
#[test]
fn folders_and_files_are_their_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt;

    let lambda = Sandbox::with("pay");
    lambda.publish("pay");
    let mode =
        |path: &std::path::Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    for name in lambda.files().keys() {
        let path = lambda.root().join(name);
        assert_eq!(mode(&path), 0o600, "{name}");
        for folder in path
            .ancestors()
            .skip(1)
            .take_while(|folder| *folder != lambda.root())
        {
            assert_eq!(mode(folder), 0o700, "{}", folder.display());
        }
    }
}

/// A folder on a lower layer of an overlay cannot be renamed. So the head is removed first. If the process is killed
/// then, the files that remain do not become part of the next resource with the same name.
#[cfg(debug_assertions)]
#[test]
fn a_resource_on_an_overlay_is_deleted_by_the_removal_of_its_head() {
    let lambda = Sandbox::with("pay");
    assert_eq!(lambda.publish("pay"), "1");
    let folder = lambda.file_of("pay", "");
    let kept = |file: &str| {
        (
            file.to_owned(),
            fs::read(folder.join(file)).expect("a file"),
        )
    };
    let left = [kept("versions/1.json"), kept("journal.jsonl")];
    let store = crate::store::Store::open(crate::store::Settings {
        steps: Some("EXDEV:".to_owned()),
        ..lambda.settings()
    });
    let store = store.expect("a state directory");
    let scope = store.scopes().expect("scopes").remove(0);
    let place = store.place(scope);
    let functions = place.all::<crate::state::function::Function>();
    let deleted = functions.delete("pay", |_| Ok(())).expect("deleted");
    assert_eq!((deleted, folder.exists()), (Some(()), false));
    fs::create_dir_all(folder.join("versions")).expect("a folder");
    for (file, bytes) in left {
        fs::write(folder.join(file), bytes).expect("written");
    }
    lambda.refused("GetFunction", of("pay"));
    lambda.create("pay");
    let versions = lambda.call("ListVersionsByFunction", of("pay"));
    assert_eq!(versions["Versions"].as_array().expect("a list").len(), 1);
    assert_eq!(lambda.publish("pay"), "2");
}
