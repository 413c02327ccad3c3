//! `images.json`: container images that a rehearsed `docker` tagged, pulled or pushed, by reference. Each has the
//! digest by which the registry would know it. No registry is ever contacted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Result, Store, atomic, lock};
use crate::state::plain::plain;

/// The name of the file.
pub(super) const FILE: &str = "images.json";

/// An image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Known {
    /// 64 hexadecimal digits.
    pub digest: String,
    /// True if the registry has the image under that reference.
    pub pushed: bool,
    /// The moment of the push, if the image was pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_at: Option<Timestamp>,
}

/// Checks the text of the file.
pub(super) fn judge(text: &[u8]) -> std::result::Result<(), String> {
    let images = serde_json::from_slice::<BTreeMap<String, Known>>(text);
    images.map(drop).map_err(|error| plain(&error))
}

/// A reference with its default tag added: `host/app` becomes `host/app:latest`.
pub fn whole(reference: &str) -> String {
    let last = reference.rsplit('/').next().unwrap_or_default();
    if last.contains([':', '@']) {
        reference.to_owned()
    } else {
        format!("{reference}:latest")
    }
}

impl Store {
    /// The data of an image.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn image(&self, reference: &str) -> Result<Option<Known>> {
        let images: Option<BTreeMap<String, Known>> = atomic::read_json(&self.root().join(FILE))?;
        Ok(images.and_then(|mut images| images.remove(&whole(reference))))
    }

    /// Records the data of an image.
    ///
    /// # Errors
    /// A file that cannot be read or written.
    pub fn keep_image(&self, reference: &str, known: &Known) -> Result<()> {
        let mut known = known.clone();
        if known.pushed {
            known.pushed_at.get_or_insert(self.clock.now());
        }
        self.edit_images(|images| {
            images.insert(whole(reference), known);
        })
    }

    /// The images of a repository in a registry, sorted bytewise. Each has its tag, or its digest after `@`.
    ///
    /// # Errors
    /// A file that cannot be read.
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

    /// Removes images of a registry, by their references.
    ///
    /// # Errors
    /// A file that cannot be read or written.
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
