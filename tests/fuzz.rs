//! Gives malformed inputs to everything that reads input from outside: queries, shorthand, command lines, YAML, ARNs,
//! stubs, archives, packages, HTTP. Each kind of input is a target. Valid inputs are changed, cut, doubled and mixed.
//! Nothing may panic, and a command must end with one of its exit codes.
//!
//! Each target gets a few hundred inputs, which are the same in every run. With `LAMBDRY_FUZZ_SECONDS`, each target
//! then gets new inputs for that time (`LAMBDRY_FUZZ_SEED`). The weekly workflow does this. An input that fails is
//! printed with its seed.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its own environment"
)]

mod disk;

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Shutdown, TcpStream},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use disk::{State, folder, furnished, words};
use lambdry::{
    output::{query, yaml},
    state::arn::{FunctionRef, is_region},
    store::stubs,
};

/// The number of inputs for each target, if no time is given.
const FEW: usize = 300;

/// The largest input, in bytes.
const LARGEST: usize = 16 << 10;

/// An endless sequence of numbers, the same for the same seed: xorshift.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        for shift in [13, -7, 17] {
            self.0 ^= match shift {
                shift if shift > 0 => self.0 << shift,
                shift => self.0 >> -shift,
            };
        }
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).expect("it fits")).expect("it fits")
    }
}

/// Changes an input a few times at random.
fn bent(numbers: &mut Numbers, corpus: &[&[u8]], words: &[&str]) -> Vec<u8> {
    let mut input = corpus[numbers.below(corpus.len())].to_vec();
    for _ in 0..=numbers.below(6) {
        let at = numbers.below(input.len() + 1);
        let to = at + numbers.below(input.len() - at + 1).min(64);
        match numbers.below(9) {
            0 if at < input.len() => input[at] ^= 1 << numbers.below(8),
            1 => input.truncate(at),
            2 => drop(input.drain(at..to)),
            3 => {
                let part = input[at..to].to_vec();
                input.splice(at..at, part);
            }
            // The input becomes deeper and wider.
            4 => {
                let part = input[at..to.min(at + 3)]
                    .to_vec()
                    .repeat(1 + numbers.below(400));
                input.splice(at..at, part);
            }
            5 => {
                let other = corpus[numbers.below(corpus.len())];
                let from = numbers.below(other.len());
                input.splice(at..to, other[from..].iter().copied());
            }
            6 => input.insert(at, u8::try_from(numbers.below(256)).expect("a byte")),
            _ => {
                let word = words[numbers.below(words.len())];
                input.splice(at..at, word.bytes());
            }
        }
        input.truncate(LARGEST);
    }
    input
}

/// Gives inputs to a target: first the corpus unchanged, then changed inputs.
fn fuzz(name: &str, corpus: &[&[u8]], words: &[&str], mut attempt: impl FnMut(&[u8])) {
    let seconds = std::env::var("LAMBDRY_FUZZ_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    let now = || {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        u64::from(since.expect("after 1970").subsec_nanos())
    };
    let seed = std::env::var("LAMBDRY_FUZZ_SEED")
        .ok()
        .and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or_else(|| if seconds.is_some() { now() } else { 1 });
    let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let began = Instant::now();
    for tried in 0.. {
        match seconds {
            Some(seconds) if began.elapsed() >= Duration::from_secs(seconds) => break,
            None if tried >= FEW => break,
            _ => {}
        }
        let input = match corpus.get(tried) {
            Some(input) => input.to_vec(),
            None => bent(&mut numbers, corpus, words),
        };
        let tells = catch_unwind(AssertUnwindSafe(|| attempt(&input)));
        assert!(
            tells.is_ok(),
            "{name}, LAMBDRY_FUZZ_SEED={seed}, input {tried}: {:?}",
            String::from_utf8_lossy(&input)
        );
    }
}

fn bytes<'a>(texts: &[&'a str]) -> Vec<&'a [u8]> {
    texts.iter().map(|text| text.as_bytes()).collect()
}

/// Runs a command, which must end with one of its exit codes. `s3` has its own codes, and `s3 ls` prints nothing for an
/// empty list.
fn ends<S: AsRef<std::ffi::OsStr> + std::fmt::Debug>(state: &State, args: &[S]) {
    let answer = state.run(args);
    assert!(
        matches!(answer.code, 0..=2 | 252..=255),
        "{args:?}: {answer:?}"
    );
    assert!(
        answer.code <= 2 || !answer.err.is_empty(),
        "{args:?}: {answer:?}"
    );
}

#[test]
fn queries() {
    let document = serde_json::json!({ "Functions": [{ "Name": "a", "N": 1.5, "T": ["x", null] }, { "Name": "é", "N": -0 }], "More": null });
    let corpus = [
        "Functions[?Name!=`$LATEST`].Name | [0]",
        "sort_by(Functions, &N)[*].{N:N,B:Name}",
        "max_by(Functions, &to_number(N)).Name",
        "Functions[].T[] | join(',', @)",
        "Functions[*].[Name,N] | [::-1]",
        "{a: `[1, {\"b\": \"\\\"\"}]`, b: 'raw\\'', c: \"q\\u00e9\"}",
        "length(Functions[?contains(Name, 'a') && N > `1` || !T])",
        "not_null(More, map(&N, Functions), reverse(keys(@)))",
    ];
    let words = [
        "[?",
        "]",
        "`",
        "&",
        "@",
        "||",
        "[*]",
        "{",
        "sort_by(",
        "`1e999`",
        "[-1:0:-2]",
        "\\u",
        "'",
        "é",
    ];
    fuzz("queries", &bytes(&corpus), &words, |input| {
        let Ok(text) = std::str::from_utf8(input) else {
            return;
        };
        if let Ok(query) = query::Query::compile(text) {
            let _ = query.search(&document);
        }
    });
}

#[test]
fn yaml_documents() {
    let corpus = [
        "FunctionName: pay\nTimeout: 3\nLayers: [a, 'b', \"c\\n\"]\n",
        "a: &x {b: 1, c: [~, 1.5, 0x1f, 1_000]}\nd: *x\n<<: *x\n",
        "- |\n  text\n   more\n- >-\n  folded\n  text\n",
        "!!binary aGk=\n",
        "? complex\n: 2001-12-14t21:59:43.10-05:00\n",
    ];
    let words = [
        "&a ",
        "*a",
        "!!",
        "- ",
        ": ",
        "|\n",
        "{",
        "]",
        "\t",
        "\u{feff}",
        "? ",
        "---\n",
        "%YAML 1.2\n",
        "<<: ",
    ];
    fuzz("yaml", &bytes(&corpus), &words, |input| {
        if let Ok(text) = std::str::from_utf8(input) {
            let _ = yaml::parse(text);
        }
    });
}

#[test]
fn names_of_things() {
    let corpus = [
        "arn:aws:lambda:us-east-1:123456789012:function:pay:live",
        "arn:aws-cn:lambda:cn-north-1:123456789012:layer:lib:12",
        "123456789012:function:pay:$LATEST",
        "arn:aws:lambda:us-east-1:123456789012:event-source-mapping:0b5e8c9a-0000-4000-8000-000000000000",
    ];
    let words = [
        ":",
        "arn:",
        "$LATEST",
        "function",
        "18446744073709551616",
        "us-gov-west-1",
        "é",
        "-",
        "/",
    ];
    let base = folder();
    let state = furnished(base.path().join("state"), base.path());
    fuzz("arns", &bytes(&corpus), &words, |input| {
        let text = String::from_utf8_lossy(input);
        let _ = (
            FunctionRef::parse(&text),
            FunctionRef::of_resource(&text),
            is_region(&text),
        );
        if !text.contains('\0') {
            ends(&state, &["get-function", "--function-name", &text]);
            ends(&state, &["list-tags", "--resource", &text]);
        }
    });
}

#[test]
fn lines_of_stubs() {
    let corpus = [
        "terraform output -raw bucket => 0",
        "curl * https://example.com/* => 22 < answer.txt",
        "git push * * * end",
        "'a b' \"c d\" --name=value*",
    ];
    let words = ["*", " * ", "=>", "<", "\"", "'", "--x=", " ", "é", "end"];
    let command: Vec<String> =
        words_of("curl -s -S https://example.com/x --name=value end a a a a a a a a a a a a");
    fuzz("stubs", &bytes(&corpus), &words, |input| {
        let _ = stubs::means(&String::from_utf8_lossy(input), &command);
    });
}

fn words_of(line: &str) -> Vec<String> {
    words(&line.split(' ').collect::<Vec<_>>())
}

#[test]
fn command_lines() {
    let corpus = [
        "list-functions\0--query\0Functions[].Name\0--output\0text",
        "update-function-configuration\0--function-name\0pay\0--environment\0Variables={A=1,B=two}\0--dry-run",
        "lambda\0update-alias\0--function-name\0pay\0--name\0live\0--routing-config\0AdditionalVersionWeights={2=0.25}",
        "--region\0eu-west-1\0s3api\0list-buckets\0--max-items\x001",
        "tag-resource\0--resource\0arn:aws:lambda:us-east-1:123456789012:function:pay\0--tags\0a=b,c='d,e'",
        "create-event-source-mapping\0--function-name\0pay\0--filter-criteria\0{\"Filters\":[{\"Pattern\":\"{}\"}]}",
        "s3\0cp\0-\0s3://bucket/key\0--metadata\0a=b",
        "wait\0function-active\0--function-name\0nobody",
        "help\0lambda\0list-functions",
    ];
    let words = [
        "\0--",
        "\0-",
        "=",
        "{",
        "}",
        "[",
        ",",
        "@=",
        "file://",
        "\0--output\0yaml",
        "\0--cli-input-json\0{",
        "\0--debug",
        "é",
        "\0help",
        "--no-",
    ];
    let base = folder();
    let full = furnished(base.path().join("state"), base.path());
    fuzz("lines", &bytes(&corpus), &words, |input| {
        let text = String::from_utf8_lossy(input);
        let args: Vec<&str> = text.split('\0').collect();
        // Commands that do not end by themselves, or that write outside of the state.
        const NOT_HERE: [&str; 9] = [
            "serve", "rehearse", "tour", "wait", "invoke", "export", "generate", "cp", "shell",
        ];
        let leaves = args
            .iter()
            .any(|arg| NOT_HERE.contains(arg) || arg.contains('/') && !arg.starts_with("s3://"));
        if !leaves
            && !args.contains(&"get-object")
            && !args.contains(&"mv")
            && !args.contains(&"sync")
        {
            ends(&full, &args);
        }
    });
    // After any command, the state can be read.
    full.observe();
}

#[test]
fn shorthand() {
    let corpus = [
        "Variables={A=1,B='two words',C=\"\\\"\"}",
        "AdditionalVersionWeights={2=0.25}",
        "a=b,c=[d,e,{f=g}],h@=file:///nonexistent",
        "Key=team,Value=a Key=env,Value='b,c'",
        "SubnetIds=subnet-1,subnet-2,SecurityGroupIds=sg-1",
        "OnSuccess={Destination=arn:aws:sqs:us-east-1:123456789012:q},OnFailure={}",
        "[{\"Pattern\":\"{\\\"a\\\":[1]}\"}]",
    ];
    let words = [
        "={", "}", "[", "]", ",", "@=", "=", "'", "\"", "\\", "é", " ", "\n", "file://", "{\"",
    ];
    let base = folder();
    let full = furnished(base.path().join("state"), base.path());
    let configure = "update-function-configuration --function-name nobody";
    let options = [
        (configure, "--environment"),
        (configure, "--vpc-config"),
        (
            "update-alias --function-name pay --name nope",
            "--routing-config",
        ),
        (
            "ecr create-repository --repository-name app --registry-id 0",
            "--tags",
        ),
        (
            "put-function-event-invoke-config --function-name nobody",
            "--destination-config",
        ),
        (
            "create-event-source-mapping --function-name nobody",
            "--filter-criteria",
        ),
    ];
    fuzz("shorthand", &bytes(&corpus), &words, |input| {
        let text = String::from_utf8_lossy(input);
        for (command, option) in options {
            let words = words_of(command);
            let given = [option.to_owned(), text.clone().into_owned()];
            ends(&full, &[words, given.to_vec()].concat());
        }
    });
    full.observe();
}

#[test]
fn archives_and_zips() {
    let base = folder();
    let full = furnished(base.path().join("state"), base.path());
    let archive = base.path().join("archive");
    full.ok(&["export", &archive.display().to_string()]);
    let mut files = files_below(&archive);
    let whole = base.path().join("whole");
    full.ok(&["export", "--archive", &whole.display().to_string()]);
    let bytes = fs::read(&whole).expect("an archive");
    // The archive is copied, so that it is tried as often as all other inputs together.
    files.extend(vec![(whole, bytes); files.len()]);
    let zip = fs::read(base.path().join("one.zip")).expect("a zip");
    let words = [
        "PK\u{1}\u{2}",
        "PK\u{3}\u{4}",
        "PK\u{5}\u{6}",
        "../",
        "function.json",
        "\u{0}\u{0}\u{0}\u{0}",
    ];
    let bad = base.path().join("bad.zip");
    let into = State::at(base.path().join("into"));
    fuzz("zips", &[zip.as_slice()], &words, |input| {
        fs::write(&bad, input).expect("written");
        let file = format!("fileb://{}", bad.display());
        ends(
            &full,
            &[
                "update-function-code",
                "--function-name",
                "ship",
                "--zip-file",
                &file,
            ],
        );
    });
    let mut numbers = Numbers(7);
    fuzz("archives", &[b"x".as_slice()], &words, |_| {
        let (file, whole) = &files[numbers.below(files.len())];
        fs::write(file, bent(&mut numbers, &[whole.as_slice()], &words)).expect("written");
        let before = into.lasting();
        let source = if file.starts_with(&archive) {
            &archive
        } else {
            file
        };
        let answer = into.run(&["import", &source.display().to_string()]);
        fs::write(file, whole).expect("mended");
        assert!(matches!(answer.code, 0 | 252..=255), "{answer:?}");
        assert!(
            answer.code == 0 || into.lasting() == before,
            "refused, and wrote: {answer:?}"
        );
        if answer.code == 0 {
            // Documents may lack the code that they describe; an archive has all of it.
            match source == &archive {
                true => drop(into.ok(&["list-functions", "--function-version", "ALL"])),
                false => drop(into.observe()),
            }
            fs::remove_dir_all(&into.root).expect("removed");
        }
    });
}

/// Every file below a folder, with its bytes.
fn files_below(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            let bytes = fs::read(&path).expect("a file");
            files.push((path, bytes));
        }
    }
    files.sort();
    files
}

/// A process of `lambdry serve`, ended when dropped.
struct Served(Child, String);

impl Served {
    fn start(state: &State) -> Self {
        let mut command = state.command(&["serve", "--settle", "0"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped"))
            .read_line(&mut line)
            .expect("a line");
        let url = line
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        Self(child, url.expect("an address").to_owned())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn heads_and_bodies_of_http() {
    let base = folder();
    let state = furnished(base.path().join("state"), base.path());
    let served = Served::start(&state);
    let corpus = [
        "GET /2015-03-31/functions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: AWS4-HMAC-SHA256 Credential=AKID/20261122/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=00\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 43\r\n\r\nAction=GetCallerIdentity&Version=2011-06-15",
        "PUT /bucket/key HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\nContent-Encoding: aws-chunked\r\n\r\n5;chunk-signature=0\r\nhello\r\n0\r\n\r\n",
        "GET /bucket/key.zip?X-Amz-Credential=AKID%2F20261122%2Fus-east-1%2Fs3%2Faws4_request HTTP/1.1\r\nHost: b.s3.amazonaws.com\r\nRange: bytes=0-3\r\n\r\n",
    ];
    let words = [
        "\r\n",
        "\r\n\r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Transfer-Encoding: chunked\r\n",
        "%",
        "%00",
        "HTTP/1.1",
        "?",
        "Expect: 100-continue\r\n",
        "\u{0}",
        "ffffffffffffffffff\r\n",
    ];
    fuzz("http", &bytes(&corpus), &words, |input| {
        let mut stream = TcpStream::connect(&served.1).expect("it listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .expect("set");
        // The server may have refused before the client has sent everything.
        let _ = stream
            .write_all(input)
            .and_then(|()| stream.shutdown(Shutdown::Write));
        let _ = stream.read_to_end(&mut Vec::new());
    });
    // The server still runs, and the state is complete.
    let mut stream = TcpStream::connect(&served.1).expect("it still listens");
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
    state.observe();
}
