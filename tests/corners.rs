//! A table of unusual command lines that a script may contain by mistake. Each has the real command's answer.
//!
//! The answers were seen in aws-cli 2.36.7. Answers that 2.9.19 also gives are compared with it in tests/fidelity.
#![cfg(unix)]

mod common;

use common::Sandbox;

/// A line for the shell, its exit code, and texts that stdout and stderr contain. An empty text means that the stream
/// is empty.
type Corner = (&'static str, i32, &'static str, &'static str);

const UPDATE: &str = "aws lambda update-function-configuration --function-name pay";

#[rustfmt::skip]
const CORNERS: &[Corner] = &[
    // Errors printed as data.
    ("aws lambda publish-version --cli-error-format json", 252, "", "[parameters]\\nTo see help text, you can run:\\n\\n  aws help\\n  aws <command> help\\n  aws <command> <subcommand> help\\n\"\n"),
    ("aws lambda publish-version --cli-error-format text | cat -A; exit ${PIPESTATUS[0]}", 252, "", "ParamValidation\tthe following arguments are required: --function-name\n"),
    // Some errors of the model contain their text a second time, as `message`.
    ("aws lambda create-function --function-name pay --runtime python3.13 --handler app.handler --role arn:aws:iam::123456789012:role/r --zip-file fileb://one.zip --cli-error-format json", 254, "", "{\n    \"Message\": \"Function already exist: pay\",\n    \"Code\": \"ResourceConflictException\",\n    \"Type\": \"User\",\n    \"message\": \"Function already exist: pay\"\n}\n"),
    ("aws lambda get-function --function-name none --cli-error-format json", 254, "", "\"Code\": \"ResourceNotFoundException\",\n    \"Type\": \"User\"\n}\n"),
    ("unset AWS_REGION; aws lambda list-functions --cli-error-format legacy", 253, "", "\naws: [ERROR]: You must specify a region. You can also configure your region by running \"aws configure\".\n"),
    // Skeletons.
    ("aws lambda get-account-settings --generate-cli-skeleton yaml-input", 0, "{}\n", ""),
    ("aws lambda add-permission --generate-cli-skeleton", 0, "\"SourceArn\": \"\",\n    \"FunctionUrlAuthType\": \"NONE\",\n    \"InvokedViaFunctionUrl\": true,\n    \"SourceAccount\": \"\"", ""),
    ("aws s3api put-object --generate-cli-skeleton", 0, "\"ACL\": \"private\",\n    \"Body\": null", ""),
    ("aws s3api put-object --generate-cli-skeleton", 0, "\"Expires\": \"1970-01-01T00:00:00\"", ""),
    ("aws s3api put-object --generate-cli-skeleton", 0, "\"ServerSideEncryption\": \"AES256\",\n    \"StorageClass\": \"STANDARD\"", ""),
    ("aws s3api create-bucket --generate-cli-skeleton", 0, "\"LocationConstraint\": \"af-south-1\"", ""),
    ("aws s3api list-objects-v2 --generate-cli-skeleton", 0, "\"OptionalObjectAttributes\": [\n        \"RestoreStatus\"\n    ]", ""),
    ("aws s3api head-object --bucket b --key k --generate-cli-skeleton output", 0, "\"LastModified\": \"1970-01-01T00:00:00\"", ""),
    ("aws ecr create-repository --generate-cli-skeleton", 0, "\"imageTagMutability\": \"MUTABLE\"", ""),
    ("aws ecr create-repository --generate-cli-skeleton", 0, "\"encryptionType\": \"AES256\",\n        \"kmsKey\": \"\"", ""),
    ("aws ecr describe-repositories --generate-cli-skeleton output", 0, "\"createdAt\": \"1970-01-01T00:00:00\"", ""),
    // Buckets.
    ("aws s3api head-bucket --bucket ''", 252, "", "Parameter validation failed:\nInvalid bucket name \"\": Bucket name must match the regex \"^[a-zA-Z0-9.\\-_]{1,255}$\" or be an ARN matching the regex \"^arn:(aws).*:(s3|s3-object-lambda):[a-z\\-0-9]*:[0-9]{12}:accesspoint[/:][a-zA-Z0-9\\-.]{1,63}$|^arn:(aws).*:s3-outposts:[a-z\\-0-9]+:[0-9]{12}:outpost[/:][a-zA-Z0-9\\-]{1,63}[/:]accesspoint[/:][a-zA-Z0-9\\-]{1,63}$\"\n"),
    ("aws s3api list-objects-v2 --bucket 'a b'", 252, "", "Invalid bucket name \"a b\": "),
    ("aws s3 mb s3://b11; echo x > f; aws s3 cp f s3://b11/f --quiet; aws s3api get-object --bucket b11 --key f out", 0, "\"ChecksumCRC64NVME\": \"", ""),
    ("aws s3api head-object --bucket b11 --key f --query ChecksumType", 0, "null\n", ""),
    ("aws s3api head-object --bucket b11 --key f --checksum-mode ENABLED --query ChecksumType", 0, "\"FULL_OBJECT\"\n", ""),
    // Moments in the forms that people, mails and HTTP use. No other forms are accepted.
    ("aws s3api put-object --bucket b11 --key f --expires 'Wed, 21 Oct 2026 07:28:00 GMT' --query ETag", 0, "\"\\\"", ""),
    ("aws s3api create-multipart-upload --bucket b11 --key f --expires 'Oct 21 2026' --query Bucket", 0, "\"b11\"\n", ""),
    ("aws s3api create-multipart-upload --bucket b11 --key f --expires soon", 252, "", "Invalid type for parameter Expires, value: soon, type: <class 'str'>, valid types: <class 'datetime.datetime'>, timestamp-string\n"),
    ("aws s3 cp f s3://b11/g --expires soon", 1, "", "upload failed: ./f to s3://b11/g Parameter validation failed:\nInvalid type for parameter Expires, value: soon, type: <class 'str'>, valid types: <class 'datetime.datetime'>, timestamp-string\n"),
    // Files.
    ("$UPDATE --description file://", 252, "", "[Errno 2] No such file or directory: ''"),
    ("$UPDATE --description file://~root/no/such/file", 252, "", "No such file or directory: '/root/no/such/file'"),
    ("AWS_CLI_FILE_ENCODING=bogus $UPDATE --description file://text", 255, "", "\naws: [ERROR]: unknown encoding: bogus\n"),
    ("AWS_CLI_FILE_ENCODING=bogus $UPDATE --description text --query Description", 0, "\"text\"\n", ""),
    ("AWS_CLI_FILE_ENCODING=latin-1 $UPDATE --description file://latin --query Description", 0, "\"é\"\n", ""),
    ("AWS_CLI_OUTPUT_ENCODING=bogus aws lambda list-functions", 255, "", "\naws: [ERROR]: Unknown codec `bogus` specified for AWS_CLI_OUTPUT_ENCODING.\n"),
    ("$UPDATE --cli-input-json file://bom", 252, "", "Error parsing parameter 'cli-input-json': Invalid JSON received.\n"),
    // Only here, invisible characters and terminal control characters are shown by their numbers.
    ("$UPDATE --environment file://bom", 252, "", "Error parsing parameter '--environment': Expected: '=', received: '\\u{feff}' for input:\n"),
    ("aws lambda invoke --function-name pay --invocation-type DryRun --payload file://bom --cli-binary-format raw-in-base64-out out", 0, "\"StatusCode\": 204", ""),
    // Numbers, dates and bytes that JSON does not have.
    ("$UPDATE --cli-input-json '{\"Timeout\": NaN}'", 252, "", "Invalid type for parameter Timeout, value: nan, type: <class 'float'>, valid types: <class 'int'>\n"),
    ("$UPDATE --cli-input-json '{\"Description\": 99999999999999999999}'", 252, "", "Invalid type for parameter Description, value: 99999999999999999999, type: <class 'int'>, valid types: <class 'str'>\n"),
    ("$UPDATE --cli-input-yaml 'Timeout: .nan'", 252, "", "Invalid type for parameter Timeout, value: nan, type: <class 'float'>, valid types: <class 'int'>\n"),
    ("$UPDATE --cli-input-yaml 'Description: 2001-01-01'", 252, "", "Invalid type for parameter Description, value: 2001-01-01, type: <class 'datetime.date'>, valid types: <class 'str'>\n"),
    ("$UPDATE --cli-input-yaml 'Description: 2001-01-01T00:00:00Z'", 252, "", "value: 2001-01-01 00:00:00, type: <class 'datetime.datetime'>, valid types: <class 'str'>\n"),
    ("$UPDATE --cli-input-yaml 'Description: !!binary aGk='", 252, "", "Invalid type for parameter Description, value: b'hi', type: <class 'bytes'>, valid types: <class 'str'>\n"),
    ("$UPDATE --cli-input-yaml 'Timeout: 99999999999999999999'", 254, "", "(ValidationException)"),
    ("$UPDATE --timeout ٣ --query Timeout", 0, "3\n", ""),
    ("$UPDATE --timeout １２ --query Timeout", 0, "12\n", ""),
    // Queries.
    ("aws lambda list-functions --query 'to_number(`\"inf\"`)'", 0, "Infinity\n", ""),
    ("aws lambda list-functions --query '[to_number(`\"nan\"`)]' --output text", 0, "nan\n", ""),
    ("aws lambda list-functions --query 'to_number(`\"٣\"`)'", 0, "3\n", ""),
    // Words of the command line.
    ("aws lambda publish-version --function-name pay $'\\tx' --bogus $'a\\tb'", 252, "", "Unknown options: --bogus, a\tb, \tx\n"),
    ("aws lambda list-functions --profile", 252, "", "argument --profile: expected one argument\n\nusage: aws [-h] [--profile PROFILE] [--debug]\n"),
    ("aws lambda list-functions --cli-read-timeout -1", 255, "", "Attempted to set read timeout to -1"),
    ("aws lambda list-functions --endpoint-url ftp://x", 255, "", "Not supported URL scheme ftp"),
    ("aws lambda list-functions --cli-input-json '{\"PaginationConfig\":{}}' --query 'length(Functions)'", 0, "1\n", ""),
    // Help and the log.
    ("aws help topics", 0, "return-codes", ""),
    ("aws help return-codes", 0, "254\n", ""),
    ("aws help config-vars", 0, "AWS_CLI_FILE_ENCODING\n", ""),
    ("aws sts get-caller-identity --query Account --output text --debug", 0, "123456789012\n", "2026-11-22 12:00:00,000 - MainThread - awscli.clidriver - DEBUG - Arguments entered to CLI: ['sts', 'get-caller-identity', '--query', 'Account', '--output', 'text', '--debug']\n"),
];

#[test]
fn corners_are_as_the_real_command_has_them() {
    let sandbox = Sandbox::new();
    sandbox.zip("one.zip", "one");
    let run = |line: &str| {
        let output = sandbox
            .command("bash")
            .env("AWS_REGION", "us-east-1")
            .env("LAMBDRY_SETTLE", "0")
            .args(["-c", &line.replace("$UPDATE", UPDATE)])
            .output()
            .expect("a shell");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.code(),
            text(&output.stdout),
            text(&output.stderr),
        )
    };
    let made = run(
        "printf 'text' > text; printf '\\351' > latin; printf '\\357\\273\\277{\"a\": 1}' > bom; \
         aws lambda create-function --function-name pay --runtime python3.13 --handler app.handler \
         --role arn:aws:iam::123456789012:role/r --zip-file fileb://one.zip --output off",
    );
    assert_eq!(made.0, Some(0), "{}", made.2);
    let holds = |stream: &str, part: &str| match part {
        "" => stream.is_empty(),
        part => stream.contains(part),
    };
    let mut wrong = Vec::new();
    for (line, code, out, err) in CORNERS {
        let ran = run(line);
        if ran.0 != Some(*code) || !holds(&ran.1, out) || !holds(&ran.2, err) {
            wrong.push(format!(
                "$ {line}\n{ran:?}\nexpected {code}, {out:?}, {err:?}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} corners:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_file_where_a_folder_is_wanted_is_skipped_and_nothing_is_uploaded() {
    let sandbox = Sandbox::new();
    let run = |line: &str| {
        let output = sandbox
            .command("bash")
            .env("AWS_REGION", "us-east-1")
            .args(["-c", line])
            .output()
            .expect("a shell");
        let text = |bytes: &[u8]| sandbox.anonymous(&String::from_utf8_lossy(bytes));
        (
            output.status.code(),
            text(&output.stdout),
            text(&output.stderr),
        )
    };
    run("echo x > code.zip; aws s3 mb s3://builds");
    for line in [
        "aws s3 cp code.zip s3://builds/code.zip --recursive",
        "aws s3 sync code.zip s3://builds",
    ] {
        let (code, out, err) = run(line);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{line}: {err}");
        assert_eq!(
            err, "warning: Skipping file /home/you/work/code.zip/. File does not exist.\n",
            "{line}"
        );
        assert_eq!(run("aws s3 ls s3://builds --recursive").1, "", "{line}");
    }
}
