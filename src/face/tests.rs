//! Whole command lines against a backend that answers from a table. The tests compare the exact bytes of both streams.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};
use std::path::Path;
use std::rc::Rc;

use serde_json::{Value, json};

use super::fixtures::{ENTRIES, Shown, process};
use super::*;
use crate::operation::{Entry, Failure, Result as Answer};
use crate::state::error::{Code, ServiceError};
use crate::store::stubs::Stub;

/// The calls that the backend received, as `region Operation request`.
#[derive(Clone, Default)]
struct Fake {
    calls: Rc<RefCell<Vec<String>>>,
    /// The number of files that the backend stored.
    files: Rc<Cell<usize>>,
}

impl Backend for Fake {
    fn services(&self) -> Vec<Service> {
        vec![Service {
            name: "lambda",
            about: "Functions.",
            regional: true,
            entries: super::Entries::of(|| ENTRIES.iter().collect()),
            commands: &[],
        }]
    }

    fn open(&self, _world: &World<'_>, _globals: &Globals) -> Result<Box<dyn State>, Stop> {
        Ok(Box::new(self.clone()))
    }

    fn own(&self) -> OwnCommands {
        &[("tour", "What happened.")]
    }

    fn run_own(
        &self,
        name: &str,
        words: &[String],
        globals: &Globals,
        world: &mut World<'_>,
    ) -> Result<u8, Stop> {
        writeln!(
            world.stdout,
            "own {name:?} {words:?} {:?}",
            globals.own.state_dir
        )?;
        Ok(7)
    }
}

impl Spooler for Fake {
    fn stream(&self, reader: &mut dyn io::Read) -> io::Result<Value> {
        Shown.stream(reader)
    }

    fn file(&self, path: &Path) -> io::Result<Value> {
        self.files.set(self.files.get() + 1);
        Shown.file(path)
    }

    fn is_zip(&self, handle: &Value) -> bool {
        Shown.is_zip(handle)
    }
}

impl State for Fake {
    fn config(&self) -> Option<PathBuf> {
        None
    }

    fn edit_config(&self, edit: &mut dyn FnMut(&str) -> String) -> Result<(), Stop> {
        self.calls.borrow_mut().push(edit(""));
        Ok(())
    }

    fn stub(&self, words: &[String]) -> Result<Option<Stub>, Stop> {
        let stdout = match words[0].as_str() {
            "cloudfront" => b"{\"Stacks\": [{\"Status\": \"DONE\"}]}".as_slice(),
            "lambda" if words[1..] == ["publish-version", "--function-name", "stubbed"] => {
                b"text\n"
            }
            _ => return Ok(None),
        };
        Ok(Some(Stub {
            code: 0,
            stdout: stdout.to_vec(),
            stderr: String::new(),
        }))
    }

    fn call(&self, _service: &str, region: &str, entry: &Entry, request: Value) -> Answer<Value> {
        self.calls
            .borrow_mut()
            .push(format!("{region} {} {request}", entry.name));
        match (entry.name, request["FunctionName"].as_str()) {
            (_, Some("missing")) => Err(Failure::Service(ServiceError::new(
                Code::ResourceNotFoundException,
                "Function not found: arn:missing",
            ))),
            (_, Some("nothing")) => Ok(Value::Null),
            ("ListVersionsByFunction", _) => match request["Marker"].as_str() {
                None => Ok(
                    json!({"NextMarker": "2", "Versions": [{"Version": "$LATEST"}, {"Version": "1"}]}),
                ),
                Some(_) => Ok(json!({"Versions": [{"Version": "2"}]})),
            },
            ("Invoke", _) => Ok(json!({"StatusCode": 200, "Payload": "eyJvayI6IHRydWV9"})),
            ("GetFunctionConfiguration", _) => {
                let done = self
                    .calls
                    .borrow()
                    .iter()
                    .any(|call| call.starts_with("complete"));
                Ok(json!({"State": if done { "Active" } else { "Pending" }}))
            }
            _ => Ok(json!({"Version": "4", "State": "Active"})),
        }
    }

    fn complete(&self, region: &str, _entry: &Entry, _request: &Value) -> Answer<bool> {
        self.calls.borrow_mut().push(format!("complete {region}"));
        Ok(true)
    }
}

/// The output and exit code of a command line.
struct Ran {
    code: u8,
    stdout: String,
    stderr: String,
    calls: Vec<String>,
    files: usize,
}

fn ran_as(program: &str, env: &[(&str, &str)], dir: &Path, line: &[&str]) -> Ran {
    let fake = Fake::default();
    let mut process = process(env, dir);
    process.program = program.to_owned();
    process.args = line.iter().map(Into::into).collect();
    let (mut stdin, mut stdout, mut stderr) = (io::empty(), Vec::new(), Vec::new());
    let mut world = World {
        process,
        stdin: &mut stdin,
        stdout: &mut stdout,
        stderr: &mut stderr,
        sleep: &|_| {},
    };
    let code = run(&mut world, &fake);
    Ran {
        code,
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
        calls: fake.calls.take(),
        files: fake.files.get(),
    }
}

const REGION: &[(&str, &str)] = &[("AWS_REGION", "eu-west-1")];

fn ran(line: &str) -> Ran {
    let words: Vec<&str> = line.split(' ').collect();
    ran_as("aws", REGION, Path::new("/nonexistent"), &words)
}

/// The whole stderr of a usage error with that text.
fn usage(text: &str) -> String {
    format!(
        "\naws: [ERROR]: An error occurred (ParamValidation): {text}\n\n{}",
        exit::usage("aws")
    )
}

fn error(text: &str) -> String {
    format!("\naws: [ERROR]: {text}\n")
}

fn invalid(text: &str) -> String {
    error(&format!("An error occurred (ParamValidation): {text}"))
}

#[test]
fn prints_an_answer() {
    let ran = ran("lambda publish-version --function-name f --query [Version,State] --output text");
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (0, "4\tActive\n", "")
    );
    assert_eq!(
        ran.calls,
        ["eu-west-1 PublishVersion {\"FunctionName\":\"f\"}"]
    );
}

#[test]
fn takes_options_anywhere() {
    let line =
        "--out text --query Version lambda --func f --desc=-x publish-version --region=sa-east-1";
    let ran = ran(line);
    assert_eq!((ran.code, ran.stdout.as_str()), (252, ""), "{}", ran.stderr);
    let line =
        "--out text lambda --query Version publish-version --region=sa-east-1 --func f --desc=-x";
    let ran = self::ran(line);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (0, "4\n"),
        "{}",
        ran.stderr
    );
    assert_eq!(
        ran.calls,
        ["sa-east-1 PublishVersion {\"FunctionName\":\"f\",\"Description\":\"-x\"}"]
    );
}

#[test]
fn frames_usage_errors() {
    for (line, text) in [
        (
            "--region x",
            "the following arguments are required: command",
        ),
        ("--help", "the following arguments are required: command"),
        ("lambda", "the following arguments are required: operation"),
        (
            "lambda --help",
            "the following arguments are required: operation",
        ),
        (
            "lambda publish-version",
            "the following arguments are required: --function-name",
        ),
        (
            "lambda update-alias",
            "the following arguments are required: --function-name, --name",
        ),
        (
            "lambda invoke --function-name f",
            "the following arguments are required: outfile",
        ),
        (
            "lambda publish-version --function-name",
            "argument --function-name: expected one argument",
        ),
        (
            "lambda create-function --publish=true",
            "argument --publish: ignored explicit argument 'true'",
        ),
        (
            "lambda list-versions-by-function --function-name f --max-items abc",
            "argument --max-items: invalid int value: 'abc'",
        ),
        (
            "lambda get-layer-version --layer-name l --version-number abc",
            "argument --version-number: invalid int value: 'abc'",
        ),
        (
            "lambda zzz",
            "argument operation: Found invalid choice 'zzz'\n",
        ),
        ("bogus", "argument command: Found invalid choice 'bogus'\n"),
        (
            "lambda wait bogus",
            "argument subcommand: Found invalid choice 'bogus'\n",
        ),
        (
            "lambda publish-version --output bogus",
            "argument --output: Found invalid choice 'bogus'\n",
        ),
        (
            "lambda publish-versoin",
            "argument operation: Found invalid choice 'publish-versoin'\n\nMaybe you meant:\n\n  * publish-version",
        ),
    ] {
        let ran = ran(line);
        assert_eq!(
            (ran.code, ran.stdout.as_str(), ran.stderr),
            (252, "", usage(text)),
            "{line}"
        );
    }
}

#[test]
fn frames_unknown_options_the_other_way_round() {
    for (line, words) in [
        ("--function-name f1 --bogus-opt 3", "--bogus-opt, 3"),
        ("--function-name f1 extra1 extra2", "extra2, extra1"),
        ("--function-name f --help", "--help"),
        ("--function-name f --code-sha- x", "--code-sha-, x"),
    ] {
        let ran = ran(&format!("lambda publish-version {line}"));
        let stderr = format!(
            "\n{}\n\naws: [ERROR]: Unknown options: {words}\n",
            exit::usage("aws")
        );
        assert_eq!((ran.code, ran.stderr), (252, stderr), "{line}");
    }
}

#[test]
fn refuses_the_old_spelling_of_an_option_and_names_the_new_one() {
    let dir = tempfile::tempdir().unwrap();
    for (program, env) in [("aws", &[("LAMBDRY_HINTS", "1")][..]), ("lambdry", &[])] {
        for (line, words) in [
            (&["--code-sha-256", "x"][..], "--code-sha-256, x"),
            (&["--code-sha-256=x"], "--code-sha-256=x"),
        ] {
            let publish = ["lambda", "publish-version", "--function-name", "f"];
            let ran = ran_as(program, env, dir.path(), &[&publish, line].concat());
            let ending = format!(
                "[ERROR]: Unknown options: {words}\nhint: version 2 of the AWS CLI has no --code-sha-256; version 1 \
                 had it. Write --code-sha256\n"
            );
            assert_eq!(ran.code, 252, "{program}");
            assert!(ran.stderr.ends_with(&ending), "{program}: {}", ran.stderr);
        }
    }
}

#[test]
fn checks_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let here = |env: &[(&str, &str)], line: &[&str]| ran_as("aws", env, dir.path(), line);
    let no_region = error(
        "An error occurred (NoRegion): You must specify a region. You can also configure your region by running \
         \"aws configure\".",
    );
    // A value that cannot be read is reported before a missing region. A value that is too short is reported after it.
    let unread = here(
        &[],
        &[
            "lambda",
            "create-function",
            "--function-name",
            "",
            "--role",
            "r",
            "--environment",
            "x",
        ],
    );
    assert_eq!(unread.code, 252);
    assert!(
        unread
            .stderr
            .contains("Error parsing parameter '--environment': Expected: '='")
    );
    let ran = here(&[], &["lambda", "publish-version", "--function-name", ""]);
    assert_eq!((ran.code, ran.stderr), (253, no_region));
    let ran = here(
        REGION,
        &["lambda", "publish-version", "--function-name", ""],
    );
    let short = "Parameter validation failed:\nInvalid length for parameter FunctionName, value: 0, valid min length: 1";
    assert_eq!((ran.code, ran.stderr), (252, invalid(short)));
    let ran = here(
        REGION,
        &[
            "lambda",
            "invoke",
            "--function-name",
            "",
            "--payload",
            "{\"a\":1}",
            "o",
        ],
    );
    assert_eq!(
        (ran.code, ran.stderr),
        (255, error("Invalid base64: \"{\"a\":1}\""))
    );
    let ran = here(
        REGION,
        &[
            "lambda",
            "create-function",
            "--function-name",
            "f",
            "--role",
            "r",
        ],
    );
    let missing = "Parameter validation failed:\nMissing required parameter in input: \"Code\"";
    assert_eq!((ran.code, ran.stderr), (252, invalid(missing)));
}

#[test]
fn finds_output_errors_after_the_call() {
    let env = [REGION[0], ("AWS_DEFAULT_OUTPUT", "bogus")];
    let line = ["lambda", "publish-version", "--function-name", "f"];
    let ran = ran_as("aws", &env, Path::new("/nonexistent"), &line);
    assert_eq!(
        (ran.code, ran.calls.len(), ran.stderr),
        (255, 1, error("Unknown output type: bogus"))
    );
    let ran = self::ran("lambda publish-version --function-name f --query foo(@)");
    assert_eq!(
        (ran.code, ran.calls.len(), ran.stderr),
        (255, 1, error("Unknown function: foo()"))
    );
    let ran = self::ran("lambda publish-version --query A[");
    assert_eq!((ran.code, ran.calls.len()), (252, 0));
    assert_eq!(
        ran.stderr,
        invalid(
            "Bad value for --query A[: Invalid jmespath expression: Incomplete expression:\n\"A[\"\n   ^"
        )
    );
}

#[test]
fn frames_a_service_error() {
    let text = "An error occurred (ResourceNotFoundException) when calling the PublishVersion operation: Function not \
                found: arn:missing";
    let ran = ran("lambda publish-version --function-name missing");
    assert_eq!(ran.code, 254);
    assert_eq!(
        ran.stderr,
        format!("{}\nAdditional error details:\nType: User\n", error(text))
    );
    let ran = self::ran("lambda publish-version --function-name missing --cli-error-format legacy");
    assert_eq!(ran.stderr, error(text));
    let ran = self::ran("lambda publish-version --function-name missing --cli-error-format text");
    assert_eq!(
        ran.stderr,
        "ResourceNotFoundException\tFunction not found: arn:missing\tUser\n"
    );
    let env = [REGION[0], ("AWS_CLI_ERROR_FORMAT", "legacy")];
    let ran = ran_as("aws", &env, Path::new("/x"), &["lambda"]);
    assert!(
        ran.stderr.starts_with(
            "\naws: [ERROR]: the following arguments are required: operation\n\nusage: "
        )
    );
    let ran = self::ran("lambda publish-version --function-name missing --cli-error-format json");
    assert_eq!(
        ran.stderr,
        "{\n    \"Message\": \"Function not found: arn:missing\",\n    \"Code\": \"ResourceNotFoundException\",\n    \
         \"Type\": \"User\"\n}\n"
    );
}

#[test]
fn pages_listings() {
    let list = |rest: &str| {
        ran(&format!(
            "lambda list-versions-by-function --function-name f{rest}"
        ))
    };
    let versions = " --query Versions[].Version";
    assert_eq!(
        list(&format!("{versions} --output text")).stdout,
        "$LATEST\t1\n2\n"
    );
    assert_eq!(
        list(&format!("{versions} --output json")).stdout,
        "[\n    \"$LATEST\",\n    \"1\",\n    \"2\"\n]\n"
    );
    assert_eq!(
        list(" --query keys(@) --output text").stdout,
        "Versions\nVersions\n"
    );
    assert_eq!(
        list(&format!("{versions} --output text --max-items 1")).stdout,
        "$LATEST\nNone\n"
    );
    assert_eq!(
        list(" --no-paginate --query keys(@) --output text").stdout,
        "NextMarker\tVersions\n"
    );
    assert_eq!(list(" --page-size 7 --no-cli-pager").calls.len(), 2);
    let ran = list(" --no-paginate --max-items 9");
    assert_eq!(
        ran.calls,
        ["eu-west-1 ListVersionsByFunction {\"FunctionName\":\"f\",\"MaxItems\":9}"]
    );
    let ran = list(" --marker 2");
    assert_eq!(
        ran.calls,
        ["eu-west-1 ListVersionsByFunction {\"FunctionName\":\"f\",\"Marker\":\"2\"}"]
    );
    let ran = list(" --cli-input-json {\"MaxItems\":9}");
    assert_eq!(ran.calls.len(), 1);
    let ran = list(" --no-paginate --starting-token x");
    let text = "Cannot specify --no-paginate along with pagination arguments: --starting-token";
    assert_eq!((ran.code, ran.stderr), (252, invalid(text)));
    let ran = list(" --page-size 0");
    let text = "Parameter validation failed:\nInvalid value for parameter MaxItems, value: 0, valid min value: 1";
    assert_eq!((ran.code, ran.stderr), (252, invalid(text)));
    let ran = list(&format!(" --max-items 0{versions}"));
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "[]\n"));
    assert_eq!(
        ran.stderr,
        "warning: Non-positive values for --max-items may result in undefined behavior.\n"
    );
}

#[test]
fn prints_nothing_for_nothing() {
    assert_eq!(
        ran("lambda publish-version --function-name nothing").stdout,
        ""
    );
    assert_eq!(
        ran("lambda publish-version --function-name nothing --query X").stdout,
        "null\n"
    );
}

#[test]
fn takes_a_whole_request() {
    let ran = ran(
        "lambda publish-version --cli-input-json {\"FunctionName\":\"f\",\"Description\":\"d\"} --description x",
    );
    assert_eq!(
        ran.calls,
        ["eu-west-1 PublishVersion {\"Description\":\"x\",\"FunctionName\":\"f\"}"]
    );
    let ran = self::ran("lambda publish-version --cli-input-yaml FunctionName:\tf");
    assert_eq!(ran.calls.len(), 1, "{}", ran.stderr);
    let ran = self::ran("lambda publish-version --cli-input-json {}");
    let text =
        "Parameter validation failed:\nMissing required parameter in input: \"FunctionName\"";
    assert_eq!((ran.code, ran.stderr), (252, invalid(text)));
    let ran = self::ran("lambda publish-version --cli-input-json={}");
    assert_eq!(
        ran.stderr,
        usage("the following arguments are required: --function-name")
    );
    let ran = self::ran("lambda publish-version --cli-input-json {} --cli-input-yaml {}");
    assert_eq!(
        ran.stderr,
        invalid("Only one --cli-input- parameter may be specified.")
    );
    // An operation with an outfile has no such option.
    let ran = self::ran("lambda invoke --cli-input-json {} --function-name f out");
    assert_eq!((ran.code, ran.calls.len()), (252, 0));
    assert!(
        ran.stderr
            .ends_with("Unknown options: --cli-input-json, out\n"),
        "{}",
        ran.stderr
    );
    let ran = self::ran("lambda invoke --cli-input-json {}");
    assert_eq!(
        ran.stderr,
        usage("the following arguments are required: --function-name")
    );
}

#[test]
fn prints_skeletons() {
    let ran = ran_as(
        "aws",
        &[],
        Path::new("/nonexistent"),
        &["lambda", "publish-version", "--generate-cli-skeleton"],
    );
    let json =
        "{\n    \"FunctionName\": \"\",\n    \"CodeSha256\": \"\",\n    \"Description\": \"\"\n}\n";
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.calls.len()),
        (0, json, 0)
    );
    let ran = self::ran("lambda publish-version --generate-cli-skeleton output");
    assert_eq!(
        ran.stderr,
        usage("the following arguments are required: --function-name")
    );
    let ran = self::ran(
        "lambda publish-version --function-name f --generate-cli-skeleton output --query Version",
    );
    assert_eq!((ran.stdout.as_str(), ran.calls.len()), ("\"Version\"\n", 0));
    let ran = self::ran("lambda publish-version --generate-cli-skeleton yaml-input");
    assert!(
        ran.stdout.starts_with(
            "FunctionName: ''  # [REQUIRED] The name or ARN of the Lambda function.\n"
        )
    );
}

#[test]
fn configures() {
    let dir = tempfile::tempdir().unwrap();
    let config = "[default]\nregion = eu-west-1\ns3 =\n    max_queue = 7\n[profile dev]\nregion = us-west-2\n";
    std::fs::write(dir.path().join("config"), config).unwrap();
    let env = [("AWS_CONFIG_FILE", "config"), ("AWS_REGION", "ap-south-1")];
    let ran = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        ran_as("aws", &env, dir.path(), &words)
    };
    for (line, code, stdout) in [
        // The environment does not change this answer.
        ("configure get region", 0, "eu-west-1\n"),
        ("configure get region --profile dev", 0, "us-west-2\n"),
        ("configure get dev.region", 0, "us-west-2\n"),
        ("configure get profile.dev.region", 0, "us-west-2\n"),
        ("configure get default.s3.max_queue", 0, "7\n"),
        ("configure get s3", 1, ""),
        ("configure get output", 1, ""),
        ("configure get aws_access_key_id", 1, ""),
        ("configure list-profiles", 0, "default\ndev\n"),
        ("configure get", 252, ""),
        ("configure get a b", 252, ""),
        // The command asks its first question, but standard input is empty.
        ("configure", 255, "AWS Access Key ID [None]: "),
        ("configure sso", 255, ""),
        ("configure import", 255, ""),
        ("configure export-credentials", 255, ""),
    ] {
        let ran = ran(line);
        assert_eq!((ran.code, ran.stdout.as_str()), (code, stdout), "{line}");
    }
    assert_eq!(
        ran("configure list --profile dev").stdout,
        "NAME       : VALUE                    : TYPE             : LOCATION\n\
         profile    : dev                      : manual           : --profile\n\
         access_key : <not set>                : None             : None\n\
         secret_key : <not set>                : None             : None\n\
         region     : ap-south-1               : env              : ['AWS_REGION', 'AWS_DEFAULT_REGION']\n"
    );
    let written = ran("configure set region sa-east-1 --profile dev");
    assert_eq!((written.code, written.stdout.as_str()), (0, ""));
    assert_eq!(written.calls, ["[profile dev]\nregion = sa-east-1\n"]);
    let dropped = ran("configure set aws_secret_access_key x");
    assert_eq!((dropped.code, dropped.calls.len()), (0, 0));
    assert!(
        dropped
            .stderr
            .contains("aws_secret_access_key was not written")
    );
    assert_eq!(
        std::fs::read_to_string(dir.path().join("config")).unwrap(),
        config
    );
}

#[test]
fn tells_early_errors_in_the_form_asked_for() {
    let ran = ran(
        "lambda list-versions-by-function --function-name f --query A[ --cli-error-format json",
    );
    assert!(
        ran.stderr
            .starts_with("{\n    \"Code\": \"ParamValidation\",\n"),
        "{}",
        ran.stderr
    );
}

#[test]
fn reads_zip_files() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("f.zip"), "PK").unwrap();
    let create = |rest: &[&str]| {
        let mut line = vec![
            "lambda",
            "create-function",
            "--function-name",
            "f",
            "--role",
            "r",
        ];
        line.extend(rest);
        ran_as("aws", REGION, dir.path(), &line)
    };
    let ran = create(&["--zip-file", "fileb://f.zip", "--code", "S3Bucket=bkt"]);
    assert_eq!(ran.calls.len(), 1, "{}", ran.stderr);
    assert!(ran.calls[0].contains("\"Code\":{\"S3Bucket\":\"bkt\",\"ZipFile\":{\"blob\":\"PK\"}}"));
    let ran = create(&["--zip-file", "f.zip"]);
    let text = "--zip-file must be a zip file with the fileb:// prefix.\nExample usage:  --zip-file fileb://path/to/file.zip";
    assert_eq!((ran.code, ran.stderr), (252, invalid(text)));
    let ran = create(&["--code", "ZipFile=x"]);
    assert!(
        ran.stderr
            .contains("ZipFile cannot be provided as part of the --code argument.  Please")
    );
    let input = "{\"Code\":{\"ZipFile\":\"UEs=\"}}";
    let ran = create(&["--cli-input-json", input]);
    assert!(
        ran.calls[0].contains("\"ZipFile\":{\"blob\":\"PK\"}"),
        "{}",
        ran.stderr
    );
}

#[test]
fn reads_a_package_once() {
    // The file may be a pipe, and it may be large.
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("f.zip"), "PK").unwrap();
    std::fs::write(dir.path().join("f.txt"), "text").unwrap();
    let update = |file: &str| {
        let line = [
            "lambda",
            "update-function-code",
            "--function-name",
            "f",
            "--zip-file",
            file,
        ];
        ran_as("aws", REGION, dir.path(), &line)
    };
    let ran = update("fileb://f.zip");
    let call =
        "eu-west-1 UpdateFunctionCode {\"FunctionName\":\"f\",\"ZipFile\":{\"blob\":\"PK\"}}";
    assert_eq!(
        (ran.calls[0].as_str(), ran.files),
        (call, 1),
        "{}",
        ran.stderr
    );
    let ran = update("fileb://f.txt");
    assert_eq!((ran.code, ran.calls.len(), ran.files), (252, 0, 1));
}

#[test]
fn writes_what_invoke_answers() {
    let dir = tempfile::tempdir().unwrap();
    let ran = ran_as(
        "aws",
        REGION,
        dir.path(),
        &["lambda", "invoke", "out.json", "--function-name", "f"],
    );
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (0, "{\n    \"StatusCode\": 200\n}\n")
    );
    assert_eq!(
        std::fs::read_to_string(dir.path().join("out.json")).unwrap(),
        "{\"ok\": true}"
    );
    let line = ["lambda", "invoke", "--function-name", "f", "/dev/stdout"];
    let ran = ran_as("aws", REGION, dir.path(), &line);
    assert_eq!(ran.stdout, "{\"ok\": true}{\n    \"StatusCode\": 200\n}\n");
    let line = ["lambda", "invoke", "--function-name", "f", "-"];
    assert_eq!(ran_as("aws", REGION, dir.path(), &line).code, 0);
    assert!(dir.path().join("-").exists());
    let line = ["lambda", "invoke", "--function-name", "f", "no/dir/x"];
    let ran = ran_as("aws", REGION, dir.path(), &line);
    assert_eq!(
        (ran.code, ran.stderr),
        (
            255,
            error("[Errno 2] No such file or directory: 'no/dir/x'")
        )
    );
}

#[test]
fn counts_under_our_own_name_alone() {
    let dir = tempfile::tempdir().unwrap();
    let line = ["invoke", "--function-name", "f", "--count", "3"];
    let ran = ran_as("lambdry", REGION, dir.path(), &line);
    assert_eq!((ran.code, ran.calls.len()), (0, 3), "{}", ran.stderr);
    assert!(ran.stdout.contains("100.0 %"), "{}", ran.stdout);
    let line = [&line[..], &["--output", "json", "--query", "Invocations"]].concat();
    let ran = ran_as("lambdry", REGION, dir.path(), &line);
    assert_eq!(ran.stdout, "3\n");
    for times in ["0", "-1"] {
        let line = ["invoke", "--function-name", "f", "--count", times];
        let ran = ran_as("lambdry", REGION, dir.path(), &line);
        assert_eq!((ran.code, ran.calls.len()), (252, 0), "{}", ran.stderr);
    }
    let line = [
        "lambda",
        "invoke",
        "--function-name",
        "f",
        "o",
        "--count",
        "3",
    ];
    let ran = ran_as("aws", REGION, dir.path(), &line);
    assert_eq!((ran.code, ran.calls.len()), (252, 0));
}

#[test]
fn waits() {
    let ran = ran("lambda wait function-active --function-name f --query [ --output json");
    assert_eq!(ran.code, 252);
    let ran = self::ran("lambda wait function-active --function-name f --query X");
    assert_eq!((ran.code, ran.stdout.as_str(), ran.calls.len()), (0, "", 3));
    let ran = self::ran("lambda wait function-active --function-name missing");
    let text = "Waiter FunctionActive failed: An error occurred (ResourceNotFoundException): Function not found: \
                arn:missing";
    assert_eq!((ran.code, ran.stderr), (255, error(text)));
    let ran = self::ran("lambda wait");
    let text = "usage: aws [options] lambda wait <subcommand> [parameters]\naws: [ERROR]: too few arguments";
    assert_eq!((ran.code, ran.stderr), (252, invalid(text)));
}

#[test]
fn refuses_what_it_does_not_know_by_name() {
    for (line, what) in [
        (
            "cloudformation deploy --stack-name x",
            "'aws cloudformation deploy' is not simulated",
        ),
        ("ec2", "'aws ec2' is not simulated"),
        (
            "lambda create-capacity-provider --x y",
            "'aws lambda create-capacity-provider' is not simulated",
        ),
    ] {
        let ran = ran(line);
        assert_eq!((ran.code, ran.stderr), (255, error(what)), "{line}");
    }
    let words = ["cloudformation", "deploy"];
    let ran = ran_as("lambdry", REGION, Path::new("/nonexistent"), &words);
    assert!(
        ran.stderr.starts_with(
            "\nlambdry: [ERROR]: 'aws cloudformation deploy' is not simulated\nhint: "
        )
    );
}

#[test]
fn knows_more_under_our_own_name() {
    let ours = |line: &[&str]| ran_as("lambdry", &[], Path::new("/nonexistent"), line);
    let ran = ours(&[
        "publish-version",
        "--function-name",
        "f",
        "--query",
        "Version",
    ]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (0, "\"4\"\n"),
        "{}",
        ran.stderr
    );
    assert_eq!(
        ran.calls,
        ["us-east-1 PublishVersion {\"FunctionName\":\"f\"}"]
    );
    let ran = ours(&["--state-dir", "d", "tour", "--output", "x", "--help"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (
            7,
            "own \"tour\" [\"--output\", \"x\", \"--help\"] Some(\"d\")\n"
        )
    );
    assert_eq!(ours(&[]).stdout, "own \"\" [] None\n");
    assert_eq!(ours(&["--state-dir=d"]).stdout, "own \"\" [] Some(\"d\")\n");
    assert_eq!(
        ours(&["--out", "text", "tour", "x"]).stdout,
        "own \"tour\" [\"x\"] None\n"
    );
    let ran = ours(&["publish-versoin"]);
    assert!(ran.stderr.starts_with(
        "\nlambdry: [ERROR]: An error occurred (ParamValidation): argument command: Found"
    ));
    assert!(ran.stderr.contains("  * publish-version\n"));
    assert_eq!(ran_as("aws", &[], Path::new("/x"), &["tour"]).code, 252);
    assert_eq!(
        ran_as("aws", REGION, Path::new("/x"), &["publish-version"]).code,
        252
    );
}

#[test]
fn prints_help_and_versions() {
    let page = ran("lambda publish-version help").stdout;
    assert!(
        page.starts_with("NAME\n    publish-version\n\nDESCRIPTION\n    Creates a version from"),
        "{page}"
    );
    assert!(page.contains("SYNOPSIS\n    publish-version\n        --function-name <value>\n        [--code-sha256 <value>]\n"));
    assert!(
        page.contains("EXAMPLES\n    aws lambda publish-version --function-name my-function\n")
    );
    assert!(page.lines().all(|line| line.chars().count() <= 80));
    assert_eq!(
        ran("lambda publish-version --function-name f help").stdout,
        page
    );
    assert!(
        ran("lambda create-function help")
            .stdout
            .contains("[--publish | --no-publish]")
    );
    assert!(
        !ran("lambda list-versions-by-function help")
            .stdout
            .contains("--marker")
    );
    assert!(
        ran("lambda help x")
            .stdout
            .contains("\n    publish-version\n")
    );
    assert!(ran("lambda wait help").stdout.contains("function-exists"));
    assert!(
        ran("lambda wait function-active help")
            .stdout
            .contains("OUTPUT\n    None.\n")
    );
    assert!(
        ran("help")
            .stdout
            .contains("--cli-error-format (legacy | json")
    );
    let ours = ran_as(
        "lambdry",
        &[],
        Path::new("/x"),
        &["publish-version", "--function-name", "f", "--help"],
    );
    // Under our own name, the page has more global options.
    let before = |page: &str| page.split("\nGLOBAL OPTIONS").next().map(str::to_owned);
    assert_eq!((ours.code, before(&ours.stdout)), (0, before(&page)));
    assert!(ours.stdout.contains("--state-dir") && !page.contains("--state-dir"));
    assert_eq!(ran_as("lambdry", &[], Path::new("/x"), &["--help"]).code, 0);
    assert!(
        ran("lambda get-layer-version --version 3")
            .stdout
            .starts_with("aws-cli/2.36.7 Python/")
    );
    let ours = ran_as("lambdry", &[], Path::new("/x"), &["--version"]).stdout;
    assert_eq!(
        ours,
        format!(
            "lambdry {} (answers as aws-cli 2.36.7)\n",
            env!("CARGO_PKG_VERSION")
        )
    );
}

#[test]
fn is_silent_when_the_reader_is_gone() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut process = process(REGION, Path::new("/x"));
    process.args = ["lambda", "publish-version", "--function-name", "f"]
        .map(Into::into)
        .to_vec();
    let mut stderr = Vec::new();
    let mut world = World {
        process,
        stdin: &mut io::empty(),
        stdout: &mut Gone,
        stderr: &mut stderr,
        sleep: &|_| {},
    };
    assert_eq!(run(&mut world, &Fake::default()), 0);
    assert!(stderr.is_empty());
}

#[cfg(unix)]
#[test]
fn refuses_arguments_that_are_no_text() {
    use std::os::unix::ffi::OsStringExt;

    let mut process = process(REGION, Path::new("/x"));
    process.args = vec![std::ffi::OsString::from_vec(vec![b'a', 0xff])];
    let mut stderr = Vec::new();
    let mut world = World {
        process,
        stdin: &mut io::empty(),
        stdout: &mut io::sink(),
        stderr: &mut stderr,
        sleep: &|_| {},
    };
    assert_eq!(run(&mut world, &Fake::default()), 255);
    assert_eq!(
        String::from_utf8(stderr).unwrap(),
        error("the argument 'a\u{fffd}' is not UTF-8 text")
    );
}

#[test]
fn finds_the_region_for_our_own_commands() {
    let mut process = process(REGION, Path::new("/x"));
    assert_eq!(
        region(&process, &Globals::default(), None),
        Ok("eu-west-1".to_owned())
    );
    process.env.clear();
    assert_eq!(
        region(&process, &Globals::default(), None).map_err(|stop| stop.code()),
        Err(253)
    );
}

#[test]
fn a_stub_answers_before_anything_else_and_is_printed_as_an_answer_would_be() {
    let answered = |line: &str| {
        let ran = self::ran(line);
        (ran.code, ran.stdout, ran.calls)
    };
    assert_eq!(
        answered("cloudfront --query Stacks[].Status describe-stacks --output text --stack-name x"),
        (0, "DONE\n".to_owned(), Vec::new())
    );
    assert_eq!(
        answered("lambda publish-version --region eu-west-1 --function-name stubbed"),
        (0, "text\n".to_owned(), Vec::new())
    );
}

#[test]
fn configure_alone_takes_four_lines_and_keeps_no_keys() {
    let fake = Fake::default();
    let mut process = process(REGION, Path::new("/nonexistent"));
    process.args = vec!["configure".into()];
    let mut stdin = b"AKIA\nsecret\neu-west-1\n\n".as_slice();
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let code = run(
        &mut World {
            process,
            stdin: &mut stdin,
            stdout: &mut stdout,
            stderr: &mut stderr,
            sleep: &|_| {},
        },
        &fake,
    );
    assert_eq!(code, 0, "{}", String::from_utf8_lossy(&stderr));
    assert_eq!(fake.calls.take(), ["[default]\nregion = eu-west-1\n"]);
    assert_eq!(
        String::from_utf8_lossy(&stdout),
        "AWS Access Key ID [None]: AWS Secret Access Key [None]: Default region name [None]: Default output format [None]: "
    );
}

#[test]
fn refuses_what_nobody_answers_at() {
    let refused = |line: &str, text: &str| {
        let ran = ran(line);
        let expected = (255, format!("\naws: [ERROR]: {text}\n"));
        assert_eq!((ran.code, ran.stderr), expected, "{line}");
        assert!(ran.calls.is_empty(), "{line}");
    };
    for (region, text) in [
        ("", "Invalid endpoint: https://lambda..amazonaws.com"),
        (
            "us-east-1d",
            "Could not connect to the endpoint URL: \"https://lambda.us-east-1d.amazonaws.com/x\"",
        ),
    ] {
        let ran = self::ran_as(
            "aws",
            &[("AWS_REGION", region)],
            Path::new("/nonexistent"),
            &["lambda", "publish-version", "--function-name", "a b"],
        );
        assert_eq!(ran.stderr, format!("\naws: [ERROR]: {text}\n"));
        assert_eq!((ran.code, ran.calls.len()), (255, 0));
    }
    let call = "lambda publish-version --function-name f";
    refused(
        &format!("{call} --endpoint-url ftp://x"),
        "An HTTP Client raised an unhandled exception: Not supported URL scheme ftp",
    );
    for url in ["x:1", "http:///x", "http://-x"] {
        refused(
            &format!("{call} --endpoint-url {url}"),
            &format!("Invalid endpoint: {url}"),
        );
    }
    for kind in ["read", "connect"] {
        refused(
            &format!("{call} --cli-{kind}-timeout -1"),
            &format!(
                "Attempted to set {kind} timeout to -1, but the timeout cannot be set to a value less than or equal to 0."
            ),
        );
    }
    let ran = self::ran(&format!(
        "{call} --region us-east-1d --endpoint-url http://localhost:4566"
    ));
    assert_eq!((ran.code, ran.calls.len()), (0, 1), "{}", ran.stderr);
}

#[test]
fn tells_in_help_what_a_value_may_be() {
    let page = ran("lambda publish-version help").stdout;
    assert!(
        page.contains("\nGLOBAL OPTIONS\n    --debug (boolean)\n"),
        "{page}"
    );
    for (entry, said) in [
        (
            "AddPermission",
            "Possible values:\n            NONE\n            AWS_IAM\n",
        ),
        (
            "UpdateAlias",
            "Shorthand Syntax:\n            AdditionalVersionWeights={KeyName1=float,KeyName2=float}\n",
        ),
        (
            "UpdateAlias",
            "JSON Syntax:\n            {\n              \"AdditionalVersionWeights\": {\"string\": float ...}\n            }\n",
        ),
        ("CreateFunction", "Constraints: min: 128, max: "),
    ] {
        let entry = crate::operation::find(entry).unwrap();
        let command = call::Command {
            service: "lambda",
            entry,
            waiter: None,
        };
        let (mut stdin, mut stdout, mut stderr) = (std::io::empty(), Vec::new(), Vec::new());
        let mut world = World {
            process: Process {
                program: "aws".to_owned(),
                width: 100,
                ..Process::default()
            },
            stdin: &mut stdin,
            stdout: &mut stdout,
            stderr: &mut stderr,
            sleep: &|_| (),
        };
        help::operation(&mut world, &command, &command.table(true)).unwrap();
        let page = String::from_utf8(stdout).unwrap();
        assert!(page.contains(said), "{said}\n{page}");
    }
}
