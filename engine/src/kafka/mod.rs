//! The domain: what Kafka's releases, keys and value grammars are, told without any file in view.
//!
//! Not for joins between nodes (that is `rules`) and not for how a value came about (that is `cluster`).

pub mod address;
pub mod catalog;
pub mod class;
pub mod cluster_id;
pub mod duration;
pub mod history;
pub mod jaas;
pub mod list;
pub mod listener;
pub mod pem;
pub mod role;
pub mod storage_tool;
pub mod version;
pub mod voter;
