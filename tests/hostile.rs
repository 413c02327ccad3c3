//! A damaged state directory, and invalid arguments. Every command ends with 0 or 252 to 255, names the fault, and
//! overwrites nothing. No command panics or hangs.

#![cfg(unix)]

mod disk;

use std::{
    ffi::{OsStr, OsString},
    fs,
    os::unix::{ffi::OsStringExt as _, fs::symlink},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use lambdry::state::{arn::Scope, function::Function};

use disk::{Answer, State, folder, furnished, words, zip};

/// Reads and writes that use every kind of state file.
fn commands(zip: &str) -> Vec<Vec<String>> {
    [
        &["list-functions", "--function-version", "ALL"][..],
        &["get-function", "--function-name", "pay:live"],
        &["list-versions-by-function", "--function-name", "pay"],
        &["list-aliases", "--function-name", "pay"],
        &["get-account-settings"],
        &["wait", "function-updated", "--function-name", "pay"],
        &[
            "update-function-code",
            "--function-name",
            "pay",
            "--zip-file",
            zip,
            "--publish",
        ],
        &[
            "update-function-configuration",
            "--function-name",
            "pay",
            "--timeout",
            "9",
        ],
        &["publish-version", "--function-name", "pay"],
        &[
            "update-alias",
            "--function-name",
            "pay",
            "--name",
            "live",
            "--function-version",
            "1",
        ],
        &[
            "delete-function",
            "--function-name",
            "pay",
            "--qualifier",
            "1",
        ],
    ]
    .into_iter()
    .map(words)
    .collect()
}

/// Runs a command, which must end with one of its exit codes in any state.
#[track_caller]
fn ends<S: AsRef<OsStr> + std::fmt::Debug>(what: &str, state: &State, args: &[S]) -> Answer {
    let answer = catch_unwind(AssertUnwindSafe(|| state.run(args)));
    let answer = answer.unwrap_or_else(|_| panic!("{what}: {args:?} panicked"));
    assert!(
        matches!(answer.code, 0 | 252..=255),
        "{what}: {args:?} ended with {}: {}",
        answer.code,
        answer.err
    );
    assert_eq!(
        answer.code == 0,
        answer.err.is_empty() || answer.err.starts_with("hint"),
        "{what}: {args:?} {answer:?}"
    );
    answer
}

/// Contents that may replace the content of a file.
fn garbage(good: &[u8]) -> Vec<(String, Vec<u8>)> {
    let nested = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    let objects = "{\"a\":".repeat(100_000);
    let mut all: Vec<(String, Vec<u8>)> = [
        ("empty", ""),
        ("a newline", "\n"),
        ("null", "null\n"),
        ("a number", "18446744073709551616\n"),
        ("a string", "\"pay\"\n"),
        ("a list", "[]\n"),
        ("an object", "{}\n"),
        (
            "foreign",
            "{\"name\": \"left-pad\", \"version\": \"1.3.0\"}\n",
        ),
        ("no JSON", "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> theirs\n"),
        ("nested lists", &nested),
        ("nested objects", &objects),
    ]
    .into_iter()
    .map(|(what, text)| (what.to_owned(), text.as_bytes().to_vec()))
    .collect();
    all.push(("no UTF-8".to_owned(), vec![b'"', 0xff, 0xfe, b'"', b'\n']));
    all.push(("zeros".to_owned(), vec![0; good.len()]));
    let text = String::from_utf8_lossy(good);
    for (what, from, to) in [
        (
            "a huge counter",
            "\"Changes\": ",
            "\"Changes\": 18446744073709551",
        ),
        (
            "a huge version",
            "\"LastVersion\": ",
            "\"LastVersion\": 1844674407370955161",
        ),
        ("a negative counter", "\"Changes\": ", "\"Changes\": -"),
        ("a fraction", "\"Changes\": ", "\"Changes\": 0."),
        ("a wrong type", "\"Timeout\": 3", "\"Timeout\": \"3\""),
        (
            "an unknown member",
            "\"Timeout\"",
            "\"Tomorrow\": 1, \"Timeout\"",
        ),
        (
            "another name",
            "\"FunctionName\": \"pay\"",
            "\"FunctionName\": \"Pay\"",
        ),
        (
            "another version",
            "\"Version\": \"1\"",
            "\"Version\": \"2\"",
        ),
    ] {
        if text.contains(from) {
            all.push((what.to_owned(), text.replacen(from, to, 1).into_bytes()));
        }
    }
    all
}

/// State files that are read as JSON and that somebody may edit by hand. `usage.json` is a cache.
const FILES: [&str; 6] = [
    "FORMAT",
    "123456789012/us-east-1/functions/pay/function.json",
    "123456789012/us-east-1/functions/pay/versions/1.json",
    "123456789012/us-east-1/functions/pay/journal.jsonl",
    "123456789012/us-east-1/account.json",
    "123456789012/us-east-1/usage.json",
];

/// Runs every command on a damaged state. A command that fails changes nothing and names the file.
fn all_commands(what: &str, spoilt: &State, scratch: &Path, zip: &str, file: &str) -> usize {
    let mut failed = 0;
    for command in commands(zip) {
        let state = spoilt.copied(scratch);
        let before = state.lasting();
        let answer = ends(what, &state, &command);
        if answer.code != 0 {
            assert_eq!(
                state.lasting(),
                before,
                "{what}: {command:?} wrote, and failed"
            );
        }
        if answer.code == 255 {
            failed += 1;
            let named = answer
                .err
                .contains(&state.root.join(file).display().to_string());
            assert!(named, "{what}: {command:?}: {}", answer.err);
        }
        if answer.code == 0 && (file.ends_with("function.json") || file.ends_with("FORMAT")) {
            // A command may only use a file that is still valid.
            assert!(
                command[0] == "get-account-settings" || !what.contains("empty"),
                "{what}: {command:?}"
            );
        }
        fs::remove_dir_all(scratch).expect("removed");
    }
    failed
}

#[test]
fn a_spoilt_file_is_named_and_kept() {
    let base = folder();
    let full = furnished(base.path().join("full"), base.path());
    let code = zip(base.path(), "new");
    let scratch = base.path().join("scratch");
    for file in FILES {
        let path = full.root.join(file);
        let good = fs::read(&path).expect(file);
        for (what, bytes) in garbage(&good) {
            fs::write(&path, &bytes).expect("spoilt");
            let what = format!("{file} holding {what}");
            let failed = all_commands(&what, &full, &scratch, &code, file);
            // A cache is made again, and no operation reads the journal. If the limits are missing, AWS's limits apply.
            let limits = file.ends_with("account.json") && what.ends_with("an object");
            let unread = limits || file.ends_with("usage.json") || file.ends_with("journal.jsonl");
            assert_eq!(unread, failed == 0, "{what}: {failed} commands failed");
        }
        fs::write(&path, good).expect("mended");
    }
}

#[test]
fn a_spoilt_journal_is_named_by_its_reader_and_kept_by_its_writer() {
    let base = folder();
    let full = furnished(base.path().join("full"), base.path());
    let path = full.path("functions/pay/journal.jsonl");
    let good = fs::read(&path).expect("a journal");
    for (what, bytes) in garbage(&good) {
        fs::write(&path, &bytes).expect("spoilt");
        full.ok(&["update-alias", "--function-name", "pay", "--name", "live"]);
        let store = full.store();
        let place = store.place(Scope {
            region: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
        });
        let read = place.all::<Function>().journal("pay");
        let kept = fs::read(&path).expect("a journal");
        let blank = bytes.iter().all(u8::is_ascii_whitespace);
        if !blank && bytes.ends_with(b"\n") && !what.contains("a huge counter") {
            let error = read.expect_err(&what).to_string();
            let named = format!("{}: line 1 is not a change", path.display());
            assert!(error.contains(&named), "{what}: {error}");
            assert!(kept.starts_with(&bytes), "{what}: what was there is gone");
        } else {
            // After the last valid line, the journal has nothing, an incomplete line, or a line that no head ever
            // included.
            assert_eq!(
                read.expect(&what)
                    .expect("pay")
                    .last()
                    .map(|line| line.call.as_str()),
                Some("UpdateAlias"),
                "{what}"
            );
        }
    }
}

#[test]
fn a_file_cut_short_at_any_byte_is_named_and_kept() {
    let base = folder();
    let full = furnished(base.path().join("full"), base.path());
    for file in FILES {
        let path = full.root.join(file);
        let good = fs::read(&path).expect(file);
        // The last byte of a file is white space, so the file is complete without it. A journal is valid wherever it
        // ends.
        let json = file.ends_with(".json") && !file.ends_with("usage.json");
        for length in 0..good.len().saturating_sub(1) {
            let cut = &good[..length];
            fs::write(&path, cut).expect("cut");
            let what = format!("{file} cut at {length}");
            let read: &[&str] = match file {
                _ if file.contains("versions") => {
                    &["get-function-configuration", "--function-name", "pay:1"]
                }
                _ if file.contains("functions") => {
                    &["get-function-configuration", "--function-name", "pay"]
                }
                _ => &["get-account-settings"],
            };
            let answer = ends(&what, &full, read);
            if json || (file == "FORMAT" && length == 0) {
                assert_eq!(answer.code, 255, "{what}");
                assert!(
                    answer.err.contains(&path.display().to_string()),
                    "{what}: {}",
                    answer.err
                );
            }
            if length % 97 == 0 && json {
                let write = [
                    "update-function-code",
                    "--function-name",
                    "pay",
                    "--zip-file",
                    &zip(base.path(), "longer"),
                ];
                let answer = ends(&what, &full, &write);
                let needed = !file.contains("versions");
                assert_eq!(answer.code == 255, needed, "{what}: {}", answer.err);
                if !needed {
                    break;
                }
            }
            assert_eq!(fs::read(&path).expect(file), cut, "{what}: written");
        }
        fs::write(&path, good).expect("mended");
    }
}

#[test]
fn what_stands_in_a_files_place_is_named_and_kept() {
    let base = folder();
    let full = furnished(base.path().join("full"), base.path());
    let code = zip(base.path(), "new");
    let elsewhere = base.path().join("elsewhere");
    fs::write(&elsewhere, "mine\n").expect("a file");
    for file in FILES {
        for what in [
            "a folder",
            "a loop",
            "a link to nothing",
            "a link",
            "a pipe",
            "a link to zeros",
        ] {
            let state = full.copied(&base.path().join("spoilt"));
            let path = state.root.join(file);
            fs::remove_file(&path).expect(file);
            match what {
                "a folder" => fs::create_dir(&path).expect(what),
                "a loop" => symlink(&path, &path).expect(what),
                "a link to nothing" => symlink("/nonexistent/x", &path).expect(what),
                "a link" => symlink(&elsewhere, &path).expect(what),
                "a link to zeros" => symlink("/dev/zero", &path).expect(what),
                _ => {
                    let made = Command::new("mkfifo").arg(&path).status().expect("mkfifo");
                    assert!(made.success());
                }
            }
            for command in commands(&code) {
                ends(&format!("{what} at {file}"), &state, &command);
            }
            assert_eq!(
                fs::read(&elsewhere).expect("mine"),
                b"mine\n",
                "{what} at {file}"
            );
            fs::remove_dir_all(&state.root).expect("removed");
        }
    }
    // There is a file where a folder should be.
    for below in [
        "functions",
        "functions/pay",
        "functions/pay/versions",
        "locks",
        "locks/functions",
        "retired",
        "trash",
    ] {
        let state = full.copied(&base.path().join("spoilt"));
        let path = state.path(below);
        let _ = fs::remove_dir_all(&path);
        fs::write(&path, "mine\n").expect("a file");
        for command in commands(&code).into_iter().chain([words(&[
            "delete-function",
            "--function-name",
            "pay",
        ])]) {
            ends(&format!("a file at {below}"), &state, &command);
        }
        // A delete of the function also deletes the files in its folder.
        let kept = fs::read(&path).unwrap_or_default();
        assert!(kept == b"mine\n" || below.ends_with("versions"), "{below}");
        fs::remove_dir_all(&state.root).expect("removed");
    }
}

/// A state directory may come from anywhere, for example from a cloned repository. Its links must not make a command
/// delete anything outside of it.
#[test]
fn links_in_a_state_directory_lead_no_clean_up_astray() {
    let base = folder();
    let full = furnished(base.path().join("full"), base.path());
    let home = base.path().join("home");
    fs::create_dir_all(home.join("functions-of-mine")).expect("a folder");
    fs::write(home.join("functions-of-mine/x"), "mine").expect("a file");
    fs::write(home.join("old"), "mine").expect("a file");
    let old = fs::File::open(home.join("old")).expect("a file");
    old.set_modified(std::time::SystemTime::UNIX_EPOCH)
        .expect("aged");
    fs::remove_dir_all(full.root.join("tmp")).expect("removed");
    symlink(&home, full.root.join("tmp")).expect("a link");
    symlink(&home, full.path("trash")).expect("a link");
    full.run(&[
        "update-function-code",
        "--function-name",
        "pay",
        "--zip-file",
        &zip(base.path(), "new"),
    ]);
    full.run(&["delete-function", "--function-name", "ship"]);
    assert_eq!(fs::read(home.join("old")).expect("kept"), b"mine");
    assert_eq!(
        fs::read(home.join("functions-of-mine/x")).expect("kept"),
        b"mine"
    );
    // The function is a link. The delete removes only the link.
    let mine = base.path().join("mine");
    fs::rename(full.path("functions/pay"), &mine).expect("moved");
    symlink(&mine, full.path("functions/pay")).expect("a link");
    let _ = fs::remove_file(full.path("trash"));
    full.ok(&["delete-function", "--function-name", "pay"]);
    assert!(mine.join("function.json").exists() && !full.path("functions/pay").exists());
}

#[test]
fn a_newer_format_and_a_foreign_directory_are_refused_by_name() {
    let base = folder();
    let full = furnished(base.path().join("full"), base.path());
    for (format, part) in [
        (
            "3\n",
            "the state has format 3, but this lambdry knows formats only up to 2",
        ),
        ("99999999999999999999999\n", "instead of the number 2"),
        ("0\n", "instead of the number 2"),
        ("gzip\n", "it holds \"gzip\" instead of the number 2"),
    ] {
        fs::write(full.root.join("FORMAT"), format).expect("written");
        let before = full.tree();
        for command in commands(&zip(base.path(), "new")) {
            let answer = ends(format, &full, &command);
            assert_eq!(answer.code, 255);
            assert!(
                answer.err.contains("FORMAT: ") && answer.err.contains(part),
                "{}",
                answer.err
            );
        }
        assert_eq!(full.tree(), before);
    }
}

#[test]
fn missing_packages_versions_and_counters_are_answered_for() {
    let base = folder();
    let full = furnished(base.path().join("full"), base.path());
    fs::remove_file(full.path("functions/pay/versions/1.json")).expect("removed");
    let answer = full.run(&["get-function", "--function-name", "pay:1"]);
    assert_eq!(answer.code, 254, "{}", answer.err);
    fs::remove_dir_all(full.root.join("packages")).expect("removed");
    for command in commands(&zip(base.path(), "new")) {
        ends("no packages", &full, &command);
    }
    full.ok(&["delete-function", "--function-name", "pay"]);
    let retired = full.path("retired/functions/pay.json");
    for (what, bytes) in garbage(&fs::read(&retired).expect("counters")) {
        fs::write(&retired, &bytes).expect("spoilt");
        let create = disk::create("pay", &zip(base.path(), "new"), &[]);
        let answer = ends(&what, &full, &create);
        assert_eq!(answer.code, 255, "{what}");
        assert!(
            answer.err.contains("retired/functions/pay.json"),
            "{what}: {}",
            answer.err
        );
        assert_eq!(fs::read(&retired).expect("counters"), bytes, "{what}");
    }
}

#[test]
fn a_state_directory_that_cannot_be_one_is_named() {
    let base = folder();
    let file = base.path().join("file");
    fs::write(&file, "mine\n").expect("a file");
    let round = base.path().join("loop");
    symlink(&round, &round).expect("a loop");
    let code = zip(base.path(), "code");
    let long = base.path().join("x".repeat(300));
    let roots = [
        file.clone(),
        file.join("below"),
        round,
        long,
        "/proc/lambdry".into(),
        "/dev/null".into(),
    ];
    for root in roots {
        let state = State::at(&root);
        let answer = ends("a create", &state, &disk::create("pay", &code, &[]));
        assert_eq!(answer.code, 255, "{root:?}: {}", answer.err);
        assert!(
            answer.err.contains(&root.display().to_string()),
            "{}",
            answer.err
        );
        for command in commands(&code) {
            ends("elsewhere", &state, &command);
        }
    }
    assert_eq!(fs::read(&file).expect("mine"), b"mine\n");
}

#[test]
fn hostile_words_end_as_a_command_ends() {
    let base = folder();
    let full = furnished(base.path().join("full"), base.path());
    let before = full.lasting();
    let long = "x".repeat(1 << 20);
    let nested = "[".repeat(1 << 16);
    let shorthand = "a={".repeat(1 << 14);
    let texts = [
        "",
        " ",
        "-",
        "--",
        "=",
        "..",
        "../pay",
        "pay/../ship",
        "/etc/passwd",
        "pay\0x",
        "pay\nship",
        "CON",
        "pay:",
        ":",
        "$LATEST",
        "pay:$LATEST:1",
        "pay:99999999999999999999",
        "arn:aws:lambda:us-east-1:123456789012:function:../../ship",
        "arn:aws:lambda:..:123456789012:function:pay",
        "\u{202e}yap",
        "pаy",
        "💥",
        "file://",
        "file:///dev/null",
        "fileb:///nonexistent",
        "fileb:///proc",
        "%2e%2e",
        "{",
        "[[",
        "{\"a\":",
        "@=file:///x",
        &long,
        &nested,
        &shorthand,
    ];
    let hostile = texts.into_iter().map(OsString::from).chain([
        OsString::from_vec(vec![b'p', 0xff, 0xfe]),
        OsString::from_vec(b"pay:\xc3".to_vec()),
    ]);
    for word in hostile {
        let word = word.as_os_str();
        let lines: [&[&OsStr]; 8] = [
            &["get-function".as_ref(), "--function-name".as_ref(), word],
            &[
                "get-function".as_ref(),
                "--function-name".as_ref(),
                "pay".as_ref(),
                "--qualifier".as_ref(),
                word,
            ],
            &[
                "delete-function".as_ref(),
                "--function-name".as_ref(),
                "pay".as_ref(),
                "--qualifier".as_ref(),
                word,
            ],
            &[
                "update-function-configuration".as_ref(),
                "--function-name".as_ref(),
                "nope".as_ref(),
                "--environment".as_ref(),
                word,
            ],
            &[
                "update-function-code".as_ref(),
                "--function-name".as_ref(),
                "pay".as_ref(),
                "--s3-bucket".as_ref(),
                "bucket".as_ref(),
                "--s3-key".as_ref(),
                word,
            ],
            &[
                "update-function-code".as_ref(),
                "--function-name".as_ref(),
                "pay".as_ref(),
                "--zip-file".as_ref(),
                word,
            ],
            &["list-functions".as_ref(), "--region".as_ref(), word],
            &[word],
        ];
        for line in lines {
            let shown: String = format!("{line:?}").chars().take(200).collect();
            let answer = catch_unwind(AssertUnwindSafe(|| full.run(line)));
            let answer = answer.unwrap_or_else(|_| panic!("{shown} panicked"));
            assert!(
                matches!(answer.code, 0 | 252..=255),
                "{shown}: {}",
                answer.code
            );
        }
    }
    assert_eq!(full.lasting(), before);
}

/// A zip with two files.
fn zipped(method: zip::CompressionMethod, large: bool) -> Vec<u8> {
    use std::io::Write as _;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["app.py", "lib.py"] {
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        zip.start_file(name, options.large_file(large))
            .expect("a name");
        zip.write_all(&[b'x'; 5000]).expect("bytes");
    }
    zip.finish().expect("a zip").into_inner()
}

/// The offset of the last header with the given signature.
fn header(bytes: &[u8], signature: &[u8; 4]) -> usize {
    let mut begins = (0..bytes.len() - 4).rev();
    begins
        .find(|at| bytes[*at..*at + 4] == *signature)
        .expect("a header")
}

/// Writes bytes into both headers of the last file, at the given offsets from the beginning of each header.
fn into_both(bytes: &mut [u8], behind: [usize; 2], with: &[u8]) {
    for (signature, behind) in [b"PK\x03\x04", b"PK\x01\x02"].into_iter().zip(behind) {
        let at = header(bytes, signature) + behind;
        bytes[at..at + with.len()].copy_from_slice(with);
    }
}

/// Packages whose headers do not agree with their content. Every way to upload a package refuses them as Lambda does,
/// and stores nothing of them.
#[test]
fn packages_that_lie_are_refused_and_leave_nothing() {
    type Change = fn(&mut Vec<u8>);
    const BROKEN: &str = "Could not unzip uploaded file";
    const LIES: &[(&str, Change, &str)] = &[
        ("nothing", |bytes| bytes.clear(), ""),
        ("no zip", |bytes| *bytes = b"#!/bin/sh\n".to_vec(), "zip"),
        ("half of it", |bytes| bytes.truncate(bytes.len() / 2), "zip"),
        ("no end", |bytes| bytes.truncate(bytes.len() - 10), "zip"),
        (
            "less than there is",
            |bytes| into_both(bytes, [22, 24], &[9, 0, 0, 0]),
            BROKEN,
        ),
        (
            "more than there is",
            |bytes| into_both(bytes, [22, 24], &[0, 0, 1, 0]),
            BROKEN,
        ),
        (
            "more than there can be",
            |bytes| into_both(bytes, [22, 24], &[0, 0, 0, 0x7f]),
            BROKEN,
        ),
        (
            "more packed than there is",
            |bytes| into_both(bytes, [18, 20], &[0, 0, 0, 8]),
            BROKEN,
        ),
        (
            "encrypted",
            |bytes| into_both(bytes, [6, 8], &[1, 0]),
            BROKEN,
        ),
        (
            "another checksum",
            |bytes| into_both(bytes, [14, 16], &[1, 2, 3, 4]),
            BROKEN,
        ),
        (
            "the bytes of another file",
            |bytes| {
                // The first file's local header is where the zip begins.
                let at = header(bytes, b"PK\x01\x02") + 42;
                bytes[at..at + 4].copy_from_slice(&[0; 4]);
            },
            BROKEN,
        ),
        (
            "a directory beyond the end",
            |bytes| {
                let at = header(bytes, b"PK\x05\x06") + 16;
                bytes[at..at + 4].copy_from_slice(&[0xff, 0xff, 0xff, 0x7f]);
            },
            "zip",
        ),
    ];
    let base = folder();
    let full = furnished(base.path().join("full"), base.path());
    let path = base.path().join("lies.zip");
    let file = format!("fileb://{}", path.display());
    let role = "arn:aws:iam::123456789012:role/r";
    let ways: Vec<Vec<String>> = [
        vec![
            "update-function-code",
            "--function-name",
            "ship",
            "--zip-file",
            &file,
        ],
        vec![
            "publish-layer-version",
            "--layer-name",
            "lib",
            "--zip-file",
            &file,
        ],
        vec![
            "create-function",
            "--function-name",
            "new",
            "--runtime",
            "python3.12",
            "--role",
            role,
            "--handler",
            "h",
            "--zip-file",
            &file,
        ],
        vec![
            "update-function-code",
            "--function-name",
            "ship",
            "--s3-bucket",
            "bucket",
            "--s3-key",
            "lies.zip",
        ],
    ]
    .iter()
    .map(|way| words(way))
    .collect();
    for method in [
        zip::CompressionMethod::Stored,
        zip::CompressionMethod::Deflated,
    ] {
        for (what, change, told) in LIES {
            let mut bytes = zipped(method, false);
            change(&mut bytes);
            fs::write(&path, &bytes).expect("written");
            fs::write(full.root.join("s3/bucket/lies.zip"), &bytes).expect("written");
            let before = full.lasting();
            for way in &ways {
                let answer = full.run(way);
                let what = format!("{what}, {method}: {way:?}: {answer:?}");
                assert!(matches!(answer.code, 252..=254), "{what}");
                assert!(answer.err.contains(told), "{what}");
                assert_eq!(full.lasting(), before, "{what}");
                let spools = fs::read_dir(full.root.join("tmp")).expect("spools").count();
                assert_eq!(spools, 0, "{what}");
            }
        }
        // An archive is valid even if its form makes it large.
        fs::write(&path, zipped(method, true)).expect("written");
        full.ok(&ways[0]);
        full.ok(&ways[1]);
    }
    // A zip bomb: a few hundred KiB that unzip to more than Lambda accepts.
    let mut bomb = zip::ZipWriter::new(fs::File::create(&path).expect("a file"));
    let options = zip::write::SimpleFileOptions::default();
    for name in ["a", "b", "c"] {
        use std::io::Write as _;
        bomb.start_file(name, options).expect("a name");
        let zeros = vec![0; 1 << 20];
        for _ in 0..90 {
            bomb.write_all(&zeros).expect("bytes");
        }
    }
    bomb.finish().expect("a zip");
    let before = full.lasting();
    for way in &ways[..3] {
        let answer = full.run(way);
        assert_eq!(answer.code, 254, "{answer:?}");
        assert!(answer.err.contains("262144000 bytes"), "{answer:?}");
    }
    assert_eq!(full.lasting(), before);
}

#[test]
fn variables_and_arguments_that_are_no_text_do_not_stop_the_binary() {
    let base = folder();
    let full = furnished(base.path().join("full"), base.path());
    let odd = OsString::from_vec(vec![b'x', 0xff]);
    for name in [
        "LAMBDRY_NOW",
        "LAMBDRY_SETTLE",
        "LAMBDRY_LOCK_TIMEOUT",
        "LAMBDRY_FAULTS",
        "LAMBDRY_ACCOUNT_ID",
        "AWS_REGION",
        "COLUMNS",
    ] {
        for value in [
            odd.clone(),
            "".into(),
            "-1".into(),
            "99999999999999999999999".into(),
            "NaN".into(),
            "../..".into(),
        ] {
            let answer =
                full.with(name, value.clone())
                    .spawn(&["get-function", "--function-name", "pay"]);
            assert!(
                matches!(answer.code, 0 | 252..=255),
                "{name}={value:?}: {answer:?}"
            );
            // If an invalid variable were ignored, the call would use another account, another region or another time.
            assert!(
                value != odd || name == "COLUMNS" || answer.code >= 253,
                "{name} is passed over: {answer:?}"
            );
        }
    }
    let answer = full.spawn(&[
        OsString::from("get-function"),
        "--function-name".into(),
        odd.clone(),
    ]);
    assert!(matches!(answer.code, 252..=255), "{answer:?}");
    // A path that is not UTF-8 is still a path.
    let root = base.path().join(&odd);
    let state = State::at(&root);
    state.ok(&disk::create("pay", &zip(base.path(), "code"), &[]));
    assert!(root.join("FORMAT").exists());
}

#[test]
fn a_pipe_that_nobody_writes_to_does_not_hang_the_binary() {
    let base = folder();
    let full = furnished(base.path().join("full"), base.path());
    for file in ["functions/pay/function.json", "locks/functions/pay.lock"] {
        let state = full.copied(&base.path().join("copy"));
        let path = state.path(file);
        fs::remove_file(&path).expect(file);
        assert!(
            Command::new("mkfifo")
                .arg(&path)
                .status()
                .expect("mkfifo")
                .success()
        );
        let mut child = state
            .command(&["get-function", "--function-name", "pay"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        let began = Instant::now();
        let ended = loop {
            match child.try_wait().expect("a child") {
                Some(status) => break status.code(),
                None if began.elapsed() > Duration::from_secs(20) => {
                    child.kill().expect("killed");
                    break None;
                }
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        assert!(ended.is_some(), "{file}: it hangs");
        fs::remove_dir_all(&state.root).expect("removed");
    }
}
