//! A package of 250 MB from the local `s3/` folder, compared with a copy, sync and hash of the same bytes.

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::Path,
    process::Child,
    thread,
    time::Duration,
};

use crate::{
    Scale,
    state::State,
    timing::{Program, in_turns, installed, line},
};

/// The number of bytes in the package. Lambda's limit is 262,144,000 unzipped.
const SIZE: usize = 250_000_000;

/// Measures `update-function-code --s3-bucket`, and its memory.
pub(crate) fn large(folder: &Path, scale: Scale) {
    let state = State::new(&folder.join("large"));
    let bucket = state.root().join("s3/builds");
    fs::create_dir_all(&bucket).expect("a bucket");
    let object = bucket.join("large.zip");
    write_zip(&object);
    let packages = state.root().join("packages");
    let mut update = state.call(&[
        "update-function-code",
        "--function-name",
        "pay",
        "--s3-bucket",
        "builds",
        "--s3-key",
        "large.zip",
    ]);
    // A package that exists is not written again, so all packages are removed before each run.
    let forget = move || drop(fs::remove_dir_all(&packages));
    update.before(Box::new(forget));
    let runs = (scale.runs / 40).max(3);
    let copy = folder.join("copy.zip");
    let name = "update-function-code, 250 MB from s3/";
    if installed("openssl", "version") {
        let script =
            "rm -f \"$2\" && cp \"$1\" \"$2\" && sync \"$2\" && openssl dgst -sha256 \"$2\"";
        let (from, to) = (object.display().to_string(), copy.display().to_string());
        let peer = Program::new("/bin/sh")
            .words(&["-c", script, "sh", &from, &to])
            .inherit();
        let mut programs = [peer, update];
        let times = in_turns(&mut programs, runs);
        line("cp, sync and openssl dgst -sha256, 250 MB", &times[0], None);
        line(&format!("  {name}"), &times[1], times.first());
        [_, update] = programs;
        drop(fs::remove_file(copy));
    } else {
        println!("cp, sync and openssl dgst -sha256: openssl is not installed");
        line(
            name,
            &in_turns(std::slice::from_mut(&mut update), runs)[0],
            None,
        );
    }
    let most = |program: &mut Program| {
        let mut child = program.next().spawn().ok()?;
        peak(&mut child)
    };
    let small = most(&mut state.call(&["get-function", "--function-name", "pay"]));
    match (most(&mut update), small) {
        (Some(large), Some(small)) => println!(
            "  its peak memory {:.1} MB; get-function's {:.1} MB",
            large as f64 / 1e3,
            small as f64 / 1e3
        ),
        _ => println!("  its peak memory: not available without /proc"),
    }
    println!();
    fs::remove_dir_all(state.root()).expect("removed");
}

/// The peak memory of a process in kB. It is read until the process ends.
pub(crate) fn peak(child: &mut Child) -> Option<u64> {
    let path = format!("/proc/{}/status", child.id());
    let mut most = None;
    while child.try_wait().is_ok_and(|ended| ended.is_none()) {
        let status = fs::read_to_string(&path).unwrap_or_default();
        let now = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .and_then(|rest| rest.trim().strip_suffix(" kB")?.parse().ok());
        most = now.or(most);
        thread::sleep(Duration::from_micros(100));
    }
    most
}

/// Writes a zip with stored bytes that cannot be compressed.
fn write_zip(path: &Path) {
    let file = File::create(path).expect("an object");
    let mut zip = zip::ZipWriter::new(BufWriter::with_capacity(1 << 20, file));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("model.bin", stored).expect("a zip");
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut chunk = vec![0u8; 1 << 20];
    let mut left = SIZE;
    while left > 0 {
        for word in chunk.chunks_exact_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            word.copy_from_slice(&state.to_le_bytes());
        }
        let take = left.min(chunk.len());
        zip.write_all(&chunk[..take]).expect("written");
        left -= take;
    }
    zip.finish().expect("a zip").flush().expect("written");
}
