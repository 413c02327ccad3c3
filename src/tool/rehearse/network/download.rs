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
            "wget" => {
                let sends = [
                    "--post-", "--method", "--body-", "--header", "--config", "-e",
                ];
                let mut words = own[1..].iter();
                words.all(|word| !sends.iter().any(|start| word.starts_with(start)))
            }
            _ => self.lines.iter().any(|line| installs(line)),
        }
    }
}

/// Returns true if a word of curl's signs, sends a body, or names a file with more such words. Words behind an option
/// are not told from options: one too many is refused.
fn sends_by_curl(word: &str) -> bool {
    const WHOLE: [&str; 7] = [
        "--aws-sigv4",
        "--config",
        "--header",
        "--json",
        "--request",
        "--upload-file",
        "--user",
    ];
    const STARTS: [&str; 2] = ["--data", "--form"];
    match word.strip_prefix('-') {
        None => false,
        Some(long) if long.starts_with('-') => {
            let name = word.split('=').next().unwrap_or_default();
            WHOLE.contains(&name) || STARTS.iter().any(|start| name.starts_with(start))
        }
        // Several short options may stand in a word; these four take the rest of it.
        Some(short) => {
            let options = short.split(['o', 'w', 'A', 'm']).next().unwrap_or_default();
            options.contains(['T', 'd', 'F', 'X', 'K', 'H', 'u'])
        }
    }
}

/// Returns true for the command line of a package manager that installs.
fn installs(line: &[String]) -> bool {
    // Some set the words of their process as one, and interpreters have the program's name behind their own.
    let words: Vec<&str> = line.iter().flat_map(|word| word.split(' ')).collect();
    let first = words.first().copied().unwrap_or_default();
    if first.contains("/apt/methods/") || base(first).starts_with("git-remote-") {
        return true;
    }
    let found = words.iter().take(3).enumerate().find_map(|(at, word)| {
        let name = base(word).trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        let name = name.strip_suffix("-cli").unwrap_or(name);
        MANAGERS.contains(&name).then_some((at, name))
    });
    let Some((at, name)) = found else {
        return false;
    };
    let command = words[at + 1..].iter().find(|word| !word.starts_with('-'));
    match command {
        Some(command) if RUNNERS.contains(&name) => INSTALLS_OF_RUNNERS.contains(command),
        Some(command) => INSTALLS.contains(command),
        // It installs when it is not told anything.
        None => name == "yarn",
    }
}

/// The last part of a path, without the ending of a script.
fn base(word: &str) -> &str {
    let name = word.rsplit('/').next().unwrap_or(word);
    [".js", ".cjs", ".mjs", ".py"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(name)
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
        ] {
            assert_eq!(
                Client::of(words(line), Vec::new()).downloads(),
                downloads,
                "{line}"
            );
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
