//! Where a script's text goes around us, or may: read, never run, and only looked at line by line. A finding is a
//! reason to look, not a verdict.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The largest file that is looked at.
const LARGEST: u64 = 1 << 20;

/// How many files are looked at: the command's own and those they name.
const MOST: usize = 50;

/// A way around us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// `/usr/local/bin/aws`.
    AbsolutePath,
    /// `env -i`, without our folder on PATH.
    ClearedEnvironment,
    /// `sudo`, `su`, `doas`.
    OtherUser,
    /// `bash -l`.
    LoginShell,
    /// `docker run`.
    Container,
    /// `PATH=/usr/local/bin:$PATH`.
    Path,
    /// An AWS SDK that does not look at `AWS_ENDPOINT_URL`.
    BlindSdk,
    /// `AWS_ENDPOINT_URL=`, `AWS_ACCESS_KEY_ID=`.
    OwnSettings,
}

impl Way {
    /// What it does to a rehearsal, in a clause.
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::AbsolutePath => "an absolute path does not meet the aws that is first on PATH",
            Self::ClearedEnvironment => {
                "in a cleared environment aws is not found without PATH, and an SDK finds keys and endpoints of its own"
            }
            Self::OtherUser => "another user has another environment and another PATH",
            Self::LoginShell => "a login shell may put its own folders first on PATH",
            Self::Container => "a container has an aws, and keys, of its own",
            Self::Path => "folders put first on PATH may hold another aws",
            Self::BlindSdk => {
                "this SDK does not look at AWS_ENDPOINT_URL: it is not answered, and has keys that no account has"
            }
            Self::OwnSettings => "keys or an endpoint of its own win over the rehearsal's",
        }
    }
}

/// A place where a script goes around us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bypass {
    /// The file.
    pub(crate) file: PathBuf,
    /// The line, from 1.
    pub(crate) line: usize,
    /// How.
    pub(crate) way: Way,
    /// The line as it stands, without blanks around it.
    pub(crate) text: String,
}

/// Looks through the command's own files and those they name.
pub(crate) fn search(command: &[String], cwd: &Path) -> Vec<Bypass> {
    let mut found = Vec::new();
    look(Path::new("the command"), &command.join(" "), &mut found);
    for (file, text) in texts(command, cwd) {
        look(&file, &text, &mut found);
    }
    found
}

/// The command's own files and those they name, by their path as seen from there, and what stands in them.
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
        // A script it names lies where it is called, or beside itself.
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

/// Returns true for the text of a shell's script: its first line says so, or its name.
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
    const KNOWN: [&str; 9] = ["sh", "bash", "py", "js", "mjs", "ts", "rb", "mk", "zsh"];
    let extension = Path::new(word).extension();
    extension.is_some_and(|extension| KNOWN.iter().any(|known| extension == *known))
}

/// Whether the folder that an assignment puts first on PATH may hold an aws: it has one, or only the script knows it.
fn may_hold_aws(value: &str) -> bool {
    let value = value.trim_start_matches(['"', '\'']);
    let ends = |c: char| c == ':' || c == '"' || c == '\'' || c.is_whitespace();
    let folder = value.split(ends).next().unwrap_or(value);
    folder.contains(['$', '~', '`']) || Path::new(folder).join("aws").exists()
}

/// A file's text, if it is one and of a script's size.
pub(crate) fn text_of(file: &Path) -> Option<String> {
    let metadata = fs::metadata(file).ok()?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return None;
    }
    let text = String::from_utf8(fs::read(file).ok()?).ok()?;
    (!text.contains('\0')).then_some(text)
}

/// Looks through a text.
fn look(file: &Path, text: &str, found: &mut Vec<Bypass>) {
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        // A script's own shell concerns all of it.
        let (line, is_shell) = match line.strip_prefix("#!") {
            Some(shell) if at == 0 => (shell, true),
            _ => (line, false),
        };
        if line.starts_with('#') || line.starts_with("//") {
            continue;
        }
        for way in ways(line, is_shell, is_of_javascript(file)) {
            found.push(Bypass {
                file: file.to_owned(),
                line: at + 1,
                way,
                text: super::secrets::of_line(line.split(' ').map(str::to_owned)).join(" "),
            });
        }
    }
}

/// Returns true for a script of JavaScript: `aws-sdk` is its second version there, and Ruby's third elsewhere.
fn is_of_javascript(file: &Path) -> bool {
    const ENDINGS: [&str; 6] = ["js", "mjs", "cjs", "ts", "mts", "json"];
    let ending = file.extension();
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known))
}

/// Interpreters whose programs find their own way to AWS.
const INTERPRETERS: [&str; 10] = [
    "python", "python3", "node", "npx", "npm", "ruby", "php", "java", "deno", "bun",
];

/// How a line goes around us. One that runs something else another way is no concern of ours.
fn ways(line: &str, concerns_all: bool, is_of_javascript: bool) -> Vec<Way> {
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
    // `/root/.aws` and `s3://…/aws` are none.
    let is_absolute = |word: &&str| {
        word.ends_with("/aws") && !word.contains("://") && word.starts_with(['/', '~', '$'])
    };
    if words.iter().any(is_absolute) && !has("mkdir") && !has("cd") {
        ways.push(Way::AbsolutePath);
    }
    let clears = |word: &str| word == "-i" || word == "-" || word == "--ignore-environment";
    // What aws is given back by the link that it is called by, no other program is.
    let is_foreign = |word: &&str| {
        let name = word.rsplit('/').next().unwrap_or(word);
        INTERPRETERS.contains(&name) || (is_script(word) && !word.ends_with("sh"))
    };
    let leads_to_us =
        words.iter().any(|word| word.starts_with("PATH=")) && !words.iter().any(is_foreign);
    if follows("env", &clears) && !leads_to_us {
        ways.push(Way::ClearedEnvironment);
    }
    if ["sudo", "doas", "su", "runuser"]
        .iter()
        .any(|word| has(word))
    {
        ways.push(Way::OtherUser);
    }
    // bash's is undone (see `environment`).
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
    if assigned.is_some_and(|(_, value)| !keeps_ours(value) && may_hold_aws(value)) {
        ways.push(Way::Path);
    }
    let imports = ["import", "from", "require"];
    let is_boto = |word: &str| word == "boto" || word.starts_with("boto.");
    let is_blind = |word: &&str| is_boto(word) || (is_of_javascript && *word == "aws-sdk");
    if words.iter().any(is_blind) && words.iter().any(|word| imports.contains(word)) {
        ways.push(Way::BlindSdk);
    }
    let own = [
        "AWS_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID=",
        "AWS_CONFIG_FILE=",
        "AWS_SHARED_CREDENTIALS_FILE=",
        // As SDKs are given them.
        "endpoint_url=",
        "aws_access_key_id=",
        "accessKeyId:",
    ];
    // A program that asks for the endpoint it is given does as every SDK does.
    let reads = ["getenv(", "environ.get(", "environ[", "process.env."];
    let only_reads = line
        .split_once("AWS_ENDPOINT_URL")
        .is_some_and(|(before, after)| {
            let after = after.trim_start_matches(['"', '\'', ']', ' ']);
            let sets = after.starts_with('=') && !after.starts_with("==");
            !sets && reads.iter().any(|read| before.contains(read))
        });
    if own.iter().any(|name| {
        !only_reads
            && words
                .iter()
                .any(|word| word.starts_with(name) && *word != "endpoint_url=None")
    }) || (has("unset")
        && words
            .iter()
            .any(|word| word.starts_with("AWS_") || word.starts_with("LAMBDRY_")))
    {
        ways.push(Way::OwnSettings);
    }
    let concerns = |word: &&str| is_aws(word) || is_script(word) || word.starts_with('$');
    if !concerns_all && !words.iter().any(concerns) {
        ways.retain(|way| {
            !matches!(
                way,
                Way::OtherUser | Way::ClearedEnvironment | Way::LoginShell
            )
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
            ("export AWS_ACCESS_KEY_ID=$KEY", &[Way::OwnSettings]),
            ("aws s3 cp x s3://bucket/aws", &[]),
            ("mkdir -p ~/.aws /tmp/aws", &[]),
            ("aws lambda update-alias --name live", &[]),
        ] {
            assert_eq!(ways(line, false, true), expected, "{line}");
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
