//! `--add-scram`: `SCRAM-SHA-256=[name=alice,password=…]`.
//!
//! Sources: `StorageTool.getUserScramCredentialRecord` (3.5–3.8), `ScramParser` (3.9 and later).

use std::collections::BTreeMap;

use super::base64::decoded_length;
use crate::kafka::version::Release;

/// The fewest and the most iterations of both mechanisms (`ScramMechanism`).
const ITERATIONS: std::ops::RangeInclusive<i32> = 4096..=16384;

/// Why `release` refuses the argument; in words that never repeat a value, which may be a password.
pub(super) fn fault(argument: &str, release: Release) -> Option<&'static str> {
    let found = if release.parts() < (3, 9, 0) { early(argument) } else { late(argument) };
    found.err()
}

fn is_mechanism(name: &str) -> bool {
    matches!(name, "SCRAM-SHA-256" | "SCRAM-SHA-512")
}

const MECHANISM: &str = "the mechanism must be SCRAM-SHA-256 or SCRAM-SHA-512";
const BRACKETS: &str = "what stands behind the mechanism must be [name=…,password=…]";
const PAIR: &str = "a part of it is not of the form key=value";
const NAME: &str = "it names no user";
const SALT: &str = "its salt is no base64";
const PASSWORD: &str = "it needs password or saltedpassword";
const BOTH: &str = "it has both password and saltedpassword";
const NO_SALT: &str = "saltedpassword needs the salt";
const SALTED: &str = "its saltedpassword is no base64";
const COUNT: &str = "its iterations must be a number from 4096 to 16384";
const EMPTY: &str = "its password is empty";
const UNKNOWN: &str = "it has a key that is none of name, password, salt, iterations and saltedpassword";

fn check_iterations(text: &str) -> Result<(), &'static str> {
    let number: Option<i32> = text.parse().ok();
    if number.is_some_and(|n| ITERATIONS.contains(&n)) { Ok(()) } else { Err(COUNT) }
}

fn check_salted(text: &str) -> Result<(), &'static str> {
    match decoded_length(text) {
        None => Err(SALTED),
        Some(0) => Err(EMPTY),
        Some(_) => Ok(()),
    }
}

/// 3.5–3.8: a blank ends the argument, brackets are not looked at, iterations count only beside a salt.
fn early(argument: &str) -> Result<(), &'static str> {
    let first = argument.split([' ', '\t', '\n', '\r', '\x0b', '\x0c']).next().unwrap_or("");
    let (mechanism, rest) = first.split_once('=').unwrap_or((first, ""));
    if !is_mechanism(mechanism) {
        return Err(MECHANISM);
    }
    let mut inner = rest.chars();
    if inner.next().is_none() || inner.next_back().is_none() {
        return Err(BRACKETS);
    }
    let mut parts: Vec<&str> = inner.as_str().split(',').collect();
    while parts.len() > 1 && parts.last().is_some_and(|p| p.is_empty()) {
        parts.pop();
    }
    let mut values = BTreeMap::new();
    for part in parts {
        let (key, value) = early_pair(part).ok_or(PAIR)?;
        values.insert(key, value.replace('"', ""));
    }
    if !values.contains_key("name") {
        return Err(NAME);
    }
    if let Some(salt) = values.get("salt") {
        decoded_length(salt).ok_or(SALT)?;
        check_iterations(values.get("iterations").map_or("", String::as_str))?;
    }
    match (values.get("password"), values.get("saltedpassword")) {
        (Some(_), Some(_)) => Err(BOTH),
        (Some(password), None) if password.is_empty() => Err(EMPTY),
        (Some(_), None) => Ok(()),
        (None, None) => Err(PASSWORD),
        (None, Some(_)) if !values.contains_key("salt") => Err(NO_SALT),
        (None, Some(salted)) => check_salted(salted),
    }
}

/// Splits at every `=` that an even number of quotes follows, as the tool's regular expression does, drops what is empty at
/// the end, and takes the first two.
fn early_pair(part: &str) -> Option<(&str, &str)> {
    let mut quotes = part.matches('"').count();
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, c) in part.char_indices() {
        match c {
            '"' => quotes = quotes.saturating_sub(1),
            '=' if quotes.is_multiple_of(2) => {
                pieces.push(part.get(start..at)?);
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(part.get(start..)?);
    while pieces.last().is_some_and(|p| p.is_empty()) {
        pieces.pop();
    }
    match pieces.as_slice() {
        [key, value, ..] => Some((key, value)),
        _ => None,
    }
}

/// 3.9 and later.
fn late(argument: &str) -> Result<(), &'static str> {
    let argument = argument.trim_matches(|c: char| c <= ' ');
    let (mechanism, rest) = argument.split_once('=').ok_or(MECHANISM)?;
    if !is_mechanism(mechanism) {
        return Err(MECHANISM);
    }
    let inner = rest.strip_prefix('[').and_then(|r| r.strip_suffix(']')).ok_or(BRACKETS)?;
    let mut parts: Vec<&str> = inner.split(',').collect();
    while parts.len() > 1 && parts.last().is_some_and(|p| p.is_empty()) {
        parts.pop();
    }
    let mut values = BTreeMap::new();
    for part in parts {
        let (key, value) = part.split_once('=').ok_or(PAIR)?;
        let plain = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
        values.insert(key, plain.unwrap_or(value));
    }
    values.remove("name").ok_or(NAME)?;
    let salt = values.remove("salt");
    if let Some(salt) = salt {
        decoded_length(salt).ok_or(SALT)?;
    }
    if let Some(iterations) = values.remove("iterations") {
        check_iterations(iterations)?;
    }
    match (values.remove("password"), values.remove("saltedpassword")) {
        (Some(""), _) => return Err(EMPTY),
        (Some(_), _) => {}
        (None, None) => return Err(PASSWORD),
        (None, Some(_)) if salt.is_none() => return Err(NO_SALT),
        (None, Some(salted)) => check_salted(salted)?,
    }
    if values.is_empty() { Ok(()) } else { Err(UNKNOWN) }
}
