//! The lowest possible cost. One Rust program starts and prints; another one also writes to the disk as safely as a
//! publish.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Starts, prints and ends.
const HELLO: &str = r#"
fn main() {
    println!("hello");
}
"#;

/// Does the disk work of a publish: a version file, a journal line and a head, of the usual sizes.
const DURABLE: &str = r#"
use std::{fs::{self, File, OpenOptions}, io::{self, Write}, path::Path};

fn prepare(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<File> {
    let fresh = folder.join(format!("{name}.new"));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&fresh)?;
    file.write_all(bytes)?;
    Ok(file)
}

fn place(folder: &Path, name: &str, file: File) -> io::Result<()> {
    file.sync_all()?;
    fs::rename(folder.join(format!("{name}.new")), folder.join(name))?;
    File::open(folder)?.sync_all()
}

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let (folder, number) = (args.next().unwrap(), args.next().unwrap());
    let folder = Path::new(&folder);
    let (versions, version) = (folder.join("versions"), format!("{number}.json"));
    let written = prepare(&versions, &version, &[b'v'; 860])?;
    let mut journal = OpenOptions::new().append(true).create(true).open(folder.join("journal.jsonl"))?;
    journal.write_all(&[b'j'; 100])?;
    let head = prepare(folder, "function.json", &[b'h'; 1100])?;
    place(&versions, &version, written)?;
    journal.sync_all()?;
    place(folder, "function.json", head)?;
    println!("{number}");
    Ok(())
}
"#;

/// The compiled floor programs.
#[derive(Debug)]
pub(crate) struct Floors {
    /// The program that starts, prints and ends.
    pub(crate) hello: PathBuf,
    /// The program that also makes five fsyncs. Its arguments are a folder and a number.
    pub(crate) durable: PathBuf,
}

/// Compiles both programs with `rustc -O`.
pub(crate) fn build(folder: &Path) -> Floors {
    let compile = |name: &str, source: &str| {
        let text = folder.join(format!("{name}.rs"));
        let program = folder.join(format!("{name}.built"));
        fs::write(&text, source).expect("a source file");
        let status = Command::new("rustc")
            .args(["-O", "--edition", "2024", "-o"])
            .args([&program, &text])
            .status()
            .expect("rustc starts");
        assert!(status.success(), "{name} does not compile");
        crate::copied(&program, folder.join(name))
    };
    Floors {
        hello: compile("hello", HELLO),
        durable: compile("durable", DURABLE),
    }
}
