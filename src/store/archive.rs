//! An archive: a whole state directory in one file. It is a zip of the directory's files with the same names.
//!
//! Files that are not part of the state are left out: locks, spools, trash and caches. `invoke` is left out, too,
//! because it is a command and would run on the machine of anybody who reads the archive. An archive that is read may
//! come from anybody. So every name in it must be a name of a state directory, and the contents of every file must
//! match its name. An archive that would unpack to many times its size is refused before it is unpacked.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, BufReader, Read as _, Seek, Write},
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::{
    Result, Store, StoreError, atomic,
    collection::{Retired, is_name},
    format, images,
    import::{Packed, Resource},
    journal,
    kind::{KINDS, Lies, folders},
    package, s3,
};
use crate::state::plain::plain;
use crate::state::{
    account::Limits,
    arn::{Scope, is_region},
    head::Head,
};

/// The greatest number of bytes that one JSON file may have.
const TEXT: u64 = 64 << 20;

/// The factor by which an archive may grow when it is unpacked, in addition to [`SLACK`].
const RATIO: u64 = 200;

/// The number of bytes to which every archive may unpack, however small it is.
const SLACK: u64 = 64 << 20;

/// The resources of one account and region in an archive, in the order of [`KINDS`]. Only kinds that are kept in
/// folders have resources here.
#[derive(Debug, Default)]
pub struct Contents(pub Vec<Box<dyn Packed>>);

impl Contents {
    /// The resources of one kind.
    pub fn of<H: Head>(&self) -> impl Iterator<Item = &Resource<H>> {
        self.0.iter().filter_map(|one| one.as_any().downcast_ref())
    }

    /// The resources of one kind, mutable.
    pub fn of_mut<H: Head>(&mut self) -> impl Iterator<Item = &mut Resource<H>> {
        let all = self.0.iter_mut();
        all.filter_map(|one| one.as_any_mut().downcast_mut())
    }

    /// Adds a resource after the others of the same kind.
    pub fn put<H: Head>(&mut self, resource: Resource<H>) {
        self.0.push(Box::new(resource));
    }
}

/// An archive that was read and checked. Its contents are not in the state yet.
#[derive(Debug)]
pub struct Archive {
    zip: ZipArchive<BufReader<File>>,
    path: PathBuf,
    /// The contents by account and region, such as `123456789012/us-east-1`.
    pub places: BTreeMap<String, (Scope, Contents)>,
    /// The packages by `CodeSha256`. The value is the number of the package's entry in the zip.
    packages: BTreeMap<String, usize>,
    /// The files that belong to no resource, by their path in the state directory. The value is the number of the
    /// file's entry in the zip.
    files: BTreeMap<String, usize>,
}

/// The meaning of a name in an archive.
enum EntryKind<'a> {
    Folder,
    Format,
    /// A resource's file: account and region, kind, name, and the file's path in the resource's folder.
    Resource(&'a str, &'a str, &'a str, &'a str),
    /// A package, with its SHA-256 in hexadecimal.
    Package(String),
    Plain,
}

/// The meaning of a name; `None` for a name that no state directory has.
fn kind(name: &str) -> Option<EntryKind<'_>> {
    let parts: Vec<&str> = name.split('/').collect();
    let (last, above) = parts.split_last()?;
    let holdable =
        |part: &&str| !matches!(*part, "" | "." | "..") && !part.contains(['\0', '\\', ':']);
    if !above.iter().all(holdable) || !(last.is_empty() || holdable(last)) {
        // On Windows, a `:` belongs to the name of a drive. Only on Unix may it be part of an S3 key.
        let object = parts.first() == Some(&"s3") && !name.contains(['\0', '\\']);
        if !object || parts.iter().any(|part| matches!(*part, "" | "." | "..")) {
            return None;
        }
    }
    let json = |text: &str| {
        text.strip_suffix(".json")
            .is_some_and(|stem| !stem.is_empty())
    };
    let place = |account: &str, region: &str| is_account(account) && is_region(region);
    Some(match parts[..] {
        [.., ""] => EntryKind::Folder,
        ["FORMAT"] => EntryKind::Format,
        ["faults" | "faults.count" | images::FILE] | ["aws", "config"] => EntryKind::Plain,
        ["s3", _, _, ..] => EntryKind::Plain,
        ["packages", "sha256", first, rest] => {
            let hash = format!("{first}{}", rest.strip_suffix(".zip")?);
            let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            if first.len() != 2 || hash.len() != 64 || !hash.bytes().all(hex) {
                return None;
            }
            EntryKind::Package(hash)
        }
        [account, region, ref rest @ ..] if place(account, region) => match rest {
            ["account.json"] => EntryKind::Plain,
            [file] if is_in(Lies::File, file) => EntryKind::Plain,
            ["retired", folder, file] if is_in(Lies::Folder, folder) && json(file) => {
                EntryKind::Plain
            }
            ["responses", file] if json(file) => EntryKind::Plain,
            [folder, owner, file @ ..]
                if is_in(Lies::Folder, folder)
                    && is_name(owner)
                    && matches!(file, [_] | ["versions", _]) =>
            {
                let at = account.len() + 1 + region.len();
                let below = at + 1 + folder.len() + 1 + owner.len() + 1;
                EntryKind::Resource(&name[..at], folder, owner, &name[below..])
            }
            _ => return None,
        },
        [account, file] if is_account(account) && is_in(Lies::GlobalFile, file) => EntryKind::Plain,
        _ => return None,
    })
}

/// Returns true if a folder or file of that name holds resources.
fn is_in(lies: fn(&'static str) -> Lies, name: &str) -> bool {
    kind_in(lies, name).is_some()
}

/// The kind of the resources in that folder or file.
fn kind_in(lies: fn(&'static str) -> Lies, name: &str) -> Option<&'static dyn super::kind::Kind> {
    let is = |lie: Lies| match lie {
        Lies::Folder(own) | Lies::File(own) | Lies::GlobalFile(own) | Lies::Root(own) => {
            own == name && lies(own) == lie
        }
    };
    KINDS.iter().copied().find(|kind| is(kind.lies()))
}

fn is_account(name: &str) -> bool {
    name.len() == 12 && name.bytes().all(|b| b.is_ascii_digit())
}

/// Receives the progress: the current step in words, the number of finished steps, and the number of all steps.
pub type Tell<'a> = dyn FnMut(&str, u64, u64) + 'a;

impl Store {
    /// The number of resources in all accounts and regions.
    pub(super) fn resources(&self) -> Result<u64> {
        let mut all = 0;
        for scope in self.scopes()? {
            let place = self.place(scope);
            for kind in KINDS.iter().filter(|kind| kind.folder().is_some()) {
                all += kind.names(&place)?.len() as u64;
            }
        }
        Ok(all)
    }

    /// Writes the whole state as a zip, each resource as of one moment. `tell` receives the progress. Returns
    /// descriptions of the files that were left out.
    ///
    /// # Errors
    /// A file that cannot be read, or `out` that cannot be written.
    pub fn archive(
        &self,
        out: &mut (impl Write + Seek),
        target: &Path,
        tell: &mut Tell<'_>,
    ) -> Result<Vec<String>> {
        let mut writer = Writer {
            zip: ZipWriter::new(FailsOnce {
                out,
                at: 0,
                has_failed: false,
            }),
            target,
        };
        let mut left_out = Vec::new();
        writer.text("FORMAT", format!("{}\n", format::CURRENT).as_bytes())?;
        let mut wanted = BTreeSet::new();
        let (mut done, all) = (0, self.resources()?);
        for scope in self.scopes()? {
            let place = self.place(scope);
            let prefix = format!("{}/{}", place.scope.account, place.scope.region);
            let retired = folders().map(|folder| format!("retired/{folder}"));
            for folder in retired.chain(["", "responses"].map(str::to_owned)) {
                for (name, file) in place.files(&folder)? {
                    let name = match folder.as_str() {
                        "" => format!("{prefix}/{name}"),
                        folder => format!("{prefix}/{folder}/{name}"),
                    };
                    if matches!(kind(&name), Some(EntryKind::Plain)) {
                        writer.file(&name, &file)?;
                    }
                }
            }
            for kind in KINDS {
                let Some(folder) = kind.folder() else {
                    continue;
                };
                for name in kind.names(&place)? {
                    tell(&name, done, all);
                    done += 1;
                    // The resource was deleted after the names were listed.
                    let Some(resource) = kind.pack(&place, &name)? else {
                        continue;
                    };
                    wanted.extend(resource.packages());
                    for (file, bytes) in resource.files() {
                        writer.text(&format!("{prefix}/{folder}/{name}/{file}"), &bytes)?;
                    }
                }
            }
        }
        for account in self.accounts()? {
            for name in atomic::names(&self.root().join(&account))? {
                if is_in(Lies::GlobalFile, &name) {
                    let name = format!("{account}/{name}");
                    writer.file(&name, &self.root().join(&name))?;
                }
            }
        }
        let mut missing = 0;
        for (done, sha256) in wanted.iter().enumerate() {
            let what = format!("package {} of {}", done + 1, wanted.len());
            tell(&what, done as u64, wanted.len() as u64);
            match self.package(sha256).filter(|path| path.is_file()) {
                Some(path) => {
                    let name = package::package_path(sha256).unwrap_or_default();
                    let name = name.to_string_lossy().replace('\\', "/");
                    writer.file(&name, &path)?;
                }
                None => missing += 1,
            }
        }
        if missing > 0 {
            left_out.push(format!(
                "{missing} of {} code packages that this state does not have",
                wanted.len()
            ));
        }
        for name in ["faults", "faults.count", images::FILE, "aws/config"] {
            let path = self.root().join(name);
            if path.is_file() {
                writer.file(name, &path)?;
            }
        }
        if self.parent().is_some() {
            for (name, file) in self.s3_files()? {
                writer.file(&format!("s3/{name}"), &file)?;
            }
        } else {
            writer.folder("s3", &self.root().join("s3"), &mut left_out)?;
        }
        for name in ["invoke", "stubs"] {
            if self.root().join(name).exists() {
                left_out.push(format!("{name}: a command that would run on this machine"));
            }
        }
        writer.zip.finish().map_err(|error| failed(target, error))?;
        Ok(left_out)
    }
}

/// The target of a zip. It reports only the first failed write, and later writes appear to succeed. Without this type,
/// the zip library would try to finish the zip when the zip is dropped, and would print its own error about a full
/// disk.
struct FailsOnce<'a, W> {
    out: &'a mut W,
    /// The position in the file. It also advances after the failure.
    at: u64,
    has_failed: bool,
}

impl<W> FailsOnce<'_, W> {
    fn told<T>(&mut self, answer: io::Result<T>) -> io::Result<T> {
        self.has_failed |= answer
            .as_ref()
            .is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        answer
    }
}

impl<W: Write> Write for FailsOnce<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match self.has_failed {
            true => Ok(bytes.len()),
            false => self.out.write(bytes),
        };
        let written = self.told(written)?;
        self.at = self.at.saturating_add(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = match self.has_failed {
            true => Ok(()),
            false => self.out.flush(),
        };
        self.told(flushed)
    }
}

impl<W: Seek> Seek for FailsOnce<'_, W> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let sought = match (self.has_failed, to) {
            (false, to) => self.out.seek(to),
            (true, io::SeekFrom::Start(at)) => Ok(at),
            (true, io::SeekFrom::Current(by) | io::SeekFrom::End(by)) => {
                Ok(self.at.saturating_add_signed(by))
            }
        };
        self.at = self.told(sought)?;
        Ok(self.at)
    }
}

struct Writer<'a, W: Write + Seek> {
    zip: ZipWriter<W>,
    target: &'a Path,
}

impl<W: Write + Seek> Writer<'_, W> {
    fn start(&mut self, name: &str, method: CompressionMethod) -> Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(zip::DateTime::default())
            .large_file(method == CompressionMethod::Stored)
            .unix_permissions(0o600);
        self.zip
            .start_file(name, options)
            .map_err(|error| failed(self.target, error).into())
    }

    fn text(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.start(name, CompressionMethod::Deflated)?;
        self.zip
            .write_all(bytes)
            .map_err(|error| StoreError::io("write", self.target, error).into())
    }

    fn file(&mut self, name: &str, path: &Path) -> Result<()> {
        let mut file = File::open(path).map_err(|error| StoreError::io("read", path, error))?;
        self.start(name, CompressionMethod::Stored)?;
        io::copy(&mut file, &mut self.zip)
            .map(drop)
            .map_err(|error| StoreError::io("write", self.target, error).into())
    }

    fn folder(&mut self, name: &str, folder: &Path, left_out: &mut Vec<String>) -> Result<()> {
        for file in atomic::names(folder)? {
            if name == "s3" && s3::LEFT.contains(&file.as_str()) {
                continue;
            }
            if name == "s3" && file == s3::UPLOADS {
                let uploads = atomic::names(&folder.join(&file))?.len();
                if uploads > 0 {
                    left_out.push(format!("s3/{file}: {uploads} unfinished uploads in parts"));
                }
                continue;
            }
            let (name, path) = (format!("{name}/{file}"), folder.join(&file));
            let metadata = fs::symlink_metadata(&path)
                .map_err(|error| StoreError::io("read", &path, error))?;
            if metadata.is_dir() {
                self.folder(&name, &path, left_out)?;
            } else if metadata.is_file() && matches!(kind(&name), Some(EntryKind::Plain)) {
                self.file(&name, &path)?;
            } else {
                left_out.push(format!("{name}: not a regular file of a bucket"));
            }
        }
        Ok(())
    }
}

fn failed(path: &Path, error: zip::result::ZipError) -> StoreError {
    let error = match error {
        zip::result::ZipError::Io(error) => error,
        other => io::Error::other(plain(&other)),
    };
    StoreError::io("write", path, error)
}

/// The files of resources in an archive, before they are checked. The outer key is place, kind and name. The inner key
/// is the file; its value is the number of the file's entry in the zip.
type Found = BTreeMap<(String, String, String), BTreeMap<String, usize>>;

impl Archive {
    /// Reads and checks an archive. Returns `None` for a zip without `FORMAT`, which is not an archive of ours.
    ///
    /// # Errors
    /// A file that is not a zip or is cut short; a name that no state directory has; a link; an unpacked size that is
    /// many times the size of the file; a file whose contents do not match its name. The message names the file.
    pub fn open(path: &Path) -> Result<Option<Self>> {
        let file = File::open(path).map_err(|error| StoreError::io("read", path, error))?;
        let length = file
            .metadata()
            .map_err(|error| StoreError::io("read", path, error))?
            .len();
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|error| {
            refused(
                path,
                format!("it is not a complete zip ({})", plain(&error)),
            )
        })?;
        let mut archive = Self {
            zip,
            path: path.to_owned(),
            places: BTreeMap::new(),
            packages: BTreeMap::new(),
            files: BTreeMap::new(),
        };
        if archive.zip.index_for_name("FORMAT").is_none() {
            return Ok(None);
        }
        let found = archive.survey(length)?;
        archive.zip.validate_header_consistency().map_err(|error| {
            refused(
                path,
                format!(
                    "its directory and its files do not agree ({})",
                    plain(&error)
                ),
            )
        })?;
        let text = archive.text_of("FORMAT")?;
        let number = String::from_utf8_lossy(&text).trim().parse();
        if !number.is_ok_and(format::is_known) {
            let cause = format!(
                "its FORMAT is {:?}, but this lambdry knows formats only up to {}",
                String::from_utf8_lossy(&text)
                    .trim()
                    .chars()
                    .take(40)
                    .collect::<String>(),
                format::CURRENT
            );
            return Err(refused(path, cause).into());
        }
        for folder in folders() {
            for ((place, kind, name), files) in found.iter().filter(|((_, of, _), _)| of == folder)
            {
                archive.take(place, kind, name, files)?;
            }
        }
        for name in archive.files() {
            match name.split('/').collect::<Vec<_>>()[..] {
                ["s3", ..] => {}
                [_, _, "account.json"] => archive.json::<Limits>(&name).map(|_| ())?,
                [_, _, "retired", ..] => archive.json::<Retired>(&name).map(|_| ())?,
                [_, _, file] => archive.judge(kind_in(Lies::File, file), &name)?,
                [_, file] => archive.judge(kind_in(Lies::GlobalFile, file), &name)?,
                _ => {}
            }
        }
        Ok(Some(archive))
    }

    /// Checks every name and size, without reading contents.
    fn survey(&mut self, length: u64) -> Result<Found> {
        let mut found = Found::new();
        let mut total = 0u64;
        for index in 0..self.zip.len() {
            let entry = self.zip.by_index_raw(index).map_err(|error| {
                refused(
                    &self.path,
                    format!("it is cut short or broken ({})", plain(&error)),
                )
            })?;
            let name = entry
                .name()
                .map_err(|error| {
                    refused(
                        &self.path,
                        format!("a name in it is invalid ({})", plain(&error)),
                    )
                })?
                .into_owned();
            if entry.is_symlink() {
                return Err(refused(&self.path, format!("{name:?} in it is a link")).into());
            }
            if entry.encrypted() {
                return Err(refused(&self.path, format!("{name:?} in it is encrypted")).into());
            }
            let ends = entry
                .data_start()
                .and_then(|start| start.checked_add(entry.compressed_size()));
            if ends.is_none_or(|end| end > length) {
                return Err(refused(
                    &self.path,
                    format!("it is cut short: {name:?} is incomplete"),
                )
                .into());
            }
            total = total.saturating_add(entry.size());
            if total > length.saturating_mul(RATIO).saturating_add(SLACK) {
                let cause =
                    format!("with {name:?} it would unpack to more than {RATIO} times its size");
                return Err(refused(&self.path, cause).into());
            }
            let Some(kind) = kind(&name) else {
                return Err(refused(
                    &self.path,
                    format!("{name:?} in it is not a file of a state directory"),
                )
                .into());
            };
            match kind {
                EntryKind::Folder | EntryKind::Format => {}
                EntryKind::Plain => drop(self.files.insert(name, index)),
                EntryKind::Package(hex) => {
                    let bytes: Vec<u8> = (0..hex.len() / 2)
                        .filter_map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).ok())
                        .collect();
                    use base64::{Engine as _, prelude::BASE64_STANDARD};
                    self.packages.insert(BASE64_STANDARD.encode(bytes), index);
                }
                EntryKind::Resource(place, kind, owner, file) => {
                    let key = (place.to_owned(), kind.to_owned(), owner.to_owned());
                    found.entry(key).or_default().insert(file.to_owned(), index);
                }
            }
        }
        Ok(found)
    }

    pub(super) fn text_of(&mut self, name: &str) -> Result<Vec<u8>> {
        let index = self.zip.index_for_name(name);
        let index =
            index.ok_or_else(|| refused(&self.path, format!("{name:?} is missing in it")))?;
        let mut text = Vec::new();
        let read = self
            .zip
            .by_index(index)
            .map_err(io::Error::other)
            .and_then(|entry| entry.take(TEXT + 1).read_to_end(&mut text));
        match read {
            Err(error) => {
                let cause = format!("{name:?} in it is broken ({})", plain(&error));
                Err(refused(&self.path, cause).into())
            }
            Ok(_) if text.len() as u64 > TEXT => Err(refused(
                &self.path,
                format!("{name:?} in it has more than {TEXT} bytes"),
            )
            .into()),
            Ok(_) => Ok(text),
        }
    }

    fn json<T: DeserializeOwned>(&mut self, name: &str) -> Result<T> {
        let text = self.text_of(name)?;
        if text.trim_ascii_start().first() != Some(&b'{') {
            return Err(refused(&self.path, format!("{name:?} in it is not a JSON object")).into());
        }
        serde_json::from_slice(&text).map_err(|error| {
            refused(
                &self.path,
                format!(
                    "{name:?} in it is not a valid state file: {}",
                    plain(&error)
                ),
            )
            .into()
        })
    }

    fn take(
        &mut self,
        place: &str,
        kind: &str,
        name: &str,
        files: &BTreeMap<String, usize>,
    ) -> Result<()> {
        let (account, region) = place.split_once('/').unwrap_or_default();
        let scope = Scope {
            region: region.to_owned(),
            account: account.to_owned(),
        };
        let of = kind_in(Lies::Folder, kind).ok_or_else(|| self.no_resource(place, name))?;
        let resource = of.unpack(self, place, name, files)?;
        self.at(place, scope).0.push(resource);
        Ok(())
    }

    /// The error for a resource whose kind is not stored in folders.
    pub(super) fn no_resource(&self, place: &str, name: &str) -> super::Failure {
        let cause = format!("{place}/…/{name} in it is not a resource of a state directory");
        refused(&self.path, cause).into()
    }

    /// Checks the file that holds the resources of a kind.
    fn judge(&mut self, kind: Option<&dyn super::kind::Kind>, name: &str) -> Result<()> {
        let Some(kind) = kind else {
            return Ok(());
        };
        let text = self.text_of(name)?;
        kind.judge(&text).map_err(|cause| {
            let cause = format!("{name:?} in it is not a valid state file: {cause}");
            refused(&self.path, cause).into()
        })
    }

    fn at(&mut self, place: &str, scope: Scope) -> &mut Contents {
        let entry = self.places.entry(place.to_owned());
        &mut entry.or_insert_with(|| (scope, Contents::default())).1
    }

    pub(super) fn resource<H: Head>(
        &mut self,
        place: &str,
        name: &str,
        files: &BTreeMap<String, usize>,
    ) -> Result<Resource<H>> {
        let folder = format!("{place}/{}/{name}", H::FOLDER);
        let version = files.keys().find(|file| file.starts_with("versions/"));
        if let Some(file) = version.filter(|_| !H::HAS_VERSIONS) {
            // The kind has no versions, so its head has no number with which these files could be checked.
            let cause = format!("{folder}/{file} in it is not a file of a state directory");
            return Err(refused(&self.path, cause).into());
        }
        let head: H = self.json(&format!("{folder}/{}", H::FILE))?;
        if head.name() != name {
            let cause = format!("{folder}/{} in it belongs to {:?}", H::FILE, head.name());
            return Err(refused(&self.path, cause).into());
        }
        let mut versions = Vec::new();
        let mut lines = Vec::new();
        for file in files.keys() {
            let path = format!("{folder}/{file}");
            if file == H::FILE {
                continue;
            }
            if file == "journal.jsonl" {
                let text = self.text_of(&path)?;
                lines = journal::parse(&text, head.changes())
                    .map_err(|cause| refused(&self.path, format!("{path} in it: {cause}")))?;
                continue;
            }
            let number = file
                .strip_prefix("versions/")
                .and_then(|file| file.strip_suffix(".json"))
                .and_then(|text| text.parse().ok().filter(|n: &u64| n.to_string() == text));
            let Some(number) = number else {
                return Err(refused(
                    &self.path,
                    format!("{path:?} in it is not a file of a state directory"),
                )
                .into());
            };
            versions.push((number, self.json(&path)?));
        }
        versions.sort_by_key(|(number, _)| *number);
        let resource = Resource {
            head,
            versions,
            journal: lines,
        };
        resource
            .check()
            .map_err(|cause| refused(&self.path, format!("{folder} in it: {cause}")))?;
        Ok(resource)
    }

    /// The `CodeSha256` of every package in the archive.
    pub fn packages(&self) -> Vec<String> {
        self.packages.keys().cloned().collect()
    }

    /// The files that belong to no resource, by their path in the state directory.
    pub fn files(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }

    /// The path of the archive.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns true if the archive holds that file, which belongs to no resource.
    pub(super) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// Reads a package.
    pub(super) fn read_package<T>(
        &mut self,
        code_sha256: &str,
        read: impl FnOnce(&mut dyn io::Read) -> io::Result<T>,
    ) -> Result<T> {
        let index = self.packages.get(code_sha256).copied();
        self.read_entry(index, code_sha256, read)
    }

    /// Reads a file that belongs to no resource.
    pub(super) fn read_file<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut dyn io::Read) -> io::Result<T>,
    ) -> Result<T> {
        let index = self.files.get(name).copied();
        self.read_entry(index, name, read)
    }

    fn read_entry<T>(
        &mut self,
        index: Option<usize>,
        what: &str,
        read: impl FnOnce(&mut dyn io::Read) -> io::Result<T>,
    ) -> Result<T> {
        let path = &self.path;
        let index = index.ok_or_else(|| refused(path, format!("{what} is missing in it")))?;
        let broken = |error: &(dyn std::error::Error + 'static)| {
            refused(path, format!("{what} in it is broken ({})", plain(error)))
        };
        let mut entry = self.zip.by_index(index).map_err(|error| broken(&error))?;
        // The size in an entry may be wrong, so no more than this size is read.
        let size = entry.size();
        let mut limited = (&mut entry).take(size.saturating_add(1));
        let answer = read(&mut limited).map_err(|error| broken(&error))?;
        if limited.limit() != 1 {
            return Err(refused(
                path,
                format!("{what} in it does not have the size that it declares"),
            )
            .into());
        }
        Ok(answer)
    }
}

/// The error for a faulty archive. None of its contents was imported.
pub(super) fn refused(path: &Path, cause: impl Into<String>) -> StoreError {
    StoreError::content(path, cause)
        .with_hint("nothing was imported; lambdry export --archive FILE writes a readable archive")
}
