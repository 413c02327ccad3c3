//! Rules for programs for which a list of words is not enough. Each rule returns the words that name a command if this
//! command reaches outwards.

use super::{inner, named};
use crate::tool::rehearse::guard::line::ParsedLine;

/// The words that name a container program's command if it pushes.
const PUSHES: &[&str] = &[
    "push",
    "image push",
    "manifest push",
    "plugin push",
    "model push",
    "compose push",
    "compose build --push",
    "build --push",
    "builder build --push",
    "image build --push",
    "buildx build --push",
    "buildx b --push",
    "buildx bake --push",
    "buildx imagetools create",
    "trust sign",
    "trust revoke",
    "stack deploy",
    "stack rm",
    "service create",
    "service update",
    "service scale",
    "service rm",
];

/// Builds that may send their image to a registry.
const BUILDS: &[&str] = &[
    "build",
    "builder build",
    "image build",
    "buildx build",
    "buildx b",
];

pub(super) fn container(line: &ParsedLine<'_>) -> Option<Vec<String>> {
    if let Some(told) = PUSHES.iter().find_map(|pattern| named(pattern, line)) {
        let dry = told.last().is_some_and(|word| word == "create") && line.is_on("--dry-run");
        return (!dry).then_some(told);
    }
    let sends = |output: &&str| {
        let mut parts = output.split(',');
        parts.any(|part| part == "type=registry" || part == "push=true" || part == "push")
    };
    let output = line.values(&["-o", "--output"]).into_iter().find(sends)?;
    let mut told = BUILDS.iter().find_map(|pattern| named(pattern, line))?;
    told.extend(["--output".to_owned(), output.to_owned()]);
    Some(told)
}

pub(super) fn npm(line: &ParsedLine<'_>) -> Option<Vec<String>> {
    let first = line.word(0)?;
    // npm accepts any unambiguous beginning of a command's name.
    if first.len() > 1 && "publish".starts_with(first) {
        return Some(vec!["publish".to_owned()]);
    }
    let patterns = [
        "unpublish",
        "deprecate",
        "dist-tag add",
        "dist-tag rm",
        "dist-tags add",
        "dist-tags rm",
        "owner add",
        "owner rm",
        "access set",
        "access grant",
        "access revoke",
        "token create",
        "token revoke",
    ];
    if let Some(told) = patterns.iter().find_map(|pattern| named(pattern, line)) {
        return Some(told);
    }
    if !matches!(first, "exec" | "x") {
        return None;
    }
    let words: Vec<String> = match line.values(&["-c", "--call"]).first() {
        Some(call) => call.split_whitespace().map(str::to_owned).collect(),
        None => line
            .plain
            .iter()
            .skip(1)
            .map(|(_, word)| (*word).to_owned())
            .collect(),
    };
    let told = inner(&words)?;
    Some(std::iter::once(first.to_owned()).chain(told).collect())
}

pub(super) fn cargo(line: &ParsedLine<'_>) -> Option<Vec<String>> {
    // `cargo +nightly publish`
    let skip = usize::from(line.word(0).is_some_and(|word| word.starts_with('+')));
    let words: Vec<&str> = line
        .plain
        .iter()
        .skip(skip)
        .map(|(_, word)| *word)
        .collect();
    let depth = match words[..] {
        ["publish" | "yank", ..] => 1,
        // Listing the owners of a crate changes nothing.
        ["owner", ..] if line.is_on("--add -a --remove -r") => 1,
        ["release", ..] if line.is_on("--execute -x") => 1,
        ["lambda", "deploy", ..] => 2,
        _ => return None,
    };
    Some(
        words[..depth]
            .iter()
            .map(|word| (*word).to_owned())
            .collect(),
    )
}

pub(super) fn maven(line: &ParsedLine<'_>) -> Option<Vec<String>> {
    let goals = line.plain.iter().map(|(_, word)| *word);
    goals
        .filter(|goal| !goal.contains('='))
        .find(|goal| {
            matches!(
                *goal,
                "deploy" | "site-deploy" | "release:perform" | "release:prepare"
            ) || goal.ends_with(":deploy")
                || goal.ends_with(":deploy-file")
        })
        .map(|goal| vec![goal.to_owned()])
}

pub(super) fn serverless(line: &ParsedLine<'_>) -> Option<Vec<String>> {
    match (line.word(0)?, line.word(1)) {
        // These commands read the deployed state or run locally.
        ("deploy", Some("list")) | ("invoke", Some("local")) => None,
        (word @ ("deploy" | "remove" | "rollback" | "invoke"), _) => Some(vec![word.to_owned()]),
        _ => None,
    }
}

/// git and rsync also reach a host through `ssh`. Here their lines always run, because a line that sends was already
/// judged under the name `git` or `rsync`.
pub(super) fn ssh(line: &ParsedLine<'_>) -> Option<Vec<String>> {
    let host = line.word(0)?;
    let command: Vec<&str> = line
        .plain
        .iter()
        .skip(1)
        .flat_map(|(_, word)| word.split_whitespace())
        .collect();
    match command[..] {
        [
            "git-upload-pack" | "git-upload-archive" | "git-receive-pack" | "git-lfs-authenticate",
            ..,
        ]
        | ["rsync", "--server", ..] => None,
        _ => Some(vec![host.to_owned()]),
    }
}

/// `scp` and `rsync` reach outwards if their last word is on a host.
pub(super) fn copies_to_a_host(line: &ParsedLine<'_>) -> Option<Vec<String>> {
    // rsync combines one-letter options in one word. The `n` of a dry run may be one of them.
    let dry = line.options.iter().any(|(name, value)| {
        let letters = name.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
        value.is_none()
            && letters.is_some_and(|letters| letters.contains('n') && !letters.contains('e'))
    });
    if dry || line.plain.len() < 2 {
        return None;
    }
    let (_, target) = line.plain.last()?;
    let (host, _) = target.split_once(':')?;
    // `./a:b` and `dir/a:b` are files.
    (!host.is_empty() && (!host.contains('/') || target.contains("://")))
        .then(|| vec![(*target).to_owned()])
}
