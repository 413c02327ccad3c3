//! `DescribeRegions`: returns the regions of AWS that an account can use.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{Failure, Lambda, Operation, Result},
    state::error::{Code, ServiceError},
};

/// The regions that every account can use, in the order of AWS's answer.
const ENABLED: &str = "ap-south-1 eu-north-1 eu-west-3 eu-west-2 eu-west-1 ap-northeast-3 ap-northeast-2 ap-northeast-1 \
    ca-central-1 sa-east-1 ap-southeast-1 ap-southeast-2 eu-central-1 us-east-1 us-east-2 us-west-1 us-west-2";

/// The regions that an account can use only after somebody enabled them.
const BY_CHOICE: &str = "af-south-1 ap-east-1 ap-east-2 ap-south-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 \
    ap-southeast-6 ap-southeast-7 ca-west-1 eu-central-2 eu-south-1 eu-south-2 il-central-1 me-central-1 me-south-1 \
    mx-central-1";

/// The regions outside AWS's main partition. They need another kind of account.
const APART: &str = "cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1 eusc-de-east-1 us-iso-east-1 us-iso-west-1 \
    us-isob-east-1 us-isob-west-1 eu-isoe-west-1 us-isof-east-1 us-isof-south-1";

/// The regions of AWS, in every partition.
pub fn regions() -> impl Iterator<Item = &'static str> {
    let all = [ENABLED, BY_CHOICE, APART];
    all.into_iter().flat_map(str::split_whitespace)
}

/// Returns true if AWS has a region of that name, in any partition.
pub fn is_region(name: &str) -> bool {
    regions().any(|known| known == name)
}

/// Request of DescribeRegions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeRegionsRequest {
    /// The names of regions. The default is all regions that the account has enabled.
    region_names: Option<Vec<String>>,
    /// Include the regions that the account has not enabled.
    all_regions: Option<bool>,
    /// Filters on endpoint, opt-in-status and region-name. * matches any characters, ? matches one character.
    filters: Option<Vec<Filter>>,
}

/// A filter.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Filter {
    /// The property that the filter compares.
    name: String,
    /// The values that match.
    values: Vec<String>,
}

/// Response of DescribeRegions.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeRegionsResponse {
    /// The regions.
    regions: Vec<Region>,
}

/// A region.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Region {
    /// The status of the region in the account: opt-in-not-required or not-opted-in.
    opt_in_status: &'static str,
    /// The name of the region.
    region_name: &'static str,
    /// The host name of the region's endpoint.
    endpoint: String,
}

/// Matches `*` and `?` as EC2's filters do. It backtracks only to the last `*`, so that no pattern takes a long time.
fn matches(pattern: &str, text: &str) -> bool {
    let [pattern, text] = [pattern, text].map(|text| text.chars().collect::<Vec<char>>());
    let (mut at, mut on) = (0, 0);
    let mut star = None;
    while on < text.len() {
        match (pattern.get(at), star) {
            (Some('*'), _) => {
                star = Some((at + 1, on));
                at += 1;
            }
            (Some(c), _) if *c == '?' || *c == text[on] => {
                (at, on) = (at + 1, on + 1);
            }
            (_, Some((after, from))) => {
                star = Some((after, from + 1));
                (at, on) = (after, from + 1);
            }
            (_, None) => return false,
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

impl Operation for DescribeRegionsRequest {
    const NAME: &'static str = "DescribeRegions";
    const ROUTE: &'static str = "POST / 200";
    const WIRE: &'static str = "RegionNames@name=RegionName Filters@name=Filter Values@name=Value Regions@name=regionInfo \
        Endpoint@name=regionEndpoint";
    const ABOUT: &'static str = "Returns a list of the regions of AWS.";
    const MEMBERS: &'static str = "RegionNames AllRegions DryRun:bool Filters";
    type Response = DescribeRegionsResponse;

    fn call(self, _: &Lambda<'_>) -> Result<DescribeRegionsResponse> {
        let of = |names: &'static str, opt_in_status| {
            names.split_whitespace().map(move |region_name| Region {
                opt_in_status,
                region_name,
                endpoint: format!("ec2.{region_name}.amazonaws.com"),
            })
        };
        let mut regions: Vec<Region> = of(ENABLED, "opt-in-not-required").collect();
        if self.all_regions == Some(true) || self.region_names.is_some() {
            regions.extend(of(BY_CHOICE, "not-opted-in"));
        }
        if let Some(names) = &self.region_names {
            for name in names {
                if !regions.iter().any(|region| region.region_name == name) {
                    return Err(Failure::Service(ServiceError::new(
                        Code::InvalidParameterValue,
                        format!("Invalid region provided: [{name}]"),
                    )));
                }
            }
            regions.retain(|region| names.iter().any(|name| name == region.region_name));
        }
        for filter in self.filters.iter().flatten() {
            let value = |region: &Region| match filter.name.as_str() {
                "region-name" => Ok(region.region_name.to_owned()),
                "opt-in-status" => Ok(region.opt_in_status.to_owned()),
                "endpoint" => Ok(region.endpoint.clone()),
                other => Err(Failure::Service(ServiceError::new(
                    Code::InvalidParameterValue,
                    format!("The filter '{other}' is invalid"),
                ))),
            };
            let mut kept = Vec::new();
            for region in regions {
                let value = value(&region)?;
                if filter.values.iter().any(|pattern| matches(pattern, &value)) {
                    kept.push(region);
                }
            }
            regions = kept;
        }
        Ok(DescribeRegionsResponse { regions })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    fn names(request: Value) -> Vec<String> {
        let answer = Sandbox::new().call("DescribeRegions", request);
        let regions = answer["Regions"].as_array().expect("regions").iter();
        regions
            .map(|region| region["RegionName"].as_str().expect("a name").to_owned())
            .collect()
    }

    #[test]
    fn stars_without_number_take_no_time() {
        for (pattern, is) in [
            ("*", true),
            ("us-*-1", true),
            ("us-*-?", true),
            ("*-*-*-*", false),
            ("us-east-1?", false),
        ] {
            assert_eq!(super::matches(pattern, "us-east-1"), is, "{pattern}");
        }
        let (pattern, text) = ("*a".repeat(60) + "b", "a".repeat(200));
        assert!(!super::matches(&pattern, &text));
    }

    #[test]
    fn regions_are_those_of_the_account_unless_more_are_asked_for() {
        assert_eq!(names(json!({})).len(), 17);
        assert!(names(json!({ "AllRegions": true })).contains(&"me-south-1".to_owned()));
        assert_eq!(
            names(json!({ "RegionNames": ["eu-west-1"] })),
            ["eu-west-1"]
        );
        let filters = json!([{ "Name": "region-name", "Values": ["us-*-1", "eu-west-?"] }]);
        assert_eq!(
            names(json!({ "Filters": filters })),
            [
                "eu-west-3",
                "eu-west-2",
                "eu-west-1",
                "us-east-1",
                "us-west-1"
            ]
        );
        assert_eq!(
            Sandbox::new().error("DescribeRegions", json!({ "RegionNames": ["moon-1"] })),
            "(InvalidParameterValue): Invalid region provided: [moon-1]"
        );
    }
}
