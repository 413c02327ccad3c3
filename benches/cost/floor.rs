//! What nothing can cost less than: a Rust program that starts and prints, and one that is durable as a publish is.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Starts, prints, ends.
const HELLO: &str = r#"
fn main() {
    println!("hello");
}
"#;

/// A publish without the thinking: a version file, a journal line, a head, of the usual sizes.
const DURABLE: &str = r#"
use std::{fs::{self, File, OpenOptions}, io::{self, Write}, path::Path};

fn replace(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let fresh = folder.join(format!("{name}.new"));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, folder.join(name))?;
    File::open(folder)?.sync_all()
}

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let (folder, number) = (args.next().unwrap(), args.next().unwrap());
    let folder = Path::new(&folder);
    replace(&folder.join("versions"), &format!("{number}.json"), &[b'v'; 860])?;
    let mut journal = OpenOptions::new().append(true).create(true).open(folder.join("journal.jsonl"))?;
    journal.write_all(&[b'j'; 100])?;
    journal.sync_data()?;
    replace(folder, "function.json", &[b'h'; 1100])?;
    println!("{number}");
    Ok(())
}
"#;

/// The compiled floors.
#[derive(Debug)]
pub(crate) struct Floors {
    /// Starts, prints, ends.
    pub(crate) hello: PathBuf,
    /// The same with five fsyncs; takes a folder and a number.
    pub(crate) durable: PathBuf,
}

/// Compiles both with `rustc -O`.
pub(crate) fn build(folder: &Path) -> Floors {
    let compile = |name: &str, source: &str| {
        let (text, program) = (folder.join(format!("{name}.rs")), folder.join(name));
        fs::write(&text, source).expect("a source file");
        let status = Command::new("rustc")
            .args(["-O", "--edition", "2024", "-o"])
            .args([&program, &text])
            .status()
            .expect("rustc starts");
        assert!(status.success(), "{name} does not compile");
        program
    };
    Floors {
        hello: compile("hello", HELLO),
        durable: compile("durable", DURABLE),
    }
}
