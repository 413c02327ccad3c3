//! Tests a state on an overlay, such as a state that is part of an image. The lower files cannot be renamed, but
//! delete, replace and repair work. Some systems do not allow a mount. For those, unit tests beside the code test the
//! same with a simulated disk.
#![cfg(target_os = "linux")]

mod common;

use common::Sandbox;

/// Runs lines with `state` as an overlay over `below`; `None` if the system does not allow that.
fn on_an_overlay(sandbox: &Sandbox, script: &str) -> Option<String> {
    let mount = "mkdir -p state over work; mount -t overlay overlay -o lowerdir=below,upperdir=over,workdir=work state";
    let run = |options: &str, script: &str| {
        let output = sandbox
            .command("unshare")
            .env("AWS_REGION", "us-east-1")
            .env("LAMBDRY_SETTLE", "0")
            .args([options, "sh", "-euc", script])
            .output();
        output.ok()
    };
    for options in ["-m", "-Urm"] {
        if run(options, mount).is_some_and(|output| output.status.success()) {
            let output = run(options, &format!("{mount}\n{script}")).expect("unshare");
            let err = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{script}\n{err}");
            return Some(String::from_utf8_lossy(&output.stdout).into_owned());
        }
    }
    None
}

#[test]
fn a_state_in_an_image_can_delete_and_make_again() {
    let sandbox = Sandbox::new();
    sandbox.zip("one.zip", "one");
    let make = "aws lambda create-function --function-name pay --runtime python3.12 --handler h --zip-file fileb://one.zip \
        --role arn:aws:iam::123456789012:role/r --publish --query Version";
    let furnish = format!(
        "export AWS_REGION=us-east-1 LAMBDRY_STATE_DIR=$PWD/below; {make}; aws s3 mb s3://box; aws s3 cp one.zip s3://box/a/one"
    );
    let output = sandbox.command("sh").args(["-euc", &furnish]).output();
    assert!(output.expect("a shell").status.success());
    let told = on_an_overlay(
        &sandbox,
        &format!(
            "aws lambda delete-function --function-name pay >&2
            aws lambda list-functions --query 'length(Functions)'
            {make}
            aws s3 cp --quiet one.zip s3://box/a/one
            aws s3 rb --force s3://box
            aws s3 ls
            aws s3 mb s3://box
            aws s3 ls s3://box
            lambdry doctor >&2
            lambdry export --archive a.zip >&2
            aws lambda delete-function --function-name pay >&2
            lambdry import --replace a.zip >&2
            ls state/123456789012/us-east-1/trash"
        ),
    );
    if let Some(told) = told {
        assert_eq!(
            told,
            "0\n\"2\"\ndelete: s3://box/a/one\nremove_bucket: box\nmake_bucket: box\n"
        );
    }
}
