//! `aws s3`: copies, lists and removes files and objects by path, one or many at a time. It uses the operations of
//! `s3api`.
//!
//! Output, order of checks and exit codes are aws-cli's. Progress is a line of our own, on a terminal alone. Seen in
//! the source of 1.45.11, and in runs of 1.45.11 and 2.36.7.

mod bucket;
mod list;
mod path;
mod presign;
mod transfer;
mod types;

use super::arguments::{Action, Takes, ValueType};
use super::custom::{Custom, switch, value};
use super::options::Opt;
use crate::operation::shape::IGNORED;

/// The commands.
pub const COMMANDS: &[Custom] = &[
    Custom {
        name: "cp",
        examples: &[
            "code.zip s3://my-bucket/code.zip",
            "s3://my-bucket/code.zip .",
            "dist s3://my-bucket/dist --recursive --exclude \"*.map\"",
        ],
        about: "Copies a file or an object: <LocalPath> <S3Uri>, <S3Uri> <LocalPath> or <S3Uri> <S3Uri>. With \
            --recursive, copies everything below a folder or a prefix. - is standard input or output.",
        table: || transfer(&[METADATA_TABLE, RECURSIVE_TABLE, EXPECTED_SIZE]),
        run: transfer::cp,
    },
    Custom {
        name: "ls",
        examples: &["", "s3://my-bucket/dist/ --recursive --human-readable"],
        about: "Lists buckets, or the objects and prefixes below an S3 URI.",
        table: || {
            let mut table = vec![Opt::face(
                Action::new("paths", Takes::Optional),
                "The S3 URI. Without it, buckets are listed.",
            )];
            table.extend(RECURSIVE_TABLE());
            table.extend([
                integer("--page-size"),
                switch(
                    "--human-readable",
                    "Shows sizes in readable units, for example 1.5 KiB.",
                ),
                switch("--summarize", "Adds the total number of objects and bytes."),
                chosen("--request-payer", &["requester"]),
                value(
                    "--bucket-name-prefix",
                    "Lists only buckets whose names start with this text.",
                ),
                value("--bucket-region", "Lists only buckets in this region."),
            ]);
            table
        },
        run: list::ls,
    },
    Custom {
        name: "mb",
        examples: &["s3://my-bucket"],
        about: "Creates a bucket: <S3Uri>.",
        table: || {
            vec![
                Opt::face(Action::new("path", Takes::One).required(), "The S3Uri."),
                ignored("--tags", Takes::Two),
            ]
        },
        run: bucket::mb,
    },
    Custom {
        name: "mv",
        examples: &["s3://my-bucket/a.zip s3://my-bucket/b.zip"],
        about: "Moves a file or an object. With --recursive, moves everything below a folder or a prefix.",
        table: || {
            transfer(&[METADATA_TABLE, RECURSIVE_TABLE, || {
                vec![ignored("--validate-same-s3-paths", Takes::Nothing)]
            }])
        },
        run: transfer::mv,
    },
    Custom {
        name: "presign",
        examples: &["s3://my-bucket/code.zip --expires-in 600"],
        about: "Prints a presigned URL of an object: <S3Uri>. No server answers at that URL.",
        table: || {
            vec![
                Opt::face(Action::new("path", Takes::One).required(), "The S3Uri."),
                value(
                    "--expires-in",
                    "The number of seconds for which the URL is valid. The default is 3600.",
                ),
            ]
        },
        run: presign::presign,
    },
    Custom {
        name: "rb",
        examples: &["s3://my-bucket --force"],
        about: "Removes an empty bucket: <S3Uri>.",
        table: || {
            vec![
                Opt::face(Action::new("path", Takes::One).required(), "The S3Uri."),
                switch("--force", "Removes all its objects first."),
            ]
        },
        run: bucket::rb,
    },
    Custom {
        name: "rm",
        examples: &["s3://my-bucket/code.zip", "s3://my-bucket/dist --recursive"],
        about: "Removes an object: <S3Uri>. With --recursive, removes everything below a prefix.",
        table: || {
            let mut table = vec![Opt::face(
                Action::new("paths", Takes::One).required(),
                "The S3Uri.",
            )];
            table.extend(SHOWN_TABLE());
            table.extend(RECURSIVE_TABLE());
            table.extend([
                chosen("--request-payer", &["requester"]),
                integer("--page-size"),
            ]);
            table
        },
        run: transfer::rm,
    },
    Custom {
        name: "sync",
        examples: &["dist s3://my-bucket/dist --delete"],
        about: "Copies new and changed files from one folder or prefix to another.",
        table: || {
            transfer(&[METADATA_TABLE, || {
                vec![
                    switch(
                        "--delete",
                        "Deletes files and objects of the target that the source does not have.",
                    ),
                    switch("--size-only", "Compares only sizes, not times."),
                    switch(
                        "--exact-timestamps",
                        "Downloads an object of equal size even if the file is older.",
                    ),
                ]
            }])
        },
        run: transfer::sync,
    },
];

/// An option of aws-cli that is accepted and changes nothing here.
fn ignored(name: &'static str, takes: Takes) -> Opt {
    Opt::ignored(Action::new(name, takes), IGNORED)
}

type Part = fn() -> Vec<Opt>;

const RECURSIVE_TABLE: Part = || {
    vec![switch(
        "--recursive",
        "Includes everything below the folder or the prefix.",
    )]
};

const EXPECTED_SIZE: Part = || vec![ignored("--expected-size", Takes::One)];

const SHOWN_TABLE: Part = || {
    vec![
        switch(
            "--dryrun",
            "Prints the planned transfers without making them.",
        ),
        switch("--quiet", "Prints nothing."),
        value(
            "--include",
            "Includes names that match this pattern. If several patterns match, the last one decides.",
        ),
        value(
            "--exclude",
            "Excludes names that match this pattern: *, ? and [abc].",
        ),
        switch("--only-show-errors", "Prints only errors and warnings."),
    ]
};

const METADATA_TABLE: Part = || {
    vec![
        value(
            "--metadata",
            "Your metadata of the object: name=value,name=value.",
        ),
        chosen("--metadata-directive", &["COPY", "REPLACE"]),
    ]
};

fn chosen(name: &'static str, values: &'static [&'static str]) -> Opt {
    // If such an option has no word, it means the first of its values.
    let takes = match name {
        "--sse" | "--sse-c" | "--sse-c-copy-source" | "--request-payer" => Takes::Optional,
        _ => Takes::One,
    };
    Opt::ignored(
        Action::new(name, takes).of(ValueType::Choice(values.into())),
        IGNORED,
    )
}

fn integer(name: &'static str) -> Opt {
    Opt::ignored(Action::new(name, Takes::One).of(ValueType::Int), IGNORED)
}

/// The options of every command that copies.
fn transfer(more: &[Part]) -> Vec<Opt> {
    let mut table = vec![Opt::face(
        Action::new("paths", Takes::Two).required(),
        "The source and the target.",
    )];
    table.extend(SHOWN_TABLE());
    table.extend([
        chosen(
            "--acl",
            &[
                "private",
                "public-read",
                "public-read-write",
                "authenticated-read",
                "aws-exec-read",
                "bucket-owner-read",
                "bucket-owner-full-control",
                "log-delivery-write",
            ],
        ),
        switch(
            "--follow-symlinks",
            "Follows symbolic links and uploads their targets. This is the default.",
        ),
        switch("--no-follow-symlinks", "Skips links."),
        switch(
            "--no-guess-mime-type",
            "Does not guess the content type from the name.",
        ),
        chosen("--sse", &["AES256", "aws:kms"]),
        chosen("--sse-c", &["AES256"]),
        ignored("--sse-c-key", Takes::One),
        value(
            "--sse-kms-key-id",
            "The key ID of the encryption, stored with the object.",
        ),
        chosen("--sse-c-copy-source", &["AES256"]),
        ignored("--sse-c-copy-source-key", Takes::One),
        chosen(
            "--storage-class",
            &[
                "STANDARD",
                "REDUCED_REDUNDANCY",
                "STANDARD_IA",
                "ONEZONE_IA",
                "INTELLIGENT_TIERING",
                "GLACIER",
                "DEEP_ARCHIVE",
                "GLACIER_IR",
            ],
        ),
        ignored("--grants", Takes::Many),
        value(
            "--website-redirect",
            "The target of a website redirect, stored with the object.",
        ),
        value(
            "--content-type",
            "The content type, stored with the object.",
        ),
        value(
            "--cache-control",
            "The Cache-Control header, stored with the object.",
        ),
        value(
            "--content-disposition",
            "The Content-Disposition header, stored with the object.",
        ),
        value(
            "--content-encoding",
            "The Content-Encoding header, stored with the object.",
        ),
        value(
            "--content-language",
            "The Content-Language header, stored with the object.",
        ),
        ignored("--expires", Takes::One),
        ignored("--source-region", Takes::One),
        switch("--no-progress", "Shows no progress."),
        integer("--progress-frequency"),
        ignored("--progress-multiline", Takes::Nothing),
        integer("--page-size"),
        ignored("--ignore-glacier-warnings", Takes::Nothing),
        ignored("--force-glacier-transfer", Takes::Nothing),
        chosen("--request-payer", &["requester"]),
        chosen("--checksum-mode", &["ENABLED"]),
        chosen(
            "--checksum-algorithm",
            &["CRC64NVME", "CRC32", "SHA256", "SHA1", "CRC32C"],
        ),
        chosen("--copy-props", &["none", "metadata-directive", "default"]),
        switch(
            "--no-overwrite",
            "Skips files and objects that the target already has.",
        ),
        chosen("--case-conflict", &["ignore", "skip", "warn", "error"]),
    ]);
    table.extend(more.iter().flat_map(|part| part()));
    table
}
