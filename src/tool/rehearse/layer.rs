//! The places in a layer's package where runtimes look for modules.

use crate::store::listing::Listing;

/// A file of a layer that lies out of place, and the folder that it belongs into; `None` if nothing is certain.
pub(crate) fn misplaced(runtimes: &[&str], package: &Listing) -> Option<(String, &'static str)> {
    let is_for = |language: &str| {
        runtimes.is_empty() || runtimes.iter().any(|runtime| runtime.starts_with(language))
    };
    let files = || package.files.keys().map(String::as_str);
    let has = |folder: &str| files().any(|file| file.starts_with(folder));
    let find = |is_it: &dyn Fn(&str) -> bool| files().find(|file| is_it(file)).map(str::to_owned);
    // An extension, a program or a runtime finds its own files.
    let has_own_ways = ["extensions/", "bin/", "bootstrap"].into_iter().any(has);
    let is_of_another = ["python/", "nodejs/", "java/", "ruby/", "lib/"]
        .into_iter()
        .any(has);
    if has_own_ways || (runtimes.is_empty() && is_of_another) {
        return None;
    }
    // One folder holds everything.
    let top = files().next().and_then(|file| file.split_once('/'));
    let is_wrapped = top.is_some_and(|(top, _)| has_only(top, package));
    let is_module = |file: &str| {
        let (package, rest) = file.split_once('/').unwrap_or_default();
        !package.is_empty() && (rest == "__init__.py" || package.ends_with(".dist-info"))
    };
    let below = |file: &str, folder: &str| {
        let (_, rest) = file.split_once('/').unwrap_or_default();
        rest.starts_with(folder)
    };
    if is_for("python") && !has("python/") && !has("lib/") {
        let is_below = |file: &str| is_wrapped && below(file, "python/") && file.ends_with(".py");
        let file = find(&is_module).or_else(|| find(&is_below));
        if let Some(file) = file {
            return Some((file, "python"));
        }
    }
    if is_for("nodejs") && !has("nodejs/") {
        let is_module = |file: &str| file.starts_with("node_modules/");
        let is_below = |file: &str| is_wrapped && below(file, "nodejs/node_modules/");
        let file = find(&is_module).or_else(|| find(&is_below));
        return Some((file?, "nodejs/node_modules"));
    }
    None
}

/// Returns true if every file of a package is in that folder at its root.
fn has_only(folder: &str, package: &Listing) -> bool {
    let mut files = package.files.keys();
    files.all(|file| file.split_once('/').is_some_and(|(top, _)| top == folder))
}
