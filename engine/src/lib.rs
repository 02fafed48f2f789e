//! The middle of kraftlint: from projects to nodes to clusters to findings.
//!
//! ```text
//! projects ──► nodes ──► clusters ──► findings
//! compose      image      cluster      rules
//!              kafka
//!              script
//! ```
//!
//! What Kafka, its images and its tools make of what was read, and what is wrong with it; no output and no command line. A package of
//! its own because it runs for every file, and is compiled for that, within a size; what runs once is compiled for size alone. Only kraftlint uses it,
//! which gives its rooms on under their own names; nothing promises that they stay as they are.

pub mod cluster;
pub mod diagnostic;
pub mod image;
pub mod kafka;
pub mod report;
pub mod rules;
pub mod script;
pub mod settings;

pub use kraftlint_reading::{compose, dotenv, hash, interpolate, order, properties, source, text, yaml};

use report::Report;
use settings::Settings;
use source::Files;

/// Reads what lies below `roots` (paths as the user gave them) and reports what it finds. Never fails and never
/// panics: bad input is a finding.
#[must_use]
pub fn lint(files: &dyn Files, roots: &[String], settings: &Settings) -> Report {
    let model = cluster::load(files, roots, settings);
    rules::check(model, settings)
}
