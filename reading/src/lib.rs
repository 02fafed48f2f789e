//! The left half of kraftlint: from bytes to documents to compose projects.
//!
//! ```text
//! bytes ──► documents ──► projects
//! source    yaml           compose
//!           properties
//!           dotenv
//! ```
//!
//! What files say and mean, with the bytes of each word; nothing of Kafka, and no judgement. A package of its own because most time
//! goes by here: it is compiled for speed, the rest of kraftlint for size. Only kraftlint uses it, which gives its rooms on under
//! their own names; nothing promises that they stay as they are.

pub mod compose;
pub mod dotenv;
pub mod hash;
pub mod interpolate;
pub mod order;
pub mod properties;
pub mod source;
pub mod text;
pub mod yaml;
