//! `s3 ls`: buckets, or the objects and prefixes below a path.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::path::Location;
use super::transfer::pages;
use crate::face::call::Session;
use crate::face::custom::Words;
use crate::face::exit::Stop;
use crate::face::world::World;

/// Formats a moment as a listing shows it: `2026-11-22 13:53:05`, in UTC.
fn moment(value: &Value) -> String {
    let time: Option<Timestamp> = value.as_str().and_then(|text| text.parse().ok());
    time.unwrap_or_default()
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// Formats a size as aws-cli does: `1.5 KiB`.
fn human_readable(size: u64) -> String {
    const SUFFIXES: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let bytes = size as f64;
    match size {
        1 => return "1 Byte".to_owned(),
        0..1024 => return format!("{size} Bytes"),
        _ => {}
    }
    let mut unit = 1024.0;
    for suffix in SUFFIXES {
        if (bytes / unit).round_ties_even() < 1024.0 {
            return format!("{:.1} {suffix}", bytes / unit);
        }
        unit *= 1024.0;
    }
    format!("{size} Bytes")
}

pub(super) fn ls(world: &mut World<'_>, session: &Session<'_>, words: &Words) -> Result<u8, Stop> {
    let region = session.reach(world)?;
    let path = words.one("paths").unwrap_or("s3://");
    let path = path.strip_prefix("s3://").unwrap_or(path);
    let Location::S3(bucket, prefix) = Location::of(&format!("s3://{path}")) else {
        return Ok(0);
    };
    let readable = words.has("--human-readable");
    let sized = |size: u64| match readable {
        true => human_readable(size),
        false => size.to_string(),
    };
    let (mut objects, mut bytes) = (0u64, 0u64);
    let mut any = false;
    if bucket.is_empty() {
        let mut request = json!({});
        for (member, option) in [
            ("Prefix", "--bucket-name-prefix"),
            ("BucketRegion", "--bucket-region"),
        ] {
            if let Some(word) = words.one(option) {
                request[member] = word.into();
            }
        }
        let answer = session.demand(&region, "ListBuckets", request)?;
        for bucket in answer["Buckets"].as_array().into_iter().flatten() {
            let name = bucket["Name"].as_str().unwrap_or_default();
            writeln!(world.stdout, "{} {name}", moment(&bucket["CreationDate"]))?;
        }
    } else {
        let recursive = words.has("--recursive");
        let mut request = json!({ "Bucket": bucket, "Prefix": prefix });
        if !recursive {
            request["Delimiter"] = "/".into();
        }
        pages(
            request,
            |request| session.demand(&region, "ListObjectsV2", request),
            |page| {
                for folded in page["CommonPrefixes"].as_array().into_iter().flatten() {
                    let prefix = folded["Prefix"].as_str().unwrap_or_default();
                    let name = prefix.rsplit('/').nth(1).unwrap_or_default();
                    any = true;
                    writeln!(world.stdout, "{:>30} {name}/", "PRE")?;
                }
                for object in page["Contents"].as_array().into_iter().flatten() {
                    let key = object["Key"].as_str().unwrap_or_default();
                    let name = match recursive {
                        true => key,
                        false => key.rsplit('/').next().unwrap_or_default(),
                    };
                    let size = object["Size"].as_u64().unwrap_or_default();
                    any = true;
                    objects += 1;
                    bytes += size;
                    let time = moment(&object["LastModified"]);
                    writeln!(world.stdout, "{time} {:>10} {name}", sized(size))?;
                }
                Ok(())
            },
        )?;
    }
    if words.has("--summarize") {
        writeln!(world.stdout, "\nTotal Objects: {objects}")?;
        writeln!(world.stdout, "   Total Size: {}", sized(bytes))?;
    }
    Ok(u8::from(!prefix.is_empty() && !any))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_readable_as_aws_cli_counts() {
        for (size, text) in [
            (0, "0 Bytes"),
            (1, "1 Byte"),
            (1023, "1023 Bytes"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (1024 * 1024 - 1, "1.0 MiB"),
            (250 << 20, "250.0 MiB"),
            (5 << 30, "5.0 GiB"),
        ] {
            assert_eq!(human_readable(size), text);
        }
    }
}
