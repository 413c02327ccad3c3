//! The files of invocations: responses, the command that answers, and a counter.
//!
//! ```text
//! $STATE/invoke                                      a shell command that answers, as LAMBDRY_INVOKE
//! $STATE/<account>/<region>/responses/<name>.json    what the function answers
//! …/responses/<name>.<version>.json                  what one version answers, `pay.3.json`, `pay.$LATEST.json`
//! …/invocations/<name>.json                          how often it was invoked, under LAMBDRY_SEED alone; a cache
//! ```

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Place, Result, Store, atomic, clock::Ids, collection::is_name, lock};

/// `invocations/<name>.json`: the number of invocations.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Count {
    invocations: u64,
}

impl Store {
    /// The path of the file with the command that answers.
    pub fn invoke_file(&self) -> PathBuf {
        self.root().join("invoke")
    }

    /// The command that answers, as the state directory defines it; `None` if the file is missing or blank.
    ///
    /// # Errors
    /// A file that exists but cannot be read.
    pub fn invoke_command(&self) -> Result<Option<String>> {
        let bytes = atomic::read(&self.invoke_file())?;
        Ok(bytes
            .map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned())
            .filter(|command| !command.is_empty()))
    }
}

impl Place<'_> {
    /// The file with a function's answer.
    pub fn response_file(&self, name: &str) -> PathBuf {
        self.root().join("responses").join(format!("{name}.json"))
    }

    /// The answer of a function's version: from the version's own response file, or else from the function's response
    /// file.
    ///
    /// # Errors
    /// A file that exists but cannot be read.
    pub fn response(&self, name: &str, version: &str) -> Result<Option<Vec<u8>>> {
        if !is_name(name) {
            return Ok(None);
        }
        let read = |name: &str| {
            let below = Path::new("responses").join(format!("{name}.json"));
            atomic::read(&self.file(&below))
        };
        match read(&format!("{name}.{version}"))? {
            None => read(name),
            own => Ok(own),
        }
    }

    /// The id of a function's next invocation. It is random. With a seed, it is made from the seed, the ARN and a
    /// counter. The counter is not fsynced, because an invocation changes no resource. If the counter cannot be
    /// written, every invocation counts as the first.
    pub fn invocation_id(&self, name: &str, arn: &str) -> String {
        let ids = &self.store.ids;
        let count = match ids {
            Ids::Random => 0,
            Ids::Seeded(_) => self.count_invocation(name).unwrap_or_default(),
        };
        ids.id(&format!("{arn} invocation"), count)
    }

    fn count_invocation(&self, name: &str) -> Result<u64> {
        let disk = &self.store.disk;
        let folder = self.root().join("invocations");
        disk.create_folders(&folder)?;
        disk.create_folders(&self.root().join("locks"))?;
        let _lock = lock::exclusive(
            self.store,
            &self.root().join("locks/invocations.lock"),
            "the count of invocations",
        )?;
        let path = folder.join(format!("{name}.json"));
        let so_far = self.file(&Path::new("invocations").join(format!("{name}.json")));
        // If the cache is damaged, the count starts again.
        let mut count: Count = atomic::read_json(&so_far)
            .ok()
            .flatten()
            .unwrap_or_default();
        count.invocations = count.invocations.saturating_add(1);
        disk.replace_cache(&path, &atomic::json_text(&count))?;
        Ok(count.invocations)
    }
}
