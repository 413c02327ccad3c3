//! Masks for values that may be secret in the words of a command. The words are masked before they are written or
//! shown.
//!
//! The rule is an allow-list: a value is shown only if its option (a name, an id, a region) or its form (an ARN, a
//! number, a constant, a path) is known to be harmless. For a simulated operation, all options are known. For a ready
//! answer, only the members that its file marks as harmless are known. For other commands, nothing is known.

mod text;

use crate::{
    face::{globals, is_service, options},
    operation::{self, Entry, shape::Member},
    tool::MASK,
};

pub(crate) use text::of_text;

/// Options of simulated operations whose value may hold secrets.
const SECRET: [&str; 4] = [
    "--environment",
    "--cli-input-json",
    "--cli-input-yaml",
    "--payload",
];

/// Parts of names. If the name of an option, a variable or a setting contains one, its value is secret.
const TELLING: [&str; 15] = [
    "password",
    "passwd",
    "passphrase",
    "token",
    "secret",
    "apikey",
    "api-key",
    "api_key",
    "private",
    "credential",
    "creds",
    "auth",
    "extraheader",
    "cookie",
    "header",
];

/// Last parts of option names. The value of such an option is a name or a kind.
const HARMLESS: [&str; 66] = [
    "name",
    "names",
    "username",
    "identifier",
    "id",
    "ids",
    "arn",
    "arns",
    "alias",
    "region",
    "regions",
    "zone",
    "zones",
    "type",
    "version",
    "qualifier",
    "bucket",
    "prefix",
    "path",
    "paths",
    "file",
    "dir",
    "directory",
    "status",
    "state",
    "format",
    "class",
    "engine",
    "mode",
    "size",
    "count",
    "timeout",
    "interval",
    "port",
    "protocol",
    "tier",
    "action",
    "actions",
    "principal",
    "service",
    "services",
    "cluster",
    "domain",
    "capabilities",
    "role",
    "profile",
    "output",
    "query",
    "runtime",
    "handler",
    "platform",
    "tag",
    "context",
    "namespace",
    "target",
    "progress",
    "level",
    "loglevel",
    "registry",
    "prefix-list",
    "scope",
    "stage",
    "env-name",
    "resource",
    "template",
    "color",
];

/// Options whose value is free text or data of any form.
const DATA: [&str; 22] = [
    "value",
    "values",
    "body",
    "data",
    "data-raw",
    "data-binary",
    "data-urlencode",
    "form",
    "json",
    "message",
    "text",
    "string",
    "content",
    "payload",
    "otp",
    "code",
    "pin",
    "user",
    "overrides",
    "parameters",
    "input",
    "item",
];

/// The words of an `aws` command. Values that may be secret are masked.
pub(crate) fn of_aws(words: impl IntoIterator<Item = String>) -> Vec<String> {
    let words: Vec<String> = words.into_iter().collect();
    let known = Known::of(&words);
    let mut plain = 0;
    let mut option: Option<String> = None;
    let mut key = false;
    let mut shown = Vec::new();
    for word in words {
        if std::mem::take(&mut key) {
            shown.push(MASK.to_owned());
            continue;
        }
        // `configure set aws_secret_access_key …`
        key = word.starts_with("aws_secret") || word.starts_with("aws_session");
        if word.starts_with("--") {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value)),
                None => (word.clone(), None),
            };
            shown.push(match value {
                Some(value) => format!("{name}={}", known.value(&name, value)),
                None => name.clone(),
            });
            option = Some(name);
            continue;
        }
        let value = match &option {
            // This is the command, the subcommand or, for a simulated operation, a word after these.
            None if plain < 2 || known.is_simulated() => word,
            // An option before the service is followed by one word.
            Some(name) if plain < 2 && globals_take(name) => {
                let value = known.value(name, &word);
                option = None;
                shown.push(value);
                continue;
            }
            Some(_) if plain < 2 => word,
            None => positional(&word),
            Some(name) => known.value(name, &word),
        };
        if plain < 2 {
            plain += 1;
            option = None;
        }
        shown.push(value);
    }
    shown
}

/// Returns true if the name is a global option that takes a word.
fn globals_take(name: &str) -> bool {
    use crate::face::arguments::Takes;
    let mut table = globals::table(true).into_iter();
    table.any(|opt| opt.name() == name && opt.action.takes != Takes::Nothing)
}

/// The form in which a word that belongs to no option may be shown.
fn positional(word: &str) -> String {
    if word.contains("://") && !word.contains(char::is_whitespace) {
        without_user(word)
    } else if (is_plain(word) && !is_random(word)) || word == "--" || is_operator(word) {
        word.to_owned()
    } else {
        data(word)
    }
}

/// Returns true for an operator of the shell, such as `||`, in a line that is split at its blanks.
fn is_operator(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| b"|&;<>".contains(&byte))
}

/// The words of a command line, beginning with the program. Values that may be secret are masked.
pub(crate) fn of_line(words: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut words = words.into_iter();
    let Some(program) = words.next() else {
        return Vec::new();
    };
    let name = program.rsplit('/').next().unwrap_or_default().to_owned();
    let rest: Vec<String> = words.collect();
    let shown = match name.as_str() {
        "aws" | "awslocal" | "lambdry" => of_aws(rest),
        name => of_program(name, &rest, None),
    };
    std::iter::once(program).chain(shown).collect()
}

/// The words of a program. Values that may be secret are masked. `plain` holds the positions of the words that are not
/// options or values of options; `None` if these are not known.
pub(crate) fn of_program(program: &str, words: &[String], plain: Option<&[usize]>) -> Vec<String> {
    // For `ssh`, the words after the host are a script.
    let host = plain.and_then(|plain| plain.first().copied());
    let mut before = "";
    let mut shown = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let option = std::mem::replace(&mut before, word);
        let is_value = match plain {
            Some(plain) => !plain.contains(&at),
            None => false,
        };
        shown.push(if program == "ssh" && host.is_some_and(|host| at > host) {
            MASK.to_owned()
        } else if word.starts_with('-') && word.len() > 1 {
            match word.split_once('=') {
                Some((name, value)) if !value.is_empty() => {
                    format!("{name}={}", judged(name, value))
                }
                _ => word.clone(),
            }
        } else if matches!(option, "-H" | "--header") && matches!(program, "curl" | "wget") {
            let (name, _) = word.split_once(':').unwrap_or((word, ""));
            format!("{name}: {MASK}")
        } else if is_letter(option) {
            match hides(program, option) {
                true => data(word),
                false => positional(word),
            }
        } else if option.starts_with('-') && !option.contains('=') {
            let name = option.trim_start_matches('-');
            let is_data = is_telling(name) || DATA.contains(&name);
            match is_value || is_data {
                true => judged(option, word),
                false => positional(word),
            }
        } else if is_telling(option) && option.contains("//") {
            // `npm config set //host/:_authToken x`
            MASK.to_owned()
        } else {
            positional(word)
        });
    }
    shown
}

/// `-p`
fn is_letter(option: &str) -> bool {
    option.len() == 2 && option.starts_with('-') && option != "--"
}

/// Returns true if a program's one-letter option takes a password, data or a message.
fn hides(program: &str, option: &str) -> bool {
    match program {
        // For other programs `-p` is a port or a path. The port that docker publishes is not secret, but the mask does
        // no harm.
        "docker" | "podman" | "nerdctl" | "finch" | "buildah" => option == "-p",
        "curl" | "wget" | "gh" | "uv" | "poetry" | "twine" => {
            matches!(option, "-u" | "-p" | "-b" | "-d" | "-F" | "-f")
        }
        "git" => option == "-m",
        _ => false,
    }
}

/// The operation of an `aws` command. If it is found, its options are known.
struct Known {
    /// The operation, if it is simulated.
    entry: Option<&'static Entry>,
    /// True for a command of `s3` or `configure`. These commands are simulated, but are not operations.
    custom: bool,
}

impl Known {
    fn of(words: &[String]) -> Self {
        let mut plain = Vec::new();
        let mut left = words.iter();
        while let Some(word) = left.next() {
            if word.starts_with("--") {
                if !word.contains('=') && globals_take(word) {
                    left.next();
                }
                continue;
            }
            plain.push(word.as_str());
            if plain.len() == 2 {
                break;
            }
        }
        let (service, command) = match plain[..] {
            [service, command] if is_service(service) || service == "configure" => {
                (service, command)
            }
            // If lambdry is called as `lambdry`, the name of the service may be missing.
            [command, ..] => ("lambda", command),
            [] => ("", ""),
        };
        let of_service = operation::services().find(|it| it.name == service);
        Self {
            entry: of_service.and_then(|service| {
                service
                    .entries()
                    .find(|entry| options::kebab(entry.name) == command)
            }),
            custom: matches!(service, "s3" | "configure")
                || (service == "lambda" && command == "wait"),
        }
    }

    fn is_simulated(&self) -> bool {
        self.entry.is_some_and(|entry| entry.answer().is_none()) || self.custom
    }

    /// Returns true if the value of the given option may be shown. The option may be shortened. `None` if the operation
    /// has no such option.
    fn takes(&self, option: &str, value: &str) -> Option<bool> {
        let entry = self.entry?;
        let named = |member: &Member| format!("--{}", options::kebab(&member.name));
        let shows = |member: &Member| {
            entry
                .answer()
                .is_none_or(|it| it.is_harmless(member, value))
        };
        let members = || entry.request().members.iter();
        if let Some(exact) = members().find(|member| named(member) == option) {
            return Some(shows(exact));
        }
        let mut meant = members()
            .filter(|member| named(member).starts_with(option))
            .peekable();
        meant.peek()?;
        Some(meant.all(shows))
    }

    /// The value of an option, in the form in which it may be shown.
    fn value(&self, option: &str, value: &str) -> String {
        // A file name only says where the value is. It is not the value itself.
        if value.starts_with("file://") || value.starts_with("fileb://") {
            return value.to_owned();
        }
        let is_secret =
            option.len() > "--en".len() && SECRET.iter().any(|secret| secret.starts_with(option));
        let takes = |name: &str| !name.is_empty() && name.starts_with(option);
        let is_ours = || {
            let is_global = || globals::table(false).iter().any(|opt| takes(opt.name()));
            self.takes(option, value)
                .unwrap_or_else(|| self.custom || is_global())
        };
        if is_secret {
            MASK.to_owned()
        } else if is_ours() && option.len() > 2 {
            without_user(value)
        } else {
            judged(option, value)
        }
    }
}

/// The form in which an option's value may be shown, if only the option's name is known.
pub(crate) fn judged(option: &str, value: &str) -> String {
    let name = option.trim_start_matches('-').to_ascii_lowercase();
    let last = name.rsplit(['-', '_', '.', ':']).next().unwrap_or_default();
    // An option that names a secret, or says from where the secret is read, does not contain the secret:
    // `--password-stdin`, `--secret-id`.
    let names = ["stdin", "file", "id", "name", "arn", "path", "type"].contains(&last);
    if value.starts_with("file://") || value.starts_with("fileb://") {
        return value.to_owned();
    }
    if (is_telling(&name) && !names) || DATA.contains(&name.as_str()) || DATA.contains(&last) {
        return data(value);
    }
    let is_shown = (HARMLESS.contains(&last) && is_plain(&value.replace(' ', "-")))
        || is_number(value)
        || is_constant(value)
        || value.starts_with("arn:") && is_plain(value)
        || is_path(value);
    match is_shown {
        true => without_user(value),
        false => data(value),
    }
}

/// A mask for data. If the data has the form `Name=value`, the name is kept.
pub(crate) fn data(value: &str) -> String {
    match value.split_once('=') {
        Some((name, rest)) if !rest.is_empty() && is_name(name) => format!("{name}={MASK}"),
        _ => MASK.to_owned(),
    }
}

/// Masks the values that are masked in a command's words in another text too, because an error may repeat them.
pub(crate) fn in_text(text: &str, words: &[String], shown: &[String]) -> String {
    let mut text = text.to_owned();
    for (word, shown) in words.iter().zip(shown) {
        if word == shown {
            continue;
        }
        let hidden = match shown.strip_suffix(MASK) {
            Some(kept) => word.strip_prefix(kept).unwrap_or(word),
            None => word,
        };
        if !hidden.is_empty() {
            text = text.replace(hidden, MASK);
        }
    }
    text
}

/// Returns true if a name shows that its value is secret.
pub(crate) fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TELLING.iter().any(|part| name.contains(part))
        && !name.ends_with("-stdin")
        && !name.ends_with("-file")
}

/// `https://user:secret@host/path?query` without the user and without the query's values.
pub(crate) fn without_user(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else {
        return word.to_owned();
    };
    let (rest, query) = match rest.split_once('?') {
        Some((rest, _)) => (rest, format!("?{MASK}")),
        None => (rest, String::new()),
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let host = match host.rfind('@') {
        Some(at) if host[..at].contains(':') || scheme.starts_with("http") => {
            format!("{MASK}{}", &host[at..])
        }
        _ => host.to_owned(),
    };
    let path: Vec<String> = path
        .split('/')
        .map(|part| match is_random(part) {
            true => MASK.to_owned(),
            false => part.to_owned(),
        })
        .collect();
    format!("{scheme}://{host}{}{query}", path.join("/"))
}

/// Returns true for a word without blanks, quotes and braces, which may be a name.
fn is_plain(word: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "{}[]\"'`=;&|<>".contains(c);
    !word.is_empty() && word.len() <= 256 && !word.contains(odd)
}

fn is_name(word: &str) -> bool {
    let may = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
    !word.is_empty() && word.chars().all(may) && !is_random(word)
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.len() <= 20 && word.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// Returns true for a constant: `CAPABILITY_IAM`, `true`, but not `SecureString`.
fn is_constant(word: &str) -> bool {
    let is_upper = |c: char| c.is_ascii_uppercase() || c == '_';
    matches!(word, "true" | "false") || (word.len() > 1 && word.chars().all(is_upper))
}

fn is_path(word: &str) -> bool {
    let begins = ["/", "./", "../", "~/", "s3://"];
    (begins.iter().any(|begin| word.starts_with(begin)) || word == ".") && is_plain(word)
}

/// Returns true for a word that looks random, as keys and tokens do. It is long, has only one part, and contains
/// digits, capital letters and small letters.
fn is_random(word: &str) -> bool {
    let has = |may: fn(&char) -> bool| word.chars().any(|c| may(&c));
    word.len() >= 16
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-+=".contains(c))
        && has(char::is_ascii_digit)
        && has(char::is_ascii_lowercase)
        && has(char::is_ascii_uppercase)
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
            ("true || aws s3 ls", "true || aws s3 ls"),
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
            let told = of_line(words);
            assert_eq!(told.join(" "), shown, "{line}");
        }
    }

    #[test]
    fn secrets_are_masked_wherever_they_stand_on_a_line() {
        let masked = |line: &str| of_aws(line.split(' ').map(str::to_owned)).join(" ");
        for (line, shown) in [
            (
                "lambda update-function-configuration --environment Variables={A=x} --timeout 3",
                "lambda update-function-configuration --environment **** --timeout 3",
            ),
            (
                "lambda update-function-configuration --env Variables={A=x} --timeout 3",
                "lambda update-function-configuration --env **** --timeout 3",
            ),
            (
                "lambda update-function-configuration --environment=Variables={A=x}",
                "lambda update-function-configuration --environment=****",
            ),
            (
                "lambda update-function-configuration --environment file://env.json",
                "lambda update-function-configuration --environment file://env.json",
            ),
            (
                "configure set aws_secret_access_key k3y --profile p",
                "configure set aws_secret_access_key **** --profile p",
            ),
            (
                "lambda invoke --function-name pay --payload {} out.json",
                "lambda invoke --function-name pay --payload **** ****",
            ),
        ] {
            assert_eq!(masked(line), shown);
        }
    }

    #[test]
    fn of_what_is_not_simulated_only_what_is_known_to_be_harmless_is_shown() {
        let masked =
            |line: &str| of_line(crate::store::stubs::words(line).expect("words")).join(" ");
        for (line, shown) in [
            (
                "aws ssm put-parameter --name /p/db --value k3y --type SecureString --overwrite",
                "aws ssm put-parameter --name /p/db --value **** --type SecureString --overwrite",
            ),
            (
                "aws --region eu-west-1 ssm put-parameter --value=k3y --name p",
                "aws --region eu-west-1 ssm put-parameter --value=**** --name p",
            ),
            (
                "aws rds create-db-instance --db-instance-identifier d --master-username m --master-user-password k3y \
                 --allocated-storage 20",
                "aws rds create-db-instance --db-instance-identifier d --master-username m --master-user-password **** \
                 --allocated-storage 20",
            ),
            (
                "aws cloudformation deploy --stack-name s --parameter-overrides Pass=k3y Size=k3y --capabilities CAPABILITY_IAM",
                "aws cloudformation deploy --stack-name s --parameter-overrides Pass=**** Size=**** --capabilities CAPABILITY_IAM",
            ),
            (
                "aws secretsmanager create-secret --name s --secret-string k3y",
                "aws secretsmanager create-secret --name s --secret-string ****",
            ),
            (
                "aws secretsmanager get-secret-value --secret-id prod/db",
                "aws secretsmanager get-secret-value --secret-id prod/db",
            ),
            (
                "aws sns publish --topic-arn arn:aws:sns:eu-west-1:123456789012:t --message 'it is k3y'",
                "aws sns publish --topic-arn arn:aws:sns:eu-west-1:123456789012:t --message ****",
            ),
            (
                "aws dynamodb put-item --table-name t --item '{\"k\":{\"S\":\"k3y\"}}'",
                "aws dynamodb put-item --table-name t --item ****",
            ),
            (
                "aws sqs create-queue --queue-name orders --attributes VisibilityTimeout=90",
                "aws sqs create-queue --queue-name orders --attributes VisibilityTimeout=90",
            ),
            (
                "aws apigateway create-resource --rest-api-id a1 --parent-id b2 --path-part pay",
                "aws apigateway create-resource --rest-api-id a1 --parent-id b2 --path-part pay",
            ),
            (
                "aws sqs send-message --queue-url https://q/1/orders --message-body k3y --message-a A=k3y --m k3y",
                "aws sqs send-message --queue-url https://q/1/orders --message-body **** --message-a A=**** --m ****",
            ),
            (
                "aws ssm put-parameter --name /p/db --val k3y --type SecureString",
                "aws ssm put-parameter --name /p/db --val **** --type SecureString",
            ),
            // A misspelt option of a simulated operation is unknown, so its value is masked.
            (
                "aws lambda update-function-configuration --function-name pay --enviroment Variables={A=k3y}",
                "aws lambda update-function-configuration --function-name pay --enviroment Variables=****",
            ),
            (
                "aws lambda update-alias --function-name pay --name live --function-version 3 --description 'one two'",
                "aws lambda update-alias --function-name pay --name live --function-version 3 --description one two",
            ),
            ("curl https://host/x?token=k3y", "curl https://host/x?****"),
            (
                "gh secret set NAME --body k3y",
                "gh secret set NAME --body ****",
            ),
            ("git commit -m 'with k3y'", "git commit -m ****"),
            ("bash -c 'echo k3y'", "bash -c ****"),
        ] {
            assert_eq!(masked(line), shown);
        }
        let ssh = ["-p", "22", "host", "echo k3y", "k3y"].map(str::to_owned);
        assert_eq!(
            of_program("ssh", &ssh, Some(&[2, 3, 4])),
            ["-p", "22", "host", MASK, MASK]
        );
    }

    #[test]
    fn an_error_that_repeats_a_value_is_masked_with_it() {
        let words = ["--value", "k3y", "--x=k4y"].map(str::to_owned);
        let shown = of_aws(
            ["a", "b"]
                .map(str::to_owned)
                .into_iter()
                .chain(words.clone()),
        );
        assert_eq!(
            in_text(
                "Unknown options: --value, k3y, --x=k4y",
                &words,
                &shown[2..]
            ),
            "Unknown options: --value, ****, --x=****"
        );
    }
}
