//! The rules' names and metadata, made by `build.rs` from the pages under `rules/`.

use std::sync::OnceLock;

use crate::diagnostic::{Effect, RefusedBy, Safety, Severity};

include!(concat!(env!("OUT_DIR"), "/codes.rs"));

/// What a rule's page says of it.
#[derive(Debug)]
pub struct Meta {
    /// The rule.
    pub code: Code,
    /// `KL101`.
    pub id: &'static str,
    /// `duplicate-node-id`.
    pub name: &'static str,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// The default severity; a finding has its own.
    pub severity: Severity,
    /// The default effect.
    pub effect: Effect,
    /// Who refuses, by default.
    pub refused_by: Option<RefusedBy>,
    /// Does it offer fixes?
    pub fix: Option<Safety>,
    /// The release of kraftlint that brought it.
    pub since: &'static str,
}

impl Meta {
    /// The page below its title. All pages are unpacked when one is asked for; a check in most formats asks for none.
    #[must_use]
    pub fn prose(&self) -> &'static str {
        static PROSES: OnceLock<String> = OnceLock::new();
        let all = PROSES.get_or_init(|| {
            let packed = include_bytes!(concat!(env!("OUT_DIR"), "/pages.deflate"));
            let bytes = miniz_oxide::inflate::decompress_to_vec(packed).unwrap_or_default();
            String::from_utf8(bytes).unwrap_or_default()
        });
        all.split('\0').nth(self.code as usize).unwrap_or_default()
    }
}

impl Code {
    /// What the page says.
    #[must_use]
    pub fn meta(self) -> &'static Meta {
        // The variants and the rows are written in one loop of build.rs, so the position is the discriminant.
        static NONE: &Meta = &Meta {
            code: Code::KL001,
            id: "",
            name: "",
            summary: "",
            severity: Severity::Error,
            effect: Effect::Hygiene,
            refused_by: None,
            fix: None,
            since: "",
        };
        META.get(self as usize).unwrap_or(NONE)
    }

    /// `KL101`.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.meta().id
    }

    /// `duplicate-node-id`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.meta().name
    }

    /// The code or name that is nearly `pattern`.
    #[must_use]
    pub fn nearest(pattern: &str) -> Option<&'static str> {
        nearest(pattern, META.iter().flat_map(|m| [m.id, m.name]))
    }

    /// The rules that `pattern` means: a code, a name, or a prefix of codes (`KL1`). Letter case does not count.
    pub fn matching(pattern: &str) -> Vec<Code> {
        let upper = pattern.to_ascii_uppercase();
        let wanted = |m: &&Meta| {
            m.name.eq_ignore_ascii_case(pattern)
                || upper.starts_with("KL") && m.id.starts_with(upper.as_str())
        };
        META.iter().filter(wanted).map(|m| m.code).collect()
    }
}

/// A longer name is no slip of the pen, and the search takes time in proportion to its length.
const LONGEST: usize = 64;

/// The one of `names` that is nearly `name`.
pub fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let lower = name.to_lowercase();
    let distance = |n: &str| strsim::damerau_levenshtein(&lower, &n.to_lowercase());
    let (distance, best) = names.map(|n| (distance(n), n)).min()?;
    (distance <= 1 + name.chars().count() / 4).then_some(best)
}
