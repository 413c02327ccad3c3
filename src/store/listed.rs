//! A folder's names in order, in batches that are kept from one page of a listing to the next: a listing of ten
//! thousand functions has two hundred pages, but does not read the folder two hundred times.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
    vec,
};

use super::{Result, Store, atomic};

/// The number of names kept from one reading of the folder, however many it has.
const BATCH: usize = 1024;

/// The number of names for one page: its own, and the first of the next page.
const PAGE: usize = 51;

/// A batch that was read.
#[derive(Debug)]
pub(super) struct Listed {
    folder: PathBuf,
    /// The folder's own modification time before the reading: a new name in the folder changes it.
    time: Option<SystemTime>,
    /// The name before the first one of the batch.
    after: String,
    names: Vec<String>,
}

/// The names in a folder after a given one, bytewise.
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
    /// Some of the names after that one, without gaps, and true if there may be more.
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
                // The name is inside the batch read before. The test sets the folder's time, because a fast machine
                // makes two changes in one tick of its clock.
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
