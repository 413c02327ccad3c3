//! Layers: code that functions share, in numbered versions that never change.

pub mod members;
pub mod target;

pub mod add_layer_version_permission;
pub mod delete_layer_version;
pub mod get_layer_version;
pub mod get_layer_version_by_arn;
pub mod get_layer_version_policy;
pub mod list_layer_versions;
pub mod list_layers;
pub mod publish_layer_version;
pub mod remove_layer_version_permission;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<publish_layer_version::PublishLayerVersionRequest>(),
    Entry::of::<get_layer_version::GetLayerVersionRequest>(),
    Entry::of::<get_layer_version_by_arn::GetLayerVersionByArnRequest>(),
    Entry::of::<list_layers::ListLayersRequest>(),
    Entry::of::<list_layer_versions::ListLayerVersionsRequest>(),
    Entry::of::<delete_layer_version::DeleteLayerVersionRequest>(),
    Entry::of::<add_layer_version_permission::AddLayerVersionPermissionRequest>(),
    Entry::of::<get_layer_version_policy::GetLayerVersionPolicyRequest>(),
    Entry::of::<remove_layer_version_permission::RemoveLayerVersionPermissionRequest>(),
];
