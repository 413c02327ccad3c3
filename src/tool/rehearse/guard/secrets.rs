//! What of a guarded program's words may be secret, before they are written down.

use crate::tool::MASK;

/// Options whose value is a password or as good as one.
const SECRET: &[&str] = &[
    "-u", "--user", "-b", "--cookie", "--body", "--data", "-d", "--otp",
];

/// Options whose value is a name and a value: the name is kept.
const PAIR: &[&str] = &[
    "-e",
    "--env",
    "--build-arg",
    "--set",
    "--set-string",
    "--set-json",
    "-var",
    "--var",
    "--param",
    "--from-literal",
    "--parameter-overrides",
    "-c",
    "-o",
];

/// What the name of a secret has in it.
const TELLING: &[&str] = &[
    "password",
    "passwd",
    "token",
    "secret",
    "apikey",
    "api-key",
    "api_key",
    "private",
    "credential",
    "auth",
    "extraheader",
];

/// The words of a program with what may be secret masked.
pub(super) fn masked(program: &str, words: &[String]) -> Vec<String> {
    let letters = match program {
        // `-p` is a port or a path elsewhere.
        "docker" | "podman" | "nerdctl" | "finch" | "buildah" | "twine" | "poetry" => "-p",
        "curl" | "wget" => "-H",
        _ => "",
    };
    let mut before = "";
    let mut shown = Vec::new();
    for word in words {
        let option = std::mem::replace(&mut before, word);
        let hides = match program {
            "curl" | "wget" | "gh" | "uv" | "poetry" | "twine" => SECRET.contains(&option),
            _ => option == "--otp",
        };
        // `docker login -p x`; a port that docker publishes is no secret, and no loss.
        let hides = hides || (!letters.is_empty() && option == letters && letters == "-p");
        let header = (option == "-H" || option == "--header") && word.contains(':');
        shown.push(if header {
            let (name, _) = word.split_once(':').unwrap_or((word, ""));
            format!("{name}: {MASK}")
        } else if hides
            || (option.starts_with("--")
                && !option.contains('=')
                && telling(option)
                && !word.starts_with('-'))
        {
            MASK.to_owned()
        } else if telling(option) && option.contains("//") && !word.starts_with('-') {
            // `npm config set //host/:_authToken x`
            MASK.to_owned()
        } else {
            pair(option, word)
        });
    }
    shown
}

/// A word in which a value may stand behind its name.
fn pair(option: &str, word: &str) -> String {
    let word = without_user(word);
    match word.split_once('=') {
        Some((name, value))
            if !value.is_empty()
                && (PAIR.contains(&option) || telling(name) || PAIR.contains(&name)) =>
        {
            // `--set=name=value`
            match value.split_once('=').filter(|_| PAIR.contains(&name)) {
                Some((inner, _)) => format!("{name}={inner}={MASK}"),
                None => format!("{name}={MASK}"),
            }
        }
        _ => word,
    }
}

fn telling(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // What reads it from elsewhere tells nothing: `--password-stdin`, `--token-file`.
    TELLING.iter().any(|part| name.contains(part))
        && !name.ends_with("-stdin")
        && !name.ends_with("-file")
}

/// `https://user:secret@host` without what stands before the host.
fn without_user(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else {
        return word.to_owned();
    };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) if rest[..at].contains(':') || scheme.starts_with("http") => {
            format!("{scheme}://{MASK}{}", &rest[at..])
        }
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_tokens_are_masked_and_nothing_that_helps_is() {
        for (line, shown) in [
            (
                "docker login -u AWS -p k3y host",
                "docker login -u AWS -p **** host",
            ),
            (
                "docker login --username AWS --password k3y host",
                "docker login --username AWS --password **** host",
            ),
            (
                "docker login --username AWS --password=k3y host",
                "docker login --username AWS --password=**** host",
            ),
            (
                "docker login --username AWS --password-stdin host",
                "docker login --username AWS --password-stdin host",
            ),
            (
                "docker build --build-arg TOKEN=k3y -t a .",
                "docker build --build-arg TOKEN=**** -t a .",
            ),
            ("docker run -e A=k3y app", "docker run -e A=**** app"),
            ("npm publish --otp 123456", "npm publish --otp ****"),
            (
                "npm publish --//registry.npmjs.org/:_authToken=k3y",
                "npm publish --//registry.npmjs.org/:_authToken=****",
            ),
            (
                "npm config set //registry.npmjs.org/:_authToken k3y",
                "npm config set //registry.npmjs.org/:_authToken ****",
            ),
            (
                "git push https://me:k3y@host/r.git",
                "git push https://****@host/r.git",
            ),
            (
                "git -c http.extraheader=k3y push",
                "git -c http.extraheader=**** push",
            ),
            (
                "curl -u me:k3y https://host/x",
                "curl -u **** https://host/x",
            ),
            (
                "curl -H Authorization:k3y https://host",
                "curl -H Authorization: **** https://host",
            ),
            ("terraform apply -var a=k3y", "terraform apply -var a=****"),
            (
                "helm upgrade a b --set=db.pass=k3y",
                "helm upgrade a b --set=db.pass=****",
            ),
            (
                "twine upload -u __token__ -p k3y dist/x",
                "twine upload -u **** -p **** dist/x",
            ),
            ("ssh -p 22 me@host uptime", "ssh -p 22 me@host uptime"),
            ("git push ssh://git@host/r", "git push ssh://git@host/r"),
            (
                "kubectl --token k3y get pods",
                "kubectl --token **** get pods",
            ),
        ] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let told = masked(&words[0], &words[1..]);
            assert_eq!(format!("{} {}", words[0], told.join(" ")), shown, "{line}");
        }
    }
}
