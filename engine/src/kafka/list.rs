//! Kafka's lists: `a, b,c`.
//!
//! `ConfigDef.parseType` trims the value and splits it at `\s*,\s*`, keeping empty elements. Which keys then drop or
//! refuse empty elements differs by key and release, so both are told.

use crate::text::Slice;

/// The elements of a list value, trimmed, empty ones too. An empty value has no elements.
pub fn elements(value: Slice<'_>) -> impl Iterator<Item = Slice<'_>> {
    let value = value.trim();
    let most = if value.is_empty() { 0 } else { usize::MAX };
    value.split(b',').map(Slice::trim).take(most)
}

/// The elements that are not empty: what Kafka up to 4.1 makes of `listeners` and its kin (`CoreUtils.parseCsvList`).
pub fn filled(value: Slice<'_>) -> impl Iterator<Item = Slice<'_>> {
    elements(value).filter(|e| !e.is_empty())
}
