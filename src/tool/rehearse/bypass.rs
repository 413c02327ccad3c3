//! The lines of a script's text that bypass lambdry or may bypass it. The text is only read, line by line, and never
//! run. A finding is a reason to look, not a verdict.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The largest file that is searched, in bytes.
const LARGEST: u64 = 1 << 20;

/// The largest number of files that are searched: the files that the command names, and the files that those files
/// name.
const MOST: usize = 50;

/// A way to bypass lambdry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// `/usr/local/bin/aws`.
    AbsolutePath,
    /// `env -i` without lambdry's folder on PATH; `exec -c`; a program that starts another program with an environment
    /// of its own.
    ClearedEnvironment,
    /// `sudo`, `su`, `doas`.
    OtherUser,
    /// `bash -l`.
    LoginShell,
    /// `docker run`.
    Container,
    /// `PATH=/usr/local/bin:$PATH`, `command -p`.
    Path,
    /// An AWS SDK that does not look at `AWS_ENDPOINT_URL`.
    BlindSdk,
    /// `AWS_ENDPOINT_URL=`, `AWS_ACCESS_KEY_ID=`, `endpoint_url=`.
    OwnSettings,
    /// `https://sqs.us-east-1.amazonaws.com/…` in a program.
    Address,
}

impl Way {
    /// The effect of this way on a rehearsal, as a clause.
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::AbsolutePath => "an absolute path does not find the aws that is first on PATH",
            Self::ClearedEnvironment => {
                "in a cleared environment the script cannot find lambdry's aws without PATH, and an SDK uses its own \
                 keys and endpoints"
            }
            Self::OtherUser => "another user has another environment and another PATH",
            Self::LoginShell => "a login shell may put its own folders first on PATH",
            Self::Container => "a container has its own aws and its own keys",
            Self::Path => "folders that come first on PATH may contain another aws",
            Self::BlindSdk => {
                "this SDK does not read AWS_ENDPOINT_URL. Its keys belong to no account, so AWS refuses them; the \
                 report does not show its calls"
            }
            Self::OwnSettings => {
                "its own keys or endpoint replace those of the rehearsal; the report may not show calls that use \
                 them"
            }
            Self::Address => {
                "a program that calls an address of AWS directly does not reach lambdry; the report does not show \
                 its calls"
            }
        }
    }
}

/// A line at which a script bypasses lambdry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bypass {
    /// The file.
    pub(crate) file: PathBuf,
    /// The line, from 1.
    pub(crate) line: usize,
    /// The way in which the line bypasses lambdry.
    pub(crate) way: Way,
    /// The line's text, without blanks around it.
    pub(crate) text: String,
}

/// Searches the files that the command names, and the files that those files name.
pub(crate) fn search(command: &[String], cwd: &Path) -> Vec<Bypass> {
    let mut found = Vec::new();
    look(Path::new("the command"), &command.join(" "), &mut found);
    for (file, text) in texts(command, cwd) {
        look(&file, &text, &mut found);
    }
    found
}

/// The files that the command names, and the files that those files name. Each path is relative to the given folder and
/// comes with the file's text.
pub(crate) fn texts(command: &[String], cwd: &Path) -> Vec<(PathBuf, String)> {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut texts = Vec::new();
    let program = command
        .first()
        .map_or("", |program| program.rsplit('/').next().unwrap_or(program));
    let implied: &[&str] = match program {
        "make" | "gmake" => &["GNUmakefile", "makefile", "Makefile"],
        "npm" | "yarn" | "pnpm" | "npx" => &["package.json"],
        "just" => &["justfile", "Justfile", ".justfile"],
        "task" => &["Taskfile.yml", "Taskfile.yaml"],
        _ => &[],
    };
    let words = command.iter().map(String::as_str);
    files.extend(
        words
            .chain(implied.iter().copied())
            .map(|word| cwd.join(word)),
    );
    let mut at = 0;
    while let Some(file) = files.get(at).cloned() {
        at += 1;
        let Some(text) = text_of(&file) else { continue };
        if !seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())) {
            continue;
        }
        if seen.len() > MOST {
            break;
        }
        // A script that this file names lies in the working folder or beside this file.
        let beside = file.parent().unwrap_or(cwd).to_owned();
        for word in text.split(|c: char| c.is_whitespace() || "\"'`;|&()=,".contains(c)) {
            let word = [
                "$(dirname $0)/",
                "${SCRIPT_DIR}/",
                "$SCRIPT_DIR/",
                "$DIR/",
                "./",
            ]
            .iter()
            .find_map(|before| word.strip_prefix(before))
            .unwrap_or(word);
            if is_script(word) && !word.contains(['$', '*']) {
                files.extend([cwd.join(word), beside.join(word)]);
            }
        }
        let shown = file.strip_prefix(cwd).unwrap_or(&file);
        texts.push((shown.to_owned(), text));
    }
    texts
}

/// Returns true if the text's first line or the file's name shows that it is a shell script.
pub(crate) fn is_shell(file: &Path, text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    if let Some(interpreter) = first.strip_prefix("#!") {
        return interpreter
            .split(['/', ' '])
            .any(|word| ["sh", "bash", "dash", "zsh", "ksh"].contains(&word));
    }
    let extension = file.extension();
    extension.is_some_and(|extension| {
        ["sh", "bash", "zsh"]
            .iter()
            .any(|known| extension == *known)
    })
}

fn is_script(word: &str) -> bool {
    const KNOWN: [&str; 13] = [
        "sh", "bash", "py", "js", "mjs", "cjs", "ts", "rb", "mk", "zsh", "php", "go", "java",
    ];
    let extension = Path::new(word).extension();
    extension.is_some_and(|extension| KNOWN.iter().any(|known| extension == *known))
}

/// Returns true if an assignment puts a folder first on PATH, and the folder may contain an `aws`: it does contain one,
/// or only the script knows which folder it is.
fn may_hold_aws(value: &str) -> bool {
    let value = value.trim_start_matches(['"', '\'']);
    let ends = |c: char| c == ':' || c == '"' || c == '\'' || c.is_whitespace();
    let folder = value.split(ends).next().unwrap_or(value);
    folder.contains(['$', '~', '`']) || Path::new(folder).join("aws").exists()
}

/// The text of a file, if it is a regular file and not larger than a script.
pub(crate) fn text_of(file: &Path) -> Option<String> {
    let metadata = fs::metadata(file).ok()?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return None;
    }
    let text = String::from_utf8(fs::read(file).ok()?).ok()?;
    (!text.contains('\0')).then_some(text)
}

/// Searches a text.
fn look(file: &Path, text: &str, found: &mut Vec<Bypass>) {
    let of = Language::of(file, text);
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        // The `#!` line applies to the whole script.
        let (line, is_shell) = match line.strip_prefix("#!") {
            Some(shell) if at == 0 => (shell, true),
            _ => (line, false),
        };
        if line.starts_with('#') || line.starts_with("//") {
            continue;
        }
        for way in ways(line, is_shell, of) {
            found.push(Bypass {
                file: file.to_owned(),
                line: at + 1,
                way,
                text: super::secrets::of_line(line.split(' ').map(str::to_owned)).join(" "),
            });
        }
    }
}

/// The facts about a file's language that the search needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Language {
    /// True for JavaScript. In JavaScript, `aws-sdk` is version 2 of the SDK; in Ruby, it is version 3.
    is_of_javascript: bool,
    /// True for a program that is not a shell script.
    is_program: bool,
    /// True if the file names an AWS SDK. Then an endpoint in the file is an endpoint of AWS.
    has_sdk: bool,
}

impl Language {
    fn of(file: &Path, text: &str) -> Self {
        const JAVASCRIPT: [&str; 6] = ["js", "mjs", "cjs", "ts", "mts", "json"];
        const OTHERS: [&str; 7] = ["py", "rb", "php", "go", "java", "cs", "rs"];
        const SDKS: [&str; 8] = [
            "boto3",
            "botocore",
            "@aws-sdk/",
            "aws-sdk",
            "Aws\\",
            "Aws::",
            "amazonaws",
            "Amazon.",
        ];
        let is_one_of = |known: &[&str]| {
            let ending = file.extension();
            ending.is_some_and(|ending| known.iter().any(|known| ending == *known))
        };
        let is_of_javascript = is_one_of(&JAVASCRIPT);
        let begins = text.lines().next().filter(|line| line.starts_with("#!"));
        let is_run_by = begins.is_some_and(|line| {
            let name = line.rsplit(['/', ' ']).next().unwrap_or_default();
            INTERPRETERS.contains(&name)
        });
        Self {
            is_of_javascript,
            is_program: is_of_javascript || is_one_of(&OTHERS) || is_run_by,
            has_sdk: SDKS.iter().any(|sdk| text.contains(sdk)),
        }
    }
}

/// The names of settings that an SDK prefers to the rehearsal's settings. Environments and programs use these names.
const SETTINGS: [&str; 14] = [
    "AWS_ENDPOINT_URL",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    // The arguments that give an SDK its endpoint.
    "endpoint_url",
    "ignore_configured_endpoint_urls",
    "aws_access_key_id",
    "access_key_id",
    "accessKeyId",
    "endpointOverride",
    "EndpointOverride",
    "BaseEndpoint",
    "ServiceURL",
];

/// Returns true if a line of a program removes a setting from the program's environment.
fn takes_away(line: &str, of: Language) -> bool {
    let ways = [".pop(", "del ", "delete ", ".delete(", "nsetenv("];
    of.is_program
        && SETTINGS
            .iter()
            .any(|name| name.starts_with("AWS_") && line.contains(name))
        && ways.iter().any(|way| line.contains(way))
}

/// The calls that give an SDK its keys and endpoints.
const CALLS: [&str; 10] = [
    "WithBaseEndpoint(",
    "WithEndpointResolver",
    "NewStaticCredentials",
    "StaticCredentialsProvider.create(",
    "AwsBasicCredentials.create(",
    "BasicAWSCredentials(",
    "EndpointConfiguration(",
    "Aws::Credentials.new(",
    "Credentials::new(",
    "AWSCredentials(\"",
];

/// Returns true if a line assigns a value to the given name: `name=`, `name = `, `"name": `, `'name' => `, `name(`. A
/// longer name also counts, such as `AWS_ENDPOINT_URL_LAMBDA`.
fn gives(line: &str, name: &str) -> bool {
    let mut rest = line;
    let mut before = None;
    while let Some(at) = rest.find(name) {
        before = rest[..at].chars().next_back().or(before);
        // `$NAME` and `${NAME` read the variable and do not set it.
        let is_read = rest[..at].ends_with('$') || rest[..at].ends_with("${");
        let is_whole = !is_read && before.is_none_or(|c| !(c.is_alphanumeric() || c == '_'));
        rest = &rest[at + name.len()..];
        before = name.chars().next_back();
        if !is_whole {
            continue;
        }
        let goes_on = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        let after = match name.starts_with("AWS_") {
            true => rest.trim_start_matches(goes_on),
            false => rest,
        };
        let after = after.trim_start_matches(['"', '\'', ']', ')', ' ', '\t']);
        // If the value is empty, the assignment changes nothing.
        let value = |given: &str| {
            let given = given.trim_start_matches(['>', ' ', '\t']);
            let nothing = ["None", "null", "nil", "undefined"];
            let reads = [
                "os.environ",
                "os.getenv(",
                "process.env.",
                "ENV",
                "getenv(",
                "os.Getenv(",
                "System.getenv(",
            ];
            // The value comes from the environment, in which the rehearsal has set it.
            let is_read =
                reads.iter().any(|read| given.starts_with(read)) && given.contains("AWS_");
            !is_read && !nothing.iter().any(|nothing| given.starts_with(nothing))
        };
        let is_given = match after.chars().next() {
            Some('=') => !after.starts_with("==") && value(&after[1..]),
            Some(':') => !after.starts_with("::") && value(&after[1..]),
            // A test in a shell assigns nothing. A call that only reads assigns nothing either.
            Some(',') => line.contains("setenv") || line.contains("putenv"),
            Some('(') => !name.starts_with("AWS_"),
            _ => false,
        };
        if is_given {
            return true;
        }
    }
    false
}

/// Interpreters. Their programs can reach AWS without the command `aws`, and so without lambdry.
const INTERPRETERS: [&str; 10] = [
    "python", "python3", "node", "npx", "npm", "ruby", "php", "java", "deno", "bun",
];

/// The ways in which a line bypasses lambdry. Ways that matter only for programs other than `aws` are left out, if
/// `concerns_all` is false.
fn ways(line: &str, concerns_all: bool, of: Language) -> Vec<Way> {
    let mut ways = Vec::new();
    let words: Vec<&str> = line
        .split(|c: char| c.is_whitespace() || "\"'`;|&()<>{}[],".contains(c))
        .filter(|word| !word.is_empty())
        .collect();
    let follows = |word: &str, next: &dyn Fn(&str) -> bool| {
        words.windows(2).any(|two| two[0] == word && next(two[1]))
    };
    let has = |word: &str| words.contains(&word);
    let is_aws = |word: &&str| *word == "aws" || word.ends_with("/aws");
    // `/root/.aws` and `s3://…/aws` are not programs.
    let is_absolute = |word: &&str| {
        word.ends_with("/aws") && !word.contains("://") && word.starts_with(['/', '~', '$'])
    };
    if words.iter().any(is_absolute) && !has("mkdir") && !has("cd") {
        ways.push(Way::AbsolutePath);
    }
    let clears = |word: &str| word == "-i" || word == "-" || word == "--ignore-environment";
    // The link through which `aws` is called leads back to lambdry. Other programs have no such link.
    let is_foreign = |word: &&str| {
        let name = word.rsplit('/').next().unwrap_or(word);
        INTERPRETERS.contains(&name) || (is_script(word) && !word.ends_with("sh"))
    };
    let leads_to_us =
        words.iter().any(|word| word.starts_with("PATH=")) && !words.iter().any(is_foreign);
    // `exec -c bash`, `exec -cl bash`: the shell runs this itself, so no stand-in sees it.
    let drops = |word: &str| {
        let letters = word.strip_prefix('-');
        letters.is_some_and(|letters| {
            letters.contains('c') && letters.bytes().all(|b| b"acl".contains(&b))
        })
    };
    // A program that starts another program passes on its environment, unless it sets a new environment.
    let starts = [
        "subprocess",
        "Popen",
        "check_call",
        "check_output",
        "spawn",
        "spawnSync",
        "execFile",
        "execFileSync",
        "execSync",
        "system",
    ];
    let hands_on = ["os.environ", "process.env", "ENV.to_h", "getenv()"];
    let has_own = of.is_program
        && words.iter().any(|word| {
            starts
                .iter()
                .any(|start| word.ends_with(start) || word.contains(&format!("{start}.")))
        })
        && ["env={", "env=dict(", "env: {", "env:{"]
            .iter()
            .any(|own| line.contains(own))
        && !hands_on.iter().any(|all| line.contains(all));
    let forgets = [
        "os.environ.clear()",
        "unsetenv_others",
        "os.execve(",
        "os.execle(",
        "clearenv(",
    ];
    let forgets = of.is_program && forgets.iter().any(|call| line.contains(call));
    let is_cleared = follows("env", &clears) && !leads_to_us;
    let is_left = follows("exec", &drops) || has_own || forgets;
    if is_cleared || is_left {
        ways.push(Way::ClearedEnvironment);
    }
    if ["sudo", "doas", "su", "runuser"]
        .iter()
        .any(|word| has(word))
    {
        ways.push(Way::OtherUser);
    }
    // `environment` leads a login bash back to lambdry.
    let shells = ["sh", "zsh", "ksh", "dash", "/bin/sh", "/bin/zsh"];
    let logs_in = |word: &str| {
        word == "--login"
            || (word.starts_with('-')
                && !word.starts_with("--")
                && word.contains('l')
                && word.len() < 6)
    };
    if shells.iter().any(|shell| follows(shell, &logs_in)) {
        ways.push(Way::LoginShell);
    }
    let runs = |word: &str| ["run", "exec", "compose"].contains(&word);
    if ["docker", "podman", "nerdctl", "docker-compose"]
        .iter()
        .any(|word| follows(word, &runs))
    {
        ways.push(Way::Container);
    }
    let assigned = line
        .split_once("PATH=")
        .filter(|(before, _)| before.is_empty() || before.ends_with([' ', '\t', ';', '&']));
    let keeps_ours = |value: &str| {
        let value = value.trim_start_matches(['"', '\'']);
        ["$PATH", "${PATH"]
            .iter()
            .any(|ours| value.starts_with(ours))
    };
    // The shell uses its own default PATH here, not the variable.
    let is_default = |word: &str| word.starts_with('-') && word.contains('p') && word.len() < 5;
    let by_default = words
        .windows(3)
        .any(|three| three[0] == "command" && is_default(three[1]) && is_aws(&three[2]));
    if by_default || assigned.is_some_and(|(_, value)| !keeps_ours(value) && may_hold_aws(value)) {
        ways.push(Way::Path);
    }
    let imports = ["import", "from", "require"];
    let is_boto = |word: &str| word == "boto" || word.starts_with("boto.");
    let is_blind = |word: &&str| is_boto(word) || (of.is_of_javascript && *word == "aws-sdk");
    let is_first_version = ["github.com/aws/aws-sdk-go/", "com.amazonaws.services."]
        .iter()
        .any(|of| line.contains(of));
    if is_first_version
        || (words.iter().any(is_blind) && words.iter().any(|word| imports.contains(word)))
    {
        ways.push(Way::BlindSdk);
    }
    // A program that reads the endpoint from its environment behaves like every SDK.
    let reads = ["getenv(", "environ.get(", "environ[", "process.env."];
    let only_reads = line
        .split_once("AWS_ENDPOINT_URL")
        .is_some_and(|(before, after)| {
            let after = after.trim_start_matches(['"', '\'', ']', ' ']);
            let sets = after.starts_with('=') && !after.starts_with("==");
            !sets && reads.iter().any(|read| before.contains(read))
        });
    let of_sdk = of.is_program
        && (CALLS.iter().any(|call| line.contains(call))
            || (of.has_sdk && gives(line, "endpoint")));
    if (!only_reads && (of_sdk || SETTINGS.iter().any(|name| gives(line, name))))
        || takes_away(line, of)
        || follows("-u", &|word| word.starts_with("AWS_"))
        || (has("unset")
            && words
                .iter()
                .any(|word| word.starts_with("AWS_") || word.starts_with("LAMBDRY_")))
    {
        ways.push(Way::OwnSettings);
    }
    // Neither an API that customers host nor a page of documentation is an AWS service.
    let is_service = |word: &&str| {
        let host = word.strip_prefix("https://").unwrap_or_default();
        let host = host.split(['/', ':', '?']).next().unwrap_or_default();
        let of_aws = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"];
        let others = ["execute-api", "s3-website", "lambda-url", "elb", "docs"];
        of_aws.iter().any(|end| host.ends_with(end))
            && !host
                .split('.')
                .any(|part| others.iter().any(|other| part.starts_with(other)))
    };
    if of.is_program && words.iter().any(is_service) {
        ways.push(Way::Address);
    }
    let concerns = |word: &&str| is_aws(word) || is_script(word) || word.starts_with('$');
    if !concerns_all && !words.iter().any(concerns) {
        ways.retain(|way| match way {
            Way::OtherUser | Way::LoginShell => false,
            Way::ClearedEnvironment => is_left,
            _ => true,
        });
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_ways_around_us() {
        for (line, expected) in [
            (
                "/usr/local/bin/aws lambda list-functions",
                &[Way::AbsolutePath][..],
            ),
            (
                "v=$(~/.local/bin/aws lambda publish-version)",
                &[Way::AbsolutePath],
            ),
            (
                "env -i /usr/bin/aws lambda x",
                &[Way::AbsolutePath, Way::ClearedEnvironment],
            ),
            ("env -i PATH=\"$PATH\" aws lambda x", &[]),
            ("sudo -E aws lambda x", &[Way::OtherUser]),
            ("sudo apt-get install jq", &[]),
            ("sudo ./deploy.sh", &[Way::OtherUser]),
            ("env -i sleep 1", &[]),
            ("sh -lc 'aws lambda x'", &[Way::LoginShell]),
            ("bash -lc 'aws lambda x'", &[]),
            ("bash -c 'aws lambda x'", &[]),
            ("docker run --rm amazon/aws-cli lambda x", &[Way::Container]),
            ("docker build -t x .", &[]),
            ("export PATH=/no/such/folder:$PATH", &[]),
            ("export PATH=\"$HOME/bin:$PATH\"", &[Way::Path]),
            ("export PATH=$PATH:/usr/local/bin", &[]),
            ("PATH=\"${PATH}:/opt/x\"", &[]),
            ("GOPATH=/go", &[]),
            ("import boto3", &[]),
            ("from boto.s3 import key", &[Way::BlindSdk]),
            ("import boto", &[Way::BlindSdk]),
            ("const AWS = require('aws-sdk')", &[Way::BlindSdk]),
            ("const { Lambda } = require('@aws-sdk/client-lambda')", &[]),
            ("pip install boto3", &[]),
            (
                "c = boto3.client('lambda', endpoint_url='https://x')",
                &[Way::OwnSettings],
            ),
            ("boto3.Session(aws_access_key_id=key)", &[Way::OwnSettings]),
            (
                "c = boto3.client('lambda', endpoint_url=os.getenv(\"AWS_ENDPOINT_URL\"))",
                &[],
            ),
            (
                "client(endpoint_url=os.environ.get('AWS_ENDPOINT_URL'))",
                &[],
            ),
            ("os.environ['AWS_ENDPOINT_URL'] = url", &[Way::OwnSettings]),
            (
                "env -i PATH=\"$PATH\" python3 deploy.py",
                &[Way::ClearedEnvironment],
            ),
            ("env -i PATH=\"$PATH\" ./deploy.sh", &[]),
            ("unset AWS_ENDPOINT_URL", &[Way::OwnSettings]),
            ("env -u AWS_ENDPOINT_URL python3 x.py", &[Way::OwnSettings]),
            ("exec -c bash ci/release.sh", &[Way::ClearedEnvironment]),
            ("exec -cl /bin/bash", &[Way::ClearedEnvironment]),
            ("exec -a deploy bash", &[]),
            ("exec bash -c 'aws lambda x'", &[]),
            ("command -p aws lambda list-functions", &[Way::Path]),
            ("command -v aws >/dev/null", &[]),
            (
                "export AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true",
                &[Way::OwnSettings],
            ),
            (
                "export AWS_ENDPOINT_URL_LAMBDA=https://x",
                &[Way::OwnSettings],
            ),
            ("[ -z \"$AWS_ACCESS_KEY_ID\" ] && exit 1", &[]),
            ("[ \"$AWS_ACCESS_KEY_ID\" = x ]", &[]),
            ("echo \"$AWS_ENDPOINT_URL\"", &[]),
            ("export AWS_ACCESS_KEY_ID=$KEY", &[Way::OwnSettings]),
            ("aws s3 cp x s3://bucket/aws", &[]),
            ("mkdir -p ~/.aws /tmp/aws", &[]),
            ("aws lambda update-alias --name live", &[]),
        ] {
            let of = Language {
                is_of_javascript: true,
                ..Language::default()
            };
            assert_eq!(ways(line, false, of), expected, "{line}");
        }
    }

    /// Every form in which a program's text shows that it calls AWS directly.
    #[test]
    fn names_the_ways_of_programs() {
        let own = &[Way::OwnSettings][..];
        let none = &[][..];
        for (file, text, expected) in [
            ("a.py", "boto3.client('lambda', endpoint_url = url)", own),
            ("a.py", "boto3.client('lambda', endpoint_url=None)", none),
            ("a.py", "    aws_access_key_id = key,", own),
            (
                "a.py",
                "{'endpoint_url': 'https://x', 'region_name': r}",
                own,
            ),
            ("a.py", "os.environ['AWS_ACCESS_KEY_ID'] = key", own),
            (
                "a.py",
                "os.environ.setdefault('AWS_ENDPOINT_URL', url)",
                none,
            ),
            ("a.py", "os.putenv('AWS_ENDPOINT_URL', url)", own),
            (
                "a.py",
                "client('s3', aws_access_key_id=os.environ['AWS_ACCESS_KEY_ID'])",
                none,
            ),
            ("a.py", "os.environ.pop('AWS_ENDPOINT_URL', None)", own),
            ("a.py", "del os.environ['AWS_ACCESS_KEY_ID']", own),
            ("a.mjs", "delete process.env.AWS_ENDPOINT_URL;", own),
            ("a.py", "Config(ignore_configured_endpoint_urls=True)", own),
            ("a.py", "if os.environ['AWS_ACCESS_KEY_ID'] == 'x':", none),
            (
                "a.py",
                "subprocess.run(['aws'], env={'PATH': '/usr/bin'})",
                &[Way::ClearedEnvironment],
            ),
            (
                "a.py",
                "subprocess.run(['aws'], env={**os.environ, 'A': 'b'})",
                none,
            ),
            ("a.py", "os.environ.clear()", &[Way::ClearedEnvironment]),
            (
                "a.py",
                "os.execve('/bin/sh', args, {})",
                &[Way::ClearedEnvironment],
            ),
            (
                "a.py",
                "requests.get('https://sqs.us-east-1.amazonaws.com/1/q')",
                &[Way::Address],
            ),
            (
                "a.py",
                "requests.get('https://x.execute-api.us-east-1.amazonaws.com/p')",
                none,
            ),
            ("a.py", "Principal='apigateway.amazonaws.com'", none),
            (
                "a.sh",
                "aws sqs send-message --queue-url https://sqs.us-east-1.amazonaws.com/1/q",
                none,
            ),
            (
                "a.mjs",
                "new LambdaClient({ endpoint: url }) // @aws-sdk/client-lambda",
                own,
            ),
            ("a.mjs", "new Other({ endpoint: url })", none),
            (
                "a.mjs",
                "credentials: { accessKeyId: id, secretAccessKey }",
                own,
            ),
            ("a.mjs", "process.env.AWS_ENDPOINT_URL = url;", own),
            (
                "a.mjs",
                "new LambdaClient({ endpoint: process.env.AWS_ENDPOINT_URL }) // @aws-sdk",
                none,
            ),
            (
                "a.mjs",
                "spawnSync('aws', words, { env: { PATH } })",
                &[Way::ClearedEnvironment],
            ),
            (
                "a.mjs",
                "spawnSync('aws', words, { env: { ...process.env, A } })",
                none,
            ),
            ("a.rb", "Aws::Lambda::Client.new(endpoint: url)", own),
            ("a.rb", "Aws::Credentials.new(id, secret)", own),
            (
                "a.rb",
                "system(cmd, unsetenv_others: true)",
                &[Way::ClearedEnvironment],
            ),
            (
                "a.php",
                "new Aws\\Lambda\\LambdaClient(['endpoint' => $url])",
                own,
            ),
            ("a.go", "config.WithBaseEndpoint(url)", own),
            (
                "a.go",
                "credentials.NewStaticCredentialsProvider(id, secret, \"\")",
                own,
            ),
            (
                "a.go",
                "import \"github.com/aws/aws-sdk-go/service/lambda\"",
                &[Way::BlindSdk],
            ),
            (
                "a.java",
                "LambdaClient.builder().endpointOverride(uri)",
                own,
            ),
            (
                "a.java",
                "StaticCredentialsProvider.create(AwsBasicCredentials.create(a, b))",
                own,
            ),
            (
                "a.java",
                "import com.amazonaws.services.lambda.AWSLambda;",
                &[Way::BlindSdk],
            ),
            ("a.cs", "new AmazonLambdaConfig { ServiceURL = url }", own),
            ("a.rs", "aws_config::from_env().endpoint_url(url)", own),
        ] {
            let of = Language::of(Path::new(file), text);
            assert_eq!(ways(text, false, of), expected, "{text}");
        }
    }

    #[test]
    fn follows_the_scripts_that_a_script_names() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("ci")).unwrap();
        fs::write(
            folder.path().join("Makefile"),
            "deploy:\n\t./ci/deploy.sh\n",
        )
        .unwrap();
        fs::write(
            folder.path().join("ci/deploy.sh"),
            "# /usr/bin/aws\n. ./lib.sh\n",
        )
        .unwrap();
        fs::write(
            folder.path().join("ci/lib.sh"),
            "\n  /usr/bin/aws lambda x\n",
        )
        .unwrap();
        let found = search(&["make".to_owned(), "deploy".to_owned()], folder.path());
        assert_eq!(
            found,
            [Bypass {
                file: "ci/lib.sh".into(),
                line: 2,
                way: Way::AbsolutePath,
                text: "/usr/bin/aws lambda x".to_owned(),
            }]
        );
    }
}
