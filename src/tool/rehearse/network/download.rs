//! The program that asks for a host of S3, and the answer to the question if it downloads.
//!
//! curl and wget download unless a word of theirs signs, sends or hides something; a package manager does while it
//! installs, and so does everything that it starts then. Of any other program nobody can tell, and it is refused.

/// The program at the other end of a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Client {
    /// Its command line, then those of the processes above it within the rehearsal.
    lines: Vec<Vec<String>>,
    /// The program's name for itself, where there is no command line.
    agent: Option<String>,
}

/// Package managers, and the parts of them that download.
const MANAGERS: [&str; 27] = [
    "apt", "apt-get", "aptitude", "apk", "brew", "bun", "bundle", "cargo", "composer", "conda",
    "dnf", "gem", "go", "git", "microdnf", "mamba", "npm", "pip", "pipx", "pnpm", "poetry", "rpm",
    "rustup", "uv", "yarn", "yum", "zypper",
];

/// Their commands that download, and start only what belongs to it.
const INSTALLS: [&str; 18] = [
    "add",
    "ci",
    "clone",
    "download",
    "fetch",
    "get",
    "i",
    "install",
    "lock",
    "mod",
    "pull",
    "restore",
    "submodule",
    "sync",
    "toolchain",
    "update",
    "upgrade",
    "vendor",
];

/// Package managers that take any other word for the name of a script of the project's.
const RUNNERS: [&str; 3] = ["bun", "pnpm", "yarn"];

/// Their own commands that download.
const INSTALLS_OF_RUNNERS: [&str; 4] = ["add", "install", "update", "upgrade"];

impl Client {
    /// A program by its command line, and those above it.
    pub(super) fn of(words: Vec<String>, above: Vec<Vec<String>>) -> Self {
        Self {
            lines: std::iter::once(words).chain(above).collect(),
            agent: None,
        }
    }

    /// A program of which only its name for itself is known.
    pub(super) fn named(agent: Option<&str>) -> Self {
        Self {
            lines: Vec::new(),
            agent: agent.map(str::to_owned),
        }
    }

    /// Returns true if it downloads, and neither signs nor sends.
    pub(super) fn downloads(&self) -> bool {
        let Some(own) = self.lines.first() else {
            let agent = self.agent.as_deref().unwrap_or_default();
            let name = agent.split(['/', ' ']).next().unwrap_or_default();
            let name = name.to_ascii_lowercase();
            return ["curl", "wget", "debian"].contains(&&*name) || MANAGERS.contains(&&*name);
        };
        match base(own.first().map_or("", String::as_str)) {
            "curl" => own[1..].iter().all(|word| !sends_by_curl(word)),
            "wget" => own[1..].iter().all(|word| !sends_by_wget(word)),
            _ => self.lines.iter().any(|line| installs(line)),
        }
    }
}

/// The long options of curl's that sign, send a body, or name a file with more options. A `*` stands for any ending.
const OF_CURL: [&str; 10] = [
    "aws-sigv4",
    "config",
    "data*",
    "expand-*",
    "form*",
    "header",
    "json",
    "request",
    "upload-file",
    "user",
];

/// The long options of wget's that do.
const OF_WGET: [&str; 6] = ["body-*", "config", "execute", "header", "method", "post-*"];

/// Returns true if a word of curl's signs, sends a body, or names a file with more such words. The words after an
/// option are not told from options, so some downloads are refused.
fn sends_by_curl(word: &str) -> bool {
    match long(word) {
        // This one only begins like `--header`.
        Some("head") => false,
        Some(name) => is_short_for_any(name, &OF_CURL),
        // One word may hold several short options. The rest of the word belongs to the first of these four.
        None => short(word, &['o', 'w', 'A', 'm']).contains(['T', 'd', 'F', 'X', 'K', 'H', 'u']),
    }
}

/// Returns true if a word of wget's does. The short option is `-e`, which takes a line of a settings file.
fn sends_by_wget(word: &str) -> bool {
    const TAKE: [char; 17] = [
        'A', 'B', 'D', 'I', 'O', 'P', 'Q', 'R', 'T', 'U', 'X', 'a', 'i', 'l', 'o', 't', 'w',
    ];
    match long(word) {
        Some(name) => is_short_for_any(name, &OF_WGET),
        None => short(word, &TAKE).contains('e'),
    }
}

/// The name of a long option: `method` of `--method=PUT`.
fn long(word: &str) -> Option<&str> {
    let name = word.strip_prefix("--")?;
    Some(name.split('=').next().unwrap_or(name))
}

/// The letters of a word's short options, up to the first that takes the rest of the word.
fn short<'a>(word: &'a str, take: &[char]) -> &'a str {
    let letters = word.strip_prefix('-').unwrap_or_default();
    letters.split(take).next().unwrap_or_default()
}

/// Returns true if a long option is one of these, in full or abbreviated: both programs accept the first letters of an
/// option for its name.
fn is_short_for_any(name: &str, options: &[&str]) -> bool {
    let is = |option: &&str| match option.strip_suffix('*') {
        Some(start) => start.starts_with(name) || name.starts_with(start),
        None => option.starts_with(name),
    };
    !name.is_empty() && options.iter().any(is)
}

/// Interpreters, and the package managers that are scripts of theirs.
const INTERPRETERS: [(&str, &[&str]); 5] = [
    ("node", &["npm", "pnpm", "yarn"]),
    ("php", &["composer"]),
    ("pypy", PYTHON),
    ("python", PYTHON),
    ("ruby", &["brew", "bundle", "gem"]),
];

const PYTHON: &[&str] = &["conda", "dnf", "mamba", "pip", "pipx", "poetry", "yum"];

/// Returns true for the command line of a package manager that installs.
fn installs(line: &[String]) -> bool {
    // A program that sets the title of its process leaves one word. A word among others is one argument, and a command
    // in it (`sh -c 'npm ci; ./upload'`) is not this program.
    let mut words: Vec<&str> = line.iter().map(String::as_str).collect();
    words.retain(|word| !word.is_empty());
    if let [title] = words[..] {
        words = title.split_whitespace().collect();
    }
    let first = words.first().copied().unwrap_or_default();
    if first.contains("/apt/methods/") || base(first).starts_with("git-remote-") {
        return true;
    }
    let Some((name, rest)) = manager(&words) else {
        return false;
    };
    let command = rest.iter().find(|word| !word.starts_with('-'));
    match command {
        Some(command) if RUNNERS.contains(&name) => INSTALLS_OF_RUNNERS.contains(command),
        Some(command) => INSTALLS.contains(command),
        // It installs when it is not told anything.
        None => name == "yarn",
    }
}

/// The package manager that a command line starts, and the words behind its name. It is the program itself, or the
/// script or the module of an interpreter.
fn manager<'a, 'b>(words: &'b [&'a str]) -> Option<(&'a str, &'b [&'a str])> {
    let (first, rest) = words.split_first()?;
    let program = unnumbered(base(first));
    if MANAGERS.contains(&program) {
        return Some((program, rest));
    }
    let (_, own) = INTERPRETERS.iter().find(|(name, _)| *name == program)?;
    let (name, rest) = match rest {
        ["-m", module, rest @ ..] => (*module, rest),
        [script, rest @ ..] => (script_name(script), rest),
        [] => return None,
    };
    let name = unnumbered(name);
    own.contains(&name).then_some((name, rest))
}

/// The name of the program that a script is: `npm` of `…/npm-cli.js`. An ending goes only where programs are installed, so
/// that a script of the project's, `tools/npm.js`, keeps it.
fn script_name(path: &str) -> &str {
    let file = base(path);
    let Some((name, _)) = file
        .rsplit_once('.')
        .filter(|(_, ending)| ["js", "cjs", "mjs", "phar"].contains(ending))
    else {
        return file;
    };
    let is_in = |folder: &str| path.contains(&format!("/{folder}/"));
    match name.strip_suffix("-cli") {
        Some(name) => name,
        None if is_in(&format!("node_modules/{name}")) || is_in("corepack") => name,
        None if path.ends_with(&format!("bin/{file}")) => name,
        None => file,
    }
}

/// A name without its version: `pip` of `pip3.11`.
fn unnumbered(name: &str) -> &str {
    name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.')
}

/// The last part of a path.
fn base(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn what_downloads_is_told_from_what_sends() {
        for (line, downloads) in [
            ("curl -sSfLO https://x", true),
            ("/usr/bin/curl -fsSL -o tool.zip https://x", true),
            ("curl -otmp/Xd https://x", true),
            ("curl --aws-sigv4 aws:amz https://x", false),
            ("curl -sT f https://x", false),
            ("curl -X PUT https://x", false),
            ("curl --data-binary @f https://x", false),
            ("curl -K f", false),
            ("curl -H Authorization:x https://x", false),
            ("wget -q https://x", true),
            ("wget --method=PUT https://x", false),
            ("npm ci", true),
            ("node /usr/lib/node_modules/npm/bin/npm-cli.js ci", true),
            ("npm run deploy", false),
            ("npm exec deploy", false),
            ("yarn", true),
            ("yarn deploy", false),
            ("yarn ci", false),
            ("curl --user-agent x https://x", true),
            ("python3 -m pip install x", true),
            ("/usr/bin/python3.11 /usr/bin/pip3 install x", true),
            ("go mod download", true),
            ("go run deploy.go", false),
            ("/usr/lib/apt/methods/https", true),
            ("dnf -y install x", true),
            ("python3 deploy.py", false),
            ("node deploy.mjs", false),
            ("", false),
            ("curl --upload-f f https://x", false),
            ("curl --aws-s aws:amz https://x", false),
            ("curl --dat x https://x", false),
            ("curl --expand-data {{x}} https://x", false),
            ("curl --exp x https://x", false),
            ("curl --head https://x", true),
            ("curl --fail --location --retry 3 https://x", true),
            ("wget --meth=DELETE https://x", false),
            ("wget --post=x https://x", false),
            ("wget --exec=method=PUT https://x", false),
            ("wget --conf=f https://x", false),
            ("wget -qe post_data=x https://x", false),
            ("wget -epost_data=x https://x", false),
            ("wget -nvOfile.zip https://x", true),
            ("wget --continue --tries=3 https://x", true),
            ("python3 t/go.py get", false),
            ("python3 t/pip.py install", false),
            ("node tools/npm.js ci", false),
            ("python3 go get", false),
            ("ruby npm ci", false),
            ("python3 deploy.py pip install", false),
            ("make npm ci", false),
            ("node /usr/share/yarn/bin/yarn.js install", true),
            ("node /x/node_modules/pnpm/dist/pnpm.cjs add x", true),
            ("node /x/node_modules/corepack/dist/yarn.js install", true),
            ("php /usr/bin/composer.phar install", true),
            ("/usr/bin/python3 /usr/bin/dnf -y install x", true),
        ] {
            assert_eq!(
                Client::of(words(line), Vec::new()).downloads(),
                downloads,
                "{line}"
            );
        }
    }

    #[test]
    fn a_command_within_a_word_is_not_the_program() {
        let downloads = |line: &[&str]| {
            let line = line.iter().map(|word| (*word).to_owned()).collect();
            Client::of(words("python3 up.py"), vec![line]).downloads()
        };
        assert!(downloads(&["npm ci"]), "a title of a process");
        assert!(downloads(&["npm ci", "", ""]), "and the rest of its words");
        for line in [
            &["sh", "-c", "npm ci; python3 up.py"][..],
            &["/bin/sh", "-ec", "npm ci && python3 up.py"],
            &["bash", "-c", "pip install x; python3 up.py", "npm"],
            &["python3", "-c", "npm ci"],
            &["make", "npm ci"],
        ] {
            assert!(!downloads(line), "{line:?}");
        }
    }

    #[test]
    fn what_a_package_manager_starts_while_it_installs_downloads_too() {
        let below = |above: &[&str]| {
            let above = above.iter().map(|line| words(line)).collect();
            Client::of(words("node install.js"), above).downloads()
        };
        assert!(below(&["sh -c node install.js", "npm ci", "bash build.sh"]));
        assert!(!below(&[
            "sh -c node install.js",
            "npm run deploy",
            "bash deploy.sh"
        ]));
        assert!(!below(&["bash deploy.sh"]));
    }

    #[test]
    fn a_name_for_itself_counts_where_there_is_no_command_line() {
        for (agent, downloads) in [
            (Some("curl/8.5.0"), true),
            (Some("Wget/1.21"), true),
            (Some("Debian APT-HTTP/1.3 (2.6)"), true),
            (Some("Boto3/1.40"), false),
            (Some("Go-http-client/1.1"), false),
            (None, false),
        ] {
            assert_eq!(Client::named(agent).downloads(), downloads, "{agent:?}");
        }
    }
}
