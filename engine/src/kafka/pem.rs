//! Certificates and keys that stand in a setting as PEM text.
//!
//! Follows `DefaultSslEngineFactory.PemParser`. What a certificate says is not looked at: whether it is one, by the form of its DER.

/// What a PEM text is worth to Kafka.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pem {
    /// It has the form of what is asked for.
    Good,
    /// Kafka refuses it, and why, to stand behind the key's name.
    Bad(&'static str),
    /// Only the parser of the JVM can tell.
    Unknown,
}

/// The certificates of `text`.
#[must_use]
pub fn certificates(text: &str) -> Pem {
    let Some(entries) = entries(text, "CERTIFICATE") else {
        return Pem::Bad("holds no base64 between BEGIN and END");
    };
    if entries.is_empty() {
        return Pem::Bad("holds no -----BEGIN CERTIFICATE-----");
    }
    // Certificate ::= SEQUENCE { SEQUENCE, SEQUENCE, BIT STRING }
    if entries.iter().all(|der| is_sequence_of(der, &[0x30, 0x30, 0x03])) {
        Pem::Good
    } else {
        Pem::Bad("holds a certificate that cannot be read")
    }
}

/// The private key of `text`; `password` tells whether it shall be decrypted.
#[must_use]
pub fn private_key(text: &str, password: bool) -> Pem {
    let Some(entries) = entries(text, "PRIVATE KEY") else {
        return Pem::Bad("holds no base64 between BEGIN and END");
    };
    let [der] = entries.as_slice() else {
        return Pem::Bad(if entries.is_empty() {
            "holds no -----BEGIN PRIVATE KEY-----"
        } else {
            "holds more than one private key"
        });
    };
    // PrivateKeyInfo ::= SEQUENCE { INTEGER, SEQUENCE, OCTET STRING }; EncryptedPrivateKeyInfo ::= SEQUENCE { SEQUENCE, OCTET STRING }
    let plain = is_sequence_of(der, &[0x02, 0x30, 0x04]);
    let encrypted = is_sequence_of(der, &[0x30, 0x04]);
    match (plain, encrypted, password) {
        (true, _, false) => Pem::Good,
        // Whether the password is right, and the algorithm known to the JVM.
        (_, true, true) => Pem::Unknown,
        (_, true, false) => Pem::Bad("is encrypted, and ssl.key.password is not set"),
        (true, _, true) => Pem::Bad("is not encrypted, but ssl.key.password is set"),
        _ => Pem::Bad("holds a private key that is not in the form of PKCS #8"),
    }
}

/// The DER of each entry called `name`; `None` when one is no base64.
///
/// `-+BEGIN\s*.*NAME[^-]*-+\s+(?:\s*[^\r\n]*:[^\r\n]*[\r\n]+)*([a-zA-Z0-9/+=\s]*)-+END\s*.*NAME[^-]*-+\s+`
fn entries(text: &str, name: &str) -> Option<Vec<Vec<u8>>> {
    let text = format!("{text}\n");
    let mut rest = text.as_str();
    let mut found = Vec::new();
    while let Some(at) = rest.find("-BEGIN") {
        rest = rest.get(at + 6..)?;
        let Some(body) = after_marker(rest, name) else { continue };
        // Lines with a colon are parameters of an old encoding.
        let mut body = body;
        while let Some((line, next)) = body.split_once(['\n', '\r']) {
            if !line.contains(':') {
                break;
            }
            body = next.trim_start_matches(['\n', '\r']);
        }
        let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '+' | '=') || is_space(c);
        let end = body.find(|c| !is_base64(c)).unwrap_or(body.len());
        let (base64, behind) = body.split_at(end);
        let marker = behind.trim_start_matches('-');
        let is_end = marker.len() < behind.len() && marker.starts_with("END");
        let Some(behind) = is_end.then(|| marker.get(3..)).flatten().and_then(|m| after_marker(m, name))
        else {
            continue;
        };
        found.push(decode(base64)?);
        rest = behind;
    }
    Some(found)
}

/// Behind `\s*.*NAME[^-]*-+\s+`.
fn after_marker<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let line = text.trim_start_matches(is_space);
    let line_end = line.find(['\n', '\r']).unwrap_or(line.len());
    let dashes = line.find('-').filter(|at| *at <= line_end)?;
    let title = line.get(..dashes)?;
    if !title.split(is_space).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ").contains(name) {
        return None;
    }
    let behind = line.get(dashes..)?.trim_start_matches('-');
    let body = behind.trim_start_matches(is_space);
    (body.len() < behind.len()).then_some(body)
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r')
}

/// `java.util.Base64.getDecoder`, which wants whole groups or none of the padding.
fn decode(text: &str) -> Option<Vec<u8>> {
    let text: Vec<u8> = text.bytes().filter(|b| !is_space(char::from(*b))).collect();
    let body = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(&text);
    if body.len() < text.len() && !text.len().is_multiple_of(4) || body.len() % 4 == 1 {
        return None;
    }
    let mut out = Vec::with_capacity(body.len() / 4 * 3 + 3);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in body {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
        bits &= 0xffff;
    }
    Some(out)
}

/// Is this one DER SEQUENCE whose elements begin with these tags, each whole, and nothing behind it?
fn is_sequence_of(der: &[u8], tags: &[u8]) -> bool {
    let Some((0x30, mut body, [])) = element(der) else { return false };
    for tag in tags {
        match element(body) {
            Some((found, _, rest)) if found == *tag => body = rest,
            _ => return false,
        }
    }
    true
}

/// Tag, content, and what stands behind.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, mut rest) = rest.split_first()?;
    let mut length = usize::from(*first);
    if length >= 0x80 {
        let digits = length & 0x7f;
        if !(1..=4).contains(&digits) {
            return None;
        }
        length = 0;
        let (number, behind) = rest.split_at_checked(digits)?;
        for byte in number {
            length = length << 8 | usize::from(*byte);
        }
        rest = behind;
    }
    let (content, behind) = rest.split_at_checked(length)?;
    Some((*tag, content, behind))
}
