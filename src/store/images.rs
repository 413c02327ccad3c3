//! `images.json`: container images that a rehearsed `docker` tagged, pulled or pushed, by reference, with the digest
//! that the registry would know them by. No registry is asked, here or anywhere.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Result, Store, atomic, lock};

/// The file.
pub(super) const FILE: &str = "images.json";

/// An image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Known {
    /// 64 hexadecimal digits.
    pub digest: String,
    /// Whether the registry has it under that reference.
    pub pushed: bool,
    /// When it was pushed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_at: Option<Timestamp>,
}

/// Looks at the text of the file.
pub(super) fn judge(text: &[u8]) -> std::result::Result<(), String> {
    let images = serde_json::from_slice::<BTreeMap<String, Known>>(text);
    images.map(drop).map_err(|error| error.to_string())
}

/// A reference with the tag that is meant when none is given: `host/app` is `host/app:latest`.
pub fn whole(reference: &str) -> String {
    let last = reference.rsplit('/').next().unwrap_or_default();
    if last.contains([':', '@']) {
        reference.to_owned()
    } else {
        format!("{reference}:latest")
    }
}

impl Store {
    /// What is known of an image.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn image(&self, reference: &str) -> Result<Option<Known>> {
        let images: Option<BTreeMap<String, Known>> = atomic::read_json(&self.root().join(FILE))?;
        Ok(images.and_then(|mut images| images.remove(&whole(reference))))
    }

    /// Keeps what is known of an image.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn keep_image(&self, reference: &str, known: &Known) -> Result<()> {
        let mut known = known.clone();
        if known.pushed {
            known.pushed_at.get_or_insert(self.clock.now());
        }
        self.edit_images(|images| {
            images.insert(whole(reference), known);
        })
    }

    /// The images that a registry has of a repository, each with its tag or its digest behind `@`, bytewise.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn images_of(&self, repository: &str) -> Result<Vec<(String, Known)>> {
        let images: Option<BTreeMap<String, Known>> = atomic::read_json(&self.root().join(FILE))?;
        let pushed = images
            .into_iter()
            .flatten()
            .filter(|(_, known)| known.pushed);
        let of = pushed.filter_map(|(reference, known)| {
            let rest = reference.strip_prefix(repository)?;
            let name = rest.strip_prefix(':').map(str::to_owned);
            let name = name.or_else(|| rest.starts_with("@sha256:").then(|| rest.to_owned()));
            Some((name?, known))
        });
        Ok(of.collect())
    }

    /// Forgets images of a registry, by their references.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn forget_images(&self, references: &[String]) -> Result<()> {
        self.edit_images(|images| {
            for reference in references {
                images.remove(&whole(reference));
            }
        })
    }

    fn edit_images(&self, edit: impl FnOnce(&mut BTreeMap<String, Known>)) -> Result<()> {
        super::format::ensure(self)?;
        self.disk.create_folders(&self.root().join("locks"))?;
        let held = self.root().join("locks/images.lock");
        let _lock = lock::exclusive(self, &held, "the images")?;
        let path = self.root().join(FILE);
        let mut images: BTreeMap<String, Known> = atomic::read_json(&path)?.unwrap_or_default();
        edit(&mut images);
        self.disk.replace(&path, &atomic::json_text(&images))
    }
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn a_reference_without_a_tag_means_the_latest() {
        for (given, meant) in [
            ("host:5000/app", "host:5000/app:latest"),
            ("host/a/b", "host/a/b:latest"),
            ("host/app:1", "host/app:1"),
            ("host/app@sha256:ab", "host/app@sha256:ab"),
        ] {
            assert_eq!(whole(given), meant);
        }
    }
}
