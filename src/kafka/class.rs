//! Classes that a setting may name: which exist in a release, and what they can be used as.
//!
//! Source: `rules/catalog/classes.tsv`, dumped from the released jars by `oracle/kafka`. Not for a user's own classes: of those
//! nothing is known.

use super::catalog;
use super::version::Release;

/// Classes that nobody outside of them can make.
const UNMADE: [&str; 3] = ["ClientTelemetryReporter", "HttpJwtRetriever", "ScramServerCallbackHandler"];

/// What is known of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It exists, and can be used as what was asked for.
    Fits,
    /// It exists, but is something else.
    Other,
    /// It is not there, or nothing that a setting could name.
    Not,
    /// Nobody can name a class so.
    NoName,
    /// A class of the user's, or of a library that may be there.
    Unknown,
}

/// What `release` finds when it looks for the class `name` to use it as `kind`: `serializer`, `login`, as the catalog names them.
#[must_use]
pub fn find(name: &str, kind: &str, release: Release) -> Found {
    let own = catalog::class(name);
    if let Some(class) = own.filter(|class| class.releases >> release.index() & 1 == 1) {
        let made = name.rsplit('.').next().is_none_or(|simple| !UNMADE.contains(&simple));
        return if class.is(kind) && made { Found::Fits } else { Found::Other };
    }
    if own.is_some() {
        Found::Not
    } else if !is_name(name) {
        Found::NoName
    } else if ["org.apache.kafka.clients.", "org.apache.kafka.common."].iter().any(|p| name.starts_with(p)) {
        Found::Not
    } else if ["java.", "javax."].iter().any(|package| name.starts_with(package)) {
        Found::Other
    } else {
        Found::Unknown
    }
}

/// Might a class have this name? One in no package is nobody's plugin: Java cannot even import it.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let begins = |c: char| c.is_alphabetic() || matches!(c, '_' | '$');
    name.contains('.')
        && name.split('.').all(|part| {
            let mut characters = part.chars();
            characters.next().is_some_and(begins) && characters.all(|c| begins(c) || c.is_numeric())
        })
}
