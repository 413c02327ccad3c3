//! A model of a disk before and after a power cut. It records writes and fsyncs, and finds what a cut can leave of the
//! writes without an fsync.
//!
//! The bytes of a file reach the disk in the order of their writes. A write that has not reached the disk leaves zeros
//! or nothing in its place. Changes of names reach the disk in any order, but before the next fsync of their folder
//! ends. Every journalled file system promises more than this.

#![allow(dead_code, unreachable_pub, reason = "every test file uses its part")]

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// The entry at each path. Folders have no bytes.
pub type Tree = BTreeMap<String, Left>;

/// A folder, or a file. A file has a time if the trace shows one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Left {
    Folder,
    File(Vec<u8>, Option<Duration>),
    Link(String),
}

type Number = usize;

#[derive(Debug, Clone)]
enum Write {
    At(usize, Vec<u8>),
    Cut(usize),
    Time(Duration),
}

#[derive(Debug, Clone)]
enum Node {
    Folder,
    Link(String),
    File {
        bytes: Vec<u8>,
        time: Option<Duration>,
    },
}

/// A change of names: the removed entries and the new entries.
#[derive(Debug, Clone)]
struct Naming {
    gone: Vec<(Number, String)>,
    made: Vec<(Number, String, Number)>,
    /// The folder whose fsync brings the change to the disk.
    folder: Number,
}

#[derive(Debug, Clone)]
enum Step {
    Write(Number, Write),
    Naming(Naming),
    Sync(Number),
    SyncAll,
}

/// A disk below one folder, and the steps that changed it.
pub struct Disk {
    root: PathBuf,
    nodes: Vec<Node>,
    /// The entries at the beginning.
    begun: BTreeMap<(Number, String), Number>,
    /// The current entries.
    names: BTreeMap<(Number, String), Number>,
    /// The current length of each file.
    lengths: HashMap<Number, usize>,
    steps: Vec<(Step, String)>,
}

const ROOT: Number = 0;

/// Returns true for files of a state that must survive: no locks, no spools, no cache, nothing that is being deleted.
pub fn is_lasting(path: &str) -> bool {
    let parts = ["locks/", "tmp/", "trash/", "usage.json", "faults.count"];
    !parts.iter().any(|part| path.contains(part))
}

/// Reads everything below a folder.
pub fn tree(root: &Path) -> BTreeSet<(String, Vec<u8>)> {
    let disk = Disk::of(root);
    disk.tree_of_all()
}

impl Disk {
    /// Reads the current disk. The folder may be missing.
    pub fn of(root: &Path) -> Self {
        let mut disk = Self {
            root: root.to_owned(),
            nodes: vec![Node::Folder],
            begun: BTreeMap::new(),
            names: BTreeMap::new(),
            lengths: HashMap::new(),
            steps: Vec::new(),
        };
        disk.read(root, ROOT);
        disk.names = disk.begun.clone();
        disk
    }

    fn read(&mut self, folder: &Path, number: Number) {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let entry = entry.expect("an entry");
            let (path, found) = (entry.path(), entry.metadata().expect("found"));
            let node = if found.is_dir() {
                Node::Folder
            } else if found.is_symlink() {
                Node::Link(fs::read_link(&path).expect("a link").display().to_string())
            } else {
                let since = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).ok();
                Node::File {
                    bytes: fs::read(&path).expect("a file"),
                    time: found.modified().ok().and_then(since),
                }
            };
            let child = self.add(node);
            let name = entry.file_name().to_string_lossy().into_owned();
            self.begun.insert((number, name), child);
            if found.is_dir() {
                self.read(&path, child);
            }
        }
    }

    fn add(&mut self, node: Node) -> Number {
        let length = match &node {
            Node::File { bytes, .. } => bytes.len(),
            _ => 0,
        };
        self.nodes.push(node);
        self.lengths.insert(self.nodes.len() - 1, length);
        self.nodes.len() - 1
    }

    /// The folder and the name of a path below the root, and the entry that has this path at present.
    fn find(&self, path: &Path) -> Option<(Number, String, Option<Number>)> {
        let below = path.strip_prefix(&self.root).ok()?;
        let mut parts: Vec<String> = below
            .components()
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect();
        let last = parts.pop()?;
        let mut folder = ROOT;
        for part in parts {
            folder = *self.names.get(&(folder, part))?;
        }
        let there = self.names.get(&(folder, last.clone())).copied();
        Some((folder, last, there))
    }

    fn number(&self, path: &Path) -> Option<Number> {
        if path == self.root {
            return Some(ROOT);
        }
        self.find(path)?.2
    }

    fn step(&mut self, step: Step, line: &str) {
        if let Step::Naming(naming) = &step {
            for entry in &naming.gone {
                self.names.remove(entry);
            }
            for (folder, name, number) in &naming.made {
                self.names.insert((*folder, name.clone()), *number);
            }
        }
        if let Step::Write(number, write) = &step {
            let length = self.lengths.entry(*number).or_default();
            match write {
                Write::At(at, bytes) => *length = (*length).max(at + bytes.len()),
                Write::Cut(to) => *length = *to,
                Write::Time(_) => {}
            }
        }
        let told: String = shown(line).chars().take(300).collect();
        self.steps.push((step, told));
    }

    /// Adds the system calls of an strace trace.
    pub fn record(&mut self, trace: &str) {
        // For each descriptor of each process: the file, the offset of the next write, and the offset at which a copy
        // reads next.
        let mut open: HashMap<u64, (Number, usize)> = HashMap::new();
        let mut appended: BTreeSet<u64> = BTreeSet::new();
        let mut read: HashMap<u64, usize> = HashMap::new();
        for line in whole_lines(trace) {
            let Some((name, rest)) = line.split_once('(') else {
                continue;
            };
            let name = name.rsplit(' ').next().unwrap_or(name);
            let Some((arguments, answer)) = rest.rsplit_once(") = ") else {
                continue;
            };
            if answer.starts_with('-') || answer.starts_with('?') {
                continue;
            }
            let call = Call::of(name, arguments, answer);
            if call.name == "write"
                && appended.contains(&call.descriptor(0))
                && let Some((number, at)) = open.get_mut(&call.descriptor(0))
            {
                *at = self.lengths[number];
            }
            if call.name.starts_with("open") {
                match call.has("O_APPEND") {
                    true => appended.insert(call.answer),
                    false => appended.remove(&call.answer),
                };
            }
            self.call(&call, &line, &mut open, &mut read);
        }
    }

    fn call(
        &mut self,
        call: &Call,
        line: &str,
        open: &mut HashMap<u64, (Number, usize)>,
        read: &mut HashMap<u64, usize>,
    ) {
        let naming = |gone: Vec<(Number, String)>, made: Vec<(Number, String, Number)>, folder| {
            Step::Naming(Naming { gone, made, folder })
        };
        match call.name.as_str() {
            "open" | "openat" | "creat" => {
                let Some((folder, name, there)) = self.find(&call.path(0)) else {
                    return;
                };
                let number = match there {
                    Some(number) => {
                        if call.has("O_TRUNC") {
                            self.step(Step::Write(number, Write::Cut(0)), line);
                        }
                        number
                    }
                    None => {
                        let file = Node::File {
                            bytes: Vec::new(),
                            time: None,
                        };
                        let number = self.add(file);
                        self.step(naming(vec![], vec![(folder, name, number)], folder), line);
                        number
                    }
                };
                open.insert(call.answer, (number, 0));
                read.insert(call.answer, 0);
            }
            "close" => {
                open.remove(&call.descriptor(0));
                read.remove(&call.descriptor(0));
            }
            "lseek" => {
                if let Some((_, at)) = open.get_mut(&call.descriptor(0)) {
                    *at = usize::try_from(call.answer).expect("it fits");
                }
            }
            "write" | "pwrite64" => {
                let Some((number, at)) = open.get_mut(&call.descriptor(0)) else {
                    return;
                };
                let bytes = call.bytes(1)[..call.answer as usize].to_vec();
                let (number, from) = (*number, *at);
                *at += bytes.len();
                self.step(Step::Write(number, Write::At(from, bytes)), line);
            }
            "sendfile" | "copy_file_range" => {
                let (to, from) = match call.name.as_str() {
                    "sendfile" => (0, 1),
                    _ => (2, 0),
                };
                let source = call.path_of(from);
                let bytes = match self.number(&source) {
                    Some(number) => self.content(number, self.steps.len()),
                    None => fs::read(&source).expect("what is copied"),
                };
                let begun = read.entry(call.descriptor(from)).or_default();
                let bytes = bytes[*begun..*begun + call.answer as usize].to_vec();
                *begun += bytes.len();
                let Some((number, at)) = open.get_mut(&call.descriptor(to)) else {
                    return;
                };
                let (number, from) = (*number, *at);
                *at += bytes.len();
                if !bytes.is_empty() {
                    self.step(Step::Write(number, Write::At(from, bytes)), line);
                }
            }
            "ftruncate" => {
                if let Some((number, _)) = open.get(&call.descriptor(0)) {
                    let to = call.plain(1).parse().expect("a length");
                    self.step(Step::Write(*number, Write::Cut(to)), line);
                }
            }
            "utimensat" => {
                let number = match call.is_descriptor(0) && call.plain(1) == "NULL" {
                    true => open.get(&call.descriptor(0)).map(|(number, _)| *number),
                    false => self.number(&call.path(0)),
                };
                if let (Some(number), Some(time)) = (number, call.time()) {
                    self.step(Step::Write(number, Write::Time(time)), line);
                }
            }
            "fsync" | "fdatasync" => {
                if let Some(number) = self.number(&call.path_of(0)) {
                    self.step(Step::Sync(number), line);
                } else if let Some((number, _)) = open.get(&call.descriptor(0)) {
                    // The descriptor's path does not lead to the file any more, because the file was renamed or
                    // removed.
                    self.step(Step::Sync(*number), line);
                }
            }
            "syncfs" => self.step(Step::SyncAll, line),
            "mkdir" | "mkdirat" => {
                if let Some((folder, name, None)) = self.find(&call.path(0)) {
                    let number = self.add(Node::Folder);
                    self.step(naming(vec![], vec![(folder, name, number)], folder), line);
                }
            }
            "symlink" | "symlinkat" => panic!("a link is made: {line}"),
            "link" | "linkat" => {
                let (from, to) = call.two_paths();
                if let (Some(number), Some((folder, name, _))) =
                    (self.number(&from), self.find(&to))
                {
                    self.step(naming(vec![], vec![(folder, name, number)], folder), line);
                }
            }
            "rename" | "renameat" | "renameat2" => {
                let (from, to) = call.two_paths();
                let from = self.find(&from);
                let (Some((folder, name, Some(number))), Some((target, new, there))) =
                    (from, self.find(&to))
                else {
                    return;
                };
                let step = match call.has("RENAME_EXCHANGE") {
                    true => {
                        let other = there.expect("both are there");
                        let made = vec![(target, new, number), (folder, name, other)];
                        naming(vec![], made, target)
                    }
                    false => naming(vec![(folder, name)], vec![(target, new, number)], target),
                };
                self.step(step, line);
            }
            "unlink" | "unlinkat" | "rmdir" => {
                if let Some((folder, name, Some(_))) = self.find(&call.path(0)) {
                    self.step(naming(vec![(folder, name)], vec![], folder), line);
                }
            }
            "exit_group" => {}
            other => panic!("the model knows no {other}: {line}"),
        }
    }

    /// The number of moments at which the power can be cut, except the last one.
    pub fn moments(&self) -> usize {
        self.steps.len()
    }

    /// The last step before a moment.
    pub fn told(&self, moment: usize) -> String {
        let before: Vec<&str> = self.steps[..moment]
            .iter()
            .map(|(_, told)| &**told)
            .collect();
        before.join("\n")
    }

    /// The bytes of a file after the given number of steps.
    fn content(&self, number: Number, steps: usize) -> Vec<u8> {
        let all = |_: usize, _: &Write| true;
        match self.file(number, &self.writes(number, steps), &all) {
            Left::File(bytes, _) => bytes,
            _ => Vec::new(),
        }
    }

    fn writes(&self, number: Number, steps: usize) -> Vec<(usize, &Write)> {
        let steps = self.steps[..steps].iter().enumerate();
        steps
            .filter_map(|(at, (step, _))| match step {
                Step::Write(of, write) if *of == number => Some((at, write)),
                _ => None,
            })
            .collect()
    }

    /// A file with only the writes that reached the disk.
    fn file(
        &self,
        number: Number,
        writes: &[(usize, &Write)],
        came: &dyn Fn(usize, &Write) -> bool,
    ) -> Left {
        let (mut bytes, mut time) = match &self.nodes[number] {
            Node::File { bytes, time } => (bytes.clone(), *time),
            Node::Folder => return Left::Folder,
            Node::Link(to) => return Left::Link(to.clone()),
        };
        for (at, write) in writes.iter().filter(|(at, write)| came(*at, write)) {
            let _ = at;
            match write {
                Write::At(from, new) => {
                    bytes.resize(bytes.len().max(from + new.len()), 0);
                    bytes[*from..from + new.len()].copy_from_slice(new);
                    time = None;
                }
                Write::Cut(to) => {
                    bytes.resize(*to, 0);
                    time = None;
                }
                Write::Time(set) => time = Some(*set),
            }
        }
        Left::File(bytes, time)
    }

    /// All current files: their paths and their bytes.
    pub fn tree_of_all(&self) -> BTreeSet<(String, Vec<u8>)> {
        let all: BTreeSet<usize> = (0..self.steps.len()).collect();
        let tree = self.tree(self.steps.len(), &all, Bytes::All);
        tree.into_iter()
            .map(|(path, left)| match left {
                Left::Folder => (path + "/", Vec::new()),
                Left::File(bytes, _) => (path, bytes),
                Left::Link(to) => (path + "@", to.into_bytes()),
            })
            .collect()
    }

    /// The possible trees after a cut. Each tree has all names and all bytes that surely reached the disk, and some of
    /// those that may have reached it.
    pub fn cuts(&self, moment: usize) -> Vec<Tree> {
        let namings: Vec<usize> = (0..moment)
            .filter(|at| matches!(self.steps[*at].0, Step::Naming(_)))
            .collect();
        let sure: BTreeSet<usize> = namings
            .iter()
            .copied()
            .filter(|at| self.is_sure(*at, moment))
            .collect();
        let open: Vec<usize> = namings
            .into_iter()
            .filter(|at| !sure.contains(at))
            .collect();
        let mut choices: BTreeSet<BTreeSet<usize>> = BTreeSet::new();
        for many in 0..=open.len() {
            // A journalled file system keeps the first changes, up to some number.
            choices.insert(sure.iter().chain(&open[..many]).copied().collect());
        }
        for one in &open {
            choices.insert(sure.iter().chain([one]).copied().collect());
            let others = open.iter().filter(|other| *other != one);
            choices.insert(sure.iter().chain(others).copied().collect());
        }
        let mut trees = Vec::new();
        for names in &choices {
            for bytes in [Bytes::All, Bytes::Sure, Bytes::Zeros] {
                trees.push(self.tree(moment, names, bytes));
            }
        }
        trees
    }

    /// Returns true if a change of names surely reached the disk, because of a later fsync.
    fn is_sure(&self, at: usize, moment: usize) -> bool {
        let Step::Naming(naming) = &self.steps[at].0 else {
            return false;
        };
        self.steps[at..moment].iter().any(|(step, _)| match step {
            Step::Sync(number) => *number == naming.folder,
            Step::SyncAll => true,
            _ => false,
        })
    }

    fn tree(&self, moment: usize, namings: &BTreeSet<usize>, bytes: Bytes) -> Tree {
        let mut names = self.begun.clone();
        for at in namings {
            if let Step::Naming(naming) = &self.steps[*at].0 {
                for entry in &naming.gone {
                    names.remove(entry);
                }
                for (folder, name, number) in &naming.made {
                    names.insert((*folder, name.clone()), *number);
                }
            }
        }
        let mut tree = Tree::new();
        self.fill(&mut tree, &names, ROOT, "", moment, bytes);
        tree
    }

    fn fill(
        &self,
        tree: &mut Tree,
        names: &BTreeMap<(Number, String), Number>,
        folder: Number,
        above: &str,
        moment: usize,
        bytes: Bytes,
    ) {
        let first = (folder, String::new());
        for ((_, name), number) in names
            .range(first..)
            .take_while(|((of, _), _)| *of == folder)
        {
            let path = match above {
                "" => name.clone(),
                above => format!("{above}/{name}"),
            };
            match &self.nodes[*number] {
                Node::Folder => {
                    tree.insert(path.clone(), Left::Folder);
                    self.fill(tree, names, *number, &path, moment, bytes);
                }
                _ => {
                    tree.insert(path, self.left(*number, moment, bytes));
                }
            }
        }
    }

    fn left(&self, number: Number, moment: usize, bytes: Bytes) -> Left {
        let writes = self.writes(number, moment);
        let synced = (0..moment).rev().find(|at| match &self.steps[*at].0 {
            Step::Sync(of) => *of == number,
            Step::SyncAll => true,
            _ => false,
        });
        let is_sure = |at: usize, _: &Write| synced.is_some_and(|synced| at < synced);
        let all = |_: usize, _: &Write| true;
        match bytes {
            Bytes::All => self.file(number, &writes, &all),
            Bytes::Sure => self.file(number, &writes, &is_sure),
            Bytes::Zeros => {
                // The length reached the disk, but the bytes did not reach it.
                let zeros: Vec<(usize, Write)> = writes
                    .iter()
                    .map(|(at, write)| match write {
                        Write::At(from, new) if !is_sure(*at, write) => {
                            (*at, Write::At(*from, vec![0; new.len()]))
                        }
                        write => (*at, (*write).clone()),
                    })
                    .collect();
                let zeros: Vec<(usize, &Write)> = zeros.iter().map(|(at, it)| (*at, it)).collect();
                self.file(number, &zeros, &all)
            }
        }
    }
}

/// The part of a file's writes without an fsync that reached the disk.
#[derive(Debug, Clone, Copy)]
enum Bytes {
    All,
    Sure,
    Zeros,
}

/// Writes a tree to the path of the state.
pub fn write(root: &Path, tree: &Tree) {
    fs::create_dir_all(root).expect("a folder");
    for (path, left) in tree {
        let path = root.join(path);
        match left {
            Left::Folder => fs::create_dir_all(path).expect("a folder"),
            Left::Link(to) => std::os::unix::fs::symlink(to, path).expect("a link"),
            Left::File(bytes, time) => {
                fs::write(&path, bytes).expect("a file");
                if let Some(time) = time {
                    let file = fs::File::options().write(true).open(path).expect("a file");
                    file.set_modified(SystemTime::UNIX_EPOCH + *time)
                        .expect("set");
                }
            }
        }
    }
}

/// A system call in the format of `strace -xx -y`.
struct Call {
    name: String,
    arguments: Vec<String>,
    answer: u64,
}

impl Call {
    fn of(name: &str, arguments: &str, answer: &str) -> Self {
        let digits: String = answer.chars().take_while(char::is_ascii_digit).collect();
        // Strings contain no comma, because strace prints each of their bytes as a number.
        let mut parts: Vec<String> = Vec::new();
        let mut depth = 0;
        for part in arguments.split(", ") {
            match parts.last_mut().filter(|_| depth > 0) {
                Some(last) => *last += &format!(", {part}"),
                None => parts.push(part.to_owned()),
            }
            let count = |of: char| part.chars().filter(|c| *c == of).count() as i64;
            depth += count('[') + count('{') - count(']') - count('}');
        }
        Self {
            name: name.to_owned(),
            arguments: parts,
            answer: digits.parse().unwrap_or_default(),
        }
    }

    fn plain(&self, at: usize) -> &str {
        self.arguments.get(at).map_or("", String::as_str)
    }

    fn has(&self, flag: &str) -> bool {
        self.arguments
            .iter()
            .any(|part| part.split('|').any(|it| it == flag))
    }

    fn is_descriptor(&self, at: usize) -> bool {
        self.plain(at).starts_with(|c: char| c.is_ascii_digit())
    }

    fn descriptor(&self, at: usize) -> u64 {
        let text = self.plain(at);
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().expect("a descriptor")
    }

    fn bytes(&self, at: usize) -> Vec<u8> {
        unhex(self.plain(at))
    }

    /// The path of a descriptor.
    fn path_of(&self, at: usize) -> PathBuf {
        let text = self.plain(at);
        let path = text.split_once('<').map_or("", |(_, path)| path);
        PathBuf::from(String::from_utf8_lossy(&unhex(path)).into_owned())
    }

    /// The path that begins at the given argument: a string, or a descriptor and a string.
    fn path(&self, at: usize) -> PathBuf {
        self.path_and_next(at).0
    }

    fn two_paths(&self) -> (PathBuf, PathBuf) {
        let (from, next) = self.path_and_next(0);
        (from, self.path(next))
    }

    fn path_and_next(&self, at: usize) -> (PathBuf, usize) {
        let text = self.plain(at);
        let string = |at: usize| String::from_utf8_lossy(&self.bytes(at)).into_owned();
        match text.starts_with('"') {
            true => (string(at).into(), at + 1),
            false => (self.path_of(at).join(string(at + 1)), at + 2),
        }
    }

    /// The second of the two times that the call sets.
    fn time(&self) -> Option<Duration> {
        let times = self.arguments.iter().find(|part| part.starts_with('['))?;
        let (_, seconds) = times.rsplit_once("tv_sec=")?;
        let number = |text: &str| {
            let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
            digits.parse::<u64>().ok()
        };
        let (_, nanoseconds) = seconds.split_once("tv_nsec=")?;
        Some(Duration::new(
            number(seconds)?,
            u32::try_from(number(nanoseconds)?).ok()?,
        ))
    }
}

/// Decodes the bytes of `"\x61\x62"`.
fn unhex(text: &str) -> Vec<u8> {
    let bytes = text.split("\\x").skip(1);
    bytes
        .map(|two| u8::from_str_radix(&two[..2], 16).expect("two digits"))
        .collect()
}

/// A line in a form that a person can read.
fn shown(line: &str) -> String {
    let mut parts = line.split("\\x");
    let mut told = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (two, rest) = part.split_at(2);
        let byte = u8::from_str_radix(two, 16).expect("two digits");
        told.push(if byte.is_ascii_graphic() {
            byte.into()
        } else {
            '.'
        });
        told += rest;
    }
    told
}

/// The lines of a trace. Lines that another thread interrupted are joined again.
fn whole_lines(trace: &str) -> Vec<String> {
    let mut begun: HashMap<&str, &str> = HashMap::new();
    let mut lines = Vec::new();
    for line in trace.lines() {
        let (process, call) = line.split_once(' ').unwrap_or(("", line));
        let call = call.trim_start();
        if let Some(first) = call.strip_suffix(" <unfinished ...>") {
            begun.insert(process, first);
        } else if let Some((_, rest)) = call.split_once(" resumed>") {
            lines.push(format!(
                "{}{rest}",
                begun.remove(process).unwrap_or_default()
            ));
        } else {
            lines.push(call.to_owned());
        }
    }
    lines
}
