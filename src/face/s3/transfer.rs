//! `s3 cp`, `mv`, `rm` and `sync`: list the source, filter the list, and transfer each item to the target.
//!
//! Files and objects are processed one by one in the order of their names.

use std::cmp::Ordering;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::path::{Filters, Location, absolute, shown, uri};
use super::types::content_type;
use crate::face::blobs::Blobs;
use crate::face::call::Session;
use crate::face::check;
use crate::face::custom::Words;
use crate::face::exit::Stop;
use crate::face::progress::Progress;
use crate::face::values::Reader;
use crate::face::world::World;
use crate::face::{paramfile, s3::COMMANDS};
use crate::operation::Failure;
use crate::operation::shape::{Shape, Text};
use crate::state::event_source::Date;

/// The size in bytes from which aws-cli uploads in parts. Error messages show the difference: they name the operation
/// that failed.
const IN_PARTS: u64 = 8 << 20;

pub(super) fn cp(w: &mut World<'_>, s: &Session<'_>, words: &Words) -> Result<u8, Stop> {
    Transfer::new(w, s, words, "cp")?.run(w)
}

pub(super) fn mv(w: &mut World<'_>, s: &Session<'_>, words: &Words) -> Result<u8, Stop> {
    Transfer::new(w, s, words, "mv")?.run(w)
}

pub(super) fn rm(w: &mut World<'_>, s: &Session<'_>, words: &Words) -> Result<u8, Stop> {
    Transfer::new(w, s, words, "rm")?.run(w)
}

pub(super) fn sync(w: &mut World<'_>, s: &Session<'_>, words: &Words) -> Result<u8, Stop> {
    Transfer::new(w, s, words, "sync")?.run(w)
}

/// Removes every object of a bucket, as `rm --recursive` does. Returns its exit code.
pub(super) fn clear(w: &mut World<'_>, s: &Session<'_>, bucket: &str) -> Result<u8, Stop> {
    let line = [uri(bucket, ""), "--recursive".to_owned()];
    let rm = COMMANDS.iter().find(|command| command.name == "rm");
    let rm = rm.expect("it stands in the table");
    crate::face::custom::run(w, s, rm, &line)
}

/// Formats the line that reports an operation's failure.
pub(super) fn told(operation: &str, failure: &Failure) -> String {
    match failure {
        Failure::Service(error) => format!(
            "An error occurred ({}) when calling the {operation} operation: {}",
            error.code.name(),
            error.message
        ),
        other => other.to_string(),
    }
}

/// Requests all pages of a listing, one after the other.
pub(super) fn pages(
    mut request: Value,
    mut call: impl FnMut(Value) -> Result<Value, Stop>,
    mut show: impl FnMut(&Value) -> Result<(), Stop>,
) -> Result<(), Stop> {
    loop {
        let page = call(request.clone())?;
        show(&page)?;
        match page.get("NextContinuationToken") {
            Some(token) => request["ContinuationToken"] = token.clone(),
            None => return Ok(()),
        }
    }
}

/// A file or an object at the source.
#[derive(Debug, Clone)]
struct Item {
    /// The item's name relative to the root of the source.
    name: String,
    at: At,
    size: u64,
    time: Timestamp,
}

/// The file or the object that an item is.
#[derive(Debug, Clone)]
enum At {
    File(PathBuf),
    Object(String, String),
}

/// One command in progress.
struct Transfer<'a> {
    session: &'a Session<'a>,
    region: String,
    cwd: PathBuf,
    command: &'static str,
    source: Location,
    target: Option<Location>,
    /// True if the command includes everything below a folder or a prefix.
    folder: bool,
    filters: Filters,
    words: &'a Words,
    metadata: Option<Value>,
    /// The number of failed items, and the number of warnings.
    failed: usize,
    warned: usize,
    progress: Progress,
}

/// An error in a listing. It ends the command.
enum Fatal {
    Told(String),
    Stop(Stop),
}

impl From<Stop> for Fatal {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl<'a> Transfer<'a> {
    fn new(
        world: &World<'_>,
        session: &'a Session<'a>,
        words: &'a Words,
        command: &'static str,
    ) -> Result<Self, Stop> {
        let paths = words.all("paths").unwrap_or_default();
        let places: Vec<Location> = paths.iter().map(|path| Location::of(path)).collect();
        let fits = match places.as_slice() {
            [one] => one.is_s3(),
            [source, target] => source.is_s3() || target.is_s3(),
            _ => false,
        };
        if !fits {
            let usage = match command {
                "rm" => "<S3Uri>",
                _ => "<LocalPath> <S3Uri> or <S3Uri> <LocalPath> or <S3Uri> <S3Uri>",
            };
            return Err(Stop::Invalid(format!(
                "usage: aws s3 {command} {usage}\nError: Invalid argument type"
            )));
        }
        let mut places = places.into_iter();
        let source = places.next().unwrap_or(Location::Local(String::new()));
        let target = places.next();
        let folder = command == "sync" || words.has("--recursive");
        let streams = source.is_stream() || target.as_ref().is_some_and(Location::is_stream);
        if streams && (command != "cp" || folder) {
            return Err(Stop::Invalid(
                "Streaming currently is only compatible with non-recursive cp commands".to_owned(),
            ));
        }
        let cwd = world.process.cwd.clone();
        if command == "mv"
            && let (Location::S3(bucket, key), Some(Location::S3(to, into))) = (&source, &target)
        {
            let name = key.rsplit('/').next().unwrap_or_default();
            let onto_itself = into == key
                || ((into.is_empty() || into.ends_with('/')) && *key == format!("{into}{name}"));
            if bucket == to && onto_itself {
                return Err(Stop::Invalid(format!(
                    "Cannot mv a file onto itself: {} - {}",
                    uri(bucket, key),
                    uri(to, into)
                )));
            }
        }
        match (&source, &target) {
            (Location::Local(path), _) if !streams && !cwd.join(path).exists() => {
                return Err(Stop::Other(format!(
                    "The user-provided path {path} does not exist."
                )));
            }
            (_, Some(Location::Local(path))) if folder => {
                fs::create_dir_all(cwd.join(path))
                    .map_err(|error| Stop::Other(paramfile::os_error(&error, path)))?;
            }
            _ => {}
        }
        let filters = words.given().filter_map(|(name, words)| match name {
            "--include" => Some((true, words.first()?.clone())),
            "--exclude" => Some((false, words.first()?.clone())),
            _ => None,
        });
        let filters = Filters(filters.collect());
        let blobs = Blobs::new(session.state);
        let reader = Reader {
            process: &world.process,
            blobs: &blobs,
        };
        let map = Shape::Map {
            key: Text::default(),
            value: Box::new(Shape::String(Text::default())),
            sensitive: false,
        };
        let metadata = match words.all("--metadata") {
            Some(given) => Some(reader.member("--metadata", &map, given)?.value),
            None => None,
        };
        Ok(Self {
            session,
            region: session.reach(world)?,
            cwd,
            command,
            source,
            target,
            folder,
            filters,
            words,
            metadata,
            failed: 0,
            warned: 0,
            progress: match ["--quiet", "--only-show-errors", "--no-progress"]
                .iter()
                .any(|option| words.has(option))
            {
                true => Progress::silent(),
                false => Progress::new(&world.process),
            },
        })
    }

    fn run(mut self, world: &mut World<'_>) -> Result<u8, Stop> {
        let ended = self.all(world);
        self.progress.clear();
        match ended {
            Ok(()) => {}
            Err(Fatal::Stop(stop)) => return Err(stop),
            Err(Fatal::Told(text)) => {
                if !self.words.has("--quiet") {
                    writeln!(world.stderr, "fatal error: {text}")?;
                }
                self.failed += 1;
            }
        }
        Ok(match (self.failed, self.warned) {
            (0, 0) => 0,
            (0, _) => 2,
            _ => 1,
        })
    }

    fn all(&mut self, world: &mut World<'_>) -> Result<(), Fatal> {
        let source = self.source.clone();
        if source.is_stream() || self.target.as_ref().is_some_and(Location::is_stream) {
            let at = match &source {
                Location::S3(bucket, key) => At::Object(bucket.clone(), key.clone()),
                Location::Local(_) => At::File(PathBuf::from("-")),
            };
            let item = Item {
                name: String::new(),
                at,
                size: 0,
                time: Timestamp::default(),
            };
            return Ok(self.one(world, &item)?);
        }
        let items = self.list(world, &source, self.command == "rm")?;
        if self.command != "sync" {
            let mut going = Going::new(&items);
            for item in items {
                going.step(&item, &mut self.progress);
                self.one(world, &item)?;
            }
            return Ok(());
        }
        let target = self.target.clone().unwrap_or_else(|| source.clone());
        let mut there = self.list(world, &target, false)?.into_iter().peekable();
        let mut going = Going::new(&items);
        for item in items {
            going.step(&item, &mut self.progress);
            // Items are processed in order. An item that only the target has is deleted when its turn comes.
            while let Some(other) = there.next_if(|other| other.name < item.name) {
                self.surplus(world, &other)?;
            }
            let twin = there.next_if(|other| other.name == item.name);
            if twin.is_none_or(|twin| self.differs(&item, &twin)) {
                self.one(world, &item)?;
            }
        }
        for other in there {
            self.surplus(world, &other)?;
        }
        Ok(())
    }

    /// Returns true if `sync` copies an item that both sides have.
    fn differs(&self, item: &Item, twin: &Item) -> bool {
        if self.words.has("--no-overwrite") {
            return false;
        }
        let downloads = matches!((&item.at, &twin.at), (At::Object(..), At::File(_)));
        let newer = match (downloads, item.time.cmp(&twin.time)) {
            _ if self.words.has("--size-only") => false,
            (_, Ordering::Equal) => false,
            (false, order) => order == Ordering::Greater,
            // On a download, aws-cli keeps a file that is older than the object, and replaces a file that is newer.
            (true, order) => order == Ordering::Less || self.words.has("--exact-timestamps"),
        };
        item.size != twin.size || newer
    }

    /// Deletes an item that only the target has, for `sync --delete`.
    fn surplus(&mut self, world: &mut World<'_>, other: &Item) -> Result<(), Stop> {
        if !self.words.has("--delete") {
            return Ok(());
        }
        let (what, outcome) = match &other.at {
            At::File(path) => {
                let outcome = match self.words.has("--dryrun") {
                    true => Ok(()),
                    false => fs::remove_file(path)
                        .map_err(|error| paramfile::os_error(&error, &path.to_string_lossy())),
                };
                (shown(path, &self.cwd), outcome)
            }
            At::Object(bucket, key) => (uri(bucket, key), self.delete(bucket, key)),
        };
        self.tell(world, "delete", &what, outcome)
    }

    /// Lists the items below a place, in the order of their names.
    fn list(
        &mut self,
        world: &mut World<'_>,
        place: &Location,
        deletes: bool,
    ) -> Result<Vec<Item>, Fatal> {
        match place {
            Location::Local(path) => {
                let root = absolute(Path::new(path), &self.cwd);
                let mut items = Vec::new();
                if self.folder && root.is_dir() {
                    self.files(world, &root, "", &mut items)?;
                } else if self.folder {
                    // The target of a download need not exist.
                    if root.exists() {
                        // With a slash at its end, the path means a folder, and a file with this path does not exist.
                        let path = format!("{}/", root.to_string_lossy());
                        self.skip(world, &path, "File does not exist.")?;
                    }
                } else if !self.skips(world, &root)? {
                    let name = root.file_name().unwrap_or_default().to_string_lossy();
                    items.extend(self.file(&root, name.into_owned()));
                }
                items.retain(|item| match &item.at {
                    At::File(path) => self.filters.keep(&item.name, &path.to_string_lossy()),
                    At::Object(..) => true,
                });
                Ok(items)
            }
            Location::S3(bucket, key) if !self.folder => {
                let name = key.rsplit('/').next().unwrap_or_default().to_owned();
                let wanted = self.filters.keep(&name, &format!("{bucket}/{key}"));
                // If the path has no key, no object is included.
                if key.is_empty() {
                    return self.objects(bucket, "").map(|_| Vec::new());
                }
                let mut item = Item {
                    name,
                    at: At::Object(bucket.clone(), key.clone()),
                    size: 0,
                    time: Timestamp::default(),
                };
                if !deletes {
                    self.head(&mut item, bucket, key)?;
                }
                Ok(Some(item).filter(|_| wanted).into_iter().collect())
            }
            Location::S3(bucket, prefix) => {
                let mut prefix = prefix.clone();
                if !prefix.is_empty() && !prefix.ends_with('/') {
                    prefix.push('/');
                }
                let mut items = self.objects(bucket, &prefix)?;
                items.retain(|item| {
                    // The object that marks a folder is not a file.
                    if !deletes && item.size == 0 && item.name.ends_with('/') {
                        return false;
                    }
                    let whole = format!("{bucket}/{prefix}{}", item.name);
                    self.filters.keep(&item.name, &whole)
                });
                Ok(items)
            }
        }
    }

    /// Reads an object's size and time before it is copied or downloaded.
    fn head(&self, item: &mut Item, bucket: &str, key: &str) -> Result<(), Fatal> {
        let request = json!({ "Bucket": bucket, "Key": key });
        let head = self.session.operate(&self.region, "HeadObject", request);
        let head = head.map_err(|failure| {
            Fatal::Told(match failure {
                Failure::Service(error) if error.code.name() == "404" => format!(
                    "An error occurred (404) when calling the HeadObject operation: Key \"{key}\" does not exist"
                ),
                other => told("HeadObject", &other),
            })
        })?;
        item.size = head["ContentLength"].as_u64().unwrap_or_default();
        item.time = time(&head["LastModified"]);
        Ok(())
    }

    fn objects(&self, bucket: &str, prefix: &str) -> Result<Vec<Item>, Fatal> {
        let mut items = Vec::new();
        let mut failure = None;
        let request = json!({ "Bucket": bucket, "Prefix": prefix });
        let listed = pages(
            request,
            |request| {
                let page = self.session.operate(&self.region, "ListObjectsV2", request);
                page.map_err(|failed| {
                    let told = told("ListObjectsV2", &failed);
                    failure = Some(told.clone());
                    Stop::Other(told)
                })
            },
            |page| {
                for object in page["Contents"].as_array().into_iter().flatten() {
                    let key = object["Key"].as_str().unwrap_or_default();
                    items.push(Item {
                        name: key[prefix.len()..].to_owned(),
                        at: At::Object(bucket.to_owned(), key.to_owned()),
                        size: object["Size"].as_u64().unwrap_or_default(),
                        time: time(&object["LastModified"]),
                    });
                }
                Ok(())
            },
        );
        match (failure, listed) {
            (Some(told), _) => Err(Fatal::Told(told)),
            (None, Err(stop)) => Err(stop.into()),
            (None, Ok(())) => Ok(items),
        }
    }

    /// Collects every file below a folder. A folder sorts by its name with a slash, as the keys below it do.
    fn files(
        &mut self,
        world: &mut World<'_>,
        folder: &Path,
        above: &str,
        items: &mut Vec<Item>,
    ) -> Result<(), Stop> {
        let entries = fs::read_dir(folder)
            .map_err(|error| Stop::Other(paramfile::os_error(&error, &folder.to_string_lossy())))?;
        let mut names = Vec::new();
        for entry in entries.flatten() {
            let path = entry.path();
            if self.skips(world, &path)? {
                continue;
            }
            let mut name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                name.push('/');
            }
            names.push((name, path));
        }
        names.sort();
        for (name, path) in names {
            let whole = format!("{above}{name}");
            if name.ends_with('/') {
                self.files(world, &path, &whole, items)?;
            } else {
                items.extend(self.file(&path, whole));
            }
        }
        Ok(())
    }

    fn file(&self, path: &Path, name: String) -> Option<Item> {
        let metadata = fs::metadata(path).ok()?;
        let time = metadata.modified().ok().map(Timestamp::try_from);
        Some(Item {
            name,
            at: At::File(path.to_owned()),
            size: metadata.len(),
            time: time.and_then(Result::ok).unwrap_or_default(),
        })
    }

    /// Returns true if a file is skipped. Prints a warning unless the options asked for it.
    fn skips(&mut self, world: &mut World<'_>, path: &Path) -> Result<bool, Stop> {
        let is_link = fs::symlink_metadata(path).is_ok_and(|file| file.is_symlink());
        let follows = self
            .words
            .given()
            .filter(|(name, _)| name.ends_with("follow-symlinks"));
        if is_link
            && follows
                .last()
                .is_some_and(|(name, _)| name == "--no-follow-symlinks")
        {
            return Ok(true);
        }
        let why = match fs::metadata(path) {
            Err(_) => "File does not exist.",
            Ok(file) if !file.is_file() && !file.is_dir() => {
                "File is character special device, block special device, FIFO, or socket."
            }
            Ok(file) if file.is_file() && File::open(path).is_err() => {
                "File/Directory is not readable."
            }
            Ok(file) if file.is_dir() && fs::read_dir(path).is_err() => {
                "File/Directory is not readable."
            }
            Ok(_) => return Ok(false),
        };
        self.skip(world, &path.to_string_lossy(), why)?;
        Ok(true)
    }

    /// Skips a file and prints a warning.
    fn skip(&mut self, world: &mut World<'_>, path: &str, why: &str) -> Result<(), Stop> {
        self.warned += 1;
        self.progress.clear();
        if !self.words.has("--quiet") {
            writeln!(world.stderr, "warning: Skipping file {path}. {why}")?;
        }
        Ok(())
    }

    /// Transfers one file or object to its target.
    fn one(&mut self, world: &mut World<'_>, item: &Item) -> Result<(), Stop> {
        let Some(target) = &self.target else {
            if let At::Object(bucket, key) = &item.at {
                let outcome = self.delete(bucket, key);
                return self.tell(world, "delete", &uri(bucket, key), outcome);
            }
            return Ok(());
        };
        let from = match &item.at {
            At::File(path) if self.source.is_stream() => path.display().to_string(),
            // The item is a folder where a file is expected. Its upload fails later.
            At::File(path) if path.is_dir() => shown(&path.join(""), &self.cwd),
            At::File(path) => shown(path, &self.cwd),
            At::Object(bucket, key) => uri(bucket, key),
        };
        let (to, at) = self.aim(target, item);
        let what = format!("{from} to {to}");
        let kind = match (&item.at, &at) {
            _ if self.command == "mv" => "move",
            (At::File(_), _) => "upload",
            (_, At::File(_)) => "download",
            _ => "copy",
        };
        if self.words.has("--dryrun") {
            return self.tell(world, kind, &what, Ok(()));
        }
        if self.words.has("--no-overwrite") && self.is_there(&at) {
            return Ok(());
        }
        let mut outcome = match (&item.at, &at) {
            (At::File(path), At::Object(bucket, key)) => {
                self.upload(world, path, item.size, bucket, key)
            }
            (At::Object(bucket, key), At::File(path)) if !target.is_stream() => {
                self.download(bucket, key, path)
            }
            (At::Object(bucket, key), At::File(_)) => self.print(world, bucket, key)?,
            (At::Object(bucket, key), At::Object(to, into)) => self.copy(bucket, key, to, into),
            (At::File(_), At::File(_)) => Ok(()),
        };
        if outcome.is_ok() && self.command == "mv" {
            outcome = match &item.at {
                At::File(path) => fs::remove_file(path)
                    .map_err(|error| paramfile::os_error(&error, &path.to_string_lossy())),
                At::Object(bucket, key) => self.delete(bucket, key),
            };
        }
        self.tell(world, kind, &what, outcome)
    }

    /// The target of an item: the text that messages show, and the file or object.
    fn aim(&self, target: &Location, item: &Item) -> (String, At) {
        match target {
            Location::S3(bucket, key) => {
                let mut key = key.clone();
                if self.folder && !key.is_empty() && !key.ends_with('/') {
                    key.push('/');
                }
                // The name of a stream is empty.
                if key.is_empty() || key.ends_with('/') {
                    key.push_str(&item.name);
                }
                (uri(bucket, &key), At::Object(bucket.clone(), key))
            }
            Location::Local(path) if path == "-" => ("-".to_owned(), At::File(PathBuf::from("-"))),
            Location::Local(path) => {
                let mut file = absolute(Path::new(path), &self.cwd);
                if self.folder || file.is_dir() || path.ends_with('/') {
                    // A key may start with a slash, but the file must stay below the folder.
                    file.push(item.name.trim_start_matches('/'));
                }
                (shown(&file, &self.cwd), At::File(file))
            }
        }
    }

    fn is_there(&self, at: &At) -> bool {
        match at {
            At::File(path) => path.exists(),
            At::Object(bucket, key) => {
                let request = json!({ "Bucket": bucket, "Key": key });
                self.session
                    .operate(&self.region, "HeadObject", request)
                    .is_ok()
            }
        }
    }

    fn call(&self, operation: &str, request: Value) -> Result<Value, String> {
        self.session
            .operate(&self.region, operation, request)
            .map_err(|failure| told(operation, &failure))
    }

    fn delete(&self, bucket: &str, key: &str) -> Result<(), String> {
        if self.words.has("--dryrun") {
            return Ok(());
        }
        let request = json!({ "Bucket": bucket, "Key": key });
        self.call("DeleteObject", request).map(|_| ())
    }

    /// The headers of an upload, from the options. If a moment is invalid, the transfer fails; it is not an error of
    /// the command line (seen in aws-cli 2.9.19).
    fn headers(&self) -> Result<Map<String, Value>, String> {
        let expires = self.words.one("--expires").map(Value::from);
        if let Some(moment) = expires.filter(|moment| Date::read(moment).is_none()) {
            let line = check::no_moment("Expires", &moment);
            return Err(format!("Parameter validation failed:\n{line}"));
        }
        let mut request = Map::new();
        for (member, option) in [
            ("ContentType", "--content-type"),
            ("CacheControl", "--cache-control"),
            ("ContentDisposition", "--content-disposition"),
            ("ContentEncoding", "--content-encoding"),
            ("ContentLanguage", "--content-language"),
            ("StorageClass", "--storage-class"),
            ("SSEKMSKeyId", "--sse-kms-key-id"),
            ("WebsiteRedirectLocation", "--website-redirect"),
            ("MetadataDirective", "--metadata-directive"),
        ] {
            if let Some(word) = self.words.one(option) {
                request.insert(member.to_owned(), word.into());
            }
        }
        if let Some(words) = self.words.all("--sse") {
            let sse = words.first().map_or("AES256", String::as_str);
            request.insert("ServerSideEncryption".to_owned(), sse.into());
        }
        if let Some(metadata) = &self.metadata {
            request.insert("Metadata".to_owned(), metadata.clone());
        }
        Ok(request)
    }

    fn upload(
        &self,
        world: &mut World<'_>,
        path: &Path,
        size: u64,
        bucket: &str,
        key: &str,
    ) -> Result<(), String> {
        let refused = |error: io::Error| paramfile::os_error(&error, &path.to_string_lossy());
        let body = if self.source.is_stream() {
            self.session.state.stream(world.stdin)
        } else if path.is_dir() {
            return Err(format!("[Errno 21] Is a directory: '{}/'", path.display()));
        } else {
            self.session.state.file(path)
        };
        let mut request = self.headers()?;
        request.shift_remove("MetadataDirective");
        if !request.contains_key("ContentType")
            && !self.words.has("--no-guess-mime-type")
            && let Some(guess) = content_type(&path.to_string_lossy())
        {
            request.insert("ContentType".to_owned(), guess.into());
        }
        request.insert("Body".to_owned(), body.map_err(refused)?);
        request.insert("Bucket".to_owned(), bucket.into());
        request.insert("Key".to_owned(), key.into());
        let put = self
            .session
            .operate(&self.region, "PutObject", Value::Object(request));
        let operation = match size {
            IN_PARTS.. => "CreateMultipartUpload",
            _ => "PutObject",
        };
        put.map(|_| ()).map_err(|failure| told(operation, &failure))
    }

    /// The file that holds the contents of an object, and the moment of the object's upload.
    fn get(&self, bucket: &str, key: &str) -> Result<(File, SystemTime), String> {
        let answer = self.call("GetObject", json!({ "Bucket": bucket, "Key": key }))?;
        let path = answer["Body"]["File"].as_str().unwrap_or_default();
        let file = File::open(path).map_err(|error| paramfile::os_error(&error, path))?;
        Ok((file, time(&answer["LastModified"]).into()))
    }

    /// Writes an object to a temporary file and moves it into place when it is complete. The file gets the object's
    /// time.
    fn download(&self, bucket: &str, key: &str, path: &Path) -> Result<(), String> {
        let (mut object, time) = self.get(bucket, key)?;
        let mut fetch = || {
            let folder = path.parent().unwrap_or(Path::new("."));
            fs::create_dir_all(folder)?;
            let mut name = path.file_name().unwrap_or_default().to_owned();
            name.push(format!(".{:08x}", std::process::id()));
            let fresh = path.with_file_name(name);
            let written = File::create(&fresh)
                .and_then(|mut file| {
                    io::copy(&mut object, &mut file)?;
                    file.set_modified(time)
                })
                .and_then(|()| fs::rename(&fresh, path));
            written.inspect_err(|_| drop(fs::remove_file(&fresh)))
        };
        fetch().map_err(|error: io::Error| paramfile::os_error(&error, &path.to_string_lossy()))
    }

    /// Writes an object to standard output.
    fn print(
        &self,
        world: &mut World<'_>,
        bucket: &str,
        key: &str,
    ) -> Result<Result<(), String>, Stop> {
        let request = json!({ "Bucket": bucket, "Key": key });
        if let Err(told) = self.call("HeadObject", request) {
            return Ok(Err(told));
        }
        match self.get(bucket, key) {
            Ok((mut object, _)) => {
                io::copy(&mut object, world.stdout)?;
                Ok(Ok(()))
            }
            Err(told) => Ok(Err(told)),
        }
    }

    fn copy(&self, bucket: &str, key: &str, to: &str, into: &str) -> Result<(), String> {
        let mut request = self.headers()?;
        let source = key.replace('%', "%25").replace('?', "%3F");
        request.insert("CopySource".to_owned(), format!("{bucket}/{source}").into());
        request.insert("Bucket".to_owned(), to.into());
        request.insert("Key".to_owned(), into.into());
        // If the options give metadata, it replaces the object's metadata.
        if self.metadata.is_some() {
            request
                .entry("MetadataDirective")
                .or_insert_with(|| "REPLACE".into());
        }
        self.call("CopyObject", Value::Object(request)).map(|_| ())
    }

    /// Prints the line with the result of a transfer.
    fn tell(
        &mut self,
        world: &mut World<'_>,
        kind: &str,
        what: &str,
        outcome: Result<(), String>,
    ) -> Result<(), Stop> {
        let streams =
            self.target.as_ref().is_some_and(Location::is_stream) || self.source.is_stream();
        let silent = self.words.has("--quiet");
        self.progress.clear();
        match outcome {
            Ok(()) if silent || streams || self.words.has("--only-show-errors") => {}
            Ok(()) if self.words.has("--dryrun") => {
                writeln!(world.stdout, "(dryrun) {kind}: {what}")?;
            }
            Ok(()) => writeln!(world.stdout, "{kind}: {what}")?,
            Err(told) => {
                self.failed += 1;
                if !silent {
                    writeln!(world.stderr, "{kind} failed: {what} {told}")?;
                }
            }
        }
        Ok(())
    }
}

/// The progress of a transfer. The total is the bytes of all files, plus a fixed amount for each file.
struct Going {
    files: u64,
    all: u64,
    done: u64,
    weight: u64,
}

impl Going {
    /// The fixed amount for a file, in bytes. Even an empty file takes about as long as the transfer of these bytes.
    const FILE: u64 = 256 << 10;

    fn new(items: &[Item]) -> Self {
        Self {
            files: 0,
            all: items.len() as u64,
            done: 0,
            weight: items.iter().map(|item| item.size + Self::FILE).sum(),
        }
    }

    /// Reports the progress at the start of an item.
    fn step(&mut self, item: &Item, progress: &mut Progress) {
        let what = format!("{} of {} files", self.files, self.all);
        progress.tell(&what, self.done, self.weight);
        self.files += 1;
        self.done += item.size + Self::FILE;
    }
}

/// Reads a time from an operation's answer.
fn time(value: &Value) -> Timestamp {
    let time = value.as_str().and_then(|text| text.parse().ok());
    time.unwrap_or_default()
}
