//! `history` on a terminal that the program `script` provides. `--watch` uses the whole screen and restores it after
//! any kind of end. A static picture goes through the pager.
#![cfg(unix)]

mod common;
mod skipped;

use std::{
    fs,
    io::{Read as _, Write as _},
    process::{Child, Stdio},
};

use common::Sandbox;

const LEAVE: &str = "\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l";

/// A state with `pay` in it. Returns `None` if `script` is missing, or if the program of this name is a different one.
fn furnished() -> Option<Sandbox> {
    let sandbox = Sandbox::new();
    let version = sandbox.command("script").arg("--version").output();
    let is_there =
        version.is_ok_and(|told| String::from_utf8_lossy(&told.stdout).contains("util-linux"));
    if !is_there {
        skipped::skipped("there is no script of util-linux on this machine: no terminal was tried");
        return None;
    }
    sandbox.zip("one.zip", "one");
    let status = sandbox
        .command("sh")
        .env("AWS_REGION", "eu-west-1")
        .env("LAMBDRY_SETTLE", "0")
        .args([
            "-ec",
            "aws lambda create-function --function-name pay --runtime python3.12 --handler app.handler \
               --role arn:aws:iam::123456789012:role/r --zip-file fileb://one.zip --publish --output off
             aws lambda create-alias --function-name pay --name live --function-version 1 --output off",
        ])
        .status();
    assert!(status.expect("a shell").success());
    Some(sandbox)
}

/// Runs a shell script on a terminal of the given size.
fn on_terminal(sandbox: &Sandbox, script: &str) -> Child {
    let script = format!("stty rows 12 cols 60\n{script}\n");
    fs::write(sandbox.work().join("typed.sh"), script).expect("a file");
    sandbox
        .command("script")
        .env("AWS_REGION", "eu-west-1")
        .env("TERM", "xterm")
        .env("SHELL", "/bin/sh")
        .args([
            "--quiet",
            "--return",
            "--command",
            "sh typed.sh",
            "/dev/null",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script")
}

/// Reads the terminal's output until it contains the given text.
fn until(child: &mut Child, what: &str) -> String {
    let out = child.stdout.as_mut().expect("a pipe");
    let mut shown = Vec::new();
    let mut byte = [0];
    while out.read(&mut byte).expect("read") == 1 {
        shown.push(byte[0]);
        if shown.ends_with(what.as_bytes()) {
            return String::from_utf8_lossy(&shown).into_owned();
        }
    }
    panic!("{what:?} is not in {:?}", String::from_utf8_lossy(&shown));
}

fn rest(child: &mut Child) -> String {
    let mut shown = Vec::new();
    let out = child.stdout.as_mut().expect("a pipe");
    out.read_to_end(&mut shown).expect("read");
    String::from_utf8_lossy(&shown).into_owned()
}

/// Starts `--watch`, ends it in the given way, and compares the terminal before and after.
const WATCHED: &str = "stty -g >before
sh -c 'echo $$ >pid; exec lambdry history pay --watch' && echo code 0 || echo code $?
stty -g >after
cmp before after && echo restored";

fn ended(sandbox: &Sandbox, end: impl FnOnce(&Sandbox, &mut Child)) -> (String, String) {
    let mut child = on_terminal(sandbox, WATCHED);
    let shown = until(&mut child, "q ends");
    end(sandbox, &mut child);
    let after = rest(&mut child);
    child.wait().expect("an end");
    (shown, after)
}

fn type_keys(child: &mut Child, keys: &[u8]) {
    let input = child.stdin.as_mut().expect("a pipe");
    input
        .write_all(keys)
        .and_then(|()| input.flush())
        .expect("typed");
}

fn kill(sandbox: &Sandbox, signal: &str) {
    let pid = fs::read_to_string(sandbox.work().join("pid")).expect("a pid");
    let status = sandbox.command("kill").args([signal, pid.trim()]).status();
    assert!(status.expect("kill").success());
}

#[test]
fn watching_ends_by_q_by_ctrl_c_and_by_signals_and_gives_the_terminal_back() {
    let Some(sandbox) = furnished() else {
        return;
    };
    type End = (&'static str, i32, fn(&Sandbox, &mut Child));
    let ends: [End; 4] = [
        ("q", 0, |_, child| type_keys(child, b"xq")),
        ("Ctrl-C", 0, |_, child| type_keys(child, b"\x03")),
        ("TERM", 130, |sandbox, _| kill(sandbox, "-TERM")),
        ("INT", 130, |sandbox, _| kill(sandbox, "-INT")),
    ];
    for (name, code, end) in ends {
        let (shown, after) = ended(&sandbox, end);
        assert!(
            shown.starts_with("\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l"),
            "{name}: {shown:?}"
        );
        assert!(
            shown.contains("pay") && shown.contains("live"),
            "{name}: {shown:?}"
        );
        // There are eleven lines of picture and the last row.
        assert_eq!(shown.matches("\u{1b}[K").count(), 11, "{name}: {shown:?}");
        assert!(after.contains(LEAVE), "{name}: {after:?}");
        assert!(after.contains(&format!("code {code}")), "{name}: {after:?}");
        assert!(after.contains("restored"), "{name}: {after:?}");
    }
}

#[test]
fn a_change_and_another_size_draw_anew() {
    let Some(sandbox) = furnished() else {
        return;
    };
    let mut child = on_terminal(&sandbox, "tty >tty; exec lambdry history pay --watch");
    until(&mut child, "q ends");
    let status = sandbox
        .command("aws")
        .env("AWS_REGION", "eu-west-1")
        .args([
            "lambda",
            "create-alias",
            "--function-name",
            "pay",
            "--name",
            "beta",
            "--function-version",
            "1",
            "--output",
            "off",
        ])
        .status();
    assert!(status.expect("aws").success());
    let shown = until(&mut child, "q ends");
    assert!(shown.contains("beta"), "{shown:?}");
    let resize = "stty rows 6 cols 40 <$(cat tty)";
    let status = sandbox.command("sh").args(["-c", resize]).status();
    assert!(status.expect("stty").success());
    let shown = until(&mut child, "q ends");
    let (_, frame) = shown.rsplit_once("\u{1b}[H").expect("a frame");
    assert_eq!(frame.matches("\u{1b}[K").count(), 5, "{shown:?}");
    type_keys(&mut child, b"q");
    assert!(rest(&mut child).contains(LEAVE));
    assert!(child.wait().expect("an end").success());
}

#[test]
fn a_picture_on_a_terminal_goes_through_the_pager_and_a_pipe_has_none() {
    let Some(sandbox) = furnished() else {
        return;
    };
    let shown = |script: &str| {
        let mut child = on_terminal(&sandbox, script);
        let shown = rest(&mut child);
        child.wait().expect("an end");
        shown
    };
    let pager = "export PAGER=\"sh -c 'echo LESS=\\$LESS; cat'\"\n";
    let paged = shown(&format!("{pager}lambdry history pay"));
    assert!(
        paged.contains("LESS=FRX") && paged.contains("live"),
        "{paged:?}"
    );
    assert!(paged.contains("\u{1b}["), "{paged:?}");
    let at = shown(&format!("{pager}lambdry history pay --at 12:00"));
    assert!(at.contains("LESS=FRX"), "{at:?}");
    for plain in [
        "lambdry history pay | cat",
        "lambdry history pay --format html",
        "lambdry --no-cli-pager history pay",
        "PAGER= lambdry history pay",
    ] {
        let text = shown(&format!("{pager}{plain}"));
        assert!(
            text.contains("live") && !text.contains("LESS=FRX"),
            "{plain}: {text:?}"
        );
    }
    let plain = shown(&format!("{pager}NO_COLOR=1 lambdry history pay"));
    assert!(
        plain.contains("LESS=FRX") && !plain.contains('\u{1b}'),
        "{plain:?}"
    );
    let big = shown("PAGER= lambdry history pay --big");
    assert!(big.contains('█') && big.contains("100 %"), "{big:?}");
}
