//! Errors of the system and of libraries in our words: `no such file or directory`, never `No such file or directory (os
//! error 2)` or `invalid digit found in string`.
//!
//! Every message with such an error must take its words from this module. `tests/words.rs` searches the source for
//! messages that do not. It also gives each of our own options values that libraries refuse.

use std::{error::Error, io, net, num, str, string};

/// The words for an error. Our own errors keep their words. A library's error gets new words if its text contains names
/// of Rust's types or numbers of the system.
pub(crate) fn plain(error: &(dyn Error + 'static)) -> String {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return system(error);
    }
    if let Some(error) = error.downcast_ref::<num::ParseIntError>() {
        return number(error.kind()).to_owned();
    }
    if let Some(error) = error.downcast_ref::<serde_json::Error>() {
        return json(error);
    }
    if let Some(zip::result::ZipError::Io(error)) = error.downcast_ref() {
        return system(error);
    }
    if error.is::<num::ParseFloatError>() {
        return "not a number".to_owned();
    }
    if error.is::<net::AddrParseError>() {
        return "not an address".to_owned();
    }
    if error.is::<str::Utf8Error>() || error.is::<string::FromUtf8Error>() {
        return NOT_TEXT.to_owned();
    }
    error.to_string()
}

const NOT_TEXT: &str = "it is not UTF-8 text";

/// The start of the number that Rust adds after the words of a system's error.
const NUMBER: &str = " (os error ";

/// The words for a system's error. They are the same on every system, for each kind of error that scripts meet.
fn system(error: &io::Error) -> String {
    if let Some(inner) = error.get_ref() {
        let told = plain(inner);
        // tempfile adds its own words and a path to the system's error. The kind of the error stays the same.
        if !told.contains(NUMBER) {
            return told;
        }
    }
    let words = match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory",
        io::ErrorKind::PermissionDenied => "permission denied",
        io::ErrorKind::AlreadyExists => "it exists already",
        io::ErrorKind::NotADirectory => "not a directory",
        io::ErrorKind::IsADirectory => "it is a directory",
        io::ErrorKind::DirectoryNotEmpty => "the directory is not empty",
        io::ErrorKind::ReadOnlyFilesystem => "read-only file system",
        io::ErrorKind::StorageFull => "no space left on device",
        io::ErrorKind::QuotaExceeded => "the disk quota is used up",
        io::ErrorKind::FileTooLarge => "the file is too large",
        io::ErrorKind::InvalidFilename => "the name is too long or not allowed",
        io::ErrorKind::ArgumentListTooLong => "the command line is too long",
        io::ErrorKind::ExecutableFileBusy => "the program's file is being written",
        io::ErrorKind::AddrInUse => "the address is in use",
        io::ErrorKind::AddrNotAvailable => "the address does not belong to this machine",
        io::ErrorKind::ConnectionRefused => "connection refused",
        io::ErrorKind::ConnectionReset => "connection reset",
        io::ErrorKind::TimedOut => "timed out",
        // Errors without a number come from Rust itself: for example, a buffer was not filled, or text is not UTF-8.
        io::ErrorKind::UnexpectedEof => "it ends too early",
        io::ErrorKind::InvalidData if error.raw_os_error().is_none() => NOT_TEXT,
        io::ErrorKind::WriteZero => "nothing more can be written",
        _ => return fragment(&sentence(error)),
    };
    words.to_owned()
}

/// The system's own sentence, without Rust's ` (os error 28)`.
pub(crate) fn sentence(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(NUMBER).next().unwrap_or_default().to_owned()
}

/// Turns a sentence into a fragment.
fn fragment(text: &str) -> String {
    let text = text.trim_end_matches(['.', ' ']);
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        // A text such as `RPC …` does not change.
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

fn number(kind: &num::IntErrorKind) -> &'static str {
    match kind {
        num::IntErrorKind::Empty => "it is empty, but has to be a whole number",
        num::IntErrorKind::PosOverflow => "the number is too large",
        num::IntErrorKind::NegOverflow => "the number is too small",
        _ => "not a whole number",
    }
}

fn json(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Eof => format!(
            "it ends too early, at line {} column {}",
            error.line(),
            error.column()
        ),
        // serde_json calls `true`, `false` and `null` an ident.
        _ => error
            .to_string()
            .replacen("expected ident", "expected a value", 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of Rust, of its libraries and of operating systems. No message may contain one of them.
    const THEIRS: &[&str] = &[
        "os error",
        "entity",
        "found in string",
        "whole buffer",
        "stream did not",
        "EOF",
        "invalid digit",
        "expected ident",
    ];

    fn is_ours(told: &str) -> bool {
        !told.is_empty()
            && !told.ends_with('.')
            && THEIRS.iter().all(|theirs| !told.contains(theirs))
    }

    #[test]
    fn every_number_of_the_system_has_words() {
        for number in 1..=133 {
            let told = plain(&io::Error::from_raw_os_error(number));
            assert!(is_ours(&told), "{number}: {told}");
            let mut first = told.chars();
            let (first, second) = (first.next().unwrap(), first.next().unwrap());
            assert!(!first.is_uppercase() || second.is_uppercase(), "{told}");
        }
    }

    #[test]
    fn every_kind_has_words() {
        use io::ErrorKind as Kind;
        for kind in [
            Kind::NotFound,
            Kind::PermissionDenied,
            Kind::ConnectionRefused,
            Kind::ConnectionReset,
            Kind::HostUnreachable,
            Kind::NetworkUnreachable,
            Kind::ConnectionAborted,
            Kind::NotConnected,
            Kind::AddrInUse,
            Kind::AddrNotAvailable,
            Kind::NetworkDown,
            Kind::BrokenPipe,
            Kind::AlreadyExists,
            Kind::WouldBlock,
            Kind::NotADirectory,
            Kind::IsADirectory,
            Kind::DirectoryNotEmpty,
            Kind::ReadOnlyFilesystem,
            Kind::StaleNetworkFileHandle,
            Kind::InvalidInput,
            Kind::InvalidData,
            Kind::TimedOut,
            Kind::WriteZero,
            Kind::StorageFull,
            Kind::NotSeekable,
            Kind::QuotaExceeded,
            Kind::FileTooLarge,
            Kind::ResourceBusy,
            Kind::ExecutableFileBusy,
            Kind::Deadlock,
            Kind::CrossesDevices,
            Kind::TooManyLinks,
            Kind::InvalidFilename,
            Kind::ArgumentListTooLong,
            Kind::Interrupted,
            Kind::Unsupported,
            Kind::UnexpectedEof,
            Kind::OutOfMemory,
            Kind::Other,
        ] {
            let told = plain(&io::Error::from(kind));
            assert!(is_ours(&told), "{kind:?}: {told}");
        }
    }

    #[test]
    fn finds_the_cause_within() {
        let missing = || io::Error::from_raw_os_error(2);
        let missing_in_words = plain(&missing());
        assert_eq!(missing_in_words, "no such file or directory");
        assert_eq!(plain(&io::Error::other(missing())), missing_in_words);
        let made = tempfile::tempfile_in("no/such/folder").unwrap_err();
        assert_eq!(plain(&made), missing_in_words);
        let zip = zip::result::ZipError::Io(missing());
        assert_eq!(plain(&zip), missing_in_words);
        assert_eq!(plain(&io::Error::other("a word of ours")), "a word of ours");
    }

    #[test]
    fn words_numbers_texts_and_json() {
        let number = |text: &str| plain(&text.parse::<u8>().unwrap_err());
        assert_eq!(number("abc"), "not a whole number");
        assert_eq!(number("256"), "the number is too large");
        assert_eq!(number(""), "it is empty, but has to be a whole number");
        let small = "-129".parse::<i8>().unwrap_err();
        assert_eq!(plain(&small), "the number is too small");
        assert_eq!(plain(&"x".parse::<f64>().unwrap_err()), "not a number");
        let address = "x".parse::<net::IpAddr>().unwrap_err();
        assert_eq!(plain(&address), "not an address");
        let bytes = vec![0xff];
        assert_eq!(plain(&str::from_utf8(&bytes).unwrap_err()), NOT_TEXT);
        assert_eq!(plain(&io::read_to_string(&*bytes).unwrap_err()), NOT_TEXT);
        let json = serde_json::from_str::<serde_json::Value>("[1,").unwrap_err();
        assert_eq!(plain(&json), "it ends too early, at line 1 column 3");
    }

    #[test]
    fn a_word_that_is_no_json_is_not_told_in_the_parsers_terms() {
        let error = serde_json::from_str::<serde_json::Value>("not gz").expect_err("no JSON");
        assert_eq!(plain(&error), "expected a value at line 1 column 2");
    }
}
