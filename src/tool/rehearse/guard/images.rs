//! Container images on ECR. lambdry answers `docker login`, `tag`, `push`, `pull` and `inspect` without a registry and,
//! if necessary, without an engine. If the engine has an image, the engine answers.

use std::{
    ffi::OsString,
    io::Read as _,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::line::ParsedLine;
use crate::{
    operation::function::code::assumed_digest,
    state::function::hex,
    store::{
        Failure, Store,
        images::{Known, whole},
    },
};

/// The result of looking at a command on images: it says who answers the command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// lambdry answers it.
    Said(Said),
    /// The real program answers. It gets these words; if there are none, the original words.
    Real(Vec<OsString>),
    /// The command does not concern ECR.
    Elsewhere,
}

/// An answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) code: u8,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

fn said(stdout: impl Into<String>) -> Answer {
    Answer::Said(Said {
        stdout: stdout.into(),
        ..Said::default()
    })
}

fn failed(stderr: impl Into<String>) -> Answer {
    Answer::Said(Said {
        code: 1,
        stderr: stderr.into(),
        ..Said::default()
    })
}

/// The programs that work with container images.
pub(super) const PROGRAMS: [&str; 5] = ["docker", "podman", "nerdctl", "finch", "buildah"];

/// Other programs that start containers or machines, and hand them the variables of a proxy.
pub(super) const CONTAINERS: [&str; 9] = [
    "act",
    "colima",
    "dagger",
    "docker-compose",
    "earthly",
    "k3d",
    "kind",
    "minikube",
    "podman-compose",
];

/// Returns true for a program that starts containers or machines.
pub(super) fn has_containers(program: &str) -> bool {
    PROGRAMS.contains(&program) || CONTAINERS.contains(&program)
}

/// Returns true if a registry belongs to ECR.
pub(super) fn is_ecr(host: &str) -> bool {
    let registry = |host: &str, services: [&str; 2], domains: &[&str]| {
        let (account, rest) = host.split_once('.')?;
        let rest = services
            .iter()
            .find_map(|service| rest.strip_prefix(service))?;
        let region = domains
            .iter()
            .find_map(|domain| rest.strip_suffix(domain))?;
        let digits = account.len() == 12 && account.bytes().all(|digit| digit.is_ascii_digit());
        (digits && !region.is_empty()).then_some(())
    };
    host == "public.ecr.aws"
        || registry(
            host,
            ["dkr.ecr.", "dkr.ecr-fips."],
            &[".amazonaws.com", ".amazonaws.com.cn"],
        )
        .is_some()
        || registry(host, ["dkr-ecr.", "dkr-ecr-fips."], &[".on.aws"]).is_some()
}

/// Returns true if a reference names an image on ECR.
fn on_ecr(reference: &str) -> bool {
    reference
        .split_once('/')
        .is_some_and(|(host, _)| is_ecr(host))
}

/// The facts that the engine knows about an image.
enum Engine {
    Has(String),
    HasNot,
    /// There is no engine, or the engine does not answer.
    Away,
}

fn ask(program: Option<&Path>, reference: &str) -> Engine {
    let Some(program) = program else {
        return Engine::Away;
    };
    let told = Command::new(program)
        .args(["image", "inspect", "--format", "{{.Id}}", reference])
        .stdin(Stdio::null())
        .output();
    let Ok(told) = told else {
        return Engine::Away;
    };
    if told.status.success() {
        return Engine::Has(String::from_utf8_lossy(&told.stdout).trim().to_owned());
    }
    let error = String::from_utf8_lossy(&told.stderr).to_lowercase();
    let unknown = [
        "no such image",
        "no such object",
        "image not known",
        "no such file or directory: image",
    ];
    if unknown.iter().any(|text| error.contains(text)) {
        Engine::HasNot
    } else {
        Engine::Away
    }
}

/// Answers a command. `program` is the real program, if there is one.
///
/// # Errors
/// When the state directory cannot be read or written.
pub(super) fn answer(
    store: &Store,
    program: Option<&Path>,
    line: &ParsedLine<'_>,
    words: &[String],
) -> Result<Answer, Failure> {
    let plain: Vec<&str> = line.plain.iter().map(|(_, word)| *word).collect();
    let plain = match plain[..] {
        ["image" | "builder", ref rest @ ..] => rest.to_vec(),
        _ => plain,
    };
    let desk = Desk {
        store,
        program,
        line,
    };
    match plain[..] {
        ["login", host, ..] if is_ecr(host_of(host)) => Ok(login(line)),
        ["logout", host, ..] if is_ecr(host_of(host)) => Ok(said(format!(
            "Removing login credentials for {}\n",
            host_of(host)
        ))),
        ["tag", from, to] if on_ecr(from) || on_ecr(to) => desk.tag(from, to),
        ["push", .., to] if on_ecr(bare(to)) => desk.push(bare(to)),
        ["pull", from] if on_ecr(from) => desk.pull(from),
        ["inspect", ref of @ ..] if !of.is_empty() && of.iter().all(|one| on_ecr(one)) => {
            desk.inspect(of)
        }
        ["manifest", "create", to, ..] if on_ecr(to) => {
            Ok(said(format!("Created manifest list {to}\n")))
        }
        ["manifest", "annotate", to, ..] if on_ecr(to) => Ok(said("")),
        ["manifest", "push", to] if on_ecr(to) => {
            let digest = hex(&Sha256::digest(format!("manifest {}", whole(to))));
            desk.keep(to, &digest, true)?;
            Ok(said(format!("sha256:{digest}\n")))
        }
        ["manifest", "inspect", of] if on_ecr(of) => desk.manifest(of),
        ["build", ..] | ["buildx", "build" | "b", ..] => desk.build(words),
        _ => Ok(Answer::Elsewhere),
    }
}

/// The host of the registry that the argument of `docker login` names.
fn host_of(server: &str) -> &str {
    let server = server.split_once("://").map_or(server, |(_, rest)| rest);
    server.split('/').next().unwrap_or_default()
}

/// A reference without the transport prefix of podman and similar programs.
fn bare(reference: &str) -> &str {
    reference.strip_prefix("docker://").unwrap_or(reference)
}

fn login(line: &ParsedLine<'_>) -> Answer {
    let given = line.values(&["-p", "--password"]);
    let mut stderr = String::new();
    if given.is_empty() && !line.is_on("--password-stdin") {
        return failed("Error: Cannot perform an interactive login from a non TTY device\n");
    }
    let mut password = given.first().copied().unwrap_or_default().to_owned();
    if line.is_on("--password-stdin") {
        let mut bytes = Vec::new();
        // If the input is not text, it is not a password.
        let _ = std::io::stdin().lock().read_to_end(&mut bytes);
        password = String::from_utf8_lossy(&bytes).trim().to_owned();
    } else {
        stderr
            .push_str("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n");
    }
    // If `get-login-password` fails at the beginning of the pipe, the password is empty.
    if password.is_empty() {
        return failed("Error: Cannot perform an interactive login from a non TTY device\n");
    }
    Answer::Said(Said {
        code: 0,
        stdout: "Login Succeeded\n".to_owned(),
        stderr,
    })
}

/// The things that are needed to answer one command.
struct Desk<'a> {
    store: &'a Store,
    program: Option<&'a Path>,
    line: &'a ParsedLine<'a>,
}

impl Desk<'_> {
    fn keep(&self, reference: &str, digest: &str, pushed: bool) -> Result<(), Failure> {
        let known = Known {
            digest: digest.to_owned(),
            pushed,
            pushed_at: None,
        };
        self.store.keep_image(reference, &known)
    }

    /// Passes the command to the real program, with its words unchanged.
    fn real() -> Answer {
        Answer::Real(Vec::new())
    }

    fn tag(&self, from: &str, to: &str) -> Result<Answer, Failure> {
        let known = self.store.image(from)?;
        match (ask(self.program, from), known) {
            (Engine::HasNot | Engine::Away, Some(known)) => {
                self.keep(to, &known.digest, false)?;
                Ok(said(""))
            }
            (Engine::Away, None) => Ok(said("")),
            // The engine makes the tag, or reports why it cannot make the tag.
            (Engine::Has(_) | Engine::HasNot, _) => Ok(Self::real()),
        }
    }

    fn push(&self, reference: &str) -> Result<Answer, Failure> {
        let repository = repository(reference);
        let known = self.store.image(reference)?;
        let digest = match (ask(self.program, reference), known) {
            (Engine::Has(id), _) => hex(&Sha256::digest(id)),
            (_, Some(known)) => known.digest,
            (Engine::Away, None) => hex(&Sha256::digest(format!("pushed {}", whole(reference)))),
            (Engine::HasNot, None) => {
                return Ok(Answer::Said(Said {
                    code: 1,
                    stdout: format!("The push refers to repository [{repository}]\n"),
                    stderr: format!("An image does not exist locally with the tag: {repository}\n"),
                }));
            }
        };
        self.keep(reference, &digest, true)?;
        let whole = whole(reference);
        if self.line.is_on("-q --quiet") {
            return Ok(said(format!("{whole}\n")));
        }
        let tag = whole.rsplit(':').next().unwrap_or_default();
        let layer = &hex(&Sha256::digest(&digest))[..12];
        Ok(said(format!(
            "The push refers to repository [{repository}]\n{layer}: Pushed\n{tag}: digest: sha256:{digest} size: 1570\n"
        )))
    }

    fn pull(&self, reference: &str) -> Result<Answer, Failure> {
        let known = self.store.image(reference)?;
        let digest = known.map_or_else(|| assumed_digest(reference), |known| known.digest);
        self.keep(reference, &digest, true)?;
        let whole = whole(reference);
        if self.line.is_on("-q --quiet") {
            return Ok(said(format!("{whole}\n")));
        }
        let name = repository(reference);
        let name = name.split_once('/').map_or(name, |(_, name)| name);
        let tag = whole.rsplit(':').next().unwrap_or_default();
        Ok(said(format!(
            "{tag}: Pulling from {name}\nDigest: sha256:{digest}\nStatus: Downloaded newer image for {whole}\n{whole}\n"
        )))
    }

    fn manifest(&self, reference: &str) -> Result<Answer, Failure> {
        let Some(known) = self.store.image(reference)?.filter(|known| known.pushed) else {
            return Ok(failed(format!("no such manifest: {}\n", whole(reference))));
        };
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {
                "mediaType": "application/vnd.docker.container.image.v1+json",
                "size": 1570,
                "digest": format!("sha256:{}", known.digest),
            },
            "layers": [],
        });
        Ok(said(format!("{}\n", pretty(&manifest, "\t"))))
    }

    fn inspect(&self, references: &[&str]) -> Result<Answer, Failure> {
        let mut documents = Vec::new();
        for reference in references {
            let known = self.store.image(reference)?;
            let digest = match (ask(self.program, reference), known) {
                // If the engine had pushed the image, the engine would know this digest.
                (_, Some(known)) if known.pushed => known.digest,
                (Engine::Away, None) => assumed_digest(reference),
                (Engine::Away | Engine::HasNot, Some(known)) => known.digest,
                (Engine::Has(_), _) | (Engine::HasNot, None) => return Ok(Self::real()),
            };
            documents.push(json!({
                "Id": format!("sha256:{}", hex(&Sha256::digest(&digest))),
                "RepoTags": [whole(reference)],
                "RepoDigests": [format!("{}@sha256:{digest}", repository(reference))],
                "Architecture": "amd64",
                "Os": "linux",
                "Size": 0,
            }));
        }
        let formats = self.line.values(&["-f", "--format"]);
        let Some(format) = formats.last() else {
            return Ok(said(format!(
                "{}\n",
                pretty(&Value::Array(documents), "    ")
            )));
        };
        let mut told = String::new();
        for document in &documents {
            match filled(format, document) {
                Some(text) => {
                    told.push_str(&text);
                    told.push('\n');
                }
                None => {
                    return Ok(Answer::Said(Said {
                        code: 255,
                        stdout: String::new(),
                        stderr: format!(
                            "lambdry rehearse: the format {format:?} of an image on ECR is not simulated\n"
                        ),
                    }));
                }
            }
        }
        Ok(said(told))
    }

    /// Handles a build that sends its image to ECR. The build really runs, but nothing is sent.
    fn build(&self, words: &[String]) -> Result<Answer, Failure> {
        let tags = self.line.values(&["-t", "--tag"]);
        let mut sends = false;
        let mut kept: Vec<OsString> = Vec::new();
        let mut left = words.iter().peekable();
        while let Some(word) = left.next() {
            let of = |value: &str| {
                let mut parts = value.split(',');
                parts.any(|part| matches!(part, "type=registry" | "push=true" | "push"))
            };
            let value = left.peek().filter(|_| word == "-o" || word == "--output");
            if word == "--push" || word == "--push=true" {
                sends = true;
            } else if value.is_some_and(|value| of(value)) {
                left.next();
                sends = true;
            } else if word
                .split_once('=')
                .is_some_and(|(name, value)| name == "--output" && of(value))
            {
                sends = true;
            } else {
                kept.push(word.into());
            }
        }
        if !sends || tags.is_empty() || !tags.iter().all(|tag| on_ecr(tag)) {
            return Ok(Answer::Elsewhere);
        }
        for tag in tags {
            let digest = hex(&Sha256::digest(format!("pushed {}", whole(tag))));
            self.keep(tag, &digest, true)?;
        }
        Ok(Answer::Real(kept))
    }
}

/// A reference without tag and digest.
fn repository(reference: &str) -> &str {
    let reference = reference
        .split_once('@')
        .map_or(reference, |(name, _)| name);
    match reference.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => reference,
    }
}

fn pretty(value: &Value, indent: &str) -> String {
    let mut bytes = Vec::new();
    let form = serde_json::ser::PrettyFormatter::with_indent(indent.as_bytes());
    let mut writer = serde_json::Serializer::with_formatter(&mut bytes, form);
    serde::Serialize::serialize(value, &mut writer).expect("plain data becomes JSON");
    String::from_utf8(bytes).expect("JSON is text")
}

/// Fills in a Go template. Only the forms that scripts use are known: `{{.Id}}`, `{{index .RepoDigests 0}}`, `{{json
/// .RepoTags}}`.
fn filled(format: &str, document: &Value) -> Option<String> {
    if format == "json" {
        return Some(document.to_string());
    }
    let mut text = String::new();
    let mut rest = format;
    while let Some((before, inside)) = rest.split_once("{{") {
        let (expression, after) = inside.split_once("}}")?;
        text.push_str(before);
        let expression = expression
            .trim()
            .trim_start_matches('(')
            .trim_end_matches(')');
        let words: Vec<&str> = expression.split_whitespace().collect();
        let member = |path: &str| match path.strip_prefix('.')? {
            "" => Some(document),
            name => document.get(name),
        };
        text.push_str(&match words[..] {
            ["json", path] => member(path)?.to_string(),
            ["index", path, at] => plain(member(path)?.get(at.parse::<usize>().ok()?)?),
            [path] => plain(member(path)?),
            _ => return None,
        });
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

/// A value in the form in which Go prints it.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            let list: Vec<String> = list.iter().map(plain).collect();
            format!("[{}]", list.join(" "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_of_ecr_is_told_by_its_name() {
        for host in [
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
            "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
            "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com",
            "123456789012.dkr-ecr.eu-west-1.on.aws",
            "public.ecr.aws",
        ] {
            assert!(is_ecr(host), "{host}");
        }
        for host in [
            "docker.io",
            "12345.dkr.ecr.eu-west-1.amazonaws.com",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.com",
            "123456789012.dkr.ecr.amazonaws.com",
            "ghcr.io",
            "",
        ] {
            assert!(!is_ecr(host), "{host}");
        }
    }

    #[test]
    fn templates_of_scripts_are_filled_in() {
        let document =
            json!({ "Id": "sha256:ab", "RepoDigests": ["h/a@sha256:cd"], "RepoTags": ["h/a:1"] });
        for (format, text) in [
            ("{{index .RepoDigests 0}}", Some("h/a@sha256:cd")),
            ("{{ (index .RepoDigests 0) }}", Some("h/a@sha256:cd")),
            ("id={{.Id}};", Some("id=sha256:ab;")),
            ("{{json .RepoTags}}", Some("[\"h/a:1\"]")),
            ("{{.RepoTags}}", Some("[h/a:1]")),
            ("{{range .RepoTags}}{{.}}{{end}}", None),
            ("{{.Nope}}", None),
            ("{{", None),
        ] {
            assert_eq!(filled(format, &document).as_deref(), text, "{format}");
        }
    }

    #[test]
    fn a_repository_is_what_stands_before_tag_and_digest() {
        for (reference, name) in [
            ("h:1/a/b", "h:1/a/b"),
            ("h/a:1", "h/a"),
            ("h/a:1@sha256:ab", "h/a"),
        ] {
            assert_eq!(repository(reference), name);
        }
    }
}
