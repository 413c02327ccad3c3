//! The programs that a link replaces in a rehearsal, and their commands that reach outwards.
//!
//! A command that only reads from a host for a build really runs (`git fetch`, `docker pull`, `npm ci`). A command that
//! changes nothing (`--dry-run`, `--help`) really runs too. A program that another program calls from its own folder
//! (`npm run deploy` with a local `cdk`, `python -m twine upload`) does not pass through here.

mod rules;

use super::line::{ParsedLine, Style};
use rules::{cargo, container, copies_to_a_host, maven, npm, serverless, ssh};

/// A program that a link replaces.
#[derive(Debug)]
pub(super) struct Guard {
    /// The program's name, followed by its other names.
    pub(super) names: &'static [&'static str],
    /// The options whose value is the next word.
    valued: &'static str,
    style: Style,
    /// The options that keep a command from reaching outwards.
    harmless: &'static str,
    reaches: Reaches,
}

/// The commands of a program that reach outwards.
#[derive(Debug)]
enum Reaches {
    /// These commands, separated by commas. Each is written as its first words, where `*` is any word, together with
    /// the options that must be given.
    Only(&'static str),
    /// All commands except these.
    AllBut(&'static str),
    /// The commands that match these patterns. Also a command of another program in this program's line, after these
    /// words or at once if they are empty: `npx cdk deploy`.
    Within(&'static [&'static str], &'static [&'static str]),
    /// A rule that returns the words that name the command.
    Rule(fn(&ParsedLine<'_>) -> Option<Vec<String>>),
    /// None of the program's commands. A smoke test may reach the network, so the command really runs and is recorded.
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

/// All guards.
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

/// Returns the words that name an outward command on a line, without the program's own name; `None` if the line does
/// not reach outwards.
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
            // If the line has no plain word, it has only options, such as those for help or the version.
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
    /// Parses a line of this program.
    pub(super) fn line<'a>(&self, words: &'a [String]) -> ParsedLine<'a> {
        ParsedLine::read(words, self.valued, self.style)
    }
}

/// The words of a line that match a pattern; `None` if the line does not match the pattern.
fn named(pattern: &str, line: &ParsedLine<'_>) -> Option<Vec<String>> {
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

/// The words of a command that reaches outwards, if the line asks this program to run such a command.
fn within(door: &str, line: &ParsedLine<'_>, words: &[String]) -> Option<Vec<String>> {
    let depth = door.split(' ').filter(|part| !part.is_empty()).count();
    let opened: Vec<String> = if depth == 0 {
        Vec::new()
    } else {
        named(door, line)?
    };
    // The value of this option is a line for a shell.
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

#[cfg(test)]
mod tests;
