//! Classes that a setting may name: which exist in a release, and what they can be used as.
//!
//! Source: `rules/catalog/classes.tsv`, dumped from the released jars by `oracle/kafka`. Not for a user's own classes: of those
//! nothing is known.

use super::catalog;
use super::version::Release;

/// Classes that nobody outside of them can make.
const UNMADE: [&str; 3] = ["ClientTelemetryReporter", "HttpJwtRetriever", "ScramServerCallbackHandler"];

/// The packages of which all plugins are known.
const KAFKA: [&str; 2] = ["org.apache.kafka.clients.", "org.apache.kafka.common."];
const JAVA: [&str; 2] = ["java.", "javax."];

/// What is known of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It exists, and can be used as what was asked for.
    Fits,
    /// It exists, but is something else.
    Other,
    /// This release does not have it; another one has.
    Not,
    /// Nothing that a setting could name: no plugin of Kafka's or Java's is called so. There may be such a class all the same.
    NoPlugin,
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
    } else if KAFKA.iter().chain(&JAVA).any(|package| name.starts_with(package)) {
        Found::NoPlugin
    } else {
        Found::Unknown
    }
}

/// Is `name`, no plugin of Kafka's, one that is badly written? Then there is no such class: the 3,500 others in the jars from
/// 3.0.0 to 4.4.0 begin with a capital, and none is called nearly as a plugin is.
#[must_use]
pub fn is_misspelt(name: &str) -> bool {
    fn last(name: &str) -> &str {
        name.rsplit(['.', '$']).next().unwrap_or(name)
    }
    let word = last(name);
    let near =
        |plugin: &str| word.len().abs_diff(plugin.len()) <= 2 && strsim::osa_distance(word, plugin) <= 2;
    KAFKA.iter().any(|package| name.starts_with(package))
        && (word.starts_with(char::is_lowercase) || catalog::classes().map(last).any(near))
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
