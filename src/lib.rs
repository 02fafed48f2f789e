//! kraftlint reads everything that configures a KRaft cluster of Apache Kafka and says, before anything starts, which
//! node would refuse, which would stay out, what would lose data and what does not do what it says.
//!
//! # The one way through the house
//!
//! ```text
//! bytes ──► documents ──► projects ──► nodes ──► clusters ──► findings ──► output
//! source    yaml           compose      image      cluster      rules        output
//!           properties                  kafka                   fix
//!           dotenv, script
//! ```
//!
//! Data flows from left to right and never back. [`text::Text`] travels with it: a decoded string that can point at
//! its bytes through every layer. [`lint`] is the whole program; it asks a [`source::Files`] for what it needs, and no
//! other room but [`source`] and the command line touches the disk. Parsing never fails: it returns what could be
//! read, and the problems. What is not known stays unknown and is never a finding about its content.

pub mod cli;
pub mod cluster;
pub mod diagnostic;
pub mod fix;
pub mod image;
pub mod kafka;
pub mod output;
pub mod report;
pub mod rules;
pub mod script;
pub mod settings;
pub mod upgrade;

pub use kraftlint_reading::{compose, dotenv, interpolate, properties, source, text, yaml};
use kraftlint_reading::{hash, order};

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
