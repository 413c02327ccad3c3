//! Buckets on a real disk: without a fork, with versions, and in a fork, which must not change any byte of its parent.

use std::time::Duration;

use super::*;
use crate::store::{
    Settings,
    clock::{Clock, Ids},
};

fn open(root: &Path) -> Store {
    open_with(root, None)
}

/// Opens a store in which a step of the disk fails.
fn open_with(root: &Path, steps: Option<String>) -> Store {
    Store::open(Settings {
        root: root.to_owned(),
        clock: Clock::Frozen("2026-11-22T12:00:00.5Z".parse().expect("a moment")),
        ids: Ids::Seeded("test".to_owned()),
        total_code_size: None,
        lock_timeout: Duration::from_secs(5),
        notice: Box::new(|_| {}),
        steps,
    })
    .expect("a state directory")
}

fn put(store: &Store, key: &str, bytes: &str) -> Option<String> {
    let spool = store.spool(&mut bytes.as_bytes(), "test".as_ref());
    let handle = spool.as_ref().expect("spooled").handle();
    let put = store.s3_put("b", key, &handle, Meta::default());
    put.expect("put").expect("a bucket")
}

fn read(store: &Store, key: &str, version: Option<&str>) -> Option<String> {
    let object = store.s3_object("b", key, version).expect("readable");
    object
        .ok()
        .map(|object| fs::read_to_string(object.path).expect("bytes"))
}

fn keys(store: &Store) -> Vec<String> {
    let objects = store.s3_list("b", "").expect("listed").expect("a bucket");
    objects.into_iter().map(|object| object.key).collect()
}

fn delete(store: &Store, key: &str, version: Option<&str>) -> Deleted {
    let deleted = store.s3_delete("b", key, version);
    deleted.expect("deleted").expect("a bucket")
}

/// Every file below a folder except locks, with its bytes and its time.
fn files(root: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let time = fs::metadata(&path).and_then(|file| file.modified());
                files.insert(
                    path.clone(),
                    (fs::read(path).expect("bytes"), time.expect("a time")),
                );
            }
        }
    }
    files
}

/// A state directory with a bucket, and a path for a fork of it.
fn bucket() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(&folder.path().join("state"));
    store.s3_create_bucket("b", "eu-west-1").expect("a bucket");
    (folder, store)
}

fn fork(folder: &tempfile::TempDir, store: &Store) -> Store {
    let to = folder.path().join("fork");
    store.fork(&to).expect("a fork");
    open(&to)
}

#[test]
fn an_object_is_put_replaced_and_deleted() {
    let (_folder, store) = bucket();
    assert_eq!(put(&store, "a/b.zip", "one"), None);
    put(&store, "a/b.zip", "two");
    assert_eq!(read(&store, "a/b.zip", None).as_deref(), Some("two"));
    let object = store.s3_object("b", "a/b.zip", None).expect("readable");
    let object = object.expect("an object");
    assert_eq!(object.last_modified.to_string(), "2026-11-22T12:00:01Z");
    assert_eq!(
        object.e_tag().expect("a tag"),
        "b8a9f715dbb64fd5c56e7783c6820a61"
    );
    assert_eq!(delete(&store, "a/b.zip", None), Deleted::default());
    assert!(keys(&store).is_empty());
    assert!(!store.root().join("s3/b/a").exists(), "empty folders go");
    assert_eq!(store.s3_delete_bucket("b").expect("deleted"), Ok(true));
    assert_eq!(store.s3_bucket("b").expect("readable"), None);
}

#[test]
fn what_was_put_by_hand_has_no_metadata_of_another() {
    let (_folder, store) = bucket();
    let spool = store
        .spool(&mut b"one".as_slice(), "test".as_ref())
        .expect("spooled");
    let meta = Meta {
        e_tag: Some("tag".to_owned()),
        ..Meta::default()
    };
    store
        .s3_put("b", "k", &spool.handle(), meta)
        .expect("put")
        .expect("a bucket");
    let tag = || {
        let object = store.s3_object("b", "k", None).expect("readable");
        object.expect("an object").e_tag().expect("a tag")
    };
    assert_eq!(tag(), "tag");
    fs::write(store.root().join("s3/b/k"), "two").expect("written");
    assert_eq!(tag(), "b8a9f715dbb64fd5c56e7783c6820a61");
}

#[test]
fn a_bucket_with_versions_keeps_what_was_there() {
    let (_folder, store) = bucket();
    put(&store, "k", "unversioned");
    fs::create_dir(store.root().join("s3/b/.versions")).expect("a folder");
    let one = put(&store, "k", "one").expect("a version");
    let two = put(&store, "k", "two").expect("a version");
    assert_ne!(one, two);
    for (version, bytes) in [(NULL, "unversioned"), (&one, "one"), (&two, "two")] {
        assert_eq!(read(&store, "k", Some(version)).as_deref(), Some(bytes));
    }
    let marker = delete(&store, "k", None);
    assert!(marker.marker);
    assert_eq!(read(&store, "k", None), None);
    assert_eq!(read(&store, "k", Some(&two)).as_deref(), Some("two"));
    assert_eq!(store.s3_delete_bucket("b").expect("looked at"), Ok(false));
    // After the delete marker is deleted, the object exists again.
    assert!(delete(&store, "k", marker.version_id.as_deref()).marker);
    assert!(read(&store, "k", None).is_some());
    for version in [NULL, &one, &two] {
        delete(&store, "k", Some(version));
        assert_eq!(read(&store, "k", Some(version)), None);
    }
    assert!(keys(&store).is_empty());
}

#[test]
fn names_that_no_file_can_have_are_refused() {
    let (_folder, store) = bucket();
    put(&store, "a/b", "x");
    for key in ["../x", "a/%2F", "", ".meta/x", ".bucket.json", "a/b/c", "a"] {
        let spool = store
            .spool(&mut b"x".as_slice(), "test".as_ref())
            .expect("spooled");
        let put = store.s3_put("b", key, &spool.handle(), Meta::default());
        let told = put.expect_err(key).to_string();
        assert!(
            told.contains(&format!("the S3 key {key:?} cannot be")),
            "{told}"
        );
    }
    assert_eq!(keys(&store), ["a/b"]);
    assert!(store.s3_bucket("..").is_err() && store.s3_bucket(".meta").is_err());
}

#[test]
fn keys_with_empty_parts_are_keys_like_others() {
    let (folder, store) = bucket();
    fs::create_dir(store.root().join("s3/b/.versions")).expect("a folder");
    let all = ["/a", "a//b", "a/x", "c/"];
    for key in all {
        put(&store, key, key);
        put(&store, key, "newer");
    }
    assert_eq!(keys(&store), all);
    let fork = fork(&folder, &store);
    for key in all {
        assert_eq!(read(&fork, key, None).as_deref(), Some("newer"));
        delete(&fork, key, None);
        assert_eq!(read(&fork, key, None), None);
    }
    assert!(keys(&fork).is_empty());
    assert_eq!(keys(&store), all);
    assert!(!folder.path().join("a").exists(), "nothing outside");
}

#[test]
fn a_fork_reads_its_parent_and_never_writes_it() {
    let (folder, store) = bucket();
    fs::create_dir(store.root().join("s3/b/.versions")).expect("a folder");
    let old = put(&store, "kept", "old").expect("a version");
    put(&store, "kept", "kept");
    let gone = put(&store, "a/gone", "gone").expect("a version");
    put(&store, "over", "before");
    let before = files(store.root());
    let fork = fork(&folder, &store);
    assert_eq!(keys(&fork), ["a/gone", "kept", "over"]);

    put(&fork, "over", "after");
    put(&fork, "new", "new");
    delete(&fork, "a/gone", None);
    delete(&fork, "kept", Some(&old));
    assert_eq!(keys(&fork), ["kept", "new", "over"]);
    assert_eq!(read(&fork, "over", None).as_deref(), Some("after"));
    assert_eq!(read(&fork, "kept", None).as_deref(), Some("kept"));
    assert_eq!(read(&fork, "kept", Some(&old)), None);
    assert_eq!(read(&fork, "a/gone", Some(&gone)).as_deref(), Some("gone"));
    // A deleted object can be put again.
    put(&fork, "a/gone", "again");
    assert_eq!(read(&fork, "a/gone", None).as_deref(), Some("again"));
    assert_eq!(before, files(store.root()));
    assert_eq!(keys(&store), ["a/gone", "kept", "over"]);
}

#[test]
fn a_bucket_deleted_in_a_fork_is_gone_there_alone() {
    let (folder, store) = bucket();
    put(&store, "k", "x");
    let before = files(store.root());
    let fork = fork(&folder, &store);
    assert_eq!(fork.s3_delete_bucket("b").expect("looked at"), Ok(false));
    delete(&fork, "k", None);
    assert_eq!(fork.s3_delete_bucket("b").expect("deleted"), Ok(true));
    assert_eq!(fork.s3_bucket("b").expect("readable"), None);
    assert!(fork.s3_buckets().expect("listed").is_empty());
    fork.s3_create_bucket("b", "us-east-1").expect("a bucket");
    assert!(keys(&fork).is_empty(), "not the parent's");
    assert_eq!(before, files(store.root()));
}

#[test]
fn a_fork_that_is_kept_holds_its_own_and_what_it_inherited() {
    let (folder, store) = bucket();
    put(&store, "kept", "kept");
    put(&store, "gone", "gone");
    let fork = fork(&folder, &store);
    delete(&fork, "gone", None);
    put(&fork, "new", "new");
    let to = folder.path().join("whole");
    fork.keep_fork(&to, &mut |_, _, _| {}).expect("kept");
    let whole = open(&to);
    assert!(whole.parent().is_none());
    assert_eq!(keys(&whole), ["kept", "new"]);
    assert_eq!(read(&whole, "kept", None).as_deref(), Some("kept"));
    let bucket = whole.s3_bucket("b").expect("readable").expect("a bucket");
    assert_eq!(bucket.region.as_deref(), Some("eu-west-1"));
}

/// Puts a part and returns its ETag.
fn part(store: &Store, id: &str, number: u64, bytes: &str) -> String {
    let spool = store.spool(&mut bytes.as_bytes(), "test".as_ref());
    let handle = spool.as_ref().expect("spooled").handle();
    let put = store.s3_put_part("b", "whole", id, number, &handle);
    assert!(put.expect("put"), "there is such an upload");
    let path = store.spooled(&handle);
    assert!(!path.exists(), "it was moved");
    let mut digest = md5::Md5::default();
    md5::Digest::update(&mut digest, bytes);
    crate::state::function::hex(&md5::Digest::finalize(digest))
}

fn begin_upload(store: &Store) -> String {
    let begun = store.s3_begin_upload("b", "whole", Meta::default());
    begun.expect("begun").expect("a bucket")
}

#[test]
fn an_upload_goes_on_in_a_fork_and_its_parent_s_stays_as_it_was() {
    let (folder, store) = bucket();
    let (id, given_up) = (begin_upload(&store), begin_upload(&store));
    let long = "x".repeat(5 << 20);
    let first = part(&store, &id, 1, &long);
    part(&store, &given_up, 1, "y");
    let before = files(store.root());
    let fork = fork(&folder, &store);
    assert_ne!(begin_upload(&fork), id, "no id is given twice");
    let last = part(&fork, &id, 2, "end");
    let aborted = fork.s3_abort_upload("b", "whole", &given_up);
    assert!(aborted.expect("aborted"));
    let put = fork.s3_put_part(
        "b",
        "whole",
        &given_up,
        1,
        &fork
            .spool(&mut &b"z"[..], "z".as_ref())
            .expect("a spool")
            .handle(),
    );
    assert!(!put.expect("looked for"), "it was given up");
    // The fork that was kept has both parts, but does not have the aborted upload.
    let to = folder.path().join("kept");
    fork.keep_fork(&to, &mut |_, _, _| {}).expect("kept");
    let parts = [(1, first), (2, last)];
    for store in [&open(&to), &fork] {
        let whole = store.s3_finish_upload("b", "whole", &id, &parts);
        let whole = whole.expect("finished").expect("whole");
        assert!(whole.e_tag.ends_with("-2"), "{}", whole.e_tag);
        assert_eq!(read(store, "whole", None), Some(long.clone() + "end"));
        let again = store.s3_finish_upload("b", "whole", &id, &parts);
        assert_eq!(again.expect("looked for"), Err(Unfinished::Upload));
        let gone = store.s3_abort_upload("b", "whole", &given_up);
        assert!(!gone.expect("looked for"));
    }
    assert_eq!(before, files(store.root()));
    assert!(
        store.s3_abort_upload("b", "whole", &id).expect("aborted"),
        "the parent has its own"
    );
}

/// The keys of a bucket and the common prefixes, as listings with several pages return them.
fn paged(store: &Store, prefix: &str, folds: bool, most: usize) -> Vec<String> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let mut page = Vec::new();
        let keys = store.s3_keys("b", prefix, &after).expect("listed");
        let mut keys = keys.expect("a bucket");
        while page.len() < most
            && let Some(found) = keys.next().expect("listed")
        {
            let folded = found.key[prefix.len()..].find('/').filter(|_| folds);
            let name = match folded {
                Some(at) => {
                    let name = &found.key[..=prefix.len() + at];
                    keys.skip_below(name);
                    name
                }
                None => found.key.as_str(),
            };
            page.push(name.to_owned());
        }
        let Some(last) = page.last() else {
            return all;
        };
        after = match last.ends_with('/') {
            true => format!("{last}{}", char::MAX),
            false => last.clone(),
        };
        all.append(&mut page);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(48))]

    #[test]
    fn pages_of_every_size_cover_a_bucket_once_and_in_order(
        here in proptest::collection::btree_set("[a-c][-/a]{0,1}[a-b.]{1,2}", 0..24),
        parent in proptest::collection::btree_set("[a-c][-/a]{0,1}[a-b.]{1,2}", 0..24),
        gone in 0..5usize,
        most in 1..4usize,
    ) {
        let holdable = |key: &String| key.split('/').all(|part| !part.starts_with('.'));
        let (folder, store) = bucket();
        let put = |store: &Store, key: &str| {
            let spool = store.spool(&mut key.as_bytes(), "test".as_ref()).expect("spooled");
            // A key that conflicts with another one is left out.
            store.s3_put("b", key, &spool.handle(), Meta::default()).is_ok()
        };
        let mut expected: BTreeSet<String> =
            parent.into_iter().filter(holdable).filter(|key| put(&store, key)).collect();
        let fork = fork(&folder, &store);
        for key in expected.iter().take(gone).cloned().collect::<Vec<_>>() {
            delete(&fork, &key, None);
            expected.remove(&key);
        }
        expected.extend(here.into_iter().filter(holdable).filter(|key| put(&fork, key)));
        let all: Vec<String> = expected.iter().cloned().collect();
        proptest::prop_assert_eq!(&paged(&fork, "", false, most), &all);
        proptest::prop_assert_eq!(&keys(&fork), &all);
        for prefix in ["", "a", "a/", "b/a"] {
            let mut folded: Vec<String> = all
                .iter()
                .filter(|key| key.starts_with(prefix))
                .map(|key| match key[prefix.len()..].find('/') {
                    Some(at) => key[..=prefix.len() + at].to_owned(),
                    None => key.clone(),
                })
                .collect();
            folded.dedup();
            proptest::prop_assert_eq!(paged(&fork, prefix, true, most), folded);
        }
    }
}

fn put_typed(store: &Store, bytes: &str) -> Result<Found<Option<String>>> {
    let spool = store.spool(&mut bytes.as_bytes(), "test".as_ref())?;
    let mut meta = Meta::default();
    meta.headers
        .insert("ContentType".to_owned(), format!("text/{bytes}"));
    store.s3_put("b", "a/k", &spool.handle(), meta)
}

/// An object's bytes, and its metadata.
fn pair(store: &Store, version: Option<&str>) -> Option<(String, String)> {
    let object = store
        .s3_object("b", "a/k", version)
        .expect("readable")
        .ok()?;
    let bytes = fs::read_to_string(object.path).expect("bytes");
    let of = object.meta.headers.get("ContentType");
    Some((bytes, of.cloned().unwrap_or_default()))
}

/// A change may stop or fail at any step. After that, the bytes and the metadata of an object are from the same put,
/// and there are only versions that were put. The hardest bytes to distinguish have the same size and were put in the
/// same second.
#[cfg(debug_assertions)]
#[test]
fn bytes_and_what_they_were_put_with_change_in_one_step() {
    let whole = |bytes: &str| Some((bytes.to_owned(), format!("text/{bytes}")));
    for versioned in [false, true] {
        for how in ["EIO", "down"] {
            let mut failed = 0;
            for step in 1.. {
                let (_folder, store) = bucket();
                if versioned {
                    fs::create_dir(store.root().join("s3/b/.versions")).expect("a folder");
                }
                let first = put_typed(&store, "one").expect("put").expect("a bucket");
                let put = put_typed(
                    &open_with(store.root(), Some(format!("{step}:{how}"))),
                    "two",
                );
                let now = pair(&store, None);
                let told = format!("{how} at step {step}, versioned: {versioned}");
                match put {
                    Ok(_) => assert_eq!(now, whole("two"), "{told}"),
                    Err(_) => {
                        failed += 1;
                        assert!(
                            [whole("one"), whole("two")].contains(&now),
                            "{told}: {now:?}"
                        );
                    }
                }
                if let Some(first) = &first {
                    assert_eq!(pair(&store, Some(first)), whole("one"), "{told}");
                }
                assert_eq!(pair(&store, Some(NULL)).is_some(), !versioned, "{told}");
                if put.is_err() && now == whole("one") && how == "EIO" {
                    let (folders, _) = store.s3_folders_for("b", "a/k", None).unwrap().unwrap();
                    assert_eq!(folders.other_versions().unwrap().len(), 0, "{told}");
                }
                // The next put and the next delete repair what the failed step left.
                put_typed(&store, "six").expect("put").expect("a bucket");
                assert_eq!(pair(&store, None), whole("six"), "{told}");
                assert_eq!(pair(&store, Some(NULL)).is_some(), !versioned, "{told}");
                if put.is_ok() {
                    break;
                }
            }
            assert!(failed > 8, "{failed} steps");
        }
    }
}

#[cfg(debug_assertions)]
#[test]
fn a_failed_delete_leaves_no_marker_of_it() {
    for step in 1.. {
        let (_folder, store) = bucket();
        fs::create_dir(store.root().join("s3/b/.versions")).expect("a folder");
        put_typed(&store, "one").expect("put").expect("a bucket");
        let failing = open_with(store.root(), Some(format!("{step}:EIO")));
        let deleted = failing.s3_delete("b", "a/k", None);
        let (folders, _) = store.s3_folders_for("b", "a/k", None).unwrap().unwrap();
        let others = folders.other_versions().expect("listed");
        match pair(&store, None) {
            Some(_) => assert!(deleted.is_err() && others.is_empty(), "{step}: {others:?}"),
            None => assert_eq!(others.len(), 3, "step {step}"),
        }
        if deleted.is_ok() {
            break;
        }
    }
}

/// Metadata that was written without the fraction of a second still belongs to the object.
#[test]
fn an_object_of_an_older_state_keeps_what_it_was_put_with() {
    let (_folder, store) = bucket();
    put_typed(&store, "one").expect("put").expect("a bucket");
    let path = store.root().join("s3/b/.meta/a/k.json");
    let mut meta: Meta = atomic::read_json(&path).expect("JSON").expect("a file");
    meta.nanoseconds = None;
    fs::write(&path, atomic::json_text(&meta)).expect("written");
    assert_eq!(pair(&store, None).expect("an object").1, "text/one");
    put_typed(&store, "two").expect("put").expect("a bucket");
    assert_eq!(pair(&store, None).expect("an object").1, "text/two");
}

#[cfg(debug_assertions)]
#[test]
fn a_bucket_is_made_whole_or_not_at_all() {
    for step in 1.. {
        let folder = tempfile::tempdir().expect("a folder");
        let failing = open_with(folder.path(), Some(format!("{step}:down")));
        let made = failing.s3_create_bucket("b", "eu-west-1");
        let store = open(folder.path());
        let there = store.s3_buckets().expect("listed");
        assert!(
            there.iter().all(|bucket| bucket.region.is_some()),
            "step {step}"
        );
        if made.is_ok() {
            assert_eq!(there.len(), 1);
            break;
        }
        if there.is_empty() {
            store.s3_create_bucket("b", "eu-west-1").expect("a bucket");
        }
        assert_eq!(
            atomic::names(&folder.path().join("s3")).expect("listed"),
            ["b"]
        );
    }
}

#[cfg(unix)]
#[test]
fn links_in_a_bucket_are_neither_followed_nor_removed() {
    use std::os::unix::fs::symlink;
    let (folder, store) = bucket();
    put(&store, "a/one", "1");
    let outside = folder.path().join("outside");
    fs::create_dir_all(outside.join("one")).expect("a folder");
    fs::write(outside.join("precious"), "").expect("a file");
    let before = files(&outside);
    let b = store.root().join("s3/b");
    symlink(&outside, b.join("a/out")).expect("a link");
    symlink(&b, b.join("a/round")).expect("a link");
    symlink(outside.join("precious"), b.join("file")).expect("a link");
    assert_eq!(keys(&store), ["a/one"]);
    let refused = |store: &Store, key: &str, link: &str| {
        let spool = store
            .spool(&mut b"2".as_slice(), "test".as_ref())
            .expect("spooled");
        let read = store.s3_object("b", key, None).map(drop);
        let put = store
            .s3_put("b", key, &spool.handle(), Meta::default())
            .map(drop);
        let deleted = store.s3_delete("b", key, None).map(drop);
        for error in [read, put, deleted] {
            let error = error.expect_err(key).to_string();
            assert!(
                error.contains(link) && error.contains("it is a link"),
                "{error}"
            );
        }
    };
    for (key, link) in [
        ("a/out/precious", "s3/b/a/out"),
        ("a/out/new", "s3/b/a/out"),
        ("a/round/a/one", "s3/b/a/round"),
        ("file", "s3/b/file"),
    ] {
        refused(&store, key, link);
    }
    for hidden in [".meta", ".versions", ".meta/deep", ".versions/deep"] {
        fs::create_dir_all(b.join(hidden).parent().expect("a folder")).expect("a folder");
        let link = b.join(hidden);
        let aside = folder.path().join("aside");
        if fs::rename(&link, &aside).is_err() {
            fs::create_dir(&aside).expect("a folder");
        }
        symlink(&outside, &link).expect("a link");
        refused(&store, "deep/k", &format!("s3/b/{hidden}"));
        fs::remove_file(&link).expect("removed");
        fs::rename(&aside, &link).expect("put back");
    }
    symlink(&outside, store.root().join("s3/linked")).expect("a link");
    let buckets = store.s3_buckets().expect("listed");
    assert_eq!(buckets.len(), 1, "{buckets:?}");
    assert!(store.s3_bucket("linked").is_err() && store.s3_delete_bucket("linked").is_err());
    // This is what `rb --force` does: it removes links, but not their targets.
    delete(&store, "a/one", None);
    fs::remove_dir_all(b.join(".versions")).expect("removed");
    assert_eq!(store.s3_delete_bucket("b").expect("deleted"), Ok(true));
    assert_eq!(files(&outside), before);
    assert!(!b.exists());
}

#[cfg(debug_assertions)]
#[test]
fn a_bucket_on_an_overlay_is_deleted() {
    let (folder, store) = bucket();
    put(&store, "a/one", "1");
    delete(&store, "a/one", None);
    let below = open_with(store.root(), Some("EXDEV:".to_owned()));
    assert_eq!(below.s3_delete_bucket("b").expect("deleted"), Ok(true));
    assert_eq!(store.s3_bucket("b").expect("readable"), None);
    drop(folder);
}
