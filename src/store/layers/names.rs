//! The names of resources, in order. In a fork, they include the names in the parent that the fork has not deleted.

use std::{collections::BTreeSet, iter::Peekable, path::PathBuf};

use super::{atomic, is_name};
use crate::{
    state::head::Head,
    store::{Result, collection::Collection, listed::Batches},
};

impl<H: Head> Collection<'_, H> {
    /// The names of all resources, sorted bytewise. They may include the name of a resource whose create or deletion
    /// was stopped.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub fn names(&self) -> Result<Vec<String>> {
        let mut all = Vec::new();
        for (root, hidden) in self.visible()? {
            let mut names = atomic::names(&root.join(H::FOLDER))?;
            names.retain(|name| is_name(name) && !hidden.contains(name));
            all.append(&mut names);
        }
        if self.place.is_layered() {
            all.sort_unstable();
            all.dedup();
        }
        Ok(all)
    }

    /// The names after that one, sorted bytewise. They are read in batches, so that for a caller that takes only the
    /// first few, the others are neither kept nor sorted.
    pub fn names_behind(&self, after: Option<&str>) -> impl Iterator<Item = Result<String>> {
        let mut failed = None;
        let visible = self.visible().unwrap_or_else(|error| {
            failed = Some(error);
            Vec::new()
        });
        let mut layers: Vec<(Peekable<Batches<'_>>, BTreeSet<String>)> = visible
            .into_iter()
            .map(|(root, hidden)| {
                let names = Batches::new(self.place.store, root.join(H::FOLDER), after);
                (names.peekable(), hidden)
            })
            .collect();
        std::iter::from_fn(move || {
            if let Some(error) = failed.take() {
                layers.clear();
                return Some(Err(error));
            }
            loop {
                let mut first: Option<(usize, String)> = None;
                for (at, (names, _)) in layers.iter_mut().enumerate() {
                    match names.peek() {
                        Some(Err(_)) => return names.next(),
                        Some(Ok(name)) if first.as_ref().is_none_or(|(_, least)| name < least) => {
                            first = Some((at, name.clone()));
                        }
                        _ => {}
                    }
                }
                let (at, name) = first?;
                for (names, _) in &mut layers {
                    names.next_if(|next| next.as_ref().is_ok_and(|next| *next == name));
                }
                if is_name(&name) && !layers[at].1.contains(&name) {
                    return Some(Ok(name));
                }
            }
        })
    }

    /// The folders of the region that contain resources. Each has the names that the layers above it have deleted.
    fn visible(&self) -> Result<Vec<(PathBuf, BTreeSet<String>)>> {
        let mut layers = Vec::new();
        let mut hidden = BTreeSet::new();
        let mut roots = self.place.roots().enumerate().peekable();
        while let Some((depth, root)) = roots.next() {
            let of_this = hidden.clone();
            let counts = depth > 0 || !self.place.store.is_as_begun();
            if counts && roots.peek().is_some() {
                let retired = atomic::names(&root.join("retired").join(H::FOLDER))?;
                let names = retired.iter().filter_map(|name| name.strip_suffix(".json"));
                hidden.extend(names.map(str::to_owned));
            }
            layers.push((root, of_this));
        }
        Ok(layers)
    }

    /// The names of the resources that may differ between two states. Between a fork and its parent, these are the
    /// names that the fork has written or deleted; in all other cases, these are all names.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub fn apart(&self, other: &Self) -> Result<BTreeSet<String>> {
        let mut names = BTreeSet::new();
        let (here, there) = self.place.store.unshared(other.place.store);
        for (of, count) in [(self, here), (other, there)] {
            for root in of.place.roots().take(count) {
                names.extend(atomic::names(&root.join(H::FOLDER))?);
                let retired = atomic::names(&root.join("retired").join(H::FOLDER))?;
                let retired = retired.iter().filter_map(|name| name.strip_suffix(".json"));
                names.extend(retired.map(str::to_owned));
            }
        }
        names.retain(|name| is_name(name));
        Ok(names)
    }
}
