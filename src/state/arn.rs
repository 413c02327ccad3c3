//! ARNs, and the forms in which a request may name a function.

use std::fmt;

use super::pattern::{account, some, word};

/// The place of resources: a region and an account. The partition follows from the region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The region, such as `us-east-1`.
    pub region: String,
    /// The account's number, twelve digits.
    pub account: String,
}

impl Scope {
    /// The partition the region belongs to.
    pub fn partition(&self) -> &'static str {
        partition_of(&self.region)
    }

    /// The ARN of a resource of a service without regions.
    pub fn global(&self, service: &str, resource: &str) -> String {
        let account = &self.account;
        format!("arn:{}:{service}::{account}:{resource}", self.partition())
    }

    /// The ARN of a layer in this scope, without a version.
    pub fn layer(&self, name: &str) -> String {
        let Self { region, account } = self;
        format!(
            "arn:{}:lambda:{region}:{account}:layer:{name}",
            self.partition()
        )
    }

    /// The ARN of a code signing configuration in this scope.
    pub fn code_signing_config(&self, id: &str) -> String {
        let Self { region, account } = self;
        format!(
            "arn:{}:lambda:{region}:{account}:code-signing-config:{id}",
            self.partition()
        )
    }

    /// The ARN of an event source mapping in this scope.
    pub fn event_source_mapping(&self, uuid: &str) -> String {
        let Self { region, account } = self;
        format!(
            "arn:{}:lambda:{region}:{account}:event-source-mapping:{uuid}",
            self.partition()
        )
    }

    /// The ARN of a function in this scope, without a qualifier.
    pub fn function(&self, name: &str) -> Arn {
        Arn {
            scope: self.clone(),
            name: name.to_owned(),
            qualifier: None,
        }
    }
}

/// The partition a region belongs to.
pub fn partition_of(region: &str) -> &'static str {
    // The longer prefixes come first: `us-isob-` would otherwise match `us-iso`.
    const PREFIXES: &[(&str, &str)] = &[
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    PREFIXES
        .iter()
        .find(|(prefix, _)| region.starts_with(prefix))
        .map_or("aws", |(_, partition)| partition)
}

/// A function's ARN, with or without a qualifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arn {
    /// Partition, region and account of the function.
    pub scope: Scope,
    /// The bare name.
    pub name: String,
    /// A version, `$LATEST` or an alias.
    pub qualifier: Option<String>,
}

impl Arn {
    /// The same function under that qualifier.
    #[must_use]
    pub fn qualified(&self, qualifier: &str) -> Self {
        Self {
            qualifier: Some(qualifier.to_owned()),
            ..self.clone()
        }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Scope { region, account } = &self.scope;
        write!(
            f,
            "arn:{}:lambda:{region}:{account}:function:{}",
            self.scope.partition(),
            self.name
        )?;
        self.qualifier
            .as_ref()
            .map_or(Ok(()), |qualifier| write!(f, ":{qualifier}"))
    }
}

/// A function as a request names it: a name, a partial or a full ARN, with or without a qualifier.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FunctionRef {
    /// The partition, if the text is a full ARN. It may be empty, because the pattern allows `arn::lambda:…`.
    pub partition: Option<String>,
    /// The region, if the text is an ARN that has one.
    pub region: Option<String>,
    /// The account, if the text is an ARN that has one.
    pub account: Option<String>,
    /// The bare name.
    pub name: String,
    /// The qualifier after the name, if there is one.
    pub qualifier: Option<String>,
}

impl FunctionRef {
    /// Reads the text as Lambda's NamespacedFunctionName pattern does: every part before the name is optional. Returns
    /// `None` when the pattern does not match.
    ///
    /// ```
    /// use lambdry::state::arn::FunctionRef;
    /// let function = FunctionRef::parse("123456789012:function:pay:live").expect("a partial ARN");
    /// assert_eq!((function.name.as_str(), function.qualifier.as_deref()), ("pay", Some("live")));
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let segments: Vec<&str> = text.split(':').collect();
        if segments.len() > 8 {
            return None;
        }
        let with_arn = match segments[..] {
            ["arn", partition, "lambda", ref rest @ ..]
                if partition.is_empty() || is_partition(partition) =>
            {
                Self::after_arn(rest).map(|f| Self {
                    partition: Some(partition.to_owned()),
                    ..f
                })
            }
            _ => None,
        };
        with_arn.or_else(|| Self::after_arn(&segments))
    }

    /// Reads a text from a request member that may name any kind of resource. Returns `None` for the ARN of a resource
    /// that is not a function. Without this check, the pattern would read the kind of that resource as a function's
    /// name.
    pub fn of_resource(text: &str) -> Option<Self> {
        let is_of_another = text.starts_with("arn:") && !text.contains(":function:");
        (!is_of_another).then(|| Self::parse(text))?
    }

    fn after_arn(segments: &[&str]) -> Option<Self> {
        let with_region = match segments {
            [region, rest @ ..] if is_region(region) => Self::after_region(rest).map(|f| Self {
                region: Some((*region).to_owned()),
                ..f
            }),
            _ => None,
        };
        with_region.or_else(|| Self::after_region(segments))
    }

    fn after_region(segments: &[&str]) -> Option<Self> {
        let with_account = match segments {
            [id, rest @ ..] if account(id) => Self::after_account(rest).map(|f| Self {
                account: Some((*id).to_owned()),
                ..f
            }),
            _ => None,
        };
        with_account.or_else(|| Self::after_account(segments))
    }

    fn after_account(segments: &[&str]) -> Option<Self> {
        let with_word = match segments {
            ["function", rest @ ..] => Self::name(rest),
            _ => None,
        };
        with_word.or_else(|| Self::name(segments))
    }

    fn name(segments: &[&str]) -> Option<Self> {
        let (name, qualifier) = match segments {
            [name] => (name, None),
            [name, qualifier] => (name, Some(qualifier)),
            _ => return None,
        };
        let known = |q: &str| q == "$LATEST" || q == "$LATEST.PUBLISHED" || some(q, word);
        (some(name, |c| word(c) || c == '.') && qualifier.is_none_or(|q| known(q))).then(|| Self {
            name: (*name).to_owned(),
            qualifier: qualifier.map(|q| (*q).to_owned()),
            ..Self::default()
        })
    }
}

/// A layer as a request names it: a name or a full ARN without a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerRef<'a> {
    /// Region and account, taken from an ARN.
    pub scope: Option<(&'a str, &'a str)>,
    /// The bare name.
    pub name: &'a str,
}

impl<'a> LayerRef<'a> {
    /// Reads the text as Lambda's LayerName pattern does. Returns `None` when the pattern does not match.
    pub fn parse(text: &'a str) -> Option<Self> {
        let alphanumeric = |text: &str| some(text, |c| c.is_ascii_alphanumeric() || c == '-');
        let parts: Vec<&str> = text.split(':').collect();
        match parts[..] {
            [name] if some(name, word) => Some(Self { scope: None, name }),
            ["arn", partition, "lambda", region, id, "layer", name]
                if alphanumeric(partition)
                    && alphanumeric(region)
                    && account(id)
                    && some(name, word) =>
            {
                Some(Self {
                    scope: Some((region, id)),
                    name,
                })
            }
            _ => None,
        }
    }

    /// Reads a layer version's ARN. Returns `None` for the ARN of a layer of AWS, because it has no version number, and
    /// for any other text.
    pub fn with_version(arn: &'a str) -> Option<(Self, u64)> {
        let (layer, number) = arn.rsplit_once(':')?;
        let layer = Self::parse(layer).filter(|layer| layer.scope.is_some())?;
        Some((layer, number.parse().ok()?))
    }
}

/// Returns true for `aws[a-zA-Z-]*` and for an empty text.
pub(super) fn is_partition(text: &str) -> bool {
    text.is_empty()
        || text
            .strip_prefix("aws")
            .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_alphabetic() || c == '-'))
}

/// Returns true for `(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}`.
pub fn is_region(text: &str) -> bool {
    let plain = |text: &str| {
        let mut parts = text.split('-');
        let country = parts
            .next()
            .is_some_and(|p| p.len() == 2 && p.chars().all(|c| c.is_ascii_lowercase()));
        let rest: Vec<&str> = parts.collect();
        let place = |p: &str| !p.is_empty() && p.chars().all(|c| c.is_ascii_lowercase());
        let number = |n: &str| n.len() == 1 && n.chars().all(|c| c.is_ascii_digit());
        country
            && match rest[..] {
                [p, n] => place(p) && number(n),
                [kind, p, n] => {
                    let isolated = kind.strip_prefix("iso").is_some_and(|letter| {
                        letter.is_empty() || (letter.len() == 1 && place(letter))
                    });
                    (kind == "gov" || isolated) && place(p) && number(n)
                }
                _ => false,
            }
    };
    plain(text) || text.strip_prefix("eusc-").is_some_and(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn prints_what_it_reads(
            text in ".{0,40}|((arn|aws|aws-cn|lambda|us-east-1|cn-north-1|123456789012|function|pay|live|1|\\$LATEST|):?){0,8}"
        ) {
            // Reading any text must not panic, and the full form of the result must name the same function.
            if let Some(read) = FunctionRef::parse(&text) {
                let scope = Scope { region: "us-east-1".to_owned(), account: "123456789012".to_owned() };
                let arn = Arn { scope, name: read.name, qualifier: read.qualifier };
                let again = FunctionRef::parse(&arn.to_string()).expect("an ARN is a reference");
                prop_assert_eq!(again.partition.as_deref(), Some("aws"));
                prop_assert_eq!(again.region, Some(arn.scope.region.clone()));
                prop_assert_eq!(again.account, Some(arn.scope.account.clone()));
                let back = Arn { name: again.name, qualifier: again.qualifier, ..arn.clone() };
                prop_assert_eq!(back.to_string(), arn.to_string());
                prop_assert_eq!(back, arn);
            }
        }
    }

    #[test]
    fn every_form_names_the_same_function() {
        for text in [
            "pay:live",
            "function:pay:live",
            "123456789012:function:pay:live",
            "123456789012:pay:live",
            "us-west-2:123456789012:function:pay:live",
            "arn:aws:lambda:us-west-2:123456789012:function:pay:live",
            "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:pay:live",
            "arn:aws-eusc:lambda:eusc-de-east-1:123456789012:function:pay:live",
        ] {
            let function = FunctionRef::parse(text).expect(text);
            assert_eq!(
                (function.name.as_str(), function.qualifier.as_deref()),
                ("pay", Some("live")),
                "{text}"
            );
        }
    }

    #[test]
    fn the_arn_of_another_resource_names_no_function() {
        let arn = "arn:aws:lambda:us-east-1:123456789012:event-source-mapping:7";
        assert_eq!(FunctionRef::of_resource(arn), None);
        for text in [
            "pay",
            "pay:live",
            "arn:aws:lambda:us-east-1:123456789012:function:pay",
        ] {
            let named = FunctionRef::of_resource(text).expect(text);
            assert_eq!(named.name, "pay", "{text}");
        }
    }

    #[test]
    fn a_name_that_looks_like_a_part_is_still_a_name() {
        for name in ["function", "us-east-1", "123456789012", "arn"] {
            assert_eq!(FunctionRef::parse(name).expect(name).name, name);
        }
        assert_eq!(
            FunctionRef::parse("function:function")
                .expect("a name")
                .name,
            "function"
        );
    }

    #[test]
    fn refuses_what_the_pattern_refuses() {
        for text in [
            "",
            ":",
            "a:",
            "a b",
            "../../x",
            "invalid:function:name",
            "a:b:c:d:e:f:g:h:i",
            "fn:$LATES",
            "é",
        ] {
            assert_eq!(FunctionRef::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_partition_follows_from_the_region() {
        for (region, partition) in [
            ("us-east-1", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eusc-de-east-1", "aws-eusc"),
        ] {
            assert_eq!(partition_of(region), partition, "{region}");
        }
    }
}
