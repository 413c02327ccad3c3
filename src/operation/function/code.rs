//! The code in a request: a zip in the request, a zip in S3, or a container image.

use sha2::{Digest, Sha256};

use crate::{
    operation::{Lambda, Result, blob::Blob, resolve::invalid},
    state::{
        arn::Scope,
        error::{Code as ErrorCode, ServiceError},
        function::{Configuration, Image, hex},
        name::{ResourceArn, S3Bucket, S3Key, S3ObjectVersion},
    },
    store::{
        images::whole,
        package::{Handle, Spool, inspect},
        s3::Missing,
    },
};

use super::{members::S3ObjectStorageMode, settings::refuse};

/// The members of a request that tell where the code is.
#[derive(Debug, Default)]
pub struct Source {
    pub(in crate::operation) zip_file: Option<Blob>,
    pub(in crate::operation) s3_bucket: Option<S3Bucket>,
    pub(in crate::operation) s3_key: Option<S3Key>,
    pub(in crate::operation) s3_object_version: Option<S3ObjectVersion>,
    pub(in crate::operation) s3_object_storage_mode: Option<S3ObjectStorageMode>,
    pub(in crate::operation) image_uri: Option<String>,
    pub(in crate::operation) source_kms_key_arn: Option<ResourceArn>,
}

/// Code that was checked. A function can use it.
#[derive(Debug)]
pub enum CheckedCode {
    /// A spooled zip.
    Zip(Package),
    /// An image.
    Image(Image),
}

/// A zip that was checked. A function can use it.
#[derive(Debug)]
pub struct Package {
    /// The spool file.
    pub handle: Handle,
    /// The size in bytes of the unzipped files.
    pub unzipped_size: u64,
    /// The key that encrypts the zip.
    source_kms_key_arn: Option<String>,
    /// The spool of a zip that was copied from S3. The file is removed when this value is dropped, unless it became a
    /// package.
    _spool: Option<Spool>,
}

impl Source {
    /// Fetches and checks the code.
    ///
    /// # Errors
    /// The request names no source or several sources, or a source of the other package type. The bucket or key does
    /// not exist. The file is not a zip, or a size is over its limit.
    pub fn take(mut self, lambda: &Lambda<'_>, package_type: &str) -> Result<CheckedCode> {
        match self.image_uri.take() {
            Some(uri) if self.package_type().is_none() => {
                resolve(lambda, &uri).map(CheckedCode::Image)
            }
            Some(_) => Err(two_sources().into()),
            None if package_type == "Image" && self.package_type().is_none() => Err(invalid(
                "Please provide ImageUri when updating a function with packageType Image.",
            )
            .into()),
            None => self.zip(lambda).map(CheckedCode::Zip),
        }
    }

    /// Fetches and checks a zip.
    ///
    /// # Errors
    /// The errors of [`Self::take`].
    pub fn zip(self, lambda: &Lambda<'_>) -> Result<Package> {
        refuse(&[(
            "S3ObjectStorageMode=REFERENCE",
            self.s3_object_storage_mode == Some(S3ObjectStorageMode::Reference),
        )])?;
        let s3 =
            self.s3_bucket.is_some() || self.s3_key.is_some() || self.s3_object_version.is_some();
        match (self.zip_file, s3) {
            (Some(zip), false) => {
                let handle = zip.0;
                let limit = lambda.place.limits()?.code_size_zipped;
                if handle.code_size > limit {
                    return Err(ServiceError::new(
                        ErrorCode::RequestEntityTooLargeException,
                        format!("Zipped size must be smaller than {limit} bytes"),
                    )
                    .with_hint("a larger package needs S3: put the zip at s3/<bucket>/<key> in the state directory")
                    .into());
                }
                judge(lambda, handle, None, self.source_kms_key_arn)
            }
            (None, true) => match (self.s3_bucket, self.s3_key) {
                (Some(bucket), Some(key)) => {
                    let spool = fetch(lambda, &bucket, &key, self.s3_object_version.as_deref())?;
                    judge(lambda, spool.handle(), Some(spool), self.source_kms_key_arn)
                }
                _ => Err(invalid("Please provide both S3Bucket and S3Key.").into()),
            },
            (None, false) => Err(invalid("Please provide a source for function code.").into()),
            (Some(_), true) => Err(two_sources().into()),
        }
    }

    /// The package type of this source; `None` if the request names no source.
    pub fn package_type(&self) -> Option<&'static str> {
        match (
            &self.image_uri,
            &self.zip_file,
            &self.s3_bucket,
            &self.s3_key,
        ) {
            (Some(_), None, None, None) => Some("Image"),
            (None, None, None, None) => None,
            _ => Some("Zip"),
        }
    }
}

impl CheckedCode {
    /// Stores the size, the digest and the key or image of the code in a configuration.
    pub fn apply(&self, to: &mut Configuration) {
        match self {
            Self::Zip(package) => {
                to.code_size = package.handle.code_size;
                to.unzipped_size = package.unzipped_size;
                to.code_sha256.clone_from(&package.handle.code_sha256);
                to.source_kms_key_arn
                    .clone_from(&package.source_kms_key_arn);
            }
            Self::Image(image) => {
                let digest = image
                    .resolved_image_uri
                    .rsplit_once("@sha256:")
                    .map_or("", |(_, digest)| digest);
                digest.clone_into(&mut to.code_sha256);
                to.image = Some(image.clone());
            }
        }
    }

    /// The spool file that becomes the package; `None` for an image.
    pub fn package(&self) -> Option<Handle> {
        match self {
            Self::Zip(package) => Some(package.handle.clone()),
            Self::Image(_) => None,
        }
    }
}

fn two_sources() -> ServiceError {
    invalid("Please do not provide other FunctionCode parameters when providing a ZipFile.")
}

/// Copies an object from `s3/` in the state directory to a spool. Lambda, too, copies the object during the call.
fn fetch(lambda: &Lambda<'_>, bucket: &str, key: &str, version: Option<&str>) -> Result<Spool> {
    let store = lambda.place.store;
    let missing = |code: &str, message: &str| {
        invalid(format!(
            "Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}"
        ))
    };
    let place = store.root().join("s3").join(bucket);
    // A folder that nobody made with a call has no region, and that of an assumed bucket is a guess. The words are P,
    // 2020 to 2021.
    let region = store.s3_bucket(bucket)?.and_then(|bucket| bucket.region);
    let is_guessed = match &region {
        Some(region) => {
            let scope = Scope {
                region: region.clone(),
                account: lambda.place.scope.account.clone(),
            };
            store.place(scope).is_assumed(&format!("s3://{bucket}"))?
        }
        None => true,
    };
    let region = region.filter(|region| !is_guessed && *region != lambda.place.scope.region);
    if let Some(region) = region {
        let words = format!(
            "The bucket is in this region: {region}. Please use this region to retry the request"
        );
        return Err(missing("PermanentRedirect", &words)
            .with_hint("the package lies in a bucket of the function's own region: one bucket for each region")
            .into());
    }
    match store.s3_object(bucket, key, version)? {
        Ok(object) => store.s3_spool(&object, 0, u64::MAX),
        Err(Missing::Bucket) => Err(
            missing("NoSuchBucket", "The specified bucket does not exist")
                .with_hint(format!(
                    "a bucket is a folder here: mkdir -p {}",
                    place.display()
                ))
                .into(),
        ),
        Err(Missing::Key) => Err(missing("NoSuchKey", "The specified key does not exist.")
            .with_hint(format!(
                "an object is a file here: copy it to {}",
                store.s3_file(bucket, key).display()
            ))
            .into()),
        Err(Missing::Version) => {
            Err(missing("NoSuchVersion", "The specified version does not exist.").into())
        }
    }
}

/// Reads the zip's directory and checks the names and sizes of its files.
fn judge(
    lambda: &Lambda<'_>,
    handle: Handle,
    spool: Option<Spool>,
    key: Option<ResourceArn>,
) -> Result<Package> {
    let contents = inspect(&lambda.place.store.spooled(&handle))?.ok_or_else(|| {
        invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")
    })?;
    if contents.entries == 0 {
        return Err(invalid("Uploaded file must be a non-empty zip").into());
    }
    let limit = lambda.place.limits()?.code_size_unzipped;
    if contents.unzipped_size >= limit {
        return Err(invalid(format!("Unzipped size must be smaller than {limit} bytes")).into());
    }
    Ok(Package {
        handle,
        unzipped_size: contents.unzipped_size,
        source_kms_key_arn: key.map(|key| key.0).filter(|key| !key.is_empty()),
        _spool: spool,
    })
}

/// The digest of an image that was not pushed here. It is the digest of the text of the reference.
pub(crate) fn assumed_digest(uri: &str) -> String {
    hex(&Sha256::digest(whole(uri)))
}

/// Finds the digest of an image without asking a registry. A reference with a digest needs no change. A tag that was
/// pushed here gets the digest of the pushed image. Any other tag gets the digest of its own text.
fn resolve(lambda: &Lambda<'_>, uri: &str) -> Result<Image> {
    let (repository, digest) = match uri.split_once("@sha256:") {
        Some((repository, digest)) => (repository, Some(digest)),
        None => match uri.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, None),
            _ => (uri, None),
        },
    };
    let digest_is_sound = digest.is_none_or(|digest| {
        digest.len() == 64 && digest.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
    });
    let registry = repository
        .split_once('/')
        .map_or("", |(registry, _)| registry);
    let is_ecr = registry.contains(".dkr.ecr.") && registry.contains(".amazonaws.com");
    // AWS's page on functions as container images: the repository is in the function's region.
    let region = registry.split('.').nth(3).unwrap_or_default();
    let is_here = region == lambda.place.scope.region;
    // A reference without tag and digest is not an image (public reports, 2025).
    if !is_ecr || !is_here || !digest_is_sound || repository == uri {
        return Err(invalid(format!(
            "Source image {uri} is not valid. Provide a valid source image."
        ))
        .with_hint(
            "the image must be in ECR in the region of the function: \
             <account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>",
        )
        .into());
    }
    let digest = match digest {
        Some(digest) => digest.to_owned(),
        None => match lambda.place.store.image(uri)?.filter(|known| known.pushed) {
            Some(known) => known.digest,
            None => assumed_digest(uri),
        },
    };
    Ok(Image {
        image_uri: uri.to_owned(),
        resolved_image_uri: format!("{repository}@sha256:{digest}"),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use crate::operation::sandbox::{Sandbox, zip};

    fn from_s3(lambda: &Sandbox, bucket: &str, key: &str) -> String {
        lambda.error(
            "UpdateFunctionCode",
            json!({ "FunctionName": "pay", "S3Bucket": bucket, "S3Key": key }),
        )
    }

    /// The result of a dry run with those bytes. A dry run does the same checks as an update, but it needs no fsync.
    fn zipped(lambda: &Sandbox, bytes: &[u8]) -> Result<Value, String> {
        let spool = lambda.spool(bytes);
        let request = json!({ "FunctionName": "pay", "ZipFile": spool.handle(), "DryRun": true });
        lambda
            .try_call("UpdateFunctionCode", request)
            .map_err(|failure| failure.to_string())
    }

    const NO_ZIP: &str = "(InvalidParameterValueException): Could not unzip uploaded file. Please check your file, then try \
        to upload again.";

    #[test]
    fn an_object_is_copied_at_call_time() {
        let lambda = Sandbox::with("pay");
        let bytes = zip(&[("index.py", b"from s3")]);
        lambda.put_object("code", "builds/app.zip", &bytes);
        let updated = lambda.call(
            "UpdateFunctionCode",
            json!({ "FunctionName": "pay", "S3Bucket": "code", "S3Key": "builds/app.zip" }),
        );
        assert_eq!(updated["CodeSize"], bytes.len());
        lambda.put_object("code", "builds/app.zip", b"gone");
        assert_eq!(lambda.latest("pay")["CodeSha256"], updated["CodeSha256"]);
        assert_eq!(
            fs::read_dir(lambda.root().join("tmp"))
                .expect("a folder")
                .count(),
            0,
            "no spool stays"
        );
    }

    #[test]
    fn a_missing_bucket_key_and_version_are_told_in_s3_s_words() {
        let lambda = Sandbox::with("pay");
        assert_eq!(
            from_s3(&lambda, "nope", "k"),
            "(InvalidParameterValueException): Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error \
             Message: The specified bucket does not exist"
        );
        lambda.put_object("code", "builds/app.zip", b"");
        for key in ["nope", "builds", "builds/app.zip/below"] {
            assert_eq!(
                from_s3(&lambda, "code", key),
                "(InvalidParameterValueException): Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error \
                 Message: The specified key does not exist."
            );
        }
        let request = json!({ "FunctionName": "pay", "S3Bucket": "code", "S3Key": "builds/app.zip", "S3ObjectVersion": "v" });
        assert!(
            lambda
                .error("UpdateFunctionCode", request)
                .contains("NoSuchVersion")
        );
    }

    #[test]
    fn a_bucket_of_another_region_is_told_in_s3_s_words() {
        let lambda = Sandbox::with("pay");
        let place = json!({ "LocationConstraint": "eu-west-1" });
        lambda.call(
            "CreateBucket",
            json!({ "Bucket": "far", "CreateBucketConfiguration": place }),
        );
        lambda.call("CreateBucket", json!({ "Bucket": "near" }));
        for bucket in ["far", "near"] {
            lambda.put_object(bucket, "app.zip", &zip(&[("index.py", b"x")]));
        }
        assert_eq!(
            from_s3(&lambda, "far", "app.zip"),
            "(InvalidParameterValueException): Error occurred while GetObject. S3 Error Code: PermanentRedirect. S3 Error \
             Message: The bucket is in this region: eu-west-1. Please use this region to retry the request"
        );
        let request = json!({ "FunctionName": "pay", "S3Bucket": "near", "S3Key": "app.zip" });
        lambda.call("UpdateFunctionCode", request);
    }

    #[test]
    fn a_key_that_no_file_can_have_is_refused_by_name_and_leaves_the_bucket_alone() {
        let lambda = Sandbox::with("pay");
        lambda.put_object("code", "app.zip", b"");
        let before = lambda.files();
        for key in [
            "../code/app.zip",
            "..",
            ".",
            "a/../app.zip",
            "a/%2F/b",
            "a\0b",
            "a\\b",
            ".versions/x",
        ] {
            let request = json!({ "FunctionName": "pay", "S3Bucket": "code", "S3Key": key });
            let told = lambda.broken("UpdateFunctionCode", request);
            assert!(
                told.contains(&format!("the S3 key {key:?} cannot be the name of a file")),
                "{told}"
            );
        }
        assert_eq!(before, lambda.files());
    }

    /// Recorded from AWS 2025-11.
    #[test]
    fn a_key_may_begin_with_a_slash_and_hold_empty_parts() {
        let lambda = Sandbox::with("pay");
        for key in ["/layer.zip", "a//b.zip"] {
            let zip = lambda.zip(key);
            lambda.put_object("code", "made.by.hand", b"x");
            lambda.call(
                "PutObject",
                json!({ "Bucket": "code", "Key": key, "Body": zip.handle() }),
            );
            let request = json!({ "FunctionName": "pay", "S3Bucket": "code", "S3Key": key });
            lambda.call("UpdateFunctionCode", request);
            let missing =
                json!({ "FunctionName": "pay", "S3Bucket": "code", "S3Key": format!("/{key}") });
            let told = lambda.error("UpdateFunctionCode", missing);
            assert!(told.contains("NoSuchKey"), "{told}");
        }
        let listed = lambda.call("ListObjectsV2", json!({ "Bucket": "code", "Prefix": "/" }));
        assert_eq!(listed["Contents"][0]["Key"], "/layer.zip");
        assert_eq!(listed["KeyCount"], 1);
    }

    #[test]
    fn a_zip_cut_short_anywhere_is_no_zip() {
        let lambda = Sandbox::with("pay");
        let whole = zip(&[("index.py", b"x = 1"), ("lib/util.py", &[b'y'; 300])]);
        for length in (0..whole.len()).step_by(13).chain([whole.len() - 1]) {
            assert_eq!(
                zipped(&lambda, &whole[..length]).expect_err("refused"),
                NO_ZIP,
                "{length}"
            );
        }
        zipped(&lambda, &whole).expect("the whole one is fine");
    }

    #[test]
    fn garbage_is_no_zip_and_an_empty_zip_is_said_to_be_empty() {
        let lambda = Sandbox::with("pay");
        for bytes in [
            &b"def handler(): pass"[..],
            &[0; 1000],
            b"PK\x05\x06",
            b"PK\x03\x04PK\x01\x02PK\x05\x06",
        ] {
            assert_eq!(zipped(&lambda, bytes).expect_err("refused"), NO_ZIP);
        }
        assert_eq!(
            zipped(&lambda, &zip(&[])).expect_err("refused"),
            "(InvalidParameterValueException): Uploaded file must be a non-empty zip"
        );
    }

    #[test]
    fn every_byte_changed_in_a_zip_ends_in_an_answer() {
        let lambda = Sandbox::with("pay");
        let whole = zip(&[("index.py", b"x = 1")]);
        for at in 0..whole.len() {
            for value in [0, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                if let Err(told) = zipped(&lambda, &bytes) {
                    assert!(
                        told.starts_with("(InvalidParameterValueException): "),
                        "{at}: {told}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_follows_a_zip_is_kept_as_part_of_the_upload() {
        let lambda = Sandbox::with("pay");
        let mut bytes = zip(&[("index.py", b"x = 1")]);
        bytes.extend(b"trailing");
        assert_eq!(
            zipped(&lambda, &bytes).expect("a zip")["CodeSize"],
            bytes.len()
        );
    }

    #[test]
    fn a_direct_zip_may_be_as_large_as_the_account_says() {
        let lambda = Sandbox::with("pay");
        let bytes = zip(&[("index.py", b"x = 1")]);
        let limit = |bytes: usize| {
            fs::write(
                lambda.here().join("account.json"),
                format!(r#"{{ "CodeSizeZipped": {bytes} }}"#),
            )
            .expect("limits")
        };
        limit(bytes.len() - 1);
        let spool = lambda.spool(&bytes);
        let refused = lambda.refused(
            "UpdateFunctionCode",
            json!({ "FunctionName": "pay", "ZipFile": spool.handle() }),
        );
        assert_eq!(
            (refused.code.name(), refused.code.status()),
            ("RequestEntityTooLargeException", 413)
        );
        assert_eq!(
            refused.message,
            format!("Zipped size must be smaller than {} bytes", bytes.len() - 1)
        );
        assert!(refused.details.is_empty(), "no Type");
        lambda.put_object("code", "k", &bytes);
        lambda.call(
            "UpdateFunctionCode",
            json!({ "FunctionName": "pay", "S3Bucket": "code", "S3Key": "k" }),
        );
        limit(bytes.len());
        zipped(&lambda, &bytes).expect("it fits");
    }

    #[test]
    fn unzipped_code_stays_below_the_limit() {
        let lambda = Sandbox::with("pay");
        let limits = |bytes: u64| {
            fs::write(
                lambda.here().join("account.json"),
                format!(r#"{{ "CodeSizeUnzipped": {bytes} }}"#),
            )
            .expect("limits")
        };
        let bytes = zip(&[("a", &[0; 600]), ("b", &[0; 400])]);
        limits(1000);
        assert_eq!(
            zipped(&lambda, &bytes).expect_err("refused"),
            "(InvalidParameterValueException): Unzipped size must be smaller than 1000 bytes"
        );
        limits(1001);
        zipped(&lambda, &bytes).expect("one byte below");
    }

    #[test]
    fn an_image_lies_in_ecr() {
        let lambda = Sandbox::new();
        for uri in [
            "app:1",
            "docker.io/library/app:1",
            // The reference has no tag and no digest (public reports, 2025).
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/app",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:zz",
            "",
        ] {
            let request = json!({
                "FunctionName": "pay",
                "Role": "arn:aws:iam::123456789012:role/r",
                "PackageType": "Image",
                "Code": { "ImageUri": uri },
            });
            assert_eq!(
                lambda.error("CreateFunction", request),
                format!(
                    "(InvalidParameterValueException): Source image {uri} is not valid. Provide a valid source image."
                )
            );
        }
    }
}
