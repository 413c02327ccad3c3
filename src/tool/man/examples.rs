//! Examples of calls that a release makes.

/// The examples of each operation: the purpose of each line, and the line itself.
pub(super) const EXAMPLES: &[(&str, &[(&str, &str)])] = &[
    (
        "CreateFunction",
        &[(
            "Create a function from a zip file:",
            "lambdry create-function --function-name pay --runtime python3.13 \\\n    --role arn:aws:iam::123456789012:role/pay --handler app.handler \\\n    --zip-file fileb://code.zip",
        )],
    ),
    (
        "UpdateFunctionCode",
        &[
            (
                "Put new code into $LATEST, and wait until the update is done:",
                "lambdry update-function-code --function-name pay --zip-file fileb://code.zip\nlambdry wait function-updated-v2 --function-name pay",
            ),
            (
                "Take the code from the bucket releases of the state directory's s3 folder, and publish it at once:",
                "lambdry update-function-code --function-name pay \\\n    --s3-bucket releases --s3-key pay/42.zip --publish",
            ),
        ],
    ),
    (
        "UpdateFunctionConfiguration",
        &[(
            "Set environment variables; variables that the call does not name are removed:",
            "lambdry update-function-configuration --function-name pay \\\n    --environment 'Variables={STAGE=test,LEVEL=debug}'",
        )],
    ),
    (
        "PublishVersion",
        &[
            (
                "Freeze $LATEST, and keep the number of the new version:",
                "version=$(lambdry publish-version --function-name pay \\\n    --query Version --output text)",
            ),
            (
                "Publish only if the code is still the tested code:",
                "lambdry publish-version --function-name pay --code-sha256 \"$sha\"",
            ),
        ],
    ),
    (
        "GetFunction",
        &[(
            "Download the code of version 3:",
            "curl -o pay-3.zip \"$(lambdry get-function --function-name pay --qualifier 3 \\\n    --query Code.Location --output text)\"",
        )],
    ),
    (
        "CreateAlias",
        &[(
            "Give version 1 the name live:",
            "lambdry create-alias --function-name pay --name live --function-version 1",
        )],
    ),
    (
        "UpdateAlias",
        &[
            (
                "Send a tenth of live's traffic to version 2:",
                "lambdry update-alias --function-name pay --name live \\\n    --routing-config 'AdditionalVersionWeights={2=0.1}'",
            ),
            (
                "Move live to version 2 and end the split:",
                "lambdry update-alias --function-name pay --name live --function-version 2 \\\n    --routing-config 'AdditionalVersionWeights={}'",
            ),
        ],
    ),
    (
        "ListVersionsByFunction",
        &[(
            "Print the number of the newest version:",
            "lambdry list-versions-by-function --function-name pay \\\n    --query 'Versions[-1].Version' --output text",
        )],
    ),
    (
        "DeleteFunction",
        &[(
            "Delete version 1; no alias may point at it:",
            "lambdry delete-function --function-name pay --qualifier 1",
        )],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        face::{call, globals, options::kebab},
        operation::find,
    };

    #[test]
    fn examples_use_options_that_exist() {
        for (name, examples) in EXAMPLES {
            let entry = find(name).unwrap_or_else(|| panic!("{name} is no operation"));
            let command = call::Command {
                service: "lambda",
                entry,
                waiter: None,
            };
            let mut known: Vec<String> = command
                .table(false)
                .iter()
                .map(|opt| opt.name().to_owned())
                .collect();
            known.extend(
                globals::table(false)
                    .iter()
                    .map(|opt| opt.name().to_owned()),
            );
            for (_, line) in *examples {
                assert!(line.contains(&format!("lambdry {}", kebab(name))), "{line}");
                for word in line
                    .split_whitespace()
                    .filter(|word| word.starts_with("--"))
                {
                    assert!(
                        known.iter().any(|option| option == word),
                        "{word} in {line}"
                    );
                }
            }
        }
    }
}
