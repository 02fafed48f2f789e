//! `metadata.version` and the other features: which levels a release can format (rules/catalog/levels.tsv).

use std::collections::BTreeMap;

use crate::kafka::version::Release;

include!(concat!(env!("OUT_DIR"), "/levels.rs"));

/// The feature that all others stand on.
pub(super) const METADATA: &str = "metadata.version";

/// The feature that tells a dynamic quorum from a static one.
pub(super) const KRAFT: &str = "kraft.version";

/// One level of one feature.
struct Level {
    feature: &'static str,
    level: i16,
    /// Of a `metadata.version`: `3.9-IV0`.
    name: &'static str,
    /// The `metadata.version` from which on this level is the default.
    since: i16,
    /// What it needs of other features.
    needs: &'static [(&'static str, i16)],
    /// The releases that know it, as bits.
    stable: u64,
    /// Those that know it as unfinished.
    unstable: u64,
}

impl Level {
    fn is_known(&self, release: Release) -> bool {
        (self.stable | self.unstable) >> release.index() & 1 == 1
    }

    fn is_stable(&self, release: Release) -> bool {
        self.stable >> release.index() & 1 == 1
    }
}

fn of(feature: &str, release: Release) -> impl Iterator<Item = &'static Level> {
    LEVELS.iter().filter(move |l| l.feature == feature && l.is_known(release))
}

/// The level of `metadata.version` called `text` (`3.9`, `3.9-IV0`, `3.9.1`), stable or not, as
/// `MetadataVersion.fromVersionString` reads it.
pub(super) fn named(text: &str, release: Release) -> Option<i16> {
    let mut parts: Vec<&str> = text.split('.').collect();
    // Java's split drops what is empty at the end.
    while parts.last().is_some_and(|p| p.is_empty()) {
        parts.pop();
    }
    let key = match parts.as_slice() {
        [major, minor, _, ..] => format!("{major}.{minor}"),
        _ => text.to_owned(),
    };
    if let Some(exact) = of(METADATA, release).find(|l| l.name == key) {
        return Some(exact.level);
    }
    // A short name means a finished level only.
    of(METADATA, release)
        .filter(|l| l.name.split_once("-IV").is_some_and(|(short, _)| short == key))
        .filter(|l| l.is_stable(release))
        .map(|l| l.level)
        .max()
}

/// Does the release know this level, as a finished one or with unfinished ones let in?
pub(super) fn has(feature: &str, level: i16, release: Release, unstable: bool) -> bool {
    of(feature, release).any(|l| l.level == level && (unstable || l.is_stable(release)))
}

/// Does the release know such a feature?
pub(super) fn knows(feature: &str, release: Release) -> bool {
    of(feature, release).next().is_some()
}

/// The level of `metadata.version` that is taken when nobody names one. `None` up to 3.2.
pub(super) fn default(release: Release, unstable: bool) -> Option<i16> {
    // Only from 3.9 on do unfinished levels change the default.
    let all = unstable && release.parts() >= (3, 9, 0);
    of(METADATA, release).filter(|l| all || l.is_stable(release)).map(|l| l.level).max()
}

/// The level of `feature` that goes with a `metadata.version`.
fn default_of(feature: &str, metadata: i16, release: Release) -> i16 {
    of(feature, release).take_while(|l| l.since <= metadata).last().map_or(0, |l| l.level)
}

/// A feature that cannot have the level it would get.
pub(super) struct Lack {
    pub(super) feature: &'static str,
    pub(super) level: i16,
    /// Another feature and the level it would need; `None` where the release does not know the level.
    pub(super) needs: Option<(&'static str, i16)>,
}

/// What a release makes of the features: those that are asked for and the defaults of the others.
///
/// # Errors
/// The first that cannot have its level.
pub(super) fn check(
    asked: &BTreeMap<&str, i16>,
    metadata: i16,
    is_dynamic: bool,
    unstable: bool,
    release: Release,
) -> Result<(), Lack> {
    let mut levels: BTreeMap<&'static str, i16> = BTreeMap::new();
    for level in LEVELS.iter().filter(|l| l.is_known(release) && l.feature != METADATA) {
        let default = match level.feature {
            KRAFT => i16::from(is_dynamic),
            feature => default_of(feature, metadata, release),
        };
        levels.insert(level.feature, asked.get(level.feature).copied().unwrap_or(default));
    }
    levels.insert(METADATA, metadata);
    for (feature, wanted) in levels.iter().filter(|(feature, _)| **feature != METADATA) {
        let mut found = of(feature, release).filter(|l| l.level == *wanted);
        let Some(level) = found.next().filter(|l| unstable || l.is_stable(release)) else {
            return Err(Lack { feature, level: *wanted, needs: None });
        };
        for (other, needed) in level.needs {
            if levels.get(other).is_none_or(|has| has < needed) {
                return Err(Lack { feature, level: *wanted, needs: Some((other, *needed)) });
            }
        }
    }
    Ok(())
}

/// The name of a level of `metadata.version`.
pub(super) fn name(level: i16) -> Option<&'static str> {
    LEVELS.iter().find(|l| l.feature == METADATA && l.level == level).map(|l| l.name)
}
