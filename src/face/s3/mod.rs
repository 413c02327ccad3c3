//! `aws s3`: files and objects by path, one or many at a time, on the operations of `s3api`.
//!
//! What is printed, in which order of checks, and which exit code follows is aws-cli's; progress is not shown, for
//! nothing takes long enough. Seen in the source of 1.45.11, and in runs of it and of 2.36.7.

mod bucket;
mod list;
mod path;
mod presign;
mod transfer;
mod types;

use super::arguments::{Action, Kind, Takes};
use super::custom::{Custom, switch, value};
use super::options::Opt;

/// The commands.
pub const COMMANDS: &[Custom] = &[
    Custom {
        name: "cp",
        examples: &[
            "code.zip s3://my-bucket/code.zip",
            "s3://my-bucket/code.zip .",
            "dist s3://my-bucket/dist --recursive --exclude \"*.map\"",
        ],
        about: "Copies a file or an object, with --recursive all below a folder or a prefix: <LocalPath> <S3Uri>, \
            <S3Uri> <LocalPath> or <S3Uri> <S3Uri>; - is standard input or output.",
        table: || transfer(&[METADATA_TABLE, RECURSIVE_TABLE, EXPECTED_SIZE]),
        run: transfer::cp,
    },
    Custom {
        name: "ls",
        examples: &["", "s3://my-bucket/dist/ --recursive --human-readable"],
        about: "Lists buckets, or the objects and prefixes below an S3Uri.",
        table: || {
            let mut table = vec![Opt::face(
                Action::new("paths", Takes::Optional),
                "The S3Uri; without it the buckets are listed.",
            )];
            table.extend(RECURSIVE_TABLE());
            table.extend([
                integer("--page-size"),
                switch("--human-readable", "Shows sizes as 1.5 KiB."),
                switch("--summarize", "Adds how many objects and bytes there are."),
                chosen("--request-payer", &["requester"]),
                value(
                    "--bucket-name-prefix",
                    "Only buckets whose names begin with this.",
                ),
                value("--bucket-region", "Only buckets of this region."),
            ]);
            table
        },
        run: list::ls,
    },
    Custom {
        name: "mb",
        examples: &["s3://my-bucket"],
        about: "Makes a bucket: <S3Uri>.",
        table: || {
            vec![
                Opt::face(Action::new("path", Takes::One).required(), "The S3Uri."),
                Opt::face(Action::new("--tags", Takes::Two), TAKEN),
            ]
        },
        run: bucket::mb,
    },
    Custom {
        name: "mv",
        examples: &["s3://my-bucket/a.zip s3://my-bucket/b.zip"],
        about: "Moves a file or an object, with --recursive all below a folder or a prefix.",
        table: || {
            transfer(&[METADATA_TABLE, RECURSIVE_TABLE, || {
                vec![switch("--validate-same-s3-paths", TAKEN)]
            }])
        },
        run: transfer::mv,
    },
    Custom {
        name: "presign",
        examples: &["s3://my-bucket/code.zip --expires-in 600"],
        about: "Prints the address of an object for whoever has no credentials: <S3Uri>. It leads nowhere.",
        table: || {
            vec![
                Opt::face(Action::new("path", Takes::One).required(), "The S3Uri."),
                value(
                    "--expires-in",
                    "Seconds it is good for: 3600 when it is left out.",
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
                switch("--force", "Removes the objects first."),
            ]
        },
        run: bucket::rb,
    },
    Custom {
        name: "rm",
        examples: &["s3://my-bucket/code.zip", "s3://my-bucket/dist --recursive"],
        about: "Removes an object, with --recursive all below a prefix: <S3Uri>.",
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
        about: "Copies what is new or newer below a folder or a prefix to another one.",
        table: || {
            transfer(&[METADATA_TABLE, || {
                vec![
                    switch(
                        "--delete",
                        "Deletes at the target what is not at the source.",
                    ),
                    switch("--size-only", "Compares sizes alone, not times."),
                    switch(
                        "--exact-timestamps",
                        "Downloads also where the file is newer than the object.",
                    ),
                ]
            }])
        },
        run: transfer::sync,
    },
];

/// Help for what is taken and changes nothing.
const TAKEN: &str = "Taken; changes nothing here.";

type Part = fn() -> Vec<Opt>;

const RECURSIVE_TABLE: Part = || vec![switch("--recursive", "All below the folder or the prefix.")];

const EXPECTED_SIZE: Part = || vec![value("--expected-size", TAKEN)];

const SHOWN_TABLE: Part = || {
    vec![
        switch("--dryrun", "Prints what would be done, and does nothing."),
        switch("--quiet", "Prints nothing."),
        value(
            "--include",
            "Puts back in what matches; of several the last that matches counts.",
        ),
        value(
            "--exclude",
            "Leaves out what matches: * and ? and [abc], from the folder on.",
        ),
        switch("--only-show-errors", "Prints errors and warnings alone."),
    ]
};

const METADATA_TABLE: Part = || {
    vec![
        value("--metadata", "Metadata of your own: name=value,name=value."),
        chosen("--metadata-directive", &["COPY", "REPLACE"]),
    ]
};

fn chosen(name: &'static str, values: &'static [&'static str]) -> Opt {
    // Alone, such an option means the first of its values.
    let takes = match name {
        "--sse" | "--sse-c" | "--sse-c-copy-source" | "--request-payer" => Takes::Optional,
        _ => Takes::One,
    };
    Opt::face(
        Action::new(name, takes).of(Kind::Choice(values.into())),
        TAKEN,
    )
}

fn integer(name: &'static str) -> Opt {
    Opt::face(Action::new(name, Takes::One).of(Kind::Int), TAKEN)
}

/// The options of whatever copies.
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
            "Uploads what links lead to, as without it.",
        ),
        switch("--no-follow-symlinks", "Leaves links out."),
        switch(
            "--no-guess-mime-type",
            "Does not tell the type by the name.",
        ),
        chosen("--sse", &["AES256", "aws:kms"]),
        chosen("--sse-c", &["AES256"]),
        value("--sse-c-key", TAKEN),
        value("--sse-kms-key-id", "The key of the encryption; kept."),
        chosen("--sse-c-copy-source", &["AES256"]),
        value("--sse-c-copy-source-key", TAKEN),
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
        Opt::face(Action::new("--grants", Takes::Many), TAKEN),
        value("--website-redirect", "Where a website redirects to; kept."),
        value("--content-type", "The type of the object; kept."),
        value(
            "--cache-control",
            "What caches may do with the object; kept.",
        ),
        value(
            "--content-disposition",
            "How the object is presented; kept.",
        ),
        value("--content-encoding", "How the object is encoded; kept."),
        value("--content-language", "The language of the object; kept."),
        value("--expires", TAKEN),
        value("--source-region", TAKEN),
        switch("--no-progress", "Taken; no progress is shown."),
        integer("--progress-frequency"),
        switch("--progress-multiline", TAKEN),
        integer("--page-size"),
        switch("--ignore-glacier-warnings", TAKEN),
        switch("--force-glacier-transfer", TAKEN),
        chosen("--request-payer", &["requester"]),
        chosen("--checksum-mode", &["ENABLED"]),
        chosen(
            "--checksum-algorithm",
            &["CRC64NVME", "CRC32", "SHA256", "SHA1", "CRC32C"],
        ),
        chosen("--copy-props", &["none", "metadata-directive", "default"]),
        switch(
            "--no-overwrite",
            "Leaves alone what is at the target already.",
        ),
        chosen("--case-conflict", &["ignore", "skip", "warn", "error"]),
    ]);
    table.extend(more.iter().flat_map(|part| part()));
    table
}
