//! The parts of heads that count in the account's sums. They are read without the other members of the heads, so that
//! the heads of ten thousand functions can be read fast.

#[cfg(unix)]
use std::os::fd::OwnedFd;
#[cfg(not(unix))]
use std::path::PathBuf;
use std::{io, num::NonZero, path::Path, thread};

#[cfg(unix)]
use rustix::fs::{CWD, Mode, OFlags, openat};

#[cfg(not(unix))]
use super::atomic;
use super::{Result, StoreError, collection::Collection};
use crate::state::{account::Share, head::Head, plain::plain};

/// With fewer files than this, one thread is faster than two, because starting a thread takes time.
const WORTH_A_THREAD: usize = 500;

/// The longest head in bytes that is read in one call. A longer head is read like any other file.
const LONGEST: usize = 64 << 10;

impl<H: Head> Collection<'_, H> {
    /// The shares of all resources, sorted bytewise by name. Heads are read without their locks. This is safe because a
    /// head is always replaced as a whole.
    ///
    /// # Errors
    /// A head that cannot be read or is not valid.
    pub(super) fn shares(&self) -> Result<Vec<Share>> {
        let names = self.names()?;
        let quick = match self.place.is_layered() {
            true => vec![None; names.len()],
            false => quick(&self.place.root().join(H::FOLDER), H::FILE, &names),
        };
        let shares = names.iter().zip(quick).map(|(name, quick)| match quick {
            Some(share) => Ok(Some(share)),
            // The resource was deleted in the meantime, or its head is damaged or long. Reading the whole head shows
            // this.
            None => self.whole_share(name),
        });
        shares.filter_map(Result::transpose).collect()
    }

    fn whole_share(&self, name: &str) -> Result<Option<Share>> {
        let Some(head) = self.kept(name)? else {
            return Ok(None);
        };
        let share = serde_json::to_value(&head).and_then(serde_json::from_value);
        share.map(Some).map_err(|error| {
            let path = self.folder(name).join(H::FILE);
            let cause = format!("not a valid state file: {}", plain(&error));
            StoreError::content(&path, cause).into()
        })
    }
}

/// The shares of these resources; `None` for a head that cannot be read in this way. There are as many threads as the
/// machine has processors.
fn quick(folder: &Path, file: &str, names: &[String]) -> Vec<Option<Share>> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let each = names.len().div_ceil(threads).max(WORTH_A_THREAD);
    let Ok(folder) = Folder::open(folder) else {
        return vec![None; names.len()];
    };
    let read = |names: &[String]| -> Vec<Option<Share>> {
        let mut buffer = vec![0; LONGEST];
        let mut path = String::new();
        let shares = names.iter().map(|name| {
            path.clear();
            path.extend([name.as_str(), "/", file]);
            let text = folder.read(&path, &mut buffer)?;
            // Only an object is accepted, because serde would also read a list as a struct.
            let text = text.strip_prefix(b"{").map(|_| text)?;
            let share: Share = serde_json::from_slice(text).ok()?;
            (share.function_name == *name).then_some(share)
        });
        shares.collect()
    };
    let (first, others) = names.split_at(each.min(names.len()));
    thread::scope(|scope| {
        let others: Vec<_> = others
            .chunks(each)
            .map(|names| {
                let thread = thread::Builder::new().spawn_scoped(scope, || read(names));
                (names, thread)
            })
            .collect();
        let mut shares = read(first);
        for (names, thread) in others {
            // If the system cannot start a thread, this thread reads the files.
            let there = thread.ok().and_then(|thread| thread.join().ok());
            shares.append(&mut there.unwrap_or_else(|| read(names)));
        }
        shares
    })
}

/// A folder of files. Reading a file takes three system calls: open, read, close.
struct Folder(#[cfg(unix)] OwnedFd, #[cfg(not(unix))] PathBuf);

#[cfg(unix)]
impl Folder {
    fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
        Ok(Self(openat(CWD, path, flags, Mode::empty())?))
    }

    /// The text of a file; `None` if it cannot be read in one call.
    fn read<'b>(&self, path: &str, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        // Without this flag, the read would wait until a pipe has a writer.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(&self.0, path, flags, Mode::empty()).ok()?;
        let length = rustix::io::read(&file, &mut *buffer).ok()?;
        (length < buffer.len()).then(|| &buffer[..length])
    }
}

#[cfg(not(unix))]
impl Folder {
    fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(path.to_owned()))
    }

    fn read<'b>(&self, path: &str, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        let text = atomic::bytes(&self.0.join(path)).ok()?;
        let there = buffer.get_mut(..text.len())?;
        there.copy_from_slice(&text);
        Some(there)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::WORTH_A_THREAD;
    use crate::operation::sandbox::Sandbox;

    #[test]
    fn sums_are_those_of_every_head_however_many_read_them() {
        let lambda = Sandbox::with("a");
        let count = 3 * WORTH_A_THREAD + 1;
        lambda.publish("a");
        lambda.call(
            "PutProvisionedConcurrencyConfig",
            json!({ "FunctionName": "a", "Qualifier": "1", "ProvisionedConcurrentExecutions": 2 }),
        );
        let head = fs::read_to_string(lambda.file_of("a", "function.json")).expect("a head");
        let size = lambda.latest("a")["CodeSize"].as_u64().expect("a size");
        let mut account = json!({ "ConcurrentExecutions": 10_000 });
        account["TotalCodeSize"] = u64::MAX.into();
        fs::write(lambda.here().join("account.json"), account.to_string()).expect("limits");
        for number in 1..count {
            let path = lambda.file_of(&format!("b{number}"), "function.json");
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            let head = head.replace(
                r#""FunctionName": "a""#,
                &format!(r#""FunctionName": "b{number}""#),
            );
            fs::write(path, head).expect("a head");
        }
        let told = lambda.call("GetAccountSettings", json!({}));
        let functions = u64::try_from(count).expect("a count");
        assert_eq!(told["AccountUsage"]["FunctionCount"], functions);
        assert_eq!(told["AccountUsage"]["TotalCodeSize"], 2 * size * functions);
        let left = &told["AccountLimit"]["UnreservedConcurrentExecutions"];
        assert_eq!(*left, 10_000 - 2 * functions);

        let spoilt = lambda.file_of(&format!("b{}", count - 1), "function.json");
        let list = format!(r#"["b{}", 1, null, {{}}]"#, count - 1);
        let other = r#"{ "FunctionName": "c", "CodeSize": 1 }"#;
        for text in ["", "{", &list, other, &head] {
            fs::write(&spoilt, text).expect("a spoilt head");
            let told = lambda.broken("GetAccountSettings", json!({}));
            assert!(
                told.contains(&spoilt.display().to_string()),
                "{text}: {told}"
            );
        }
    }
}
