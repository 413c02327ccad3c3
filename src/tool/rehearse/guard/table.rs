//! The programs that stand behind a link in a rehearsal, and which of their commands reach outwards.
//!
//! What only reads from a host and is needed to build runs (`git fetch`, `docker pull`, `npm ci`); so does what changes
//! nothing (`--dry-run`, `--help`). What is called through another program's own folder (`npm run deploy` with a local
//! `cdk`, `python -m twine upload`) does not pass here.

use super::line::{Line, Style};

/// A program with a link.
#[derive(Debug)]
pub(super) struct Guard {
    /// Its name, and others it goes by.
    pub(super) names: &'static [&'static str],
    /// The options whose value is the next word.
    valued: &'static str,
    style: Style,
    /// The options with which nothing leaves.
    harmless: &'static str,
    reaches: Reaches,
}

/// Which commands of a program reach outwards.
#[derive(Debug)]
enum Reaches {
    /// These, with commas between: the words in front, `*` for any one of them, and options that must be given.
    Only(&'static str),
    /// All but these.
    AllBut(&'static str),
    /// The command line that stands behind these words, or behind none: `npx cdk deploy`.
    Within(&'static [&'static str], &'static [&'static str]),
    /// What the rule says, by the words that name it.
    Rule(fn(&Line<'_>) -> Option<Vec<String>>),
    /// None that is refused: a smoke test reaches the network as it should. It is recorded.
    Noted,
}

use Reaches::{AllBut, Noted, Only, Rule, Within};

const DOCKER: &str = "--config -c --context -H --host -l --log-level --tlscacert --tlscert --tlskey --builder -t --tag -f \
     --file -o --output --platform --build-arg --cache-from --cache-to --target --secret --ssh --label --iidfile \
     --metadata-file --network --add-host --allow --set -p --project-name --profile --env-file --project-directory -u \
     --username --password --creds --authfile --cert-dir --format --type --root --runroot --url --connection --namespace -n \
     --address --build-context --progress --shm-size --ulimit --cgroup-parent --attest --provenance --sbom --annotation";

const NPM: &str = "--prefix --loglevel --registry --userconfig --globalconfig --cache -w --workspace -C --dir --filter -F --otp \
     --tag --access --omit --include --script-shell --node-options --location --cwd --package -p --call -c --from --since \
     --publish-branch --use-yarnrc --cache-folder --modules-folder --mutex --from --jobs -j";

/// All of them.
pub(super) const GUARDS: &[Guard] = &[
    // Containers.
    Guard {
        names: &["docker", "podman", "nerdctl", "finch", "buildah"],
        valued: DOCKER,
        style: Style::Words,
        harmless: "--help",
        reaches: Rule(container),
    },
    Guard {
        names: &["skopeo"],
        valued: "--authfile --creds --src-creds --dest-creds -f --format --command-timeout --policy --registries.d --tmpdir",
        style: Style::Words,
        harmless: "--help -h",
        reaches: Only("copy, delete, sync"),
    },
    Guard {
        names: &["crane"],
        valued: "--platform",
        style: Style::Words,
        harmless: "--help -h",
        reaches: Only("push, copy, cp, tag, append, mutate, delete, rebase, flatten"),
    },
    // Registries of packages.
    Guard {
        names: &["npm"],
        valued: NPM,
        style: Style::Words,
        harmless: "--dry-run --help -h",
        reaches: Rule(npm),
    },
    Guard {
        names: &["pnpm"],
        valued: NPM,
        style: Style::Words,
        harmless: "--dry-run --help -h",
        reaches: Within(
            &[
                "publish",
                "unpublish",
                "deprecate",
                "dist-tag add",
                "dist-tag rm",
            ],
            &["exec", "dlx", ""],
        ),
    },
    Guard {
        names: &["yarn", "yarnpkg"],
        valued: NPM,
        style: Style::Words,
        harmless: "--dry-run --help -h",
        reaches: Within(
            &[
                "publish",
                "npm publish",
                "npm tag add",
                "npm tag remove",
                "tag add",
                "tag remove",
                "workspace * publish",
                "workspace * npm publish",
                "workspaces foreach npm publish",
                "workspaces foreach publish",
            ],
            &[
                "exec",
                "dlx",
                "run",
                "workspace * exec",
                "workspace * run",
                "workspace *",
                "workspaces foreach exec",
                "workspaces foreach run",
                "",
            ],
        ),
    },
    Guard {
        names: &["npx", "bunx"],
        valued: "-p --package -c --call -w --workspace",
        style: Style::Words,
        harmless: "",
        reaches: Within(&[], &[""]),
    },
    Guard {
        names: &["lerna"],
        valued: "--registry --loglevel --concurrency --scope --ignore --dist-tag --preid",
        style: Style::Words,
        harmless: "--help -h",
        reaches: Only("publish"),
    },
    Guard {
        names: &["cargo"],
        valued: "--color --config -Z -C --manifest-path -p --package --registry --index --token --features -F --target \
                 --target-dir -j --jobs --profile -r --region --binary-name",
        style: Style::Words,
        harmless: "--dry-run -n --help -h",
        reaches: Rule(cargo),
    },
    Guard {
        names: &["twine"],
        valued: "-r --repository --repository-url -u --username -p --password -c --comment --config-file --cert --client-cert \
                 -i --identity --sign-with",
        style: Style::Words,
        harmless: "--help -h",
        reaches: Only("upload, register"),
    },
    Guard {
        names: &["poetry"],
        valued: "-C --directory -P --project -r --repository -u --username -p --password --cert --client-cert --dist-dir",
        style: Style::Words,
        harmless: "--dry-run --help -h",
        reaches: Within(&["publish"], &["run"]),
    },
    Guard {
        names: &["uv", "uvx", "pipx"],
        valued: "--directory --project --config-file --cache-dir --color --python -p --from --with --index --index-url \
                 --publish-url -u --username --password -t --token --spec --pip-args",
        style: Style::Words,
        harmless: "--dry-run --help -h",
        reaches: Within(&["publish"], &["run", "tool run", ""]),
    },
    Guard {
        names: &["hatch", "flit"],
        valued: "-e --env -p --project -r --repo --repository -u --user -a --auth",
        style: Style::Words,
        harmless: "--help -h",
        reaches: Only("publish"),
    },
    Guard {
        names: &["gem"],
        valued: "-k --key --host --config-file --otp -p --http-proxy",
        style: Style::Words,
        harmless: "--help -h",
        reaches: Only("push, yank, owner"),
    },
    Guard {
        names: &["mvn", "mvnw"],
        valued: "-f --file -P --activate-profiles -pl --projects -s --settings -gs --global-settings -t --toolchains -T \
                 --threads -rf --resume-from -l --log-file -D",
        style: Style::Words,
        harmless: "--help -h --version -v",
        reaches: Rule(maven),
    },
    Guard {
        names: &["goreleaser"],
        valued: "-f --config -p --parallelism --timeout --release-notes",
        style: Style::Words,
        harmless: "--help -h --snapshot",
        reaches: Only("release, publish, announce"),
    },
    // Infrastructure.
    Guard {
        names: &["terraform", "tofu"],
        valued: "-var -var-file -target -state -state-out -backup -lock-timeout -parallelism -replace",
        style: Style::Words,
        harmless: "-help --help -h",
        reaches: Only(
            "apply, destroy, import, refresh, taint, untaint, force-unlock, state push, state mv, state rm, \
             state replace-provider, workspace new, workspace delete",
        ),
    },
    Guard {
        names: &["terragrunt"],
        valued: "--working-dir --terragrunt-working-dir --config --terragrunt-config --log-level --terragrunt-log-level \
                 --iam-role --terragrunt-iam-role -var -var-file -target",
        style: Style::Words,
        harmless: "-help --help -h",
        reaches: Only(
            "apply, destroy, import, refresh, apply-all, destroy-all, run apply, run destroy, run-all apply, \
             run-all destroy, stack run apply, stack run destroy",
        ),
    },
    Guard {
        names: &["pulumi"],
        valued: "-C --cwd -s --stack --color -v --verbose --config-file -c --config",
        style: Style::Words,
        harmless: "--help -h --preview-only",
        reaches: Only(
            "up, update, destroy, down, refresh, import, cancel, watch, stack rm, stack init",
        ),
    },
    Guard {
        names: &["sam"],
        valued: "--config-env --config-file --region --profile -t --template --template-file --stack-name --s3-bucket",
        style: Style::Words,
        harmless: "--help -h",
        reaches: Only(
            "deploy, package, publish, sync, delete, pipeline bootstrap, remote invoke, remote test-event put, \
             remote test-event delete",
        ),
    },
    Guard {
        names: &["cdk"],
        valued: "-a --app -c --context -p --plugin --profile -o --output --toolkit-stack-name -i --proxy --ca-bundle-path -r \
                 --role-arn --qualifier --asset-parallelism --outputs-file -O --require-approval --concurrency -E",
        style: Style::Words,
        harmless: "--help -h --version",
        reaches: Only(
            "deploy, destroy, bootstrap, watch, import, rollback, gc, refactor, publish-assets",
        ),
    },
    Guard {
        names: &["serverless", "sls", "osls"],
        valued: "-s --stage -r --region --aws-profile -c --config --app --org --param -p --package -f --function",
        style: Style::Words,
        harmless: "--help -h --version --noDeploy",
        reaches: Rule(serverless),
    },
    Guard {
        names: &["chalice", "zappa", "sst", "copilot", "eb", "amplify"],
        valued: "--project-dir --stage --profile --region -r -a --app -n --name -e --env -s --settings_file",
        style: Style::Words,
        harmless: "--help -h --version",
        reaches: Only(
            "deploy, delete, undeploy, update, rollback, remove, push, publish, create, terminate, swap, \
             * deploy, * delete, * init",
        ),
    },
    Guard {
        names: &["helm"],
        valued: "-n --namespace --kube-context --kubeconfig --kube-apiserver --kube-token --kube-as-user --kube-as-group \
                 --kube-ca-file --kube-tls-server-name --registry-config --repository-cache --repository-config \
                 --burst-limit --qps -f --values --set --set-string --set-file --set-json --version --timeout",
        style: Style::Words,
        harmless: "--dry-run --help -h",
        reaches: AllBut(
            "completion, create, dependency, dep, env, fetch, help, inspect, lint, package, plugin, pull, \
             registry, repo, search, show, template, verify, version",
        ),
    },
    Guard {
        names: &["kubectl", "oc"],
        valued: "-n --namespace --context --cluster --kubeconfig -s --server --token --user --as --as-group --as-uid --cache-dir \
                 --certificate-authority --client-certificate --client-key --request-timeout --tls-server-name -v --v \
                 --vmodule --profile --password --username -f --filename -k --kustomize -l --selector -o --output",
        style: Style::Words,
        harmless: "--dry-run --help -h --client",
        reaches: AllBut("completion, config, help, kustomize, options, plugin"),
    },
    // Other machines.
    Guard {
        names: &["git"],
        valued: "-C -c --git-dir --work-tree --namespace --super-prefix --config-env --attr-source -o --push-option --repo \
                 --receive-pack --exec",
        style: Style::Words,
        harmless: "--dry-run -n --help -h",
        reaches: Only(
            "push, send-pack, http-push, send-email, imap-send, lfs push, subtree push, svn dcommit, \
             svn commit-diff, p4 submit",
        ),
    },
    Guard {
        names: &["gh"],
        valued: "-R --repo --hostname",
        style: Style::Words,
        harmless: "--help -h --version",
        reaches: AllBut("alias, auth status, auth token, completion, config, help, version"),
    },
    Guard {
        names: &["ssh"],
        valued: "-B -b -c -D -E -e -F -I -i -J -L -l -m -O -o -P -p -Q -R -S -W -w",
        style: Style::Letters,
        harmless: "V G Q",
        reaches: Rule(ssh),
    },
    Guard {
        names: &["sftp"],
        valued: "-B -b -c -D -F -i -J -l -o -P -R -S -s -X",
        style: Style::Letters,
        harmless: "",
        reaches: AllBut(""),
    },
    Guard {
        names: &["scp"],
        valued: "-c -D -F -i -J -l -o -P -S -X",
        style: Style::Letters,
        harmless: "",
        reaches: Rule(copies_to_a_host),
    },
    Guard {
        names: &["rsync"],
        valued: "-e --rsh --rsync-path -f --filter --exclude --exclude-from --include --include-from --files-from -T --temp-dir \
                 --compare-dest --copy-dest --link-dest --password-file --log-file --out-format --chmod --chown --port \
                 --timeout --contimeout -B --block-size --max-size --min-size --bwlimit --suffix --backup-dir --partial-dir \
                 --address --sockopts --remote-option -M --usermap --groupmap --info --debug --protocol",
        style: Style::Words,
        harmless: "--dry-run --help",
        reaches: Rule(copies_to_a_host),
    },
    Guard {
        names: &["curl", "wget"],
        valued: "",
        style: Style::Words,
        harmless: "",
        reaches: Noted,
    },
];

/// The guard of a program.
pub(super) fn of(program: &str) -> Option<&'static Guard> {
    GUARDS.iter().find(|guard| guard.names.contains(&program))
}

/// The words that name what reaches outwards in a command, the program's own name left out; none when nothing does.
pub(crate) fn outward(program: &str, words: &[String]) -> Option<Vec<String>> {
    let guard = of(program)?;
    let line = guard.line(words);
    if line.is_on(guard.harmless) {
        return None;
    }
    match &guard.reaches {
        Only(patterns) => patterns
            .split(", ")
            .find_map(|pattern| named(pattern, &line)),
        AllBut(patterns) => {
            let first = line.word(0);
            // Nothing but options: the program's own help or version.
            let first = first.or_else(|| (guard.style == Style::Letters).then_some(""))?;
            let runs = patterns
                .split(", ")
                .any(|pattern| named(pattern, &line).is_some());
            let told = Some(first.to_owned())
                .filter(|word| guard.style == Style::Words && !word.is_empty());
            (!runs).then(|| told.into_iter().collect())
        }
        Within(patterns, doors) => patterns
            .iter()
            .find_map(|pattern| named(pattern, &line))
            .or_else(|| doors.iter().find_map(|door| within(door, &line, words))),
        Rule(rule) => rule(&line),
        Noted => None,
    }
}

impl Guard {
    /// A line of this program, taken apart.
    pub(super) fn line<'a>(&self, words: &'a [String]) -> Line<'a> {
        Line::read(words, self.valued, self.style)
    }
}

/// The words that a pattern means on a line; none when the line is another.
fn named(pattern: &str, line: &Line<'_>) -> Option<Vec<String>> {
    let mut place = 0;
    pattern
        .split(' ')
        .map(|part| {
            if part.starts_with('-') {
                return line.is_on(part).then(|| part.to_owned());
            }
            let word = line.word(place)?;
            place += 1;
            (part == "*" || part == word).then(|| word.to_owned())
        })
        .collect()
}

/// What reaches outwards in the command that a program is asked to run.
fn within(door: &str, line: &Line<'_>, words: &[String]) -> Option<Vec<String>> {
    let depth = door.split(' ').filter(|part| !part.is_empty()).count();
    let opened: Vec<String> = if depth == 0 {
        Vec::new()
    } else {
        named(door, line)?
    };
    // A line for a shell.
    if depth == 0
        && let Some(call) = line.values(&["-c", "--call"]).first()
    {
        let words: Vec<String> = call.split_whitespace().map(str::to_owned).collect();
        return inner(&words);
    }
    let (at, _) = line.plain.get(depth)?;
    let told = inner(&words[*at..])?;
    Some(opened.into_iter().chain(told).collect())
}

fn inner(words: &[String]) -> Option<Vec<String>> {
    let (named, rest) = words.split_first()?;
    // `serverless@3`, `aws-cdk@latest`, `@scope/tool`
    let program = named
        .split_once('@')
        .map_or(named.as_str(), |(name, _)| name);
    let program = if program == "aws-cdk" { "cdk" } else { program };
    let told = outward(program, rest)?;
    Some(std::iter::once(named.clone()).chain(told).collect())
}

/// The words of a container program that push.
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

/// Builds that may send what they make to a registry.
const BUILDS: &[&str] = &[
    "build",
    "builder build",
    "image build",
    "buildx build",
    "buildx b",
];

fn container(line: &Line<'_>) -> Option<Vec<String>> {
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

fn npm(line: &Line<'_>) -> Option<Vec<String>> {
    let first = line.word(0)?;
    // npm takes a command by as much of its name as is clear.
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

fn cargo(line: &Line<'_>) -> Option<Vec<String>> {
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
        // Asking who owns a crate changes nothing.
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

fn maven(line: &Line<'_>) -> Option<Vec<String>> {
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

fn serverless(line: &Line<'_>) -> Option<Vec<String>> {
    match (line.word(0)?, line.word(1)) {
        // Reads what was deployed.
        ("deploy", Some("list")) | ("invoke", Some("local")) => None,
        (word @ ("deploy" | "remove" | "rollback" | "invoke"), _) => Some(vec![word.to_owned()]),
        _ => None,
    }
}

/// `ssh` is how git and rsync reach a host, too: what fetches runs, and what sends was judged by its own name.
fn ssh(line: &Line<'_>) -> Option<Vec<String>> {
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

/// `scp` and `rsync` reach outwards where their last word is a host's.
fn copies_to_a_host(line: &Line<'_>) -> Option<Vec<String>> {
    // Several letters of rsync's in one word, the `n` of a dry run among them.
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn told(line: &str) -> Option<String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        outward(&words[0], &words[1..]).map(|told| {
            let words: Vec<&str> = std::iter::once(words[0].as_str())
                .chain(told.iter().map(String::as_str))
                .collect();
            words.join(" ")
        })
    }

    #[test]
    fn what_reaches_outwards_is_told_by_its_words() {
        for (line, name) in [
            ("docker push me/app:1", "docker push"),
            ("docker --context prod push me/app:1", "docker push"),
            ("docker --context=prod -D push me/app:1", "docker push"),
            (
                "docker -H tcp://h:2376 image push me/app",
                "docker image push",
            ),
            (
                "docker buildx build --push -t me/app .",
                "docker buildx build --push",
            ),
            (
                "docker buildx --builder b build -t me/app . --push",
                "docker buildx build --push",
            ),
            ("docker build --push -t me/app .", "docker build --push"),
            (
                "docker buildx build --output type=registry .",
                "docker buildx build --output type=registry",
            ),
            (
                "docker buildx build -o type=image,name=a,push=true .",
                "docker buildx build --output type=image,name=a,push=true",
            ),
            ("docker buildx bake --push", "docker buildx bake --push"),
            ("docker manifest push me/app:1", "docker manifest push"),
            ("docker compose -f c.yml push web", "docker compose push"),
            ("docker stack deploy -c c.yml s", "docker stack deploy"),
            ("podman push me/app", "podman push"),
            ("buildah push x docker://h/x", "buildah push"),
            ("nerdctl -n k8s.io push x", "nerdctl push"),
            ("finch push x", "finch push"),
            ("skopeo --debug copy a docker://b", "skopeo copy"),
            ("crane push x.tar h/x", "crane push"),
            ("npm publish", "npm publish"),
            ("npm publ", "npm publish"),
            ("npm --prefix web publish --tag next", "npm publish"),
            ("npm -w web publish --dry-run=false", "npm publish"),
            ("npm dist-tag add a@1 latest", "npm dist-tag add"),
            ("npm exec -- cdk deploy", "npm exec cdk deploy"),
            ("npm exec -c 'x'", ""),
            ("pnpm -r --filter ./a publish", "pnpm publish"),
            ("pnpm dlx cdk deploy", "pnpm dlx cdk deploy"),
            ("pnpm sls deploy", "pnpm sls deploy"),
            ("yarn --cwd web publish", "yarn publish"),
            ("yarn npm publish", "yarn npm publish"),
            (
                "yarn workspace web npm publish",
                "yarn workspace web npm publish",
            ),
            ("yarn cdk deploy", "yarn cdk deploy"),
            (
                "yarn workspace infra cdk deploy",
                "yarn workspace infra cdk deploy",
            ),
            (
                "npx --yes serverless@3 deploy --stage prod",
                "npx serverless@3 deploy",
            ),
            ("npx -p aws-cdk cdk --app x deploy", "npx cdk deploy"),
            ("npx aws-cdk deploy", "npx aws-cdk deploy"),
            ("bunx sst deploy", "bunx sst deploy"),
            ("lerna publish", "lerna publish"),
            ("cargo publish", "cargo publish"),
            ("cargo +nightly --config a=b publish -p x", "cargo publish"),
            ("cargo -Z unstable yank --version 1", "cargo yank"),
            ("cargo owner --add me", "cargo owner"),
            ("cargo release --execute", "cargo release"),
            ("cargo lambda deploy pay", "cargo lambda deploy"),
            ("twine upload dist/*", "twine upload"),
            ("poetry publish --build", "poetry publish"),
            ("poetry run twine upload x", "poetry run twine upload"),
            ("uv publish", "uv publish"),
            ("uvx twine upload x", "uvx twine upload"),
            ("uv tool run twine upload x", "uv tool run twine upload"),
            ("pipx run twine upload x", "pipx run twine upload"),
            ("hatch publish", "hatch publish"),
            ("flit publish", "flit publish"),
            ("gem push x.gem", "gem push"),
            ("mvn -B -f pom.xml clean deploy", "mvn deploy"),
            (
                "mvnw deploy:deploy-file -Dfile=x",
                "mvnw deploy:deploy-file",
            ),
            ("goreleaser release --clean", "goreleaser release"),
            ("terraform apply", "terraform apply"),
            (
                "terraform -chdir=infra apply -auto-approve",
                "terraform apply",
            ),
            ("tofu -chdir=infra destroy", "tofu destroy"),
            ("terraform state rm x", "terraform state rm"),
            ("terragrunt run-all apply", "terragrunt run-all apply"),
            ("pulumi -C infra up --yes", "pulumi up"),
            ("sam deploy --guided", "sam deploy"),
            ("sam --debug sync", "sam sync"),
            ("sam package --s3-bucket b", "sam package"),
            ("cdk deploy --all", "cdk deploy"),
            ("cdk -a 'x' --profile p deploy", "cdk deploy"),
            ("cdk bootstrap", "cdk bootstrap"),
            ("serverless deploy", "serverless deploy"),
            ("sls --stage prod deploy function -f pay", "sls deploy"),
            ("sls remove", "sls remove"),
            ("sls invoke -f pay", "sls invoke"),
            ("chalice deploy", "chalice deploy"),
            ("copilot svc deploy", "copilot svc deploy"),
            ("helm upgrade --install a ./a", "helm upgrade"),
            ("helm -n prod uninstall a", "helm uninstall"),
            ("helm push a oci://h", "helm push"),
            ("helm upgrade a ./a --dry-run=none", "helm upgrade"),
            ("kubectl apply -f x.yml", "kubectl apply"),
            (
                "kubectl -n prod --context c rollout restart x",
                "kubectl rollout",
            ),
            ("kubectl get pods", "kubectl get"),
            ("kubectl version", "kubectl version"),
            ("git push", "git push"),
            ("git -C dir -c a=b push origin main", "git push"),
            ("git --git-dir=x --work-tree y push --force", "git push"),
            ("git push -o --dry-run origin", "git push"),
            ("git push origin -- --dry-run", "git push"),
            ("git push --dry-run --no-dry-run", "git push"),
            ("git lfs push origin main", "git lfs push"),
            ("git subtree push --prefix=x o b", "git subtree push"),
            ("gh release create v1", "gh release"),
            ("gh -R o/r pr merge 1", "gh pr"),
            ("ssh host uptime", "ssh host"),
            (
                "ssh -p 22 -i key me@host 'systemctl restart x'",
                "ssh me@host",
            ),
            ("ssh -tt host", "ssh host"),
            ("sftp host", "sftp"),
            ("scp -P 22 a host:b", "scp host:b"),
            ("scp -r a b me@host:", "scp me@host:"),
            ("rsync -avz a/ host:b/", "rsync host:b/"),
            ("rsync -e ssh a rsync://h/m", "rsync rsync://h/m"),
            ("rsync -az --delete a host::m", "rsync host::m"),
        ] {
            let expected = (!name.is_empty()).then(|| name.to_owned());
            assert_eq!(told(line), expected, "{line}");
        }
    }

    #[test]
    fn what_stays_here_or_only_reads_runs() {
        for line in [
            "docker build -t me/app .",
            "docker buildx build --load -t me/app .",
            "docker buildx build --push=false .",
            "docker buildx build --output type=docker .",
            "docker run --rm me/app push",
            "docker pull me/app",
            "docker login -u me --password-stdin",
            "docker push --help",
            "docker buildx imagetools create --dry-run -t a b",
            "docker",
            "docker --version",
            "npm ci",
            "npm run publish",
            "npm run deploy",
            "npm publish --dry-run",
            "npm publish --help",
            "npm pack",
            "npm exec -- cdk synth",
            "npm p",
            "npm dist-tag ls",
            "pnpm install",
            "pnpm cdk diff",
            "yarn",
            "yarn build",
            "yarn npm publish --dry-run",
            "npx cdk synth",
            "npx",
            "npx tsc",
            "cargo build --release",
            "cargo publish --dry-run",
            "cargo publish -n",
            "cargo +nightly package",
            "cargo owner --list",
            "cargo release",
            "cargo lambda build --release",
            "twine check dist/*",
            "poetry build",
            "poetry publish --dry-run",
            "uv sync",
            "uv run pytest",
            "mvn -B package",
            "mvn package -Dx=deploy",
            "goreleaser release --snapshot",
            "terraform plan",
            "terraform -chdir=infra init",
            "terraform output -raw name",
            "terraform apply -help",
            "terraform validate",
            "terraform state list",
            "terraform",
            "sam build",
            "sam local invoke pay",
            "sam validate",
            "sam deploy --help",
            "cdk synth",
            "cdk diff",
            "cdk ls",
            "cdk deploy --help",
            "serverless package",
            "sls invoke local -f pay",
            "sls deploy list",
            "helm template a ./a",
            "helm lint ./a",
            "helm upgrade a ./a --dry-run",
            "helm upgrade a ./a --dry-run=client",
            "helm --debug version",
            "kubectl version --client",
            "kubectl --kubeconfig x config current-context",
            "kubectl create cm x --dry-run=client -o yaml",
            "kubectl",
            "git rev-parse --short HEAD",
            "git -C push status",
            "git commit -m push",
            "git push --dry-run",
            "git push -n",
            "git fetch --tags",
            "git tag v1",
            "git stash push",
            "git",
            "gh --version",
            "gh auth status",
            "ssh -V",
            "ssh -G host",
            "ssh",
            "ssh -o SendEnv=GIT_PROTOCOL git@github.com git-upload-pack 'o/r.git'",
            "ssh -l me host rsync --server --sender -vlogDtpre.iLsfxCIvu . a",
            "scp a b",
            "scp host:a b",
            "scp -r ./a:b dir",
            "rsync -a a/ b/",
            "rsync -a host:a/ b/",
            "rsync -an a/ host:b/",
            "rsync --dry-run a host:b",
            "rsync -a a ./b:c",
            "curl -fsS https://example.com/health",
            "ls push",
        ] {
            assert_eq!(told(line), None, "{line}");
        }
    }

    #[test]
    fn no_program_is_there_twice() {
        let names: Vec<&str> = GUARDS
            .iter()
            .flat_map(|guard| guard.names)
            .copied()
            .collect();
        let once: BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(once.len(), names.len());
    }

    proptest! {
        #[test]
        fn no_words_make_a_guard_stumble(
            at in 0..GUARDS.len(),
            words in proptest::collection::vec("(-{0,2}[a-zA-Z=:/@+. ]{0,6}|push|deploy|-c|exec|--|-o|\\PC{0,3})", 0..6),
        ) {
            for name in GUARDS[at].names {
                // What is told is short enough to be read and begins with what was said.
                if let Some(told) = outward(name, &words) {
                    prop_assert!(told.len() <= 2 + words.iter().map(|word| word.split_whitespace().count().max(1)).sum::<usize>());
                }
            }
        }

        #[test]
        fn global_options_hide_no_push(
            globals in proptest::collection::vec(proptest::sample::select(vec![
                "-C dir", "-c a=push", "--git-dir x", "--work-tree=y", "--no-pager", "-p", "--bare",
            ]), 0..5),
        ) {
            let line = format!("git {} push origin", globals.join(" "));
            prop_assert_eq!(told(&line), Some("git push".to_owned()));
        }
    }
}
