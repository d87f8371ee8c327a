//! The feed of changes on the wire.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "kind": "submission.accepted", "recorded_at": "2026-11-22T08:00:00Z", "body": "DMS", "dataflow": "ASYLUM_WEEKLY",
    "object_type": "submission", "object_id": "01936f0e-7c2e-7b52-9d3a-1f6c0a4b7e10",
    "href": "/v1/submissions/01936f0e-7c2e-7b52-9d3a-1f6c0a4b7e10",
    "details": {"state": "accepted", "kind": "original"}
}))]
pub struct Change {
    /// What, as `area.word`; new kinds may come.
    #[schema(max_length = 64, pattern = "^[a-z_]+\\.[a-z_]+$")]
    pub kind: String,
    /// When it became known.
    pub recorded_at: DateTime<Utc>,
    /// Whose affair it is; absent when it is everybody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 32)]
    pub body: Option<String>,
    /// The dataflow concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub dataflow: Option<String>,
    /// Kind of the thing that changed.
    #[schema(max_length = 64)]
    pub object_type: String,
    /// Which one.
    #[schema(max_length = 256)]
    pub object_id: String,
    /// Where it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 512)]
    pub href: Option<String>,
    /// A few facts more; never figures.
    #[schema(value_type = Object)]
    pub details: serde_json::Value,
}

/// What followed a place of the feed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChangePage {
    /// In the order of the feed.
    #[schema(max_items = 500)]
    pub items: Vec<Change>,
    /// The place after these; give it as `after` next time. The same as before when nothing followed, and absent
    /// while the feed is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 512)]
    pub cursor: Option<String>,
    /// Whether more follows already.
    pub more: bool,
}
