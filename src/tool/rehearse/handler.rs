//! The file that a runtime loads first, and a check that the package contains this file. Lambda accepts a package
//! without the file, but then every invocation fails.

use crate::{state::function::Configuration, store::listing::Listing};

/// The reason why a function cannot be called, although Lambda accepts the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lack {
    /// The file that Handler names is missing. The variant holds the file's usual name. If a subfolder has a file of
    /// that name, the variant also holds its path, because that file was probably meant.
    File(String, Option<String>),
    /// The file that the runtime executes has no execute permission.
    Right(String),
}

/// The file or permission that the package lacks for its Handler. `None` if nothing is missing. Also `None` if this
/// cannot be known: for an image, for a language that loads archives, and for a function whose layers or file systems
/// may contain the file.
pub(crate) fn lacks(configuration: &Configuration, package: &Listing) -> Option<Lack> {
    if !configuration.layers.is_empty() || !configuration.file_system_configs.is_empty() {
        return None;
    }
    let runtime = configuration.runtime.as_deref()?;
    let handler = configuration.handler.as_deref().unwrap_or_default();
    let handler = handler.strip_prefix("./").unwrap_or(handler);
    let wanted = wanted(runtime, handler)?;
    let there = wanted.iter().find_map(|name| package.files.get(name));
    if let Some(entry) = there {
        let is_run = runtime.starts_with("provided") || runtime == "go1.x";
        let right = is_run && !entry.runs && !entry.is_link;
        return right.then(|| Lack::Right(wanted[0].clone()));
    }
    // The file name of a compiled module contains the machine's type: `app.cpython-313-x86_64-linux-gnu.so`.
    let stem = wanted[0].rsplit_once('.').map_or("", |(stem, _)| stem);
    let compiled = |name: &str| {
        name.strip_prefix(stem)
            .is_some_and(|rest| rest.starts_with('.') && rest.ends_with(".so"))
    };
    if runtime.starts_with("python") && package.files.keys().any(|name| compiled(name)) {
        return None;
    }
    let below = package.files.keys().find(|name| {
        wanted.iter().any(|wanted| {
            name.strip_suffix(wanted.as_str())
                .is_some_and(|folder| folder.ends_with('/'))
        })
    });
    Some(Lack::File(wanted[0].clone(), below.cloned()))
}

/// The file names that a runtime looks for, beginning with the usual name; `None` for a runtime or a handler whose
/// files are not known.
fn wanted(runtime: &str, handler: &str) -> Option<Vec<String>> {
    let ends = |path: &str, ends: &[&str]| ends.iter().map(|end| format!("{path}{end}")).collect();
    if runtime.starts_with("provided") {
        return Some(vec!["bootstrap".to_owned()]);
    }
    if runtime == "go1.x" {
        return Some(vec![handler.to_owned()]);
    }
    if runtime.starts_with("python") {
        let (module, _) = handler.rsplit_once('.')?;
        return Some(ends(
            &module.replace('.', "/"),
            &[".py", "/__init__.py", ".pyc"],
        ));
    }
    let (folder, file) = handler
        .rsplit_once('/')
        .map_or(("", handler), |(folder, file)| (folder, file));
    let (module, _) = file.split_once('.')?;
    let path = match folder {
        "" => module.to_owned(),
        folder => format!("{folder}/{module}"),
    };
    if runtime.starts_with("nodejs") {
        let names = [
            ".js",
            ".mjs",
            ".cjs",
            "",
            ".json",
            ".node",
            "/index.js",
            "/package.json",
        ];
        return Some(ends(&path, &names));
    }
    runtime.starts_with("ruby").then(|| ends(&path, &[".rb"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runtime_looks_for_the_file_that_its_handler_names() {
        for (runtime, handler, usual) in [
            ("python3.13", "app.handler", "app.py"),
            ("python3.13", "src/jobs.nightly.run", "src/jobs/nightly.py"),
            ("nodejs22.x", "index.handler", "index.js"),
            ("nodejs22.x", "dist/api.v2.handler", "dist/api.js"),
            ("ruby3.3", "lib/app.Pay.call", "lib/app.rb"),
            ("provided.al2023", "whatever", "bootstrap"),
            ("go1.x", "main", "main"),
        ] {
            let wanted = wanted(runtime, handler).expect("known");
            assert_eq!(wanted[0], usual, "{runtime} {handler}");
        }
        for (runtime, handler) in [
            ("java21", "pay.Handler::call"),
            ("dotnet8", "Pay::Pay.F::Call"),
            ("python3.13", "app"),
        ] {
            assert_eq!(wanted(runtime, handler), None, "{runtime} {handler}");
        }
    }
}
