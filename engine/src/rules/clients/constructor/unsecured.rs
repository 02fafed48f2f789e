//! The token that OAUTHBEARER makes up of the options of its login module, where no callback handler fetches one.
//!
//! Follows `OAuthBearerUnsecuredLoginCallbackHandler`, which writes JSON with its own hands, and `OAuthBearerUnsecuredJws`, which reads
//! it again. Not for what a server thinks of the token.

use super::{At, Known, Unknown, trim};
use crate::hash::HashMap;
use crate::kafka::catalog;
use crate::kafka::jaas::Entry;

const STRING: &str = "unsecuredLoginStringClaim_";
const NUMBER: &str = "unsecuredLoginNumberClaim_";
const LIST: &str = "unsecuredLoginListClaim_";
const EXTENSION: &str = "unsecuredLoginExtension_";

/// Does the handler make no token of the options?
pub(super) fn is_refused(at: &At<'_>, entry: &Entry) -> Known<bool> {
    if entry.options.is_empty() {
        return Ok(false);
    }
    // A number for a key is none.
    let mut options: HashMap<&str, &str> = HashMap::default();
    for (key, value) in &entry.options {
        let Some(key) = key else { return Ok(true) };
        options.insert(key, value);
    }
    let lifetime = options.get("unsecuredLoginLifetimeSeconds").unwrap_or(&"3600");
    if options.keys().all(|key| key.starts_with(EXTENSION)) || lifetime.parse::<i64>().is_err() {
        return Ok(true);
    }
    let mut unknown = false;
    for key in entry.options.iter().filter_map(|(key, _)| key.as_deref()) {
        let value = options.get(key).copied().unwrap_or_default();
        if key.strip_prefix(EXTENSION).is_some_and(|name| !is_extension(name, value)) {
            return Ok(true);
        }
        let Some((claim, fits)) = claim(key, value).filter(|(claim, _)| !claim.is_empty()) else { continue };
        if !fits || matches!(claim, "iat" | "exp") {
            return Ok(true);
        }
        let mut text = claim.chars().chain(value.chars().filter(|_| !key.starts_with(NUMBER)));
        // A quote ends the text before its time. Up to 4.1 the token was read by another kind of base64 than it was written in:
        // these make the letters that differ, or not, as the time of day would have it.
        let odd = |c: char| c == '"' || !at.since((4, 2, 0)) && !matches!(c, '\0'..='=' | '@'..='}');
        unknown |= text.clone().any(odd);
        if text.any(|c| c < ' ') && !unknown {
            return Ok(true);
        }
    }
    if unknown {
        return Err(Unknown);
    }
    let name = |option, otherwise| match options.get(option).map_or("", |name| trim(name)) {
        "" => otherwise,
        name => name,
    };
    let said = |kind: &str, claim: &str| options.get(format!("{kind}{claim}").as_str());
    let (principal, scope) =
        (name("unsecuredLoginPrincipalClaimName", "sub"), name("unsecuredLoginScopeClaimName", "scope"));
    // Of two claims of one name nobody knows which is the later.
    for claim in [principal, scope] {
        if [STRING, NUMBER, LIST].iter().filter(|kind| said(kind, claim).is_some()).count() > 1 {
            return Err(Unknown);
        }
    }
    let nobody = said(STRING, principal).is_none_or(|text| trim(text).is_empty());
    Ok(nobody || matches!(scope, "iat" | "exp") || said(NUMBER, scope).is_some())
}

/// The claim that an option makes, and whether its value can be one.
fn claim<'e>(key: &'e str, value: &str) -> Option<(&'e str, bool)> {
    if let Some(claim) = key.strip_prefix(NUMBER) {
        Some((claim, catalog::is_finite(trim(value))))
    } else if let Some(claim) = key.strip_prefix(LIST) {
        Some((claim, is_list(value)))
    } else {
        Some((key.strip_prefix(STRING)?, true))
    }
}

/// The first character separates the others, and is taken for a regular expression where Kafka forgot to escape it.
fn is_list(value: &str) -> bool {
    let mut characters = value.chars();
    match (characters.next(), characters.as_str()) {
        (None, _) | (_, "") => true,
        (Some(separator), rest) => {
            !matches!(separator, '*' | '+' | '?' | ')') && rest.chars().any(|c| c != separator)
        }
    }
}

/// `OAuthBearerClientInitialResponse.validateExtensions`
fn is_extension(name: &str, value: &str) -> bool {
    let printable = |c: char| matches!(c, ' '..='~' | '\t' | '\r' | '\n');
    let is_key = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic()) && name != "auth";
    is_key && !value.is_empty() && value.chars().all(printable)
}
