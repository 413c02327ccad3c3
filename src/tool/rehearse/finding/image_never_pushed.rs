//! `image-never-pushed`: a function gets an image, but the repository that the script made for the image does not
//! contain this image.

use std::collections::BTreeMap;

use super::{Finding, Rule, Severity};
use crate::{operation::function::code::assumed_digest, tool::rehearse::evidence::Evidence};

pub(super) const RULE: Rule = Rule {
    name: "image-never-pushed",
    about: "A function gets an image from a new repository, but nothing was pushed there.",
    aws: "create-function and update-function-code look the image up: Source image … does not exist. Provide a valid \
        source image. (InvalidParameterValueException). A new repository is empty, and a failed docker build pushes \
        nothing.",
    severities: "An error if the script made the repository itself and did not push that tag before the call.",
    instead: "Run docker push before the call. End the script if the build or the push fails.",
    seen: "AWS's page on functions as container images; public reports of the refusal, 2020 to 2025.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    // Maps the URI of each repository to the call that made the repository.
    let mut made: BTreeMap<&str, usize> = BTreeMap::new();
    for step in evidence.steps() {
        let image = match (step.service(), step.operation()) {
            ("ecr", "CreateRepository") => {
                let uri = step
                    .answer()
                    .and_then(|answer| answer.pointer("/repository/repositoryUri"));
                made.extend(uri.and_then(|uri| Some((uri.as_str()?, step.index))));
                continue;
            }
            ("lambda", "CreateFunction") => step.exchange.request.pointer("/Code/ImageUri"),
            ("lambda", "UpdateFunctionCode") => step.exchange.request.get("ImageUri"),
            _ => continue,
        };
        let (Some(image), Some(key)) = (image.and_then(|image| image.as_str()), step.key()) else {
            continue;
        };
        let repository = image
            .rsplit_once(':')
            .map_or(image, |(repository, _)| repository);
        let Some(index) = made.get(repository) else {
            continue;
        };
        // The digest of a pushed image is not the assumed one.
        if step.answered("CodeSha256") != Some(assumed_digest(image).as_str()) {
            continue;
        }
        found.push(
            Finding::at(evidence, &step, Severity::Error)
                .titled(format!("the image of {key} is not in its repository"))
                .explained(format!(
                    "{} made the repository, which is empty. No docker push of {image} came before this call.",
                    evidence.named(*index)
                ))
                .fixed_by(format!("docker push {image}")),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const REPOSITORY: &str = "ecr create-repository --repository-name app";
    const CREATE: &str = "create-function --function-name fresh --package-type Image --role \
        arn:aws:iam::123456789012:role/r --code ImageUri=123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1";

    fn found(lines: &[&str]) -> Vec<String> {
        Stage::with_versions(1).script(lines).found()
    }

    #[test]
    fn an_image_of_a_repository_that_was_just_made_is_an_error() {
        assert_eq!(found(&[REPOSITORY, CREATE]), ["error image-never-pushed 2"]);
    }

    #[test]
    fn of_another_repository_and_of_a_digest_nobody_knows() {
        assert_eq!(found(&[CREATE]), [""; 0]);
        assert_eq!(
            found(&[REPOSITORY, &CREATE.replace("app:1", "other:1")]),
            [""; 0]
        );
        let digest = CREATE.replace("app:1", &format!("app@sha256:{}", "a".repeat(64)));
        assert_eq!(found(&[REPOSITORY, &digest]), [""; 0]);
    }
}
