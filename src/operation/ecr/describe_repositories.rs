//! `DescribeRepositories`: describes all repositories, or the named ones.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::repository::{Repository, missing, registry};
use crate::{
    operation::{Lambda, Operation, Result, page::page},
    state::ecr::Registry,
};

/// Request of DescribeRepositories.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DescribeRepositoriesRequest {
    /// The account ID of the registry. lambdry has only one account.
    registry_id: Option<String>,
    /// The repositories. The default is all repositories.
    repository_names: Option<Vec<String>>,
    /// The token of the page to return, from the previous page.
    next_token: Option<String>,
    /// Maximum number of repositories to return.
    max_results: Option<u64>,
}

/// Response of DescribeRepositories.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DescribeRepositoriesResponse {
    /// The repositories.
    repositories: Vec<Repository>,
    /// The token of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for DescribeRepositoriesRequest {
    const NAME: &'static str = "DescribeRepositories";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Returns a list of the repositories for container images.";
    const LISTS: &'static [&'static str] = &["repositories"];
    type Response = DescribeRepositoriesResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<DescribeRepositoriesResponse> {
        let place = lambda.place;
        let mut kept: Registry = place.store.document(&registry(place))?;
        let account = self.registry_id.as_ref().unwrap_or(&place.scope.account);
        if *account != place.scope.account {
            kept.repositories.clear();
        }
        let (names, next_token) = match self.repository_names {
            Some(names) => (names, None),
            None => {
                let names = kept.repositories.keys().cloned().collect();
                let page = page(names, self.next_token.as_deref(), self.max_results)?;
                (page.items, page.next_marker)
            }
        };
        let shown = names.iter().map(|name| {
            let repository = kept.repositories.get(name);
            let repository = repository.ok_or_else(|| missing(name, account))?;
            Ok(Repository::of(name, repository, place))
        });
        Ok(DescribeRepositoriesResponse {
            repositories: shown.collect::<Result<_>>()?,
            next_token,
        })
    }
}
