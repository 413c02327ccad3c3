//! `layer-out-of-place`: the modules of a layer are where no runtime looks for them.

use super::{Finding, Rule, Severity};
use crate::tool::rehearse::evidence::Evidence;

pub(super) const RULE: Rule = Rule {
    name: "layer-out-of-place",
    about: "The modules of a layer are in a folder where no runtime looks for them.",
    aws: "Lambda unzips a layer into /opt. Python looks for modules in /opt/python, and Node.js in \
        /opt/nodejs/node_modules. Lambda accepts any zip, so no call fails, but every import fails with \
        Runtime.ImportModuleError or Cannot find module.",
    severities: "An error if a Python package or node_modules is at the root of the zip or one folder too deep, and the zip \
        lacks the folder of that language. No finding for a layer with extensions, programs or a runtime of its own, \
        or with the folder of another language if it names no runtime, and none if a function with the layer has an environment variable that \
        names a path in /opt.",
    instead: "mkdir python && pip install -t python ..., then zip -r layer.zip python. For Node.js, use \
        nodejs/node_modules.",
    seen: "AWS's page on packaging layers; github.com/aws/aws-sam-cli/issues/1011.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for step in evidence.steps() {
        let Some(arn) = step.answered("LayerVersionArn") else {
            continue;
        };
        let Some((file, folder)) = evidence.misplaced.get(arn) else {
            continue;
        };
        if step.operation() != "PublishLayerVersion" || has_own_path(evidence, arn) {
            continue;
        }
        found.push(
            Finding::at(evidence, &step, Severity::Error)
                .titled(format!("the layer has {file}, and no folder {folder}"))
                .explained(format!(
                    "No runtime looks for it at /opt/{file}: every import fails."
                ))
                .fixed_by(format!("put it below {folder}/ in the zip")),
        );
    }
    found
}

/// Returns true if a function that has the layer names a path below /opt itself.
fn has_own_path(evidence: &Evidence<'_>, arn: &str) -> bool {
    evidence.functions.keys().any(|key| {
        let configuration = evidence.after(key).map(|head| &head.latest.configuration);
        configuration.is_some_and(|configuration| {
            let has_it = configuration.layers.iter().any(|layer| layer.arn == arn);
            let variables = configuration.environment.iter().flatten();
            let mut values = variables.map(|(_, value)| value);
            has_it && values.any(|value| value.contains("/opt"))
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::{operation::sandbox::zip, tool::rehearse::finding::stage::Stage};

    fn found(files: &[&str], lines: &[&str]) -> Vec<String> {
        let files: Vec<(&str, &[u8])> = files.iter().map(|name| (*name, &b"x = 1"[..])).collect();
        let stage = Stage::with_versions(1);
        stage.put("layer.zip", &zip(&files));
        stage.script(lines).found()
    }

    const PUBLISH: &str = "publish-layer-version --layer-name deps --zip-file fileb://layer.zip --compatible-runtimes python3.13";
    const NODE: &str = "publish-layer-version --layer-name deps --zip-file fileb://layer.zip --compatible-runtimes nodejs22.x";

    #[test]
    fn modules_at_the_root_and_a_folder_too_deep_are_errors() {
        let told = ["error layer-out-of-place 1"];
        assert_eq!(found(&["requests/__init__.py"], &[PUBLISH]), told);
        assert_eq!(
            found(&["requests-2.32.dist-info/METADATA"], &[PUBLISH]),
            told
        );
        assert_eq!(found(&["build/python/dep.py"], &[PUBLISH]), told);
        assert_eq!(found(&["node_modules/uuid/index.js"], &[NODE]), told);
    }

    #[test]
    fn the_right_folder_other_files_and_a_path_of_ones_own_are_sound() {
        for files in [
            &["python/requests/__init__.py"][..],
            &["python/lib/python3.13/site-packages/x/__init__.py"],
            &["certs/ca.pem"],
            &["extensions/agent"],
            &["bin/tool"],
            &["bin/tool", "mytool/__init__.py"],
            &["extensions/agent", "agent/__init__.py"],
            &["bootstrap", "runtime/__init__.py"],
            &["share/python/readme.txt"],
            &["share/python/x.py", "certs/ca.pem"],
        ] {
            assert_eq!(found(files, &[PUBLISH]), [""; 0], "{files:?}");
        }
        let unnamed = PUBLISH.replace(" --compatible-runtimes python3.13", "");
        let mixed = found(
            &["nodejs/node_modules/x/index.js", "tools/__init__.py"],
            &[&unnamed],
        );
        assert_eq!(mixed, [""; 0], "it may be for Node.js");
        let python = found(&["requests/__init__.py"], &[NODE]);
        assert_eq!(python, [""; 0], "it is for another language");
        assert_eq!(
            found(&["nodejs/node_modules/uuid/index.js"], &[NODE]),
            [""; 0]
        );
        let with_path = "update-function-configuration --function-name pay --environment Variables={PYTHONPATH=/opt} --layers \
            arn:aws:lambda:eu-west-1:123456789012:layer:deps:1";
        assert_eq!(
            found(&["requests/__init__.py"], &[PUBLISH, with_path]),
            [""; 0]
        );
    }
}
