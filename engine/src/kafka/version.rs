//! Kafka releases and sets of them.
//!
//! A [`Release`] is one published Kafka version; a [`VersionSet`] is the set of releases a node may run. A properties
//! file says no version and a tag such as `7.6` no patch, so a node nearly always has several candidates.
//! Not for reading tags: each image family does that.

use super::catalog::RELEASES;

/// One released Kafka, by its place in [`RELEASES`] (oldest first).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release(u8);

impl Release {
    /// The release called exactly `name` (`3.9.1`), if Kafka published it.
    #[must_use]
    pub fn named(name: &str) -> Option<Release> {
        RELEASES.iter().position(|r| *r == name).and_then(|i| u8::try_from(i).ok()).map(Release)
    }

    /// Its place in [`RELEASES`].
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The version as Kafka writes it: `3.9.1`.
    #[must_use]
    pub fn name(self) -> &'static str {
        RELEASES.get(self.index()).copied().unwrap_or("")
    }

    /// Major, minor and patch number.
    #[must_use]
    pub fn parts(self) -> (u32, u32, u32) {
        parts(self.name()).unwrap_or_default()
    }
}

/// Major, minor and patch of `3.9.1`; a missing patch is 0. `None` for anything else.
fn parts(name: &str) -> Option<(u32, u32, u32)> {
    let mut numbers = name.split('.').map(|n| n.parse::<u32>().ok());
    let (major, minor) = (numbers.next()??, numbers.next()??);
    let patch = match numbers.next() {
        Some(p) => p?,
        None => 0,
    };
    numbers.next().is_none().then_some((major, minor, patch))
}

/// The releases that a node may run. Bit i stands for `RELEASES[i]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct VersionSet(u64);

impl VersionSet {
    /// No release: the node runs something that is not a supported Kafka.
    pub const NONE: VersionSet = VersionSet(0);

    /// Every supported release: nothing is known about the version.
    #[must_use]
    pub fn all() -> VersionSet {
        VersionSet(low_bits(RELEASES.len()))
    }

    /// The set whose bit i says that `RELEASES[i]` is in it.
    #[must_use]
    pub fn from_bits(bits: u64) -> VersionSet {
        VersionSet(bits & Self::all().0)
    }

    /// Bit i says that `RELEASES[i]` is in the set.
    #[must_use]
    pub fn bits(self) -> u64 {
        self.0
    }

    /// All patch releases of `major.minor`.
    #[must_use]
    pub fn minor(major: u32, minor: u32) -> VersionSet {
        Self::matching(|v| v.0 == major && v.1 == minor)
    }

    /// What a user's version text stands for: `3.9.1` one release, `3.9` all its patches, `4` all minors.
    /// Empty when no supported release is meant.
    #[must_use]
    pub fn parse(text: &str) -> VersionSet {
        let text = text.trim();
        let mut numbers = Vec::new();
        for part in text.split('.') {
            match part.parse::<u32>() {
                Ok(n) if !part.starts_with('+') => numbers.push(n),
                _ => return VersionSet::NONE,
            }
        }
        match numbers.as_slice() {
            [major] => Self::matching(|v| v.0 == *major),
            [major, minor] => Self::minor(*major, *minor),
            [major, minor, patch] => Self::matching(|v| v == (*major, *minor, *patch)),
            _ => VersionSet::NONE,
        }
    }

    /// `V` or `V1..V2`, both ends included with all their patches.
    #[must_use]
    pub fn parse_range(text: &str) -> VersionSet {
        let Some((from, to)) = text.split_once("..") else { return Self::parse(text) };
        let (from, to) = (Self::parse(from), Self::parse(to));
        if from.is_empty() || to.is_empty() {
            return VersionSet::NONE;
        }
        let (first, last) = (from.0.trailing_zeros(), 64 - to.0.leading_zeros());
        VersionSet(low_bits(last as usize) & !low_bits(first as usize))
    }

    /// `from` and every later release. `from` is major, minor, patch.
    #[must_use]
    pub fn since(from: (u32, u32, u32)) -> VersionSet {
        VersionSet(Self::all().0 & !Self::before(from).0)
    }

    /// Every release before `end`.
    #[must_use]
    pub fn before(end: (u32, u32, u32)) -> VersionSet {
        VersionSet(low_bits(numbers().partition_point(|known| *known < end)))
    }

    fn matching(wanted: impl Fn((u32, u32, u32)) -> bool) -> VersionSet {
        let mut bits = 0u64;
        for (i, known) in numbers().iter().enumerate() {
            if wanted(*known) {
                bits |= 1 << i;
            }
        }
        VersionSet(bits)
    }

    /// Releases in both sets.
    #[must_use]
    pub fn and(self, other: VersionSet) -> VersionSet {
        VersionSet(self.0 & other.0)
    }

    /// Releases in either set.
    #[must_use]
    pub fn or(self, other: VersionSet) -> VersionSet {
        VersionSet(self.0 | other.0)
    }

    /// Releases of this set that are not in `other`.
    #[must_use]
    pub fn without(self, other: VersionSet) -> VersionSet {
        VersionSet(self.0 & !other.0)
    }

    /// True when every release of this set is in `other`. The empty set is in every set.
    #[must_use]
    pub fn within(self, other: VersionSet) -> bool {
        self.0 & !other.0 == 0
    }

    /// True when some release is in both.
    #[must_use]
    pub fn meets(self, other: VersionSet) -> bool {
        self.0 & other.0 != 0
    }

    /// True when no release is in the set.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True for one release only.
    #[must_use]
    pub fn is_single(self) -> bool {
        self.0.count_ones() == 1
    }

    /// The releases, oldest first.
    pub fn iter(self) -> impl Iterator<Item = Release> {
        (0u8..64).filter(move |i| self.0 >> i & 1 == 1).map(Release)
    }

    /// The newest release.
    #[must_use]
    pub fn newest(self) -> Option<Release> {
        self.iter().last()
    }

    /// The oldest release.
    #[must_use]
    pub fn oldest(self) -> Option<Release> {
        self.iter().next()
    }

    /// As a reader would write it: `3.9.1`, `3.0–3.7, 3.9.1–3.9.2`, `4.2 and later`.
    #[must_use]
    pub fn describe(self) -> String {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for release in self.iter() {
            match runs.last_mut() {
                Some((_, end)) if *end + 1 == release.index() => *end = release.index(),
                _ => runs.push((release.index(), release.index())),
            }
        }
        let mut out = String::new();
        for (start, end) in runs {
            if !out.is_empty() {
                out.push_str(", ");
            }
            let (first, last) = (at(start), at(end));
            if start == end {
                out.push_str(first);
            } else if end + 1 == RELEASES.len() {
                out.push_str(&short_start(start));
                out.push_str(" and later");
            } else {
                let (first, last) = (short_start(start), short_end(end));
                out.push_str(&first);
                if first != last {
                    out.push('–');
                    out.push_str(&last);
                }
            }
            let _ = last;
        }
        out
    }
}

/// Major, minor and patch of each of [`RELEASES`].
fn numbers() -> &'static [(u32, u32, u32)] {
    static NUMBERS: std::sync::OnceLock<Vec<(u32, u32, u32)>> = std::sync::OnceLock::new();
    NUMBERS.get_or_init(|| RELEASES.iter().map(|name| parts(name).unwrap_or_default()).collect())
}

fn low_bits(n: usize) -> u64 {
    if n >= 64 { u64::MAX } else { (1u64 << n) - 1 }
}

fn at(index: usize) -> &'static str {
    RELEASES.get(index).copied().unwrap_or("")
}

/// `3.9` for 3.9.0 (a run that starts there holds the whole minor's start), else the full name.
fn short_start(index: usize) -> String {
    let name = at(index);
    name.strip_suffix(".0").unwrap_or(name).to_owned()
}

/// `3.7` when `index` is the last patch of its minor, else the full name.
fn short_end(index: usize) -> String {
    let (this, next) = (parts(at(index)), parts(at(index + 1)));
    match (this, next) {
        (Some(a), Some(b)) if (a.0, a.1) != (b.0, b.1) => format!("{}.{}", a.0, a.1),
        _ => at(index).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions_and_ranges() {
        assert_eq!(VersionSet::parse("3.9").describe(), "3.9");
        assert_eq!(VersionSet::parse("3.9.1").describe(), "3.9.1");
        assert!(VersionSet::parse("2.8").is_empty());
        assert!(VersionSet::parse("latest").is_empty());
        assert_eq!(VersionSet::parse_range("3.0..3.2").describe(), "3.0–3.2");
        assert_eq!(VersionSet::parse_range("4.2..4.4").describe(), "4.2 and later");
        assert_eq!(VersionSet::since((4, 0, 0)).describe(), "4.0 and later");
        assert_eq!(VersionSet::before((3, 1, 0)).describe(), "3.0");
    }
}
