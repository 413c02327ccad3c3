//! `publish-depends-on-aws`: a publish whose result is not certain, because AWS's page and a measurement of AWS
//! disagree.

use super::{Finding, Rule, Severity, number};
use crate::tool::rehearse::evidence::{Evidence, Step};

pub(super) const RULE: Rule = Rule {
    name: "publish-depends-on-aws",
    about: "AWS's page and a measurement disagree about a publish of unchanged content.",
    aws: "AWS's page says that publish-version makes no version if code and configuration equal those of the last \
        version. A measurement (2024-12) says that every update makes one, even with the same zip. lambdry follows \
        the measurement, or the page with LAMBDRY_PUBLISH_RULE=content.",
    severities: "Always a warning: lambdry cannot know which of the two is true for your account.",
    instead: "Take the number from the answer of publish-version, and accept an old number as well as a new one. Or \
        update and publish only if CodeSha256 or the settings differ.",
    seen: "measurements of 2024 against AWS, and reports of 2019 to 2022 that differ from them.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let steps: Vec<Step<'_>> = evidence.steps().collect();
    let depends = |step: &Step<'_>| step.exchange.depends_on_aws;
    let places = (0..steps.len()).filter(|at| depends(&steps[*at]));
    places
        .filter_map(|at| judge(evidence, &steps, at))
        .collect()
}

fn judge(evidence: &Evidence<'_>, steps: &[Step<'_>], at: usize) -> Option<Finding> {
    let step = &steps[at];
    let key = &step.target.as_ref()?.key;
    let version = step.answered("Version")?;
    let of_function = |other: &&Step<'_>| other.target.as_ref().is_some_and(|t| t.key == *key);
    let before = evidence.functions.get(key).and_then(|s| s.before.as_ref());
    let last = before.map_or(0, |before| before.head.last_version);
    let answered_before = steps[..at]
        .iter()
        .filter(of_function)
        .any(|other| other.answered("Version") == Some(version));
    let made = number(version)? > last && !answered_before;
    let call = evidence.name(step.index);
    let title = match made {
        true => {
            format!("{call} of {key} made version {version} from content that was published before")
        }
        false => format!("{call} of {key} made no version after an update and answered {version}"),
    };
    let user = steps[at + 1..]
        .iter()
        .filter(of_function)
        .find(|other| uses(other, version));
    let use_of_it = match user {
        Some(user) => format!(
            "the script uses the number in {}",
            evidence.named(user.index)
        ),
        None => "no later call of this run uses the number".to_owned(),
    };
    Some(
        Finding::at(evidence, step, Severity::Warning)
            .titled(title)
            .explained(format!(
                "The same content was uploaded again. AWS's page says that this makes no version, a measurement says \
                 that it makes one; {use_of_it}."
            ))
            .fixed_by(
                "update and publish only if CodeSha256 or the settings differ, and accept the old number as well as \
                 a new one",
            ),
    )
}

/// Returns true if a call names the given version.
fn uses(step: &Step<'_>, version: &str) -> bool {
    let target = step.target.as_ref();
    let weights = step
        .exchange
        .request
        .pointer("/RoutingConfig/AdditionalVersionWeights");
    step.asked("FunctionVersion") == Some(version)
        || target.is_some_and(|target| target.qualifier.as_deref() == Some(version))
        || weights.is_some_and(|weights| weights.get(version).is_some())
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const UPLOAD: &str = "update-function-code --function-name pay --zip-file fileb://one.zip";
    const WAIT: &str = "wait function-updated --function-name pay";
    const PUBLISH: &str = "publish-version --function-name pay";
    const MOVE: &str = "update-alias --function-name pay --name live --function-version 2";

    #[test]
    fn the_same_zip_once_more_is_a_warning_that_names_who_uses_the_number() {
        let stage = Stage::with_versions(1).script(&[UPLOAD, WAIT, PUBLISH, MOVE]);
        assert_eq!(stage.found(), ["warning publish-depends-on-aws 3"]);
        let finding = &stage.findings()[0];
        assert!(
            finding.explanation.starts_with(
                "The same content was uploaded again. AWS's page says that this makes no version, a measurement says \
                 that it makes one; the script uses the number in "
            ),
            "{}",
            finding.explanation
        );
        let stage = Stage::with_versions(1).script(&[&format!("{UPLOAD} --publish")]);
        assert_eq!(stage.found(), ["warning publish-depends-on-aws 1"]);
        assert!(stage.findings()[0].explanation.contains("no later call"));
    }

    #[test]
    fn other_code_and_a_second_publish_depend_on_nothing() {
        let other = "update-function-code --function-name pay --zip-file fileb://two.zip";
        let stage = Stage::with_versions(1).script(&[other, WAIT, PUBLISH, PUBLISH, MOVE]);
        assert_eq!(stage.found(), [""; 0]);
    }
}
