//! Lambda's patterns as AWS writes them: a validation message prints the text of the pattern.
//!
//! `regex-lite` reads them (2 to 20 µs a pattern). Two groups of patterns have a function that decides instead of the
//! regex. The first group are patterns with look-around or Unicode classes, which `regex-lite` refuses. The second
//! group are patterns of names that a parser reads anyway, so that a call does not spend time on the regex. The tests
//! prove with `regex`, a dev-dependency, that each function agrees with the text of its pattern. In the service, every
//! pattern must match the whole text. Its dot (Java's) excludes more line ends than the dot of Rust's regex.

use std::sync::OnceLock;

use regex_lite::Regex;

use super::arn;

/// A function that returns true if a text matches the pattern. It is used instead of the regex.
type Matcher = fn(&str) -> bool;

/// The text of a pattern, and the function that is used instead of the regex, if there is one.
type Pattern = (&'static str, Option<Matcher>);

macro_rules! patterns {
    ($($(#[$doc:meta])* $name:ident = $text:literal $(=> $matches:expr)?;)*) => {
        $($(#[$doc])* pub const $name: &str = $text;)*

        /// Every pattern.
        const ALL: &[Pattern] = &[$(($name, patterns!(@ $($matches)?)),)*];
    };
    (@ $matches:expr) => { Some($matches) };
    (@) => { None };
}

patterns! {
    /// FunctionName as the server prints it (recorded from AWS 2025-11).
    FUNCTION_NAME = r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"
        => |s| arn::FunctionRef::parse(s).is_some_and(|f| {
            !f.name.contains('.') && f.qualifier.as_deref() != Some("$LATEST.PUBLISHED")
        });
    /// NamespacedFunctionName as the server prints it (recorded from AWS 2025-11).
    NAMESPACED_FUNCTION_NAME = r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
        => |s| arn::FunctionRef::parse(s).is_some();
    /// A function by name or ARN without a qualifier.
    UNQUALIFIED_FUNCTION_NAME = r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)"
        => |s| arn::FunctionRef::parse(s).is_some_and(|f| !f.name.contains('.') && f.qualifier.is_none());
    /// The optional Qualifier of reads, deletes and policies (recorded from AWS 2025-11).
    QUALIFIER = r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+";
    /// The tenant of an event.
    TENANT_ID = r"[a-zA-Z0-9\._:\/=+\-@ ]+";
    /// An alias's name: anything but a number.
    ALIAS = r"(?!^[0-9]+$)([a-zA-Z0-9-_]+)"
        => |s| some(s, word) && !some(s, digit);
    /// The Qualifier of provisioned concurrency.
    PROVISIONED_QUALIFIER = r"(|[a-zA-Z0-9$_-]+)";
    /// The Qualifier of scaling configurations: a published version.
    PUBLISHED_QUALIFIER = r"(\$LATEST\.PUBLISHED|[0-9]+)";
    /// The Qualifier of function URLs: an alias (recorded from AWS 2025-11).
    URL_QUALIFIER = r"((?!^\d+$)^[0-9a-zA-Z-_]+$)"
        => |s| some(s, word) && !some(s, digit);
    /// A permission's name, when it is added (recorded from AWS 2025-11).
    STATEMENT_ID = r"([a-zA-Z0-9-_]+)";
    /// A permission's name, when it is removed.
    NAMESPACED_STATEMENT_ID = r"([a-zA-Z0-9-_.]+)";
    /// The action that a permission allows.
    ACTION = r"(lambda:[*]|lambda:[a-zA-Z]+|[*])";
    /// The principal that gets a permission.
    PRINCIPAL = r"[^\s]+";
    /// The ARN of an event's source.
    SOURCE_ARN = r"arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}(-gov)?-[a-z]+-\d{1})?:(\d{12})?:(.*)";
    /// An account.
    ACCOUNT = r"\d{12}";
    /// The token that Alexa sends along.
    EVENT_SOURCE_TOKEN = r"[a-zA-Z0-9._\-]+";
    /// An organization.
    ORGANIZATION = r"o-[a-z0-9]{10,32}";
    /// The ARN of a resource that can be tagged (recorded from AWS 2025-11).
    TAGGABLE = r"arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+)";
    /// The destination for the outcome of an asynchronous event (recorded from AWS 2025-11).
    DESTINATION = r"$|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)";
    /// The source of a function's events.
    EVENT_SOURCE_ARN = r"arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)";
    /// Any text.
    ANYTHING = r"[\s\S]*" => |_| true;
    /// A Kafka topic.
    TOPIC = r"[^.]([a-zA-Z0-9\-_.]+)";
    /// A secret, a subnet, a security group, or the name of a consumer group.
    SOURCE_URI = r"[ a-zA-Z0-9-\/*:_+=.@-]*" => |s| all(s, |c| c == ' ' || uri(c));
    /// A schema registry.
    SCHEMA_REGISTRY_URI = r"[a-zA-Z0-9-\/*:_+=.@-]*" => |s| all(s, uri);
    /// A bootstrap server of a Kafka cluster.
    KAFKA_ENDPOINT = r"(([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]*[a-zA-Z0-9])\.)*([A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9\-]*[A-Za-z0-9]):[0-9]{1,5}";
    /// A database of a DocumentDB cluster.
    DATABASE_NAME = r"[^ /\.$\x22]*" => |s| all(s, |c| !" /.$\"".contains(c));
    /// A collection of a database.
    COLLECTION_NAME = r"(^(?!(system\x2e)))(^[_a-zA-Z0-9])([^$]*)"
        => |s| s.starts_with(|c: char| c == '_' || c.is_ascii_alphanumeric())
            && !s.contains('$') && !s.starts_with("system.");
    /// A group of event pollers.
    POLLER_GROUP_NAME = r"[a-zA-Z0-9-_]*" => |s| all(s, word);
    /// A build of a runtime.
    RUNTIME_VERSION_ARN = r"arn:(aws[a-zA-Z-]*):lambda:[a-z]{2}((-gov)|(-iso(b?)))?-[a-z]+-\d{1}::runtime:.+";
    /// A version that an alias may name.
    VERSION = r"(\$LATEST(\.PUBLISHED)?|[0-9]+)";
    /// A version that a weight may name.
    ADDITIONAL_VERSION = r"[0-9]+";
    /// The entry point of the code.
    HANDLER = r"[^\s]+";
    /// The execution role (recorded from AWS 2026-01).
    ROLE = r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+";
    /// Any ARN, or nothing.
    RESOURCE_ARN = r"(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()";
    /// A CloudWatch log group.
    LOG_GROUP = r"[\.\-_/#A-Za-z0-9]+";
    /// An S3 bucket.
    S3_BUCKET = r"[0-9A-Za-z\.\-_]*(?<!\.)"
        => |s| all(s, |c| word(c) || c == '.') && !s.ends_with('.');
    /// An environment variable's name.
    VARIABLE_NAME = r"[a-zA-Z]([a-zA-Z0-9_])+";
    /// A tag's key or value (public reports, 2018). The function accepts Unicode's Alphabetic as letters, because
    /// regex-lite has no Unicode classes. Alphabetic has a few vowel signs that `\p{L}` lacks.
    TAG = r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$" => |s| all(s, |c| {
        c.is_alphanumeric() || (c.is_whitespace() && !c.is_control()) || "_.:/=+-@".contains(c)
    });
    /// A VPC subnet (recorded from AWS 2025-11).
    SUBNET_ID = r"subnet-[0-9a-z]*";
    /// A VPC security group (recorded from AWS 2025-11).
    SECURITY_GROUP_ID = r"sg-[0-9a-zA-Z]*";
    /// A layer version, the account's or AWS's own (recorded from AWS 2025-11).
    LAYER_VERSION_ARN = r"(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)";
    /// A layer by name or ARN.
    LAYER_NAME = r"(arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+"
        => |s| arn::LayerRef::parse(s).is_some();
    /// The action that a layer's policy may allow.
    LAYER_ACTION = r"lambda:GetLayerVersion";
    /// The principal that a layer's policy may allow.
    LAYER_PRINCIPAL = r"\d{12}|\*|arn:(aws[a-zA-Z-]*):iam::\d{12}:root";
    /// A code signing configuration.
    CODE_SIGNING_CONFIG_ARN = r"arn:(aws[a-zA-Z-]*)?:lambda:[a-z]{2}((-gov)|(-iso(b?)))?-[a-z]+-\d{1}:\d{12}:code-signing-config:csc-[a-z0-9]{17}";
    /// The path at which a file system is mounted.
    LOCAL_MOUNT_PATH = r"/mnt/[a-zA-Z0-9-_.]+";
    /// The region an edge function was replicated from.
    MASTER_REGION = r"ALL|[a-z]{2}(-gov)?-[a-z]+-\d{1}";
}

/// The texts of all patterns.
#[cfg(test)]
pub(crate) fn texts() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(text, _)| *text)
}

/// Returns true if `text` matches `pattern`. A pattern that is not in the table matches no text.
pub fn matches(pattern: &str, text: &str) -> bool {
    static COMPILED: [OnceLock<Option<Regex>>; ALL.len()] = [const { OnceLock::new() }; ALL.len()];
    let Some(at) = ALL.iter().position(|(other, _)| *other == pattern) else {
        return false;
    };
    if let (_, Some(matches)) = ALL[at] {
        return matches(text);
    }
    let regex = COMPILED[at].get_or_init(|| compiled(pattern));
    (regex.as_ref()).is_some_and(|regex| regex.is_match(text)) && (one_line(text) || !dots(pattern))
}

fn compiled(pattern: &str) -> Option<Regex> {
    Regex::new(&format!(r"\A(?:{pattern})\z")).ok()
}

/// Returns true if a pattern contains a dot that stands for any character.
fn dots(pattern: &str) -> bool {
    pattern.contains(".*") || pattern.contains(".+")
}

fn digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// Returns true for `[a-zA-Z0-9-_]`.
pub(crate) fn word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

/// Returns true for a character of a URI or host.
fn uri(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-/*:_+=.@".contains(c)
}

fn all(text: &str, one: impl Fn(char) -> bool) -> bool {
    text.chars().all(one)
}

/// Returns true if the text has at least one character and all of them match.
pub(crate) fn some(text: &str, one: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && all(text, one)
}

/// Returns true for `\d{12}`.
pub(super) fn account(text: &str) -> bool {
    text.len() == 12 && all(text, digit)
}

/// Returns true if Java's `.*` matches the text: the dot does not match line ends.
fn one_line(text: &str) -> bool {
    !text.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;
    use regex::Regex;

    use super::{
        ALIAS, ALL, COLLECTION_NAME, S3_BUCKET, TAG, URL_QUALIFIER, compiled, matches, texts,
    };

    /// Decides with the regex crate. The pattern is first rewritten: the look-around is removed, and Java's classes are
    /// written out. A separate condition does the work of the look-around.
    fn oracle(pattern: &str, regexes: &mut HashMap<String, Regex>, text: &str) -> bool {
        let extra = match pattern {
            ALIAS | URL_QUALIFIER => text.is_empty() || !text.chars().all(|c| c.is_ascii_digit()),
            S3_BUCKET => !text.ends_with('.'),
            COLLECTION_NAME => !text.starts_with("system."),
            _ => true,
        };
        let regex = regexes.entry(pattern.to_owned()).or_insert_with(|| {
            let plain = pattern
                .replace("(?!^[0-9]+$)", "")
                .replace(r"(?!^\d+$)", "")
                .replace(r"(^(?!(system\x2e)))(^[", "([")
                .replace("Z-_", "Z\\-_")
                .replace(":(.*)", ":.*")
                .replace(":.+", r":[^\n\r\u{85}\u{2028}\u{2029}]+")
                .replace(r"(?<!\.)", "")
                .replace("[^\\s]", "[^ \\t\\n\\x0B\\x0C\\r]")
                .replace("9-_", "9\\-_")
                .replace("9-.", "9\\-.")
                // See TAG.
                .replace(r"\p{L}", r"\p{Alphabetic}")
                .replace(r"\d", "[0-9]")
                .replace(":.*", r":[^\n\r\u{85}\u{2028}\u{2029}]*");
            Regex::new(&format!(r"\A(?:{plain})\z")).unwrap()
        });
        extra && regex.is_match(text)
    }

    /// Texts made of pieces of names and ARNs. Texts that almost match are therefore common.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "arn",
            ":",
            ":",
            ":",
            "aws",
            "aws-cn",
            "lambda",
            "us-east-1",
            "eusc-de-east-1",
            "us-iso-east-1",
            "us-isob-east-1",
            "us-gov-west-1",
            "us-iso-1",
            "123456789012",
            "12345678901",
            "function",
            "role",
            "/",
            "iam",
            "layer",
            "awslayer",
            "code-signing-config",
            "csc-0123456789abcdefg",
            "$LATEST",
            ".PUBLISHED",
            "$",
            "1",
            "7",
            "a",
            "B-",
            "_",
            ".",
            "-",
            " ",
            "\n",
            "é",
            "subnet-",
            "sg-",
            "/mnt/",
            "#",
            "=",
            "@",
            "ALL",
            "my.fn",
            "*",
            "123456789012",
            "lambda:GetLayerVersion",
            "abcdefghij",
            "o-0123456789",
            "kafka://",
            "runtime",
            "system.",
            "\"",
            "/*",
            "broker-1:9092",
        ]);
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    fn arns() -> impl Strategy<Value = String> {
        let tail = prop::sample::select(vec![
            "iam::123456789012:role/r",
            "iam::123456789012:roler",
            "iam::123456789012:role/",
            "iam::123456789012:role",
            "lambda:us-east-1:123456789012:layer:l:1",
            "lambda:x:123456789012:layer:l",
            "lambda:us-east-1:123456789012:layer:",
            "lambda:::awslayer:x",
            "iam::123456789012:root",
            "iam::12345678901:root",
            "lambda:us-isob-east-1:123456789012:code-signing-config:csc-0123456789abcdefg",
            "lambda:us-isoc-east-1:123456789012:code-signing-config:csc-0123456789abcdefg",
            "lambda:us-iso-1:123456789012:code-signing-config:csc-0123456789abcdefg",
            "lambda:eusc-de-east-1:123456789012:function:f:$LATEST.PUBLISHED",
            "lambda:us-east-1:123456789012:function:a.b:1",
            "lambda:us-east-1:function:f",
            "lambda:123456789012:f:live",
            "lambda:f",
            "sqs:us-east-1:1:q",
            "S3:x",
            "sns:\n",
            "sns:us-east-1:123456789012:topic",
            "sns:eusc-de-east-1:123456789012:topic",
            "sns:us-iso-east-1:123456789012:topic",
            "sns:us-iso-1:123456789012:topic",
            "s3:::bucket:",
            "lambda:us-east-1:123456789012:event-source-mapping:01234567-89ab-cdef-0123-456789ABCDEF",
            "lambda:us-east-1:123456789012:event-source-mapping:01234567-89ab-cdef-0123-456789ABCDEG",
            "lambda:us-east-1:123456789012:function:a:",
            "lambda:us-east-1:123456789012:function:a:live",
            "lambda:us-east-1:123456789012:layer:a",
            "lambda:us-isob-east-1::runtime:0123",
            "lambda:us-isoc-east-1::runtime:0123",
        ]);
        (
            "arn:",
            prop::sample::select(vec!["aws", "aws-us-gov", "aws1", "", "awsX"]),
            tail,
        )
            .prop_map(|(a, p, t)| format!("{a}{p}:{t}"))
    }

    #[test]
    fn only_look_around_and_classes_of_unicode_cannot_be_read_as_it_is_written() {
        for (text, by_hand) in ALL {
            let refused = compiled(text).is_none();
            assert_eq!(
                refused,
                [ALIAS, URL_QUALIFIER, S3_BUCKET, COLLECTION_NAME, TAG].contains(text),
                "{text}"
            );
            assert!(by_hand.is_some() || !refused, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1024))]
        #[test]
        fn every_pattern_decides_what_its_text_says(text in prop_oneof![pieces(), arns(), any::<String>()]) {
            thread_local!(static REGEXES: std::cell::RefCell<HashMap<String, Regex>> = HashMap::new().into());
            REGEXES.with_borrow_mut(|regexes| {
                for pattern in texts() {
                    // The regex crate does not know letters that are newer than its Unicode tables.
                    if pattern == TAG && !text.is_ascii() && oracle(r"(?s).*\p{Cn}.*", regexes, &text) {
                        continue;
                    }
                    prop_assert_eq!(matches(pattern, &text), oracle(pattern, regexes, &text), "{} on {:?}", pattern, text);
                }
                Ok(())
            })?;
        }
    }
}
