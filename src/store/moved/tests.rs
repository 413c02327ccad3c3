use serde_json::json;

use super::{search::FEW, *};
use crate::operation::sandbox::Sandbox;

const PAY: &str = "123456789012/us-east-1/functions/pay";

/// The changes that are found after an action on a state, such as `function pay: versions/1.json`.
fn moved(lambda: &Sandbox, leads: &str, act: impl FnOnce(&Sandbox, &Path)) -> Vec<String> {
    let store = lambda.store().unwrap();
    let beside = tempfile::tempdir_in(lambda.root().parent().unwrap()).unwrap();
    let scratch = beside.path().join("clock");
    let look = store.look(&scratch, &mut |_, _, _| {}).unwrap();
    look.pass(&scratch).unwrap();
    act(lambda, lambda.root());
    let leads = |path: &str| !leads.is_empty() && path.starts_with(leads);
    let moved = store.moved_since(&look, &leads, &mut |_, _, _| {}).unwrap();
    let told = moved.into_iter().filter(|moved| !moved.is_told());
    told.map(|moved| {
        let files = moved.files.iter();
        let files = files.map(|file| file.trim_start_matches(PAY).trim_start_matches('/'));
        format!("{}: {}", moved.what, files.collect::<Vec<_>>().join(", "))
    })
    .collect()
}

fn furnished() -> Sandbox {
    let lambda = Sandbox::with("pay");
    lambda.publish("pay");
    lambda.update_code("pay", "two", json!({}));
    lambda.publish("pay");
    lambda.create("ship");
    lambda.publish_layer("deps", json!({}));
    lambda.put_object("builds", "a/1.zip", b"one");
    lambda.put_object("builds", "a/2.zip", b"two");
    lambda
}

fn append(path: &Path) {
    let mut file = File::options().append(true).open(path).unwrap();
    file.write_all(b"\n").unwrap();
}

#[test]
fn what_calls_do_is_told_of_nobody() {
    let lambda = furnished();
    let found = moved(&lambda, "", |_, _| ());
    assert_eq!(found, [""; 0]);
    let found = moved(&lambda, "123", |lambda, _| {
        lambda.update_code("pay", "three", json!({ "Publish": true }));
        let of = json!({ "FunctionName": "pay", "Qualifier": "1" });
        lambda.call("DeleteFunction", of);
        lambda.publish_layer("deps", json!({}));
        lambda.call("DeleteFunction", json!({ "FunctionName": "ship" }));
        for name in ["new", "brief", "ship"] {
            lambda.create(name);
        }
        lambda.call("DeleteFunction", json!({ "FunctionName": "brief" }));
        lambda.code_signing_config("Warn");
        // Changes of modes or names are not changes of a file's contents.
        let head = lambda.file_of("new", "function.json");
        fs::hard_link(&head, lambda.root().join("tmp/copy")).unwrap();
    });
    assert_eq!(found, [""; 0]);
}

#[test]
fn what_is_written_around_the_journal_is_found_wherever_it_is() {
    let lambda = furnished();
    let package = || {
        let hash = lambda.latest("pay")["CodeSha256"].clone();
        let package = lambda.store().unwrap().package(hash.as_str().unwrap());
        package.unwrap()
    };
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let at = |file: &str| lambda.root().join(PAY).join(file);
    type Act<'a> = &'a dyn Fn(&Path);
    let cases: [(Act<'_>, &str); 13] = [
        (
            &|_| fs::remove_file(lambda.file_of("ship", "journal.jsonl")).unwrap(),
            "function ship: ",
        ),
        (
            &|_| append(&at("function.json")),
            "function pay: function.json",
        ),
        (
            &|_| append(&at("journal.jsonl")),
            "function pay: journal.jsonl",
        ),
        (
            &|_| append(&at("versions/1.json")),
            "function pay: versions/1.json",
        ),
        (
            &|_| {
                fs::copy(at("versions/1.json"), at("copy")).unwrap();
                fs::rename(at("copy"), at("versions/1.json")).unwrap();
            },
            "function pay: versions/1.json",
        ),
        (
            &|_| fs::remove_file(at("versions/2.json")).unwrap(),
            "function pay: versions/",
        ),
        (
            &|root| append(&root.join("s3/builds/a/1.zip")),
            "s3://builds/a/1.zip: s3/builds/a/1.zip",
        ),
        (
            &|root| fs::remove_file(root.join("s3/builds/a/2.zip")).unwrap(),
            "s3://builds/a/: s3/builds/a/",
        ),
        (
            &|root| fs::write(root.join("stubs"), "").unwrap(),
            "stubs: stubs",
        ),
        (
            &|root| append(&root.join("123456789012/us-east-1/account.json")),
            "123456789012/us-east-1/account.json: 123456789012/us-east-1/account.json",
        ),
        (&|_| append(&package()), "package "),
        (&|_| fs::remove_file(package()).unwrap(), "package "),
        (
            &|root| fs::remove_dir_all(root.join(PAY)).unwrap(),
            "function pay: function.json",
        ),
    ];
    for (act, told) in cases {
        let is_package = told == "package ";
        let path = package();
        let (file, folder) = (name(&path), name(path.parent().unwrap()));
        let found = moved(&lambda, "", |_, root| act(root));
        assert_eq!(found.len(), 1, "{told}: {found:?}");
        assert!(found[0].starts_with(told), "{told}: {found:?}");
        assert!(!is_package || found[0].contains(&file) || found[0].contains(&folder));
    }
}

#[test]
fn a_version_that_is_written_again_is_not_hidden_by_somebodys_work() {
    let lambda = furnished();
    let found = moved(&lambda, "", |lambda, _| {
        lambda.update_code("pay", "three", json!({ "Publish": true }));
        append(&lambda.file_of("pay", "versions/1.json"));
    });
    assert_eq!(found, ["function pay: versions/1.json"]);
}

#[test]
fn where_there_are_many_single_files_are_asked_only_where_something_leads() {
    let lambda = furnished();
    for number in 0..FEW + 1 {
        let name = format!("{number}.json");
        let path = lambda.file_of("ship", "versions").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "{}").unwrap();
        lambda.put_object("builds", &format!("many/{number}"), b"");
    }
    let act = |lambda: &Sandbox, root: &Path| {
        append(&lambda.file_of("ship", "versions/7.json"));
        append(&root.join("s3/builds/a/1.zip"));
    };
    let [ship, object] = ["function ship", "s3://builds/a/1.zip"].map(str::to_owned);
    let folder = "123456789012/us-east-1/functions/ship";
    let told = |leads| -> Vec<String> {
        let found = moved(&lambda, leads, act);
        let what = found.iter().filter_map(|told| told.rsplit_once(": "));
        what.map(|(what, _)| what.to_owned()).collect()
    };
    // Functions are checked first.
    assert!(!told("").contains(&object));
    assert!(told("s3").contains(&object));
    assert!(told(folder).contains(&ship));
    let journal = |lambda: &Sandbox, _: &Path| append(&lambda.file_of("pay", "journal.jsonl"));
    assert_eq!(moved(&lambda, "", journal), ["function pay: journal.jsonl"]);
}
