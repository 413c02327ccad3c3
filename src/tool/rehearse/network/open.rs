//! The hosts of AWS that a rehearsal with `open` reaches: those that are not its API, and S3 for plain downloads.
//!
//! Every other host of AWS is refused, so that a program with keys or an endpoint of its own does not reach the account.
//! A tunnel hides its requests, and the host alone decides. S3 is the exception, because one host is two things: an API,
//! and a web server from which installers and package managers download files that are public. There the program that
//! asks decides ([`super::download`]). The project may name a bucket's host, and vouches for it.

use super::{
    Why,
    download::Client,
    hosts::{self, Named},
};

/// Hosts in AWS's domains that are not its API.
const NOT_API: &str = include_str!("not_api.txt");

/// Hosts of S3.
const S3: &str = include_str!("s3.txt");

/// A host of AWS, by what it is to a rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Host {
    /// A service of the account.
    Api,
    /// The metadata of the machine, which also gives out its keys.
    Metadata,
    /// S3; true if the name holds a bucket's.
    S3(bool),
    /// Not a service of the account, or not AWS's at all.
    Other,
}

impl Host {
    fn of(name: &str) -> Self {
        match () {
            () if !hosts::is_aws(name) => Self::Other,
            () if hosts::is_metadata(name) => Self::Metadata,
            () if hosts::lines(NOT_API).any(|pattern| is_like(name, pattern)) => Self::Other,
            () if hosts::lines(S3).any(|pattern| is_like(name, pattern)) => Self::S3(false),
            () if hosts::lines(S3).any(|pattern| is_like(name, &format!("**.{pattern}"))) => {
                Self::S3(true)
            }
            () => Self::Api,
        }
    }
}

/// Returns true if the name is that of a bucket on S3, which a project may name.
pub(super) fn is_bucket(name: &str) -> bool {
    Host::of(name) == Host::S3(true)
}

/// The hosts that the project names.
#[derive(Debug, Default)]
pub(super) struct Open {
    named: Vec<Named>,
    declined: Vec<Named>,
}

impl Open {
    /// The rule with the hosts of the project. Under `open` a host that is not AWS's needs no name.
    pub(super) fn new(project: &[String]) -> Self {
        let declined = project.iter().filter_map(|text| text.strip_prefix('!'));
        Self {
            named: project
                .iter()
                .filter_map(|text| Named::read(text))
                .collect(),
            declined: declined.filter_map(Named::read).collect(),
        }
    }

    /// The reason why a request is not passed on; `None` if it is. `plain` is the first line and the headers of a
    /// request that is not in a tunnel. `client` finds the program that asks; it is called for S3 alone.
    pub(super) fn refuses(
        &self,
        name: &str,
        port: u16,
        plain: Option<&str>,
        client: &dyn Fn() -> Client,
    ) -> Option<Why> {
        let name = hosts::plain(name);
        let among = |list: &[Named]| list.iter().any(|named| named.is(&name, port));
        let host = Host::of(&name);
        let passes = match host {
            Host::Other => true,
            Host::Api => false,
            // The names of its paths to keys: iam/security-credentials, identity-credentials, /v2/credentials.
            Host::Metadata => plain.is_some_and(|head| {
                let first = head.lines().next().unwrap_or_default();
                !first.to_ascii_lowercase().contains("credentials")
            }),
            Host::S3(_) if among(&self.named) => true,
            Host::S3(_) => match plain {
                Some(head) => is_unsigned_read(head),
                None => client().downloads(),
            },
        };
        match host {
            _ if passes => None,
            _ if among(&self.declined) => Some(Why::Declined),
            Host::S3(_) => Some(Why::S3),
            _ => Some(Why::Aws),
        }
    }
}

/// Returns true for a request that reads and bears no signature.
fn is_unsigned_read(head: &str) -> bool {
    let head = head.to_ascii_lowercase();
    let reads = head.starts_with("get ") || head.starts_with("head ");
    let signs = ["\r\nauthorization:", "x-amz-signature=", "awsaccesskeyid="];
    reads && !signs.iter().any(|sign| head.contains(sign))
}

/// Returns true if a name is like a pattern: `*` stands for any part of a label, `**` in front for one label or more.
fn is_like(name: &str, pattern: &str) -> bool {
    let (many, pattern) = match pattern.strip_prefix("**.") {
        Some(pattern) => (true, pattern),
        None => (false, pattern),
    };
    let mut labels = name.rsplit('.');
    let alike = pattern.rsplit('.').all(|wanted| {
        labels
            .next()
            .is_some_and(|label| match wanted.split_once('*') {
                None => label == wanted,
                Some((start, _)) => label.len() > start.len() && label.starts_with(start),
            })
    });
    alike && labels.next().is_some() == many
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str, client: &str) -> Option<Why> {
        let words = || client.split(' ').map(str::to_owned).collect();
        Open::default().refuses(name, 443, None, &|| Client::of(words(), Vec::new()))
    }

    #[test]
    fn the_api_is_refused_and_everything_else_passes() {
        for name in [
            "lambda.eu-west-1.amazonaws.com",
            "Lambda.EU-west-1.AmazonAWS.com.",
            "lambda.eu-west-1.api.aws",
            "lambda-fips.us-east-1.amazonaws.com",
            "lambda.cn-north-1.amazonaws.com.cn",
            "lambda.eusc-de-east-1.amazonaws.eu",
            "sts.amazonaws.com",
            "iam.amazonaws.com",
            "rds.eu-west-1.amazonaws.com",
            "kafka.eu-west-1.amazonaws.com",
            "mq.eu-west-1.amazonaws.com",
            "codeartifact.eu-west-1.amazonaws.com",
            "execute-api.eu-west-1.amazonaws.com",
            "s3-control.eu-west-1.amazonaws.com",
            "s3-outposts.eu-west-1.amazonaws.com",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
            "123456789012.dkr-ecr.eu-west-1.on.aws",
            "vpce-1-2.lambda.eu-west-1.vpce.amazonaws.com",
            "signin.aws.amazon.com",
            "unheard-of.eu-west-1.amazonaws.com",
            "awscli.amazonaws.com.eu-west-1.amazonaws.com",
        ] {
            assert_eq!(refused(name, "curl https://x"), Some(Why::Aws), "{name}");
        }
        for name in [
            "registry.npmjs.org",
            "notamazonaws.com",
            "lambda.eu-west-1.amazonaws.com.example.org",
            "10.0.0.1",
            "127.0.0.1",
            "awscli.amazonaws.com",
            "checkip.amazonaws.com",
            "public.ecr.aws",
            "corretto.aws",
            "apt.corretto.aws",
            "abc.lambda-url.eu-west-1.on.aws",
            "abc.execute-api.eu-west-1.amazonaws.com",
            "db.abc.eu-west-1.rds.amazonaws.com",
            "x-1.eu-west-1.elb.amazonaws.com",
            "site.s3-website-eu-west-1.amazonaws.com",
            "site.s3-website.eu-west-1.amazonaws.com",
            "of-123.d.codeartifact.eu-west-1.amazonaws.com",
        ] {
            assert_eq!(refused(name, "python3 deploy.py"), None, "{name}");
        }
    }

    #[test]
    fn s3_is_for_plain_downloads_and_for_the_buckets_that_the_project_names() {
        for (name, is_bucket_of_it) in [
            ("s3.amazonaws.com", false),
            ("s3.eu-west-1.amazonaws.com", false),
            ("s3-eu-west-1.amazonaws.com", false),
            ("s3.dualstack.eu-west-1.amazonaws.com", false),
            ("tools.s3.amazonaws.com", true),
            ("a.b.s3.eu-west-1.amazonaws.com", true),
            ("repos.s3.dualstack.eu-west-1.amazonaws.com", true),
            ("tools.s3.cn-north-1.amazonaws.com.cn", true),
        ] {
            assert_eq!(refused(name, "curl -sSfLO https://x"), None, "{name}");
            assert_eq!(refused(name, "python3 deploy.py"), Some(Why::S3), "{name}");
            assert_eq!(is_bucket(name), is_bucket_of_it, "{name}");
        }
        let open = Open::new(&["tools.s3.amazonaws.com".to_owned()]);
        let nobody = || Client::of(vec!["python3".to_owned()], Vec::new());
        assert_eq!(
            open.refuses("tools.s3.amazonaws.com", 443, None, &nobody),
            None
        );
        assert_eq!(
            open.refuses("other.s3.amazonaws.com", 443, None, &nobody),
            Some(Why::S3)
        );
    }

    #[test]
    fn a_request_in_the_open_is_judged_by_what_it_asks() {
        for (head, name, why) in [
            (
                "GET http://b.s3.amazonaws.com/x HTTP/1.1\r\n\r\n",
                "b.s3.amazonaws.com",
                None,
            ),
            (
                "PUT http://b.s3.amazonaws.com/x HTTP/1.1\r\n\r\n",
                "b.s3.amazonaws.com",
                Some(Why::S3),
            ),
            (
                "GET http://b.s3.amazonaws.com/x HTTP/1.1\r\nAuthorization: AWS4-HMAC-SHA256 x\r\n\r\n",
                "b.s3.amazonaws.com",
                Some(Why::S3),
            ),
            (
                "GET http://b.s3.amazonaws.com/x?X-Amz-Signature=1 HTTP/1.1\r\n\r\n",
                "b.s3.amazonaws.com",
                Some(Why::S3),
            ),
            (
                "GET http://sqs.eu-west-1.amazonaws.com/ HTTP/1.1\r\n\r\n",
                "sqs.eu-west-1.amazonaws.com",
                Some(Why::Aws),
            ),
            (
                "GET http://169.254.169.254/latest/meta-data/instance-id HTTP/1.1\r\n\r\n",
                "169.254.169.254",
                None,
            ),
            (
                "GET http://169.254.169.254/latest/meta-data/iam/security-credentials/x HTTP/1.1\r\n\r\n",
                "169.254.169.254",
                Some(Why::Aws),
            ),
            (
                "GET http://169.254.170.2/v2/credentials/1 HTTP/1.1\r\n\r\n",
                "169.254.170.2",
                Some(Why::Aws),
            ),
        ] {
            let client = || panic!("the request itself tells");
            assert_eq!(
                Open::default().refuses(name, 80, Some(head), &client),
                why,
                "{head}"
            );
        }
    }

    #[test]
    fn every_line_of_the_lists_is_in_a_domain_of_aws() {
        for line in hosts::lines(NOT_API).chain(hosts::lines(S3)) {
            let name = line.replace('*', "x");
            assert!(hosts::is_aws(&name), "{line}");
        }
    }
}
