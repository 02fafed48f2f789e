//! Secrets: which bytes of a file, of a value or of a message must not be shown.
//!
//! Told by keys and shapes alone, so that it also holds for files that were not understood. In doubt a text is
//! hidden: a star too many costs a look into the file, a star too few costs a password. Not for deciding what a
//! secret is worth: rules do that, and they never see this module.

use crate::order;
use std::borrow::Cow;
use std::ops::Range;

/// What stands for a secret where no column depends on its width. Even its length is nobody's business.
pub const HIDDEN: &str = "********";

/// Longer keys are taken for something else.
const LONGEST_KEY: usize = 160;

/// True when the value of `key` (a Kafka key, an environment variable, an option of a command) must not be shown.
#[must_use]
pub fn is_secret_key(key: &str) -> bool {
    if !may_be_secret(key) {
        return false;
    }
    let mut name = String::with_capacity(key.len());
    let mut rest = key;
    while let Some(c) = rest.chars().next() {
        let (c, len) = escaped(rest).map_or((c, c.len_utf8()), |c| (c, ESCAPE));
        rest = rest.get(len..).unwrap_or("");
        match c {
            '.' | '-' | ' ' => name.push('_'),
            '\\' | '"' | '\'' => {}
            c => name.push(c.to_ascii_lowercase()),
        }
    }
    let has = |words: &[&str]| words.iter().any(|w| name.contains(w));
    let ends = |words: &[&str]| words.iter().any(|w| name.ends_with(w));
    if name == "secrets" || ends(&["_file", "_location", "_path"]) {
        return false;
    }
    if name.contains("password_encoder_") || name.contains("passwordencoder") {
        return name.ends_with("secret");
    }
    // Misspelt ones too: a slip in the key makes the value no less a secret.
    if has(&["passw", "pasw", "passphrase", "secret", "jaas"]) || ends(&["pwd"]) {
        return !ends(&["_secret_name", "_secret_id"]);
    }
    const HARMLESS: &[&str] = &[
        "_ms",
        "_seconds",
        "_url",
        "_uri",
        "_class",
        "_type",
        "_source",
        "_algorithm",
        "_provider",
        "_id",
        "_name",
        "_enable",
        "_enabled",
        "_scope",
        "_size",
    ];
    if ends(HARMLESS) {
        return false;
    }
    has(&[
        "credential",
        "private_key",
        "keystore_key",
        "ssl_key_",
        "api_key",
        "apikey",
        "access_key",
        "master_key",
    ]) || has(&["user_info", "keystore_certificate_chain", "truststore_certificates"])
        || name.split('_').any(|word| word == "token" || word == "tokens")
}

/// Bytes of an escape of property files, as in `\u0070`.
const ESCAPE: usize = 6;

/// The character that an escape at the start of `text` spells.
fn escaped(text: &str) -> Option<char> {
    let digits = text.get(..ESCAPE)?.strip_prefix("\\u")?;
    let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    char::from_u32(u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?)
}

/// Each secret word has one of these in it, unless an escape or a quote hides that.
const PARTS: [&str; 9] =
    ["pas", "secret", "jaas", "pwd", "credential", "key", "info", "certificate", "token"];

/// False for what [`is_secret_key`] need not look at: nearly every key there is.
fn may_be_secret(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    PARTS.iter().any(|part| lower.contains(part)) || key.bytes().any(|b| matches!(b, b'\\' | b'"' | b'\''))
}

/// False for a text in which [`inside`] and [`leading`] find no secret, but perhaps one in a URL.
fn may_show_secret(text: &str) -> bool {
    const MARKS: [&str; 4] = ["user_", "-u ", "-----BEGIN", "\\"];
    let lower = text.to_ascii_lowercase();
    PARTS.iter().any(|part| lower.contains(part)) || MARKS.iter().any(|mark| text.contains(mark))
}

/// False for a line that has no URL with a password: lists of listeners have no `@`.
fn may_show_url(line: &str) -> bool {
    line.contains('@') && line.contains("://")
}

/// `value` of `key` as it may be shown.
#[must_use]
pub fn value<'a>(key: &str, value: &'a str) -> Cow<'a, str> {
    // `user_alice="…"`: an option of a JAAS text that became a setting of its own.
    if !is_secret_key(key) && !key.starts_with("user_") {
        return mask_lines(value);
    }
    if value.is_empty() || is_reference(value) { value.into() } else { HIDDEN.into() }
}

/// The text of a file, or of a part of it, with `*` for every character of a secret. Lines and columns stay.
#[must_use]
pub fn mask_lines(text: &str) -> Cow<'_, str> {
    star(text, &secrets(text))
}

/// A sentence with its secrets hidden: here `password: not set` is prose, and only what cannot be is taken for a
/// secret.
#[must_use]
pub fn mask_message(text: &str) -> Cow<'_, str> {
    let mut found = Vec::new();
    inside(text, 0, true, &mut found);
    star(text, &merge(found))
}

/// `text` with `*` for every character in `ranges`, but for line ends. The ranges are sorted.
fn star<'a>(text: &'a str, ranges: &[Range<usize>]) -> Cow<'a, str> {
    if ranges.is_empty() {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for range in ranges {
        out.push_str(text.get(at..range.start).unwrap_or(""));
        let hidden = text.get(range.clone()).unwrap_or("");
        out.extend(hidden.chars().map(|c| if matches!(c, '\n' | '\r') { c } else { '*' }));
        at = range.end;
    }
    out.push_str(text.get(at..).unwrap_or(""));
    out.into()
}

/// What follows from the lines before.
#[derive(Default)]
struct State<'a> {
    /// The line before ends in a backslash and belongs to a secret.
    continued: bool,
    /// Key of a property that goes on in this line before its separator.
    key: String,
    /// A secret key with this indentation: deeper lines are its value. The flag says that nothing stood behind it.
    block: Option<(usize, bool)>,
    /// A quoted secret goes on until this quote.
    quote: Option<char>,
    /// A PEM block of a private key goes on.
    pem: bool,
    /// The line before named a secret whose value comes in this one (`- --password`, `name: X_PASSWORD`).
    announced: Option<&'a str>,
}

impl State<'_> {
    /// True when the lines before say nothing of this one.
    fn is_idle(&self) -> bool {
        let open = self.continued || self.pem || self.block.is_some() || self.quote.is_some();
        !open && self.key.is_empty() && self.announced.is_none()
    }
}

/// The byte ranges of `text` that must not be shown: sorted, apart, on character borders.
#[must_use]
pub fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if !may_show_secret(text) {
        urls(text, &mut found);
        return merge(found);
    }
    let mut state = State::default();
    let last = |c: char| text.rfind(c).unwrap_or(0);
    let last_quotes = [('"', last('"')), ('\'', last('\''))];
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or("");
        let length = memchr::memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        line(rest.get(..length).unwrap_or(""), at, &last_quotes, &mut state, &mut found);
        at += length + 1;
    }
    merge(found)
}

/// The passwords in URLs of a text that holds no other secret.
fn urls(text: &str, found: &mut Vec<Range<usize>>) {
    let mut at = 0;
    for url in memchr::memmem::find_iter(text.as_bytes(), b"://") {
        if url < at {
            continue;
        }
        let head = text.get(..url).unwrap_or("");
        let start = head.rfind(['\n', '\r']).map_or(0, |i| i + 1);
        let rest = text.get(url..).unwrap_or("");
        at = url + memchr::memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        line(text.get(start..at).unwrap_or(""), start, &[], &mut State::default(), found);
    }
}

fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|r| r.start < r.end);
    order::by_key(&mut ranges, |r| (r.start, r.end));
    let mut out: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

fn line<'a>(
    line: &'a str,
    at: usize,
    last_quotes: &[(char, usize)],
    state: &mut State<'a>,
    out: &mut Vec<Range<usize>>,
) {
    // Nearly every line is out of the question at once.
    if state.is_idle() && !may_show_secret(line) && !may_show_url(line) {
        return;
    }
    let body = line.trim_start();
    let indent = line.len() - body.len();
    if body.is_empty() {
        // A blank line ends a continued value for Java; but who left the value there meant the next line.
        return;
    }
    let whole = at + indent..at + line.trim_end().len();
    let goes_on = ends_in_backslash(line);
    let announced = state.announced.take();

    if state.pem {
        state.pem = !line.contains("-----END");
        out.push(whole);
        return;
    }
    if let Some(quote) = state.quote {
        if let Some(end) = line.find(quote) {
            state.quote = None;
            out.push(at..at + end);
            inside(line.get(end..).unwrap_or(""), at + end, false, out);
        } else {
            out.push(whole);
        }
        return;
    }
    if state.continued {
        state.continued = goes_on;
        out.push(whole);
        return;
    }
    if let Some((depth, bare)) = state.block {
        if indent > depth {
            // `kafka_password:` in a compose file's `secrets:` has a mapping below it, not a value.
            let mapping = ["file:", "external:", "name:", "environment:"].iter().any(|k| body.starts_with(k));
            if !(bare && mapping) {
                out.push(whole);
            }
            return;
        }
        state.block = None;
    }
    if let Some(names) = announced {
        let value = body.trim_start_matches("- ").trim_start();
        if names.is_empty() && body.starts_with('-')
            || value.starts_with("value")
            || value.starts_with("\"value")
        {
            let skip = if names.is_empty() { 0 } else { value.find([':', '=']).map_or(0, |i| i + 1) };
            let hidden = value.get(skip..).unwrap_or("").trim_start();
            out.push(at + line.len() - hidden.len()..whole.end);
            return;
        }
    }
    if let Some(begin) =
        line.find("-----BEGIN").filter(|i| line.get(*i..).unwrap_or("").contains("PRIVATE KEY"))
    {
        state.pem = !line.contains("-----END");
        out.push(at + begin..whole.end);
    }
    // What follows a secret key is hidden to the end of the line; there is nothing more to find in it.
    let open = leading(line, at, last_quotes, state, out).unwrap_or(line.len());
    inside(line.get(..open).unwrap_or(""), at, false, out);

    let named = body.trim_start_matches("- ").trim_start();
    if let Some(name) = named.strip_prefix("name:").map(|n| n.trim().trim_matches(['"', '\'']))
        && is_secret_key(name)
    {
        state.announced = Some("value");
    }
    let word = named.trim_end().trim_matches(['"', '\'', ',']);
    if word.starts_with("--") && !word.contains([' ', '=']) && is_secret_key(word) {
        state.announced = Some("");
    }
}

fn ends_in_backslash(line: &str) -> bool {
    line.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1
}

/// The key that the line begins with; its value goes to the end of the line, and perhaps beyond. Tells where in the
/// line a hidden value begins.
fn leading(
    line: &str,
    at: usize,
    last_quotes: &[(char, usize)],
    state: &mut State<'_>,
    out: &mut Vec<Range<usize>>,
) -> Option<usize> {
    let mut rest = line.trim_start();
    let indent = line.len() - rest.len();
    for prefix in ["#", "!", "- ", "-e ", "export ", "ENV ", "ARG ", "set "] {
        while let Some(next) = rest.strip_prefix(prefix) {
            rest = next.trim_start();
        }
    }
    let from = rest;
    let dash = line.trim_start().starts_with("- ") || line.trim_start().starts_with('#');
    rest = rest.trim_start_matches(['"', '\'', '[', '{', '-']);
    let length = rest.find(|c: char| !is_key_char(c)).unwrap_or(rest.len());
    if length > LONGEST_KEY || length + state.key.len() > LONGEST_KEY {
        state.key.clear();
        return None;
    }
    let goes_on = ends_in_backslash(line);
    let part = rest.get(..length).unwrap_or("");
    let behind = rest.get(length..).unwrap_or("");
    let mut key = std::mem::take(&mut state.key);
    key.push_str(part);
    if behind.is_empty() && goes_on {
        key.truncate(key.trim_end_matches('\\').len());
        state.key = key;
        return None;
    }
    if !is_secret_key(&key) {
        return None;
    }
    let quoted_key = behind.trim_start_matches(['"', '\'']);
    let blank = quoted_key.trim_start();
    let value = match blank.strip_prefix([':', '=']) {
        // `KEY:VALUE` is no YAML, but it is a property.
        Some(value) => value.trim_start(),
        None if blank.len() < quoted_key.len() && !dash && !blank.starts_with(['-', '|', '&', '>']) => blank,
        None => return None,
    };
    let separator = blank.chars().next();
    let start = line.len() - value.len();
    let trimmed = value.trim_end();
    if separator == Some(':') && !line.trim_start().starts_with(['#', '!']) {
        // Beside a list item's first key stand its other keys, and they are no part of the value.
        let beside = line.len() - from.len();
        state.block = Some((if dash { beside } else { indent }, trimmed.is_empty()));
    } else if dash && separator == Some('=') {
        state.block = Some((indent, false));
    }
    state.continued = goes_on && !trimmed.is_empty();
    if trimmed.is_empty() || is_reference(trimmed) {
        return None;
    }
    if separator == Some(':') && announces_block(trimmed) {
        return None;
    }
    let mut hidden = start..start + trimmed.len();
    if let Some(quote @ ('"' | '\'')) = trimmed.chars().next() {
        hidden.start += 1;
        let inner = trimmed.get(1..).unwrap_or("");
        match inner.strip_suffix(quote) {
            Some(inner) if !inner.ends_with('\\') => hidden.end = hidden.start + inner.len(),
            _ if !inner.contains(quote) && !key.contains('.') => {
                // A quoted text of a `.env` file goes on in the next line, if it ends at all.
                let ends = last_quotes.iter().any(|(c, last)| *c == quote && *last >= at + line.len());
                if ends {
                    state.quote = Some(quote);
                }
            }
            _ => {}
        }
    }
    out.push(at + hidden.start..at + hidden.end);
    Some(start)
}

/// `|`, `>-`: grammar; the value comes in deeper lines.
fn announces_block(value: &str) -> bool {
    value.len() <= 3
        && value.starts_with(['|', '>'])
        && value.bytes().skip(1).all(|b| matches!(b, b'+' | b'-' | b'1'..=b'9'))
}

fn is_key_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '\\')
}

/// `${NAME}` or `$NAME`: tells where a secret comes from, not what it is.
fn is_reference(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    let name = match value.strip_prefix("${") {
        Some(rest) => rest.strip_suffix('}'),
        None => value.strip_prefix('$'),
    };
    name.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
        || !value.is_empty() && value.bytes().all(|b| b == b'*')
        || matches!(value, "…" | "...")
}

/// Assignments, options and URLs anywhere in `text`, which is one line or a message.
fn inside(text: &str, at: usize, prose: bool, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let byte = |i: usize| bytes.get(i).copied().unwrap_or(b' ');
    // Nothing is read twice: a key reaches back to the place where the last one ended.
    let mut floor = 0;
    let mut bracket: Option<usize> = None;
    let mut i = 0;
    while i < bytes.len() {
        let b = byte(i);
        match b {
            b'[' => bracket = Some(i),
            b']' => bracket = None,
            b':' if byte(i + 1) == b'/' && byte(i + 2) == b'/' => {
                let end = credentials(text, i + 3, at, out);
                i = end;
                floor = end;
                continue;
            }
            b'=' | b':' => {
                let (key, quoted) = key_before(text, floor, i);
                let next = byte(i + 1);
                let apart = b == b'='
                    || !prose && (next == b' ' || matches!(next, b'"' | b'\'') || i + 1 == bytes.len())
                    || quoted;
                let user = b == b'=' && key.starts_with("user_") && key.len() > 5;
                floor = i + 1;
                if apart && (user || is_secret_key(key)) {
                    let start = i + 1 + blanks(text, i + 1);
                    let value = extent(text, start, bracket.is_some());
                    let end = value.end;
                    let shown = text.get(value.clone()).unwrap_or("");
                    if !(is_reference(shown) || b == b':' && announces_block(shown)) {
                        out.push(at + value.start..at + end);
                    }
                    i = end.max(i + 1);
                    floor = i;
                    continue;
                }
            }
            // `curl -u name:password`
            b'-' if byte(i + 1) == b'u'
                && byte(i + 2) == b' '
                && (i == 0 || byte(i - 1) == b' ')
                && !prose =>
            {
                let start = i + 3;
                let word = text.get(start..).unwrap_or("").split(' ').next().unwrap_or("");
                if let Some(colon) = word.find(':') {
                    out.push(at + start + colon + 1..at + start + word.len());
                }
                i = start + word.len();
                floor = i;
                continue;
            }
            b'-' if byte(i + 1) == b'-'
                && (i == 0 || matches!(byte(i - 1), b' ' | b'"' | b'\'' | b'[' | b',')) =>
            {
                let rest = text.get(i + 2..).unwrap_or("");
                let length =
                    rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
                let length = length.count();
                let behind = i + 2 + length;
                let is_end = matches!(byte(behind), b' ' | b'"' | b'\'' | b',');
                if length > 0
                    && length <= LONGEST_KEY
                    && is_end
                    && is_secret_key(rest.get(..length).unwrap_or(""))
                {
                    let gap = text.get(behind..).unwrap_or("");
                    let skip =
                        gap.bytes().take_while(|b| matches!(b, b' ' | b'"' | b'\'' | b',' | b'\t')).count();
                    // The opening quote belongs to the value, for it tells where that ends.
                    let opened = skip > 0 && matches!(byte(behind + skip - 1), b'"' | b'\'');
                    let value = extent(text, behind + skip - usize::from(opened), false);
                    if !prose && !is_reference(text.get(value.clone()).unwrap_or("")) {
                        out.push(at + value.start..at + value.end);
                    }
                    i = value.end.max(behind);
                    floor = i;
                    continue;
                }
                i += 2 + length;
                continue;
            }
            _ => {}
        }
        i += 1;
    }
}

fn blanks(text: &str, from: usize) -> usize {
    text.bytes().skip(from).take_while(|b| matches!(b, b' ' | b'\t')).count()
}

/// The key that ends before the separator at `end`, and whether it stands in quotes.
fn key_before(text: &str, floor: usize, end: usize) -> (&str, bool) {
    let head = text.get(floor..end).unwrap_or("");
    let bare = head.trim_end_matches([' ', '\t']);
    let open = bare.trim_end_matches(['"', '\'', '\\']);
    let quoted = open.len() < bare.len();
    let from = open.len() - open.bytes().rev().take_while(|b| is_key_char(char::from(*b))).count();
    let key = open.get(from..).unwrap_or("").trim_start_matches('-');
    // `-Dssl.key.password=…`: the D does no harm.
    (if key.len() > LONGEST_KEY { "" } else { key }, quoted)
}

/// The characters of a value that begins at `start`.
fn extent(text: &str, start: usize, bracketed: bool) -> Range<usize> {
    let rest = text.get(start..).unwrap_or("");
    if let Some(open) = ["\\\"", "\\'", "''", "\"", "'"].into_iter().find(|q| rest.starts_with(q)) {
        let inner = rest.get(open.len()..).unwrap_or("");
        let empty = open == "''" && inner.chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '\'');
        let length = if empty { 0 } else { closing(inner, open) };
        return start + open.len()..start + open.len() + length;
    }
    if bracketed {
        // Without the bracket's end the rest of the line is taken, so that it is not searched again.
        return start..rest.find(']').map_or(text.len(), |end| start + end);
    }
    let mut chars = rest.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        let ends = match c {
            c if c.is_whitespace() => true,
            '"' | '\'' | '`' | '”' | '“' => chars
                .peek()
                .is_none_or(|(_, n)| n.is_whitespace() || matches!(n, ',' | ']' | '}' | ')' | ';' | ':')),
            _ => false,
        };
        if ends {
            return start..start + i;
        }
    }
    start..text.len()
}

/// Where the text that `open` opened ends; at the end of the line when nothing closes it.
fn closing(inner: &str, open: &str) -> usize {
    let mut from = 0;
    while let Some(i) = inner.get(from..).and_then(|s| s.find(open)) {
        let i = from + i;
        let before = inner.as_bytes().get(..i).unwrap_or_default();
        let escaped = before.iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1;
        if !escaped || open.starts_with('\'') {
            return i;
        }
        from = i + 1;
    }
    inner.len()
}

/// `user:password@` behind `://`. Gives the place where the search goes on.
fn credentials(text: &str, from: usize, at: usize, out: &mut Vec<Range<usize>>) -> usize {
    let rest = text.get(from..).unwrap_or("");
    let end = rest
        .find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | ',' | '`'))
        .unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or("");
    if let Some((user, _)) = authority.rsplit_once('@')
        && let Some(colon) = user.find(':')
        && !is_reference(user.get(colon + 1..).unwrap_or(""))
    {
        out.push(at + from + colon + 1..at + from + user.len());
        return from + user.len();
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_secret_keys() {
        for key in [
            "ssl.keystore.password",
            "ssl.key.password",
            "ssl.keystore.key",
            "sasl.jaas.config",
            "KAFKA_SASL_JAAS_CONFIG",
            "KAFKA_CFG_SSL_KEYSTORE_KEY",
            "KAFKA_CLIENT_PASSWORDS",
            "AWS_SECRET_ACCESS_KEY",
            "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config",
            "password.encoder.secret",
            "API_KEY",
            "delegation.token.secret.key",
            "delegation.token.master.key",
            "basic.auth.user.info",
            "GITHUB_TOKEN",
            "sasl.oauthbearer.client.credentials.client.secret",
            "sasl.oauthbearer.assertion.private.key.passphrase",
            "KAFKA_SSL_KEYSTORE_CREDENTIALS",
            "ssl.keystore.pass\\u0077ord",
            "ssl.keystore.\\\\u0050assword",
        ] {
            assert!(is_secret_key(key), "{key}");
        }
        for key in [
            "key.serializer",
            ":!\\u00k",
            "\\u0041\\t'",
            "group.id",
            "sasl.oauthbearer.token.endpoint.url",
            "ssl.keystore.type",
            "sasl.mechanism",
            "delegation.token.max.lifetime.ms",
            "delegation.token.expiry.check.interval.ms",
            "node.id",
            "secrets",
            "password.encoder.iterations",
            "password.encoder.keyfactory.algorithm",
            "ssl.keystore.location",
            "KAFKA_PASSWORD_FILE",
            "basic.auth.credentials.source",
            "sasl.login.callback.handler.class",
            "sasl.oauthbearer.client.credentials.client.id",
            "ssl.keymanager.algorithm",
            "advertised.listeners",
            "sasl.oauthbearer.assertion.private.key.file",
            "KAFKA_NODE_ID",
            "transactional.id",
        ] {
            assert!(!is_secret_key(key), "{key}");
        }
    }

    #[test]
    fn masks_where_secrets_stand() {
        for (text, masked) in [
            ("ssl.key.password=hush", "ssl.key.password=****"),
            ("ssl.key.password = a b # c", "ssl.key.password = *******"),
            ("ssl.key.password hush", "ssl.key.password ****"),
            ("#ssl.key.password=hush", "#ssl.key.password=****"),
            ("ssl.key.pass\\\n  word=hush\na=1", "ssl.key.pass\\\n  word=****\na=1"),
            ("ssl.key.password=hu\\\n   sh\\\n  x\na=1", "ssl.key.password=***\n   ***\n  *\na=1"),
            ("  KAFKA_PASSWORD: \"hush\"\n  B: 1", "  KAFKA_PASSWORD: \"****\"\n  B: 1"),
            ("  - KAFKA_PASSWORD=hush\n  - B=1", "  - KAFKA_PASSWORD=****\n  - B=1"),
            ("- 'KAFKA_PASSWORD=hush'", "- 'KAFKA_PASSWORD=*****"),
            ("PASSWORD=\"a\nb\"\nC=d", "PASSWORD=\"*\n*\"\nC=d"),
            ("KAFKA_PASSWORD: ${PW}", "KAFKA_PASSWORD: ${PW}"),
            ("KAFKA_PASSWORD: ${PW:-hush}", "KAFKA_PASSWORD: ***********"),
            (
                "  SASL_JAAS_CONFIG: |\n    a\n\n    b\n  C: d",
                "  SASL_JAAS_CONFIG: |\n    *\n\n    *\n  C: d",
            ),
            (
                "  X: \"a\n  username=\\\"u\\\" password=\\\"p q\\\";\"",
                "  X: \"a\n  username=\\\"u\\\" password=\\\"***\\\";\"",
            ),
            ("  user_alice=\"p2\" user_bob=\"p3\";", "  user_alice=\"**\" user_bob=\"**\";"),
            (
                "KAFKA_OPTS: -Dx=1 -Dssl.key.password=hush -Dy=2",
                "KAFKA_OPTS: -Dx=1 -Dssl.key.password=**** -Dy=2",
            ),
            (
                "kafka-storage format --add-scram 'SCRAM-SHA-256=[name=alice,password=a \"b]' -c x",
                "kafka-storage format --add-scram 'SCRAM-SHA-256=[name=alice,password=****]' -c x",
            ),
            ("url: http://me:hush@h:1/x", "url: http://me:****@h:1/x"),
            ("tool --password hush --x y", "tool --password **** --x y"),
            ("command: [\"--password\", \"hush\", \"x\"]", "command: [\"--password\", \"****\", \"x\"]"),
            ("  - --password\n  - hush\n  - x", "  - --password\n  - ****\n  - x"),
            ("- name: DB_PASSWORD\n  value: hush\n", "- name: DB_PASSWORD\n  value: ****\n"),
            ("{A_PASSWORD: hush, B: 1}", "{A_PASSWORD: ***********"),
            (
                "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\na=1",
                "***************************\n***\n*************************\na=1",
            ),
            ("secrets:\n  kafka_password:\n    file: ./x", "secrets:\n  kafka_password:\n    file: ./x"),
            ("password=''\nx=1", "password=''\nx=1"),
            ("y: 'password=''p''; user=''u'''", "y: 'password=''*''; user=''u'''"),
            (
                "controller.quorum.voters=1@h:9093\nlisteners=PLAINTEXT://h:9092",
                "controller.quorum.voters=1@h:9093\nlisteners=PLAINTEXT://h:9092",
            ),
        ] {
            let shown = mask_lines(text);
            assert_eq!(shown, masked);
        }
    }

    #[test]
    fn prose_stays() {
        for text in [
            "KAFKA_PASSWORD: not set",
            "password is missing",
            "use --password here",
            "`ssl.key.password` is set",
        ] {
            assert_eq!(mask_message(text), text);
        }
        assert_eq!(mask_message("set `password=hush` now"), "set `password=****` now");
    }

    #[test]
    fn takes_time_in_proportion() {
        for unit in
            ["[password=", "password=\"", "user_a='", "a:", "\\", "://x:", "--password ", "'", "- ", "key=\\"]
        {
            let text = unit.repeat(3_000_000 / unit.len());
            let started = std::time::Instant::now();
            assert_eq!(mask_lines(&text).len(), text.len());
            assert!(started.elapsed().as_secs() < 10, "{unit}: {:?}", started.elapsed());
        }
    }

    proptest::proptest! {
        #[test]
        fn keeps_every_column(text in "([a-c\u{e9}漢 :=\"'\\\\\\[\\]\n\r\t@/$#{}|,;-]|password|user_x|token|jaas|://|-----BEGIN PRIVATE KEY|: \"|- |--)*") {
            let masked = mask_lines(&text);
            proptest::prop_assert_eq!(masked.chars().count(), text.chars().count());
            let ends = |t: &str| t.char_indices().filter(|(_, c)| matches!(c, '\n' | '\r')).count();
            proptest::prop_assert_eq!(ends(&masked), ends(&text));
            proptest::prop_assert_eq!(mask_message(&text).chars().count(), text.chars().count());
        }

        #[test]
        fn never_shows_a_password(secret in "[a-zA-Z0-9!#%&+./]{8,20}", key in "(ssl\\.key\\.password|KAFKA_SASL_JAAS_CONFIG|DB_SECRET)", sep in "(=| = |: |: \"|=')", before in "(|  |- |  - |export |# )") {
            let text = format!("a: 1\n{before}{key}{sep}{secret}\nb: 2\n");
            proptest::prop_assert!(!mask_lines(&text).contains(&secret));
        }
    }
}
