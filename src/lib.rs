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
pub mod fix;
pub mod output;
pub mod upgrade;

pub use kraftlint_engine::{
    cluster, compose, diagnostic, dotenv, image, interpolate, kafka, lint, properties, report, rules, script,
    settings, source, text, yaml,
};
use kraftlint_engine::{hash, order};
