//! A function's code on its way in: a zip given directly or from S3, or a container image.

use sha2::{Digest, Sha256};

use crate::{
    operation::{Lambda, Result, blob::Blob, resolve::invalid},
    state::{
        error::{Code as ErrorCode, ServiceError},
        function::{Configuration, Image, hex},
        name::{ResourceArn, S3Bucket, S3Key, S3ObjectVersion},
    },
    store::{
        package::{Handle, Spool, inspect},
        s3::Object,
    },
};

use super::{members::S3ObjectStorageMode, settings::refuse};

/// Where a request says the code is.
#[derive(Debug, Default)]
pub struct Source {
    pub(super) zip_file: Option<Blob>,
    pub(super) s3_bucket: Option<S3Bucket>,
    pub(super) s3_key: Option<S3Key>,
    pub(super) s3_object_version: Option<S3ObjectVersion>,
    pub(super) s3_object_storage_mode: Option<S3ObjectStorageMode>,
    pub(super) image_uri: Option<String>,
    pub(super) source_kms_key_arn: Option<ResourceArn>,
}

/// Code that was judged and may be used.
#[derive(Debug)]
pub enum Code {
    /// A zip, spooled.
    Zip {
        /// The spool.
        handle: Handle,
        /// Bytes when unzipped.
        unzipped_size: u64,
        /// The key that encrypts it.
        source_kms_key_arn: Option<String>,
        /// What was spooled here, from S3; removed when nobody claims it.
        _spool: Option<Spool>,
    },
    /// An image.
    Image(Image),
}

impl Source {
    /// Fetches and judges the code.
    ///
    /// # Errors
    /// No source or two, a package type that differs, a bucket or key that is not there, a file that is no zip, and
    /// every size limit.
    pub fn take(self, lambda: &Lambda<'_>, package_type: &str) -> Result<Code> {
        refuse(&[(
            "S3ObjectStorageMode=REFERENCE",
            self.s3_object_storage_mode == Some(S3ObjectStorageMode::Reference),
        )])?;
        let s3 =
            self.s3_bucket.is_some() || self.s3_key.is_some() || self.s3_object_version.is_some();
        match (self.zip_file, s3, self.image_uri) {
            (Some(zip), false, None) => {
                let handle = zip.0;
                let limit = lambda.place.limits()?.code_size_zipped;
                if handle.code_size > limit {
                    return Err(ServiceError::new(
                        ErrorCode::RequestEntityTooLargeException,
                        format!("Zipped size must be smaller than {limit} bytes"),
                    )
                    .with_hint("larger packages go through S3: put the zip at s3/<bucket>/<key> in the state directory")
                    .into());
                }
                judge(lambda, handle, None, self.source_kms_key_arn)
            }
            (None, true, None) => match (self.s3_bucket, self.s3_key) {
                (Some(bucket), Some(key)) => {
                    let spool = fetch(lambda, &bucket, &key, self.s3_object_version.as_deref())?;
                    judge(lambda, spool.handle(), Some(spool), self.source_kms_key_arn)
                }
                _ => Err(invalid("Please provide both S3Bucket and S3Key.").into()),
            },
            (None, false, Some(uri)) => resolve(&uri).map(Code::Image),
            (None, false, None) if package_type == "Image" => Err(invalid(
                "Please provide ImageUri when updating a function with packageType Image.",
            )
            .into()),
            (None, false, None) => {
                Err(invalid("Please provide a source for function code.").into())
            }
            _ => Err(invalid(
                "Please do not provide other FunctionCode parameters when providing a ZipFile.",
            )
            .into()),
        }
    }

    /// The package type this source is for, where it gives one.
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

impl Code {
    /// Puts the code into a configuration.
    pub fn apply(&self, to: &mut Configuration) {
        match self {
            Self::Zip {
                handle,
                unzipped_size,
                source_kms_key_arn,
                ..
            } => {
                to.code_size = handle.code_size;
                to.unzipped_size = *unzipped_size;
                to.code_sha256.clone_from(&handle.code_sha256);
                to.source_kms_key_arn.clone_from(source_kms_key_arn);
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

    /// The spool to make a package of.
    pub fn package(&self) -> Option<Handle> {
        match self {
            Self::Zip { handle, .. } => Some(handle.clone()),
            Self::Image(_) => None,
        }
    }
}

/// Copies an object out of the state directory's `s3/`, as Lambda copies it at call time.
fn fetch(lambda: &Lambda<'_>, bucket: &str, key: &str, version: Option<&str>) -> Result<Spool> {
    let store = lambda.place.store;
    let missing = |code: &str, message: &str| {
        invalid(format!(
            "Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}"
        ))
    };
    let place = store.root().join("s3").join(bucket);
    match store.s3_object(bucket, key, version)? {
        Object::Found(mut file, path) => store.spool(&mut file, &path),
        Object::NoSuchBucket => Err(
            missing("NoSuchBucket", "The specified bucket does not exist")
                .with_hint(format!(
                    "a folder is a bucket: mkdir -p {}",
                    place.display()
                ))
                .into(),
        ),
        Object::NoSuchKey => Err(missing("NoSuchKey", "The specified key does not exist.")
            .with_hint(format!(
                "an object is a file: copy it to {}",
                place.join(key).display()
            ))
            .into()),
        Object::NoSuchVersion => {
            Err(missing("NoSuchVersion", "The specified version does not exist.").into())
        }
    }
}

/// Reads the zip's directory and checks what it says.
fn judge(
    lambda: &Lambda<'_>,
    handle: Handle,
    spool: Option<Spool>,
    key: Option<ResourceArn>,
) -> Result<Code> {
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
    Ok(Code::Zip {
        handle,
        unzipped_size: contents.unzipped_size,
        source_kms_key_arn: key.map(|key| key.0).filter(|key| !key.is_empty()),
        _spool: spool,
    })
}

/// Resolves an image. No registry is asked: a digest stands for itself, and a tag gets the digest of its own text.
fn resolve(uri: &str) -> Result<Image> {
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
    if !is_ecr || !digest_is_sound {
        return Err(invalid(format!(
            "Source image {uri} is not valid. Provide a valid source image."
        ))
        .with_hint(
            "an image lies in ECR: <account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>",
        )
        .into());
    }
    let digest = digest.map_or_else(|| hex(&Sha256::digest(uri)), str::to_owned);
    Ok(Image {
        image_uri: uri.to_owned(),
        resolved_image_uri: format!("{repository}@sha256:{digest}"),
    })
}
