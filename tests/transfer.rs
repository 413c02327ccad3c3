//! Tests import and export with the binary. The snapshot script gathers documents from lambdry's own `aws`, and an
//! import of these documents makes an equal state. An archive makes a state with the same bytes. A hostile archive is
//! refused with its name in the message, and nothing of it is stored.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its own environment"
)]

mod common;

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use common::Sandbox;
use serde_json::{Value, json};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// Runs lines in a shell, and stops at the first that fails.
fn sh(sandbox: &Sandbox, script: &str) -> String {
    let (code, out, err) = end(sandbox, script);
    assert_eq!(code, 0, "{script}\n{out}\n{err}");
    out
}

fn end(sandbox: &Sandbox, script: &str) -> (i32, String, String) {
    let output = sandbox
        .command("sh")
        .env("AWS_REGION", "eu-west-1")
        .env("LAMBDRY_ACCOUNT_ID", "111122223333")
        .env("LAMBDRY_SETTLE", "0")
        .args(["-euc", script])
        .output()
        .expect("a shell");
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// A function with an example of everything that documents can describe, and resources that only an archive can hold.
const FURNISH: &str = r"
zip=fileb://one.zip
layer() { aws lambda publish-layer-version --layer-name tools --zip-file $1 --compatible-runtimes python3.12; }
layer fileb://one.zip; layer fileb://two.zip
aws lambda add-layer-version-permission --layer-name tools --version-number 1 --statement-id a --principal 222233334444 --action lambda:GetLayerVersion
aws lambda create-function --function-name pay --runtime python3.12 --handler app.handler \
  --role arn:aws:iam::111122223333:role/r --zip-file fileb://one.zip --environment 'Variables={KEY=secret,OTHER=x}' \
  --tags team=a,env=prod --layers arn:aws:lambda:eu-west-1:111122223333:layer:tools:1 --publish
aws lambda update-function-code --function-name pay --zip-file fileb://two.zip --publish
aws lambda update-function-configuration --function-name pay --timeout 9 --environment 'Variables={KEY=hidden,OTHER=x}'
aws lambda publish-version --function-name pay --description 'the third'
aws lambda delete-function --function-name pay --qualifier 2
aws lambda create-alias --function-name pay --name live --function-version 1 --routing-config 'AdditionalVersionWeights={3=0.1}'
aws lambda create-alias --function-name pay --name beta --function-version '$LATEST' --description 'b b'
aws lambda add-permission --function-name pay --statement-id a --principal s3.amazonaws.com --action lambda:InvokeFunction --source-account 111122223333
aws lambda add-permission --function-name pay --qualifier live --statement-id b --principal apigateway.amazonaws.com --action lambda:InvokeFunction
aws lambda add-permission --function-name pay --qualifier 3 --statement-id c --principal 999988887777 --action lambda:InvokeFunction
aws lambda put-function-concurrency --function-name pay --reserved-concurrent-executions 5
aws lambda create-function --function-name bill --package-type Image --role arn:aws:iam::111122223333:role/r \
  --code ImageUri=111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1
# A read folds in what is complete and a change writes it down, so that no change is on its way.
aws lambda tag-resource --resource arn:aws:lambda:eu-west-1:111122223333:function:bill --tags a=b
";

fn furnished() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.zip("one.zip", "one");
    sandbox.zip("two.zip", "two");
    sh(&sandbox, FURNISH);
    sandbox
}

/// Every file below a folder of `work/`.
fn files(sandbox: &Sandbox, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let root = sandbox.work().join(folder);
    let mut files = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(&root)
                    .expect("below")
                    .to_string_lossy()
                    .into_owned();
                files.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    files
}

/// The files that an import must make: no locks, no sums, nothing that is being deleted.
fn lasting(sandbox: &Sandbox, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files = files(sandbox, folder);
    files.retain(|name, _| !name.contains("locks/") && !name.ends_with("usage.json"));
    files
}

/// The files of a state without the facts that AWS does not give: the time of a publish, the number of changes, the
/// journal.
fn told(sandbox: &Sandbox, folder: &str) -> BTreeMap<String, Value> {
    let told = lasting(sandbox, folder)
        .into_iter()
        .filter(|(name, _)| name.ends_with(".json") && !name.contains("retired/"));
    told.map(|(name, bytes)| {
        let mut value: Value = serde_json::from_slice(&bytes).expect("JSON");
        for member in ["Changes", "Published"] {
            // AWS shows a function's last publish, so this member stays.
            if value[member].is_object() {
                continue;
            }
            if let Some(members) = value.as_object_mut() {
                members.shift_remove(member);
            }
        }
        (name, value)
    })
    .collect()
}

#[test]
fn what_the_snapshot_script_gathers_and_what_export_writes_are_one_and_make_an_equal_state() {
    let sandbox = furnished();
    sh(
        &sandbox,
        "lambdry generate snapshot >snapshot.sh; sh snapshot.sh --code snapshot; lambdry export exported",
    );
    assert_eq!(files(&sandbox, "snapshot"), files(&sandbox, "exported"));
    assert!(files(&sandbox, "snapshot").len() > 15);
    sh(&sandbox, "lambdry --state-dir again import snapshot");
    assert_eq!(told(&sandbox, "state"), told(&sandbox, "again"));
    let packages = |state: &str| {
        let mut files = lasting(&sandbox, state);
        files.retain(|name, _| name.starts_with("packages/"));
        files
    };
    assert_eq!(packages("state"), packages("again"));
    assert_eq!(packages("again").len(), 2);
    // A publish behaves as on AWS. Nothing changed, so no version is made, and the next version is the fourth.
    let publish = "lambdry --state-dir again publish-version --function-name pay --query Version --output text";
    assert_eq!(sh(&sandbox, publish), "3\n");
    let change =
        "lambdry --state-dir again update-function-configuration --function-name pay --timeout 10";
    assert_eq!(
        sh(&sandbox, &format!("{change} >/dev/null; {publish}")),
        "4\n"
    );
    let seen = "lambdry --state-dir again get-function-configuration --function-name pay --query RevisionId";
    let ids = files(&sandbox, "snapshot");
    let old: Vec<&Vec<u8>> = ids.values().collect();
    let fresh = sh(&sandbox, seen);
    assert!(
        old.iter()
            .all(|file| !String::from_utf8_lossy(file).contains(fresh.trim())),
        "an id that was given out comes back under the seed"
    );
}

#[test]
fn every_document_in_one_stream_in_any_order_makes_the_same_state() {
    let sandbox = furnished();
    sh(
        &sandbox,
        "lambdry export exported; lambdry --state-dir one import exported",
    );
    let names = "find exported -name '*.json' | LC_ALL=C sort";
    for order in ["cat", "tac"] {
        sh(
            &sandbox,
            &format!(
                "{names} | {order} | xargs cat | lambdry --state-dir {order} import - exported/functions/pay/1.zip exported/layers"
            ),
        );
        let (mut one, mut other) = (told(&sandbox, "one"), told(&sandbox, order));
        // Only one of two packages was given, so the unzipped size of the other is unknown.
        for state in [&mut one, &mut other] {
            for value in state.values_mut() {
                if let Some(size) = value.pointer_mut("/$LATEST/Configuration/UnzippedSize") {
                    *size = json!(null);
                }
            }
        }
        assert_eq!(one, other);
    }
}

#[test]
fn an_archive_makes_the_same_bytes_journals_and_objects_included() {
    let sandbox = furnished();
    sh(&sandbox, "mkdir -p state/s3/bucket/deep state/aws; echo object >state/s3/bucket/deep/key; echo '[default]' >state/aws/config
        aws lambda create-function-url-config --function-name pay --auth-type NONE
        lambdry create-function --function-name gone --runtime python3.12 --handler h --role arn:aws:iam::111122223333:role/r --zip-file fileb://one.zip
        lambdry delete-function --function-name gone
        lambdry export --archive a.zip; lambdry --state-dir again import a.zip");
    let (state, mut again) = (lasting(&sandbox, "state"), lasting(&sandbox, "again"));
    again.retain(|name, _| !name.contains("tmp/"));
    assert_eq!(
        state.keys().collect::<Vec<_>>(),
        again.keys().collect::<Vec<_>>()
    );
    assert_eq!(state, again);
    sh(
        &sandbox,
        "lambdry --state-dir again export --archive b.zip; cmp a.zip b.zip",
    );
}

#[test]
fn what_is_there_is_kept_unless_it_is_to_be_replaced_and_a_dry_run_writes_nothing() {
    let sandbox = furnished();
    sh(
        &sandbox,
        "lambdry export exported; lambdry export --archive a.zip; lambdry update-function-configuration --function-name pay --timeout 77",
    );
    let before = files(&sandbox, "state");
    for source in ["exported", "a.zip"] {
        let (code, out, err) = end(&sandbox, &format!("lambdry import {source}"));
        assert_eq!((code, out.as_str()), (255, ""));
        assert!(
            err.contains("exists already, with other content: ") && err.contains("pay (eu-west-1)"),
            "{err}"
        );
        let dry = sh(
            &sandbox,
            &format!("lambdry import --replace --dry-run {source}"),
        );
        assert!(dry.contains("pay (111122223333, eu-west-1): $LATEST, versions 1, 3, aliases beta, live; would be replaced"), "{dry}");
        sh(
            &sandbox,
            &format!("lambdry --state-dir nowhere import --dry-run {source}"),
        );
        assert_eq!(before, files(&sandbox, "state"));
        assert!(!sandbox.work().join("nowhere").exists());
    }
    sh(&sandbox, "lambdry import --replace exported");
    let shown = sh(
        &sandbox,
        "lambdry get-function-configuration --function-name pay --query Timeout",
    );
    assert_eq!(shown, "9\n");
    let changes = |text: &str| -> Value {
        serde_json::from_str::<Value>(text).expect("a line")["Change"].clone()
    };
    let journal = fs::read_to_string(
        sandbox
            .work()
            .join("state/111122223333/eu-west-1/functions/pay/journal.jsonl"),
    )
    .expect("a journal");
    let lines: Vec<&str> = journal.lines().collect();
    assert!(
        lines.last().expect("one").contains(r#""Call":"Import""#) && lines.len() > 5,
        "what happened before stays"
    );
    assert!(
        lines.iter().map(|line| changes(line).as_u64()).is_sorted(),
        "the counter never goes back"
    );
}

#[test]
fn code_that_is_not_there_is_said_and_everything_but_running_it_works() {
    let sandbox = furnished();
    sh(
        &sandbox,
        "lambdry generate snapshot | sh -s snapshot pay; export LAMBDRY_STATE_DIR=again; lambdry import snapshot 2>notes; grep -q 'all 2 packages are missing' notes",
    );
    let publish = "lambdry publish-version --function-name pay --query Version --output text";
    let script = format!(
        "export LAMBDRY_STATE_DIR=again LAMBDRY_PUBLISH_RULE=content; lambdry get-function --function-name pay --query Code.Location | grep -q file:; {publish}
         lambdry update-function-code --function-name pay --zip-file fileb://two.zip --query Version; {publish}
         lambdry update-function-code --function-name pay --zip-file fileb://one.zip --query Version; {publish}"
    );
    assert_eq!(
        sh(&sandbox, &script),
        "3\n\"$LATEST\"\n3\n\"$LATEST\"\n4\n",
        "compared by digest: the same code is no change"
    );
}

fn archive(path: &Path, entries: &[(&str, &[u8])]) {
    let mut zip = ZipWriter::new(fs::File::create(path).expect("a file"));
    for (name, bytes) in entries {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file(*name, options).expect("a name");
        zip.write_all(bytes).expect("bytes");
    }
    zip.finish().expect("a zip");
}

#[test]
fn hostile_archives_are_refused_by_name_and_leave_nothing() {
    let sandbox = furnished();
    sh(&sandbox, "lambdry export --archive good.zip");
    let good = fs::read(sandbox.work().join("good.zip")).expect("an archive");
    let head = fs::read(
        sandbox
            .work()
            .join("state/111122223333/eu-west-1/functions/pay/function.json"),
    )
    .expect("a head");
    let version = fs::read(
        sandbox
            .work()
            .join("state/111122223333/eu-west-1/functions/pay/versions/1.json"),
    )
    .expect("a version");
    let pay = "111122223333/eu-west-1/functions/pay";
    let path: PathBuf = sandbox.work().join("bad.zip");
    let format = ("FORMAT", &b"1\n"[..]);
    let refused = |what: &str, told: &str| {
        let (code, out, err) = end(&sandbox, "lambdry --state-dir bad import bad.zip");
        assert_eq!((code, out.as_str()), (255, ""), "{what}: {err}");
        assert!(
            err.contains(told) && err.contains("bad.zip"),
            "{what}: {err}"
        );
        let left: Vec<String> = files(&sandbox, "bad")
            .into_keys()
            .filter(|name| !name.contains("locks/") && name != "FORMAT")
            .collect();
        assert!(left.is_empty(), "{what}: {left:?}");
    };
    for name in [
        "../evil.json",
        "/etc/evil",
        "s3/b/../../../evil",
        "evil.txt",
        "invoke",
        "111122223333/eu-west-1/functions/pay/../x/function.json",
        "s3/b/a//b",
        "111122223333/eu-west-1/functions/p.y/function.json",
        "packages/sha256/ab/x.zip",
        "locks/x",
    ] {
        archive(&path, &[format, (name, b"{}")]);
        refused(
            name,
            &format!("{name:?} in it is not a file of a state directory"),
        );
    }
    let named = |file: &str| format!("{pay}/{file}");
    let (head_name, one, two) = (
        named("function.json"),
        named("versions/1.json"),
        named("versions/2.json"),
    );
    let retired = "111122223333/eu-west-1/retired/functions/x.json";
    let limits = "111122223333/eu-west-1/account.json";
    for (what, entries, told) in [
        (
            "counters that are none",
            vec![format, (retired, &b"{}"[..])],
            "retired/functions/x.json\" in it is not a valid state file",
        ),
        (
            "limits that are none",
            vec![format, (limits, b"{\"TotalCodeSize\": \"much\"}")],
            "account.json\" in it is not a valid state file",
        ),
        (
            "another format",
            vec![("FORMAT", &b"3\n"[..])],
            "its FORMAT is \"3\"",
        ),
        (
            "no head",
            vec![format, (one.as_str(), &version[..])],
            "function.json\" is missing in it",
        ),
        (
            "a torn head",
            vec![format, (head_name.as_str(), &head[..head.len() / 2])],
            "is not a valid state file",
        ),
        (
            "a list for a head",
            vec![format, (head_name.as_str(), b"[]")],
            "is not a JSON object",
        ),
        (
            "a version under another's name",
            vec![
                format,
                (head_name.as_str(), &head[..]),
                (two.as_str(), &version[..]),
            ],
            "version 2 says that it is version \"1\"",
        ),
        (
            "another function's head",
            vec![
                format,
                (
                    "111122223333/eu-west-1/functions/bill/function.json",
                    &head[..],
                ),
            ],
            "belongs to \"pay\"",
        ),
    ] {
        archive(&path, &entries);
        refused(what, told);
    }
    for (what, entries, told) in [
        (
            "a key beside a key below it",
            vec![
                ("s3/b/a", &b"1"[..]),
                ("s3/b/a-b", b"2"),
                ("s3/b/a/b", b"3"),
            ],
            "\"s3/b/a\" and \"s3/b/a/b\" in it conflict",
        ),
        (
            "spoilt faults",
            vec![("faults", &b"PublishVersion=Nothing"[..])],
            "\"faults\" in it: ",
        ),
        (
            "faults of no operation",
            vec![("faults", &b"PublishVersions#1=ServiceException"[..])],
            "\"faults\" in it: \"PublishVersions\" is not an operation",
        ),
        (
            "a spoilt count",
            vec![("faults.count", &b"{"[..])],
            "\"faults.count\" in it: ",
        ),
        (
            "spoilt images",
            vec![("images.json", &b"[1]"[..])],
            "\"images.json\" in it: ",
        ),
        (
            "a config file of bytes",
            vec![("aws/config", &b"\xff"[..])],
            "\"aws/config\" in it: ",
        ),
        (
            "a spoilt bucket",
            vec![("s3/b/.bucket.json", &b"{\"Region\": 1}"[..])],
            "\"s3/b/.bucket.json\" in it: ",
        ),
        (
            "what a spoilt object was put with",
            vec![("s3/b/k", &b"1"[..]), ("s3/b/.meta/k.json", b"no")],
            "\"s3/b/.meta/k.json\" in it: ",
        ),
        (
            "a spoilt version",
            vec![("s3/b/.versions/k/v.json", &b"{\"Size\": -1}"[..])],
            "\"s3/b/.versions/k/v.json\" in it: ",
        ),
        (
            "a hidden bucket",
            vec![("s3/.trash/k", &b"1"[..])],
            "\"s3/.trash/k\" in it",
        ),
    ] {
        // The correct entry comes first in the archive. Nothing of it may be stored.
        let sound = ("s3/a/sound", &b"sound"[..]);
        let entries: Vec<_> = [format, sound].into_iter().chain(entries).collect();
        archive(&path, &entries);
        refused(what, told);
        assert!(!sandbox.work().join("bad").exists(), "{what}");
    }
    let hash = "ab".repeat(32);
    let package = format!("packages/sha256/{}/{}.zip", &hash[..2], &hash[2..]);
    archive(&path, &[format, (&package, b"not those bytes")]);
    refused("a package that is another", "has other content");
    archive(&path, &[format, ("s3/b/bomb", &vec![0; 100 << 20])]);
    refused("a bomb", "it would unpack to more than");
    let mut zip = ZipWriter::new(fs::File::create(&path).expect("a file"));
    zip.start_file("FORMAT", SimpleFileOptions::default())
        .expect("a name");
    zip.write_all(b"1\n").expect("bytes");
    zip.add_symlink("s3/b/link", "/etc/passwd", SimpleFileOptions::default())
        .expect("a link");
    zip.finish().expect("a zip");
    refused("a link", "\"s3/b/link\" in it is a link");
    for length in (0..good.len()).step_by(97) {
        fs::write(&path, &good[..length]).expect("cut");
        let (code, out, err) = end(&sandbox, "lambdry --state-dir bad import bad.zip");
        assert_eq!((code, out.as_str()), (255, ""), "cut at {length}: {err}");
    }
    // If a byte of an archive is changed, the archive is refused or the change does not matter. The import never
    // panics.
    for at in (0..good.len()).step_by(211) {
        let mut flipped = good.clone();
        flipped[at] ^= 0xff;
        fs::write(&path, flipped).expect("flipped");
        let (code, _, err) = end(&sandbox, "lambdry --state-dir bad import --dry-run bad.zip");
        assert!(
            matches!(code, 0 | 255) && !err.contains("panicked"),
            "{at}: {err}"
        );
    }
}

/// The offset of the nth header with the given signature.
fn header(bytes: &[u8], signature: &[u8; 4], nth: usize) -> usize {
    let mut begins = (0..bytes.len() - 4).filter(|at| bytes[*at..*at + 4] == *signature);
    begins.nth(nth).expect("a header")
}

const LOCAL: &[u8; 4] = b"PK\x03\x04";
const CENTRAL: &[u8; 4] = b"PK\x01\x02";

/// Writes bytes into both headers of the third entry, at the given offsets from the beginning of each header.
fn into_both(bytes: &mut [u8], behind: [usize; 2], with: &[u8]) {
    for (signature, behind) in [LOCAL, CENTRAL].into_iter().zip(behind) {
        let at = header(bytes, signature, 2) + behind;
        bytes[at..at + with.len()].copy_from_slice(with);
    }
}

/// Archives that no ordinary program writes, because their headers do not agree with their content.
#[test]
fn archives_whose_headers_lie_are_refused_by_name_and_leave_nothing() {
    type Change = fn(&mut Vec<u8>);
    const LIES: &[(&str, Change, &str)] = &[
        (
            "a name twice",
            |bytes| into_both(bytes, [30, 46], b"s3/b/first"),
            "duplicate file names",
        ),
        (
            "another name in its own header",
            |bytes| {
                let at = header(bytes, LOCAL, 2) + 30;
                bytes[at..at + 10].copy_from_slice(b"s3/b/other");
            },
            "its directory and its files do not agree",
        ),
        (
            "the bytes of another entry",
            |bytes| {
                let (first, third) = (header(bytes, LOCAL, 1), header(bytes, CENTRAL, 2));
                let first = u32::try_from(first).expect("it is small").to_le_bytes();
                bytes[third + 42..third + 46].copy_from_slice(&first);
            },
            "its directory and its files do not agree",
        ),
        (
            "encrypted",
            |bytes| into_both(bytes, [6, 8], &[1, 0]),
            "\"s3/b/third\" in it is encrypted",
        ),
        (
            "another checksum",
            |bytes| into_both(bytes, [14, 16], &[1, 2, 3, 4]),
            "s3/b/third in it is broken",
        ),
        (
            "other bytes",
            |bytes| {
                let at = header(bytes, LOCAL, 2) + 30 + 10;
                bytes[at] ^= 0x40;
            },
            "s3/b/third in it is broken",
        ),
        (
            "a size beyond all",
            |bytes| into_both(bytes, [22, 24], &[0xf0, 0xff, 0xff, 0x7f]),
            "with \"s3/b/third\" it would unpack to more than",
        ),
        (
            "more bytes than there are",
            |bytes| into_both(bytes, [22, 24], &[200, 0, 0, 0]),
            "s3/b/third",
        ),
        (
            "a compression that nobody knows",
            |bytes| into_both(bytes, [8, 10], &[99, 0]),
            "s3/b/third",
        ),
        (
            "more packed bytes than the file has",
            |bytes| into_both(bytes, [18, 20], &[0, 0, 1, 0]),
            "it is cut short: \"s3/b/third\"",
        ),
        (
            "a name of a place outside",
            |bytes| into_both(bytes, [30, 46], b"../../evil"),
            "\"../../evil\" in it is not a file of a state directory",
        ),
        (
            "a name with a zero",
            |bytes| into_both(bytes, [30, 46], b"s3/b/\0vil."),
            "bad.zip",
        ),
    ];
    let sandbox = furnished();
    let path = sandbox.work().join("bad.zip");
    let entries: [(&str, &[u8]); 3] = [
        ("FORMAT", b"1\n"),
        ("s3/b/first", b"the first"),
        ("s3/b/third", b"the third"),
    ];
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let whole = |large: bool| {
            let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
            for (name, bytes) in entries {
                let options = SimpleFileOptions::default().compression_method(method);
                zip.start_file(name, options.large_file(large))
                    .expect("a name");
                zip.write_all(bytes).expect("bytes");
            }
            zip.finish().expect("a zip").into_inner()
        };
        for (what, change, told) in LIES {
            let mut bytes = whole(false);
            change(&mut bytes);
            fs::write(&path, bytes).expect("written");
            let (code, out, err) = end(&sandbox, "lambdry --state-dir bad import bad.zip");
            assert_eq!((code, &*out), (255, ""), "{what}, {method}: {err}");
            let named = err.contains(told) && err.contains("bad.zip");
            assert!(
                named && !err.contains("panicked"),
                "{what}, {method}: {err}"
            );
            assert!(!sandbox.work().join("bad").exists(), "{what}, {method}");
        }
        // An archive is valid even if its form makes it large.
        fs::write(&path, whole(true)).expect("written");
        sh(&sandbox, "lambdry --state-dir large import bad.zip");
        let there = files(&sandbox, "large");
        assert_eq!(there["s3/b/third"], b"the third");
        fs::remove_dir_all(sandbox.work().join("large")).expect("removed");
    }
}

/// With any amount of free space, the message is lambdry's own, and no archive is left behind.
#[test]
fn an_export_to_a_full_disk_ends_in_our_words() {
    let sandbox = furnished();
    sh(
        &sandbox,
        "mkdir -p state/s3/box; head -c 9000 /dev/zero >state/s3/box/zeros",
    );
    // The limit is the given number of blocks of half a KiB. A write beyond it fails.
    for blocks in [1, 4, 8, 16, 20, 24, 26, 28] {
        let run = format!("trap '' XFSZ; ulimit -f {blocks}; lambdry export --archive full.zip");
        let (code, out, err) = end(&sandbox, &run);
        if code == 0 {
            assert!(blocks > 20, "{blocks} blocks");
            break;
        }
        assert_eq!((code, out.as_str()), (255, ""), "{err}");
        assert!(
            err.contains("cannot write ") && err.contains("full.zip: "),
            "{err}"
        );
        assert!(
            !err.contains("Zip") && err.trim().lines().count() <= 2,
            "{err}"
        );
        assert!(!sandbox.work().join("full.zip").exists());
    }
}

/// Makes an archive with the given number of objects, each with its metadata, and the given number of packages.
fn large(path: &Path, objects: usize, packages: usize) {
    use sha2::{Digest as _, Sha256};
    let mut names = vec![("FORMAT".to_owned(), b"1\n".to_vec())];
    for n in 0..objects {
        names.push((format!("s3/b/{}/{n}", n % 7), format!("object {n}").into()));
    }
    for n in 0..packages {
        let bytes = format!("package {n}").into_bytes();
        let hash: String = Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        names.push((
            format!("packages/sha256/{}/{}.zip", &hash[..2], &hash[2..]),
            bytes,
        ));
    }
    let entries: Vec<(&str, &[u8])> = names
        .iter()
        .map(|(name, bytes)| (&**name, &**bytes))
        .collect();
    archive(path, &entries);
}

/// In an import of any size, only one package and one object are open at a time.
#[test]
fn an_import_opens_one_file_at_a_time() {
    let sandbox = furnished();
    large(&sandbox.work().join("many.zip"), 300, 100);
    sh(
        &sandbox,
        "ulimit -n 40; lambdry --state-dir many import many.zip",
    );
    let there = files(&sandbox, "many");
    let objects = there
        .keys()
        .filter(|name| name.starts_with("s3/b/"))
        .count();
    let spools = there.keys().filter(|name| name.starts_with("tmp/")).count();
    assert_eq!((objects, spools), (300, 0));
}

/// The test counts steps of the disk, because times vary.
#[cfg(debug_assertions)]
#[test]
fn an_import_of_twice_the_objects_takes_twice_the_steps() {
    let sandbox = furnished();
    let steps = |objects: usize| {
        large(&sandbox.work().join("many.zip"), objects, 0);
        let run = format!(
            "LAMBDRY_STEPS=log:$PWD/steps{objects} lambdry --state-dir many{objects} import many.zip"
        );
        sh(&sandbox, &run);
        let log = fs::read_to_string(sandbox.work().join(format!("steps{objects}")));
        let log = log.expect("a log");
        let syncs = log.lines().filter(|step| step.contains("fsync")).count();
        (log.lines().count(), syncs)
    };
    let (few, many) = (steps(100), steps(200));
    assert!(many.0 - few.0 <= 4 * 100, "{few:?} {many:?}");
    assert_eq!(few.1, many.1, "objects share their fsyncs");
}

/// After any failed step, the state is as before. New resources are removed again, and replaced resources are restored.
#[cfg(debug_assertions)]
#[test]
fn an_import_that_fails_on_the_way_leaves_nothing() {
    let sandbox = furnished();
    sh(
        &sandbox,
        "aws s3 mb s3://box; aws s3 cp --content-type a/b one.zip s3://box/one; echo by hand >state/s3/box/two; lambdry export --archive a.zip
        lambdry --state-dir base create-function --function-name own --runtime python3.12 --handler h \
          --role arn:aws:iam::111122223333:role/r --zip-file fileb://one.zip
        mkdir -p base/s3/box; echo other >base/s3/box/two",
    );
    let kept = |folder: &str| {
        let mut kept = lasting(&sandbox, folder);
        // A package that nothing refers to is not compared. The next import uses its folder again.
        kept.retain(|name, _| !name.starts_with("packages/") && !name.contains("usage.json"));
        kept
    };
    let before = kept("base");
    let (mut failed, mut step) = (0, 1);
    loop {
        sh(&sandbox, "rm -rf try; cp -a base try");
        let run =
            format!("LAMBDRY_STEPS={step}:ENOSPC lambdry --state-dir try import --replace a.zip");
        let (code, _, err) = end(&sandbox, &run);
        if code == 0 {
            // The step may fail without harm, or no step has this number.
            if failed > 0 && step > 40 {
                break;
            }
        } else {
            failed += 1;
            assert!(!err.contains("panicked"), "step {step}: {err}");
            let mut now = kept("try");
            now.retain(|name, _| !name.ends_with("account.json") || before.contains_key(name));
            assert_eq!(
                before.keys().collect::<Vec<_>>(),
                now.keys().collect::<Vec<_>>(),
                "step {step}: {err}"
            );
            assert_eq!(before, now, "step {step}: {err}");
        }
        step += 3;
    }
    assert!(failed > 10, "{failed}");
}

#[test]
fn an_imported_object_has_what_it_was_put_with() {
    let sandbox = furnished();
    let told = sh(
        &sandbox,
        "aws s3 mb s3://box; aws s3 cp --content-type a/b one.zip s3://box/one; mkdir state/s3/box/.versions
        aws s3 cp --content-type c/d two.zip s3://box/one; lambdry export --archive a.zip
        version=$(ls state/s3/box/.versions/one | head -1); version=${version%.json}
        for state in state other; do
          test $state = state || lambdry --state-dir other import a.zip >&2
          for of in '' \"--version-id=$version\"; do
            lambdry --state-dir $state s3api head-object --bucket box --key one $of --query '[ContentType,LastModified]' --output text
          done
        done",
    );
    let lines: Vec<&str> = told.lines().collect();
    let [first, second, third, fourth] = lines[lines.len() - 4..] else {
        panic!("{told}");
    };
    assert_eq!([first, second], [third, fourth], "{told}");
    assert!(
        first.starts_with("c/d") && second.starts_with("a/b"),
        "{told}"
    );
}

#[test]
fn an_import_that_has_no_room_or_meets_what_a_stopped_create_left_is_whole_or_nothing() {
    let sandbox = furnished();
    sh(&sandbox, "lambdry export exported");
    let (code, out, err) = end(
        &sandbox,
        "LAMBDRY_TOTAL_CODE_SIZE=300 lambdry --state-dir small import exported",
    );
    assert_eq!((code, out.as_str()), (255, ""));
    assert!(err.contains("has no room for"), "{err}");
    assert!(!sandbox.work().join("small").exists());
    // A folder without a head is not a function. A version in such a folder does not belong to the imported function.
    sh(
        &sandbox,
        "left=other/111122223333/eu-west-1/functions/pay/versions; mkdir -p $left; echo '{}' >$left/2.json
        lambdry --state-dir other import exported
        lambdry --state-dir other list-versions-by-function --function-name pay --query 'Versions[].Version' --output text >versions",
    );
    let versions = fs::read_to_string(sandbox.work().join("versions")).expect("a list");
    assert_eq!(versions, "$LATEST\t1\t3\n");
    assert!(
        !files(&sandbox, "other")
            .keys()
            .any(|name| name.contains("trash/")),
        "nothing is left behind"
    );
}

/// The files of an archive.
fn unpacked(path: &Path) -> BTreeMap<String, Vec<u8>> {
    use std::io::Read as _;
    let file = fs::File::open(path).expect("an archive");
    let mut archive = zip::ZipArchive::new(file).expect("a zip");
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).expect("an entry");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("read");
        files.insert(
            String::from_utf8_lossy(entry.name_raw()).into_owned(),
            bytes,
        );
    }
    files
}

/// An import into a fork gives the same result as an import into a full copy of the fork's parent: the same exit code,
/// the same text and the same content.
#[test]
fn an_import_into_a_fork_is_one_into_a_whole_copy() {
    let sandbox = furnished();
    sh(
        &sandbox,
        "aws s3 mb s3://box; aws s3 cp --content-type a/b one.zip s3://box/one; aws s3 cp one.zip s3://box/deep/two
        echo by hand >state/s3/box/hand
        aws s3 mb s3://kept; aws s3api put-bucket-versioning --bucket kept --versioning-configuration Status=Enabled
        for body in one two one; do aws s3 cp $body.zip s3://kept/key; done; aws s3 rm s3://kept/key; aws s3 cp one.zip s3://kept/other
        aws iam create-role --role-name r --assume-role-policy-document '{\"Statement\":[]}'
        mkdir -p state/111122223333/eu-west-1/responses; echo 1 >state/111122223333/eu-west-1/responses/pay.json
        lambdry create-function --function-name gone --runtime python3.12 --handler h --role arn:aws:iam::111122223333:role/r --zip-file fileb://one.zip
        lambdry delete-function --function-name gone",
    );
    const CHANGES: &[(&str, &str)] = &[
        ("as it is", "true"),
        (
            "other words with an object",
            "aws s3 cp --content-type c/d one.zip s3://box/one",
        ),
        ("other bytes", "aws s3 cp two.zip s3://box/one"),
        ("one object less", "aws s3 rm s3://box/deep/two"),
        ("one by hand less", "aws s3 rm s3://box/hand"),
        ("one bucket less", "aws s3 rb --force s3://box"),
        (
            "a key below a key",
            "aws s3 rm s3://box/one; aws s3 cp one.zip s3://box/one/below",
        ),
        (
            "a key above a key",
            "aws s3 rm s3://box/deep/two; aws s3 cp one.zip s3://box/deep",
        ),
        ("another version", "aws s3 cp two.zip s3://kept/other"),
        (
            "a version less",
            "aws s3api delete-object --bucket kept --key other --version-id \
             $(aws s3api list-object-versions --bucket kept --prefix other --query Versions[0].VersionId --output text)",
        ),
        (
            "a function less",
            "aws lambda delete-function --function-name bill",
        ),
        (
            "a function more",
            "aws lambda create-function --function-name gone --runtime python3.12 --handler h \
             --role arn:aws:iam::111122223333:role/r --zip-file fileb://one.zip",
        ),
        (
            "another function",
            "aws lambda update-function-configuration --function-name pay --timeout 20",
        ),
        (
            "another role",
            "aws iam tag-role --role-name r --tags Key=a,Value=b",
        ),
        (
            "another response",
            "mkdir -p $LAMBDRY_STATE_DIR/111122223333/eu-west-1/responses; \
             echo 2 >$LAMBDRY_STATE_DIR/111122223333/eu-west-1/responses/pay.json",
        ),
    ];
    for (number, (_, change)) in CHANGES.iter().enumerate() {
        sh(
            &sandbox,
            &format!(
                "cp -a state changed; (export LAMBDRY_STATE_DIR=$PWD/changed; {change}) >&2
                lambdry --state-dir changed export --archive {number}.zip; rm -r changed"
            ),
        );
    }
    let store = lambdry::store::Store::open(lambdry::store::Settings {
        root: sandbox.work().join("state"),
        clock: lambdry::store::clock::Clock::System,
        ids: lambdry::store::clock::Ids::Random,
        total_code_size: None,
        lock_timeout: std::time::Duration::from_secs(5),
        notice: Box::new(|_| ()),
        steps: None,
    })
    .expect("a state directory");
    let before = files(&sandbox, "state");
    for (first, (began, change)) in CHANGES.iter().enumerate() {
        // Every archive is imported into the state as it is, and into the same state after a change.
        for (number, (archive, _)) in CHANGES.iter().enumerate() {
            if first > 0 && number > 0 && ((first + number) % 3 != 0 || first == number) {
                continue;
            }
            for options in ["", "--replace"] {
                let ends = ["fork", "copy"].map(|name| {
                    let root = sandbox.work().join(name);
                    match name {
                        "fork" => store.fork(&root).expect("a fork"),
                        _ => drop(sh(&sandbox, "cp -a state copy")),
                    }
                    let run = format!(
                        "export LAMBDRY_STATE_DIR=$PWD/{name}; ({change}) >/dev/null 2>&1
                        code=0; lambdry import {options} {number}.zip || code=$?
                        rm -f left.zip; lambdry export --archive left.zip >&2
                        lambdry doctor >doctor || cat doctor >&2; exit $code"
                    );
                    let (code, out, err) = end(&sandbox, &run);
                    let left = unpacked(&sandbox.work().join("left.zip"));
                    fs::remove_dir_all(root).expect("removed");
                    // A fork may contain the path of its parent.
                    let placeless = |text: String| text.replace(&format!("/{name}/"), "/state/");
                    (code, placeless(out), placeless(err), left)
                });
                let what = format!("{archive} {options} into {began}");
                let [fork, copy] = &ends;
                assert_eq!(
                    (fork.0, &fork.1, &fork.2),
                    (copy.0, &copy.1, &copy.2),
                    "{what}"
                );
                // In a copy, the counters of a deleted resource stay beside a new resource of the same name. In a fork,
                // such counters would hide the new resource.
                let names = |left: &BTreeMap<String, Vec<u8>>| -> Vec<String> {
                    let hides = |name: &str| {
                        let head = name.replace("/retired/", "/");
                        let head = head.replace(".json", "/function.json");
                        name.contains("/retired/") && left.contains_key(&head)
                    };
                    let names = left.keys().filter(|name| !hides(name));
                    names.cloned().collect()
                };
                assert_eq!(names(&fork.3), names(&copy.3), "{what}: {}", fork.2);
                for (name, bytes) in &fork.3 {
                    // The mark that distinguishes new bytes from old bytes depends on the disk. A fork has no mark
                    // until it has bytes of its own.
                    let text = |bytes: &[u8]| {
                        let is_told = name.contains("/.meta/") || name.contains("/.versions/");
                        let read = serde_json::from_slice::<Value>(bytes);
                        match read {
                            Ok(Value::Object(mut members)) if is_told => {
                                for member in ["Before", "Nanoseconds"] {
                                    members.shift_remove(member);
                                }
                                Value::Object(members).to_string()
                            }
                            _ => String::from_utf8_lossy(bytes).into_owned(),
                        }
                    };
                    assert_eq!(text(bytes), text(&copy.3[name]), "{what}: {name}");
                }
            }
        }
    }
    assert_eq!(before, files(&sandbox, "state"), "the parent is as it was");
}
