//! A place to run commands in, with its own folder, a cleared environment, frozen time and seeded ids.

#![allow(dead_code, reason = "every test file uses its part")]

#[cfg(unix)]
pub(crate) mod flow;

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// The moment at which time stands still.
pub(crate) const NOW: &str = "2026-11-22T12:00:00Z";

/// The folders of the tools of the system.
#[allow(
    clippy::disallowed_methods,
    reason = "a test is a process of its own: there is no World to ask"
)]
pub(crate) fn search_path() -> Vec<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect()
}

/// A throw-away home: `bin/` with `lambdry` and the link `aws`, and `work/`, where commands are called.
pub(crate) struct Sandbox {
    root: PathBuf,
    _folder: TempDir,
}

impl Sandbox {
    /// Makes an empty sandbox.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // The path has no links, so that it equals the output of `pwd`.
        let root = folder.path().canonicalize().expect("a path");
        for name in ["bin", "work"] {
            fs::create_dir(root.join(name)).expect("a folder");
        }
        for name in ["lambdry", "aws"] {
            let link = root.join("bin").join(name);
            std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_lambdry"), link).expect("a link");
        }
        Self {
            root,
            _folder: folder,
        }
    }

    /// The folder in which commands run.
    pub(crate) fn work(&self) -> PathBuf {
        self.root.join("work")
    }

    /// A command whose environment has only a PATH to the tools of the system, and variables for this sandbox.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let path = std::iter::once(self.root.join("bin")).chain(search_path());
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::join_paths(path).expect("a PATH"))
            .env("HOME", &self.root)
            .env("LC_ALL", "C")
            .env("LAMBDRY_STATE_DIR", self.work().join("state"))
            .env("LAMBDRY_NOW", NOW)
            .env("LAMBDRY_SEED", "cases")
            .current_dir(self.work());
        command
    }

    /// Writes a zip with one file into `work/`, the same bytes everywhere.
    pub(crate) fn zip(&self, name: &str, code: &str) {
        let file = fs::File::create(self.work().join(name)).expect("a file");
        let mut zip = ZipWriter::new(file);
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(zip::DateTime::default());
        zip.start_file("app.py", options).expect("a name");
        zip.write_all(code.as_bytes()).expect("bytes");
        zip.finish().expect("a zip");
    }

    /// Makes `work/` a git repository with one commit.
    pub(crate) fn git(&self) {
        fs::write(
            self.work().join("app.py"),
            "def handler(event, context):\n    return 'one'\n",
        )
        .expect("a file");
        for line in [
            "init --quiet",
            "add app.py",
            "-c user.name=you -c user.email=you@example.com commit --quiet --message one",
        ] {
            let status = self.command("git").args(line.split(' ')).status();
            assert!(status.expect("git is installed").success(), "git {line}");
        }
    }

    /// The text without the name of this sandbox's folder.
    pub(crate) fn anonymous(&self, text: &str) -> String {
        text.replace(&*self.root.to_string_lossy(), "/home/you")
    }
}

/// The crate's own folder.
pub(crate) fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
