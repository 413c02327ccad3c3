//! A folder's names in order, in batches. A batch is kept from one page of a listing to the next. A listing of ten
//! thousand functions has two hundred pages, but the folder is not read two hundred times.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
    vec,
};

use super::{Result, Store, atomic};

/// The greatest number of names that are kept after the folder was read, even if it has more.
const BATCH: usize = 1024;

/// The number of names that one page needs: its own names, and the first name of the next page.
const PAGE: usize = 51;

/// A batch of names that was read.
#[derive(Debug)]
pub(super) struct Listed {
    folder: PathBuf,
    /// The modification time of the folder before it was read. A new name in the folder changes this time.
    time: Option<SystemTime>,
    /// The name after which the batch starts.
    after: String,
    names: Vec<String>,
}

/// The names in a folder, sorted bytewise, after a given name.
pub(super) struct Batches<'a> {
    store: &'a Store,
    folder: PathBuf,
    after: String,
    batch: vec::IntoIter<String>,
    more: bool,
}

impl<'a> Batches<'a> {
    pub(super) fn new(store: &'a Store, folder: PathBuf, after: Option<&str>) -> Self {
        Self {
            store,
            folder,
            after: after.unwrap_or_default().to_owned(),
            batch: Vec::new().into_iter(),
            more: true,
        }
    }
}

impl Iterator for Batches<'_> {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(name) = self.batch.next() {
                return Some(Ok(name));
            }
            if !self.more {
                return None;
            }
            match self.store.names_behind(&self.folder, &self.after) {
                Ok((names, more)) => {
                    self.more = more;
                    self.after = names.last().cloned().unwrap_or_default();
                    self.batch = names.into_iter();
                }
                Err(error) => {
                    self.more = false;
                    return Some(Err(error));
                }
            }
        }
    }
}

impl Store {
    /// Some of the names after that one, without gaps. Also returns true if there may be more names.
    fn names_behind(&self, folder: &Path, after: &str) -> Result<(Vec<String>, bool)> {
        let time = fs::metadata(folder).and_then(|folder| folder.modified());
        let time = time.ok();
        let mut kept = self.listed.lock().unwrap_or_else(|lock| lock.into_inner());
        let here = kept.iter().position(|listed| listed.folder == folder);
        if let Some(listed) = here.map(|here| &kept[here])
            && time.is_some()
            && listed.time == time
            && listed.after.as_str() <= after
        {
            let from = listed.names.partition_point(|name| name.as_str() <= after);
            let page: Vec<String> = listed.names[from..].iter().take(PAGE).cloned().collect();
            if !page.is_empty() {
                return Ok((page, true));
            }
        }
        if let Some(here) = here {
            kept.swap_remove(here);
        }
        let names = atomic::names_behind(folder, after, BATCH)?;
        let page: Vec<String> = names.iter().take(PAGE).cloned().collect();
        let more = names.len() > PAGE;
        if more {
            kept.push(Listed {
                folder: folder.to_owned(),
                time,
                after: after.to_owned(),
                names,
            });
        }
        Ok((page, more))
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, time::Duration};

    use super::*;
    use crate::operation::sandbox::Sandbox;

    #[test]
    fn pages_hold_every_name_once_and_a_name_that_comes_between_them() {
        let lambda = Sandbox::new();
        let folder = tempfile::tempdir().expect("a folder");
        let make = |name: &str| fs::write(folder.path().join(name), "").expect("a name");
        let mut all: BTreeSet<String> = (0..2 * BATCH + 7).map(|n| format!("n{n:05}")).collect();
        all.iter().for_each(|name| make(name));
        let store = lambda.store().expect("a store");
        let page = |after: &str| -> Vec<String> {
            let names = Batches::new(&store, folder.path().to_owned(), Some(after));
            let names: Result<_> = names.take(50).collect();
            names.expect("a page")
        };
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let names = page(&after);
            let Some(last) = names.last() else { break };
            after.clone_from(last);
            seen.extend(names);
            if seen.len() == 500 {
                // The new name is inside the batch that was read before. The test sets the folder's time, because a
                // fast machine may make two changes in one tick of its clock.
                make("n00700b");
                all.insert("n00700b".to_owned());
                let opened = fs::File::open(folder.path()).expect("the folder");
                let later = SystemTime::now() + Duration::from_secs(5);
                opened.set_modified(later).expect("a time");
            }
        }
        assert_eq!(seen, Vec::from_iter(all));
    }
}
