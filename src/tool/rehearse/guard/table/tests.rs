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
            // People can read the message at once, because it is short and begins with the words of the line.
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
