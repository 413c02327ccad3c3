//! `package-not-deployed`: a new package is uploaded, but the function gets an old one from another key.

use super::{Finding, Rule, Severity};
use crate::tool::rehearse::evidence::{Evidence, Step};

pub(super) const RULE: Rule = Rule {
    name: "package-not-deployed",
    about: "A package is uploaded to one key, but the function gets another.",
    aws: "update-function-code uses the object at --s3-key, whatever it is. With the package of an earlier release the \
        call succeeds, and the function keeps its old code.",
    severities: "A warning if the run uploads a package of a similar name into the same folder of the bucket, no call uses it, \
        and the function gets the code that it already has.",
    instead: "Use one variable for the key, in the upload and in update-function-code.",
    seen: "AWS's page of UpdateFunctionCode (the code is read once, at the call).",
    check,
};

/// Operations that use an object.
const USES: [&str; 6] = [
    "UpdateFunctionCode",
    "CreateFunction",
    "PublishLayerVersion",
    "CopyObject",
    "GetObject",
    "DeleteObject",
];

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let uploads: Vec<(Step<'_>, Object<'_>)> = evidence
        .steps()
        .filter(|step| {
            let puts = ["PutObject", "CompleteMultipartUpload", "CopyObject"];
            step.service() == "s3" && step.answer().is_some() && puts.contains(&step.operation())
        })
        .filter_map(|step| {
            let object = Object {
                bucket: step.asked("Bucket")?,
                key: step.asked("Key")?,
            };
            Some((step, object))
        })
        .collect();
    let used: Vec<Object<'_>> = evidence
        .steps()
        .filter(|step| USES.contains(&step.operation()))
        .flat_map(|step| Object::named_by(&step))
        .collect();
    let mut found = Vec::new();
    for step in evidence.steps() {
        if step.operation() != "UpdateFunctionCode" || step.is_set("DryRun") {
            continue;
        }
        let (Some(key), Some(given)) = (step.key(), Object::named_by(&step).pop()) else {
            continue;
        };
        let was = evidence
            .before(key)
            .map(|head| head.latest.configuration.code_sha256.as_str());
        let is_the_same = was.is_some() && step.answered("CodeSha256") == was;
        let is_new = uploads.iter().any(|(_, object)| *object == given);
        let other = uploads.iter().rev().find(|(upload, object)| {
            upload.index < step.index && object.is_beside(&given) && !used.contains(object)
        });
        let Some((upload, object)) = other.filter(|_| is_the_same && !is_new) else {
            continue;
        };
        found.push(
            Finding::at(evidence, &step, Severity::Warning)
                .titled(format!("{key} gets the package that it already has"))
                .explained(format!(
                    "{} uploaded {}, but no call uses it. The code comes from {}, which the script did not write.",
                    evidence.named(upload.index),
                    object.key,
                    given.key
                ))
                .fixed_by(format!("--s3-key {}", object.key)),
        );
    }
    found
}

/// An object of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Object<'a> {
    bucket: &'a str,
    key: &'a str,
}

impl<'a> Object<'a> {
    /// The objects that a call names as the source of something.
    fn named_by(step: &Step<'a>) -> Vec<Self> {
        let request = &step.exchange.request;
        let places = [Some(request), request.get("Code"), request.get("Content")];
        let members = [("S3Bucket", "S3Key"), ("Bucket", "Key")];
        let mut all = Vec::new();
        for place in places.into_iter().flatten() {
            for (bucket, key) in members {
                let text = |name: &str| place.get(name)?.as_str();
                if let (Some(bucket), Some(key)) = (text(bucket), text(key)) {
                    all.push(Self { bucket, key });
                }
            }
        }
        // A copy names its source in one text.
        let source = request.get("CopySource").and_then(|source| source.as_str());
        let source = source.map(|source| source.trim_start_matches('/'));
        if let Some((bucket, key)) = source.and_then(|source| source.split_once('/')) {
            all = vec![Self { bucket, key }];
        }
        all
    }

    /// Returns true for another package of a similar name in the same folder of the same bucket.
    fn is_beside(&self, other: &Self) -> bool {
        let parts = |key: &'a str| {
            let (folder, name) = key.rsplit_once('/').unwrap_or(("", key));
            let (stem, end) = name.rsplit_once('.')?;
            Some((folder, end, word(stem)))
        };
        let (Some(own), Some(its)) = (parts(self.key), parts(other.key)) else {
            return false;
        };
        let is_alike = own.2 == its.2 || own.2.is_none() || its.2.is_none();
        self.bucket == other.bucket
            && self.key != other.key
            && (own.0, own.1) == (its.0, its.1)
            && is_alike
    }
}

/// The word that names a package: `pay` in `pay-4f2a`. `None` if the name is a release alone: `4f2a`, `latest`, `v2`.
fn word(stem: &str) -> Option<&str> {
    let word = stem.split(['-', '_', '.']).next()?;
    let is_release = word.contains(|c: char| c.is_ascii_digit()) || word == "latest";
    (!is_release).then_some(word)
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    fn found(lines: &[&str]) -> Vec<String> {
        let stage = Stage::with_versions(1);
        stage.given("s3 mb s3://code");
        stage.given("s3 cp one.zip s3://code/pay/latest.zip");
        stage.script(lines).found()
    }

    const UPLOAD: &str = "s3 cp two.zip s3://code/pay/4f2a.zip";
    const OLD: &str =
        "update-function-code --function-name pay --s3-bucket code --s3-key pay/latest.zip";

    #[test]
    fn an_upload_that_nobody_uses_beside_the_old_package_is_a_warning() {
        assert_eq!(found(&[UPLOAD, OLD]), ["warning package-not-deployed 2"]);
    }

    #[test]
    fn the_key_of_the_upload_a_copy_of_it_and_another_folder_are_sound() {
        let new = OLD.replace("latest", "4f2a");
        assert_eq!(found(&[UPLOAD, &new]), [""; 0]);
        let copy = "s3 cp s3://code/pay/4f2a.zip s3://code/pay/latest.zip";
        assert_eq!(found(&[UPLOAD, copy, OLD]), [""; 0]);
        let dry = format!("{OLD} --dry-run");
        assert_eq!(found(&[UPLOAD, &dry]), [""; 0]);
        let kept = UPLOAD.replace("4f2a", "source-20260101");
        let named = OLD.replace("latest", "app");
        let given = "s3 cp s3://code/pay/latest.zip s3://code/pay/app.zip";
        let stage = Stage::with_versions(1);
        stage.given("s3 mb s3://code");
        stage.given("s3 cp one.zip s3://code/pay/latest.zip");
        stage.given(given);
        assert_eq!(stage.script(&[&kept, &named]).found(), [""; 0]);
        let site = "s3 cp two.zip s3://code/site/4f2a.zip";
        assert_eq!(found(&[site, OLD]), [""; 0]);
    }
}
