//! SSL: key and trust store, PEM texts, algorithms. A constructor loads them all. Whether a file is there is not asked.

use super::{ALL, Answer, At, Check, Known, Unknown, fault_if, trim};
use crate::diagnostic::Code;
use crate::kafka::class::{self, Found};
use crate::kafka::pem::{self, Pem};

const HELP: &str = "Kafka loads the stores when the client is made. A store in a file has a location and a password; certificates and keys in \
                    the settings themselves need the type PEM, and neither.";

pub(super) const CHECKS: &[Check] = &[
    Check {
        code: Code::KL804,
        keys: &[
            "ssl.keystore.key",
            "ssl.keystore.certificate.chain",
            "ssl.keystore.location",
            "ssl.keystore.password",
            "ssl.keystore.type",
            "ssl.key.password",
        ],
        clients: ALL,
        ask: |at| if is_used(at)? { keystore(at) } else { Ok(None) },
        help: HELP,
    },
    Check {
        code: Code::KL804,
        keys: &[
            "ssl.truststore.certificates",
            "ssl.truststore.location",
            "ssl.truststore.password",
            "ssl.truststore.type",
        ],
        clients: ALL,
        ask: |at| if is_used(at)? { truststore(at) } else { Ok(None) },
        help: HELP,
    },
    row(&["ssl.protocol"], |at| {
        algorithm(at, "ssl.protocol", PROTOCOLS, "ssl.protocol is none that Java knows")
    }),
    row(&["ssl.keymanager.algorithm"], |at| {
        algorithm(
            at,
            "ssl.keymanager.algorithm",
            KEY_MANAGERS,
            "ssl.keymanager.algorithm is none that Java knows",
        )
    }),
    row(&["ssl.trustmanager.algorithm"], |at| {
        algorithm(
            at,
            "ssl.trustmanager.algorithm",
            TRUST_MANAGERS,
            "ssl.trustmanager.algorithm is none that Java knows",
        )
    }),
    row(&["ssl.secure.random.implementation"], |at| {
        algorithm(
            at,
            "ssl.secure.random.implementation",
            RANDOMS,
            "ssl.secure.random.implementation is none that Java knows",
        )
    }),
    row(&["ssl.provider"], provider),
];

const fn row(keys: &'static [&'static str], ask: for<'c> fn(&At<'c>) -> Answer<'c>) -> Check {
    Check {
        code: Code::KL804,
        keys,
        clients: ALL,
        ask,
        help: "Leave it out: Java's own choice is right nearly everywhere.",
    }
}

const PROTOCOLS: &[&str] =
    &["TLS", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", "SSL", "SSLv3", "DTLS", "DTLSv1.0", "DTLSv1.2"];
const KEY_MANAGERS: &[&str] = &["SunX509", "NewSunX509", "PKIX"];
const TRUST_MANAGERS: &[&str] = &["PKIX", "SunX509", "SunPKIX", "X509", "X.509"];
const RANDOMS: &[&str] = &["SHA1PRNG", "NativePRNG", "NativePRNGBlocking", "NativePRNGNonBlocking", "DRBG"];

/// Does the constructor load what SSL needs?
pub(super) fn is_used(at: &At<'_>) -> Known<bool> {
    Ok(at.connects()? && (at.is("security.protocol", "SSL")? || at.is("security.protocol", "SASL_SSL")?))
}

fn algorithm<'c>(at: &At<'c>, key: &str, known: &[&str], message: &'static str) -> Answer<'c> {
    if !is_used(at)? || !is_default_engine(at)? {
        return Ok(None);
    }
    let Some(word) = at.text(key)? else { return Ok(None) };
    if known.iter().any(|k| k.eq_ignore_ascii_case(word)) {
        return Ok(None);
    }
    if !word.is_empty() && more_algorithms(at)? {
        return Err(Unknown);
    }
    fault_if(true, message)
}

/// May a security provider of the user's know more than Java?
fn more_algorithms(at: &At<'_>) -> Known<bool> {
    let written = at.text("security.providers")?.unwrap_or("");
    Ok(written
        .split(',')
        .any(|name| class::find(trim(name), "security-provider", at.release) == Found::Unknown))
}

/// Security providers that people install for SSL.
const OTHER_PROVIDERS: &[&str] = &[
    "BC",
    "BCJSSE",
    "BCFIPS",
    "Conscrypt",
    "IBMJSSE2",
    "IBMJSSEProvider2",
    "OpenJSSE",
    "wolfJSSE",
    "SunPKCS11",
];

fn provider<'c>(at: &At<'c>) -> Answer<'c> {
    if !is_used(at)? || !is_default_engine(at)? {
        return Ok(None);
    }
    match at.text("ssl.provider")? {
        None | Some("SunJSSE") => Ok(None),
        Some(other) if OTHER_PROVIDERS.contains(&other) || more_algorithms(at)? => Err(Unknown),
        Some(_) => fault_if(true, "ssl.provider is none of Java's that speaks SSL"),
    }
}

/// Is it a type of key store that neither Java nor Kafka knows? `PEM` is Kafka's, and in capitals only.
fn no_store_type(at: &At<'_>, key: &str) -> Known<bool> {
    const TYPES: &[&str] = &["JKS", "PKCS12", "JCEKS", "CaseExactJKS", "DKS", "PKCS11", "KeychainStore"];
    // Of Windows, and of Bouncy Castle.
    const STARTS: &[&str] = &["WINDOWS-", "BCFKS", "BKS", "UBER", "BCPKCS12", "PKCS12-", "IBCFKS"];
    let word = at.text(key)?.unwrap_or("");
    let upper = word.to_ascii_uppercase();
    let known = word == "PEM"
        || TYPES.iter().any(|t| t.eq_ignore_ascii_case(word))
        || STARTS.iter().any(|start| upper.starts_with(start));
    Ok(!known && !more_algorithms(at)?)
}

/// Kafka's own engine, which reads these settings; another one may read what it likes.
fn is_default_engine(at: &At<'_>) -> Known<bool> {
    match at.text("ssl.engine.factory.class")? {
        None => Ok(true),
        Some(name) => match name.rsplit('.').next() {
            Some("DefaultSslEngineFactory" | "CommonNameLoggingSslEngineFactory") => Ok(true),
            _ => Err(Unknown),
        },
    }
}

fn keystore<'c>(at: &At<'c>) -> Answer<'c> {
    if !is_default_engine(at)? {
        return Ok(None);
    }
    let is_pem = at.text("ssl.keystore.type")? == Some("PEM");
    let location = at.text("ssl.keystore.location")?;
    let password = at.text("ssl.keystore.password")?.is_some();
    let key_password = at.text("ssl.key.password")?.is_some();
    let chain = at.text("ssl.keystore.certificate.chain")?;
    let fault = |message| fault_if(true, message);
    match (at.text("ssl.keystore.key")?, chain, location) {
        (Some(_), ..) if !is_pem => fault("ssl.keystore.key needs ssl.keystore.type=PEM"),
        (Some(_), None, _) => fault("ssl.keystore.key needs ssl.keystore.certificate.chain"),
        (Some(_), _, Some(_)) => fault("ssl.keystore.key and ssl.keystore.location cannot both be set"),
        (Some(_), ..) if password => {
            fault("ssl.keystore.password cannot be set with PEM: only ssl.key.password")
        }
        (Some(_), ..) if !key_password && !at.since((3, 3, 0)) => {
            fault("ssl.keystore.key needs ssl.key.password, for a key without password is refused")
        }
        (Some(key), Some(chain), None) => {
            match (pem::private_key(key, key_password), pem::certificates(chain)) {
                (Pem::Bad(why), _) => Ok(Some(super::Fault::new(format!("ssl.keystore.key {why}")))),
                (_, Pem::Bad(why)) => {
                    Ok(Some(super::Fault::new(format!("ssl.keystore.certificate.chain {why}"))))
                }
                (Pem::Unknown, _) | (_, Pem::Unknown) => Err(Unknown),
                (Pem::Good, Pem::Good) => Ok(None),
            }
        }
        (None, Some(_), _) => fault("ssl.keystore.certificate.chain needs ssl.keystore.key"),
        (None, None, Some(_)) if is_pem && password => {
            fault("ssl.keystore.password cannot be set with PEM: only ssl.key.password")
        }
        (None, None, None) => {
            fault_if(password, "ssl.keystore.password is set, but ssl.keystore.location is not")
        }
        (None, None, Some("")) => fault("ssl.keystore.location is empty"),
        (None, None, Some(_)) if no_store_type(at, "ssl.keystore.type")? => {
            fault("ssl.keystore.type is none that Java knows")
        }
        (None, None, Some(_)) if is_pem => Err(Unknown),
        (None, None, Some(_)) if !password => fault("ssl.keystore.location needs ssl.keystore.password"),
        (None, None, Some(_)) => Err(Unknown),
    }
}

fn truststore<'c>(at: &At<'c>) -> Answer<'c> {
    if !is_default_engine(at)? {
        return Ok(None);
    }
    let is_pem = at.text("ssl.truststore.type")? == Some("PEM");
    let location = at.text("ssl.truststore.location")?;
    let password = at.text("ssl.truststore.password")?.is_some();
    let fault = |message| fault_if(true, message);
    match (at.text("ssl.truststore.certificates")?, location) {
        (Some(_), _) if !is_pem => fault("ssl.truststore.certificates needs ssl.truststore.type=PEM"),
        (Some(_), Some(_)) => {
            fault("ssl.truststore.certificates and ssl.truststore.location cannot both be set")
        }
        (Some(_), None) if password => fault("ssl.truststore.password cannot be set with PEM"),
        (Some(certificates), None) => match pem::certificates(certificates) {
            Pem::Good => Ok(None),
            Pem::Bad(why) => Ok(Some(super::Fault::new(format!("ssl.truststore.certificates {why}")))),
            Pem::Unknown => Err(Unknown),
        },
        (None, Some(_)) if is_pem && password => fault("ssl.truststore.password cannot be set with PEM"),
        (None, Some("")) => fault("ssl.truststore.location is empty"),
        (None, Some(_)) if no_store_type(at, "ssl.truststore.type")? => {
            fault("ssl.truststore.type is none that Java knows")
        }
        (None, Some(_)) => Err(Unknown),
        (None, None) => {
            fault_if(password, "ssl.truststore.password is set, but ssl.truststore.location is not")
        }
    }
}
