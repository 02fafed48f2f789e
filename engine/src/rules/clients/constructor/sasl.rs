//! `security.protocol`, the SASL mechanism and `sasl.jaas.config`: a constructor logs in before it connects.

use super::{ALL, Answer, At, Check, Fault, Known, Unknown, fault_if, unsecured};
use crate::diagnostic::{Code, Severity};
use crate::kafka::class::{self, Found};
use crate::kafka::jaas::{self, Entry};
use crate::text::Slice;

pub(super) const CHECKS: &[Check] = &[
    Check {
        code: Code::KL505,
        keys: &["security.protocol"],
        clients: ALL,
        ask: |at| {
            // A validator only from 3.3 on.
            let known = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];
            let word = at.text("security.protocol")?;
            let wrong =
                !at.since((3, 3, 0)) && word.is_some_and(|w| !known.contains(&w.to_uppercase().as_str()));
            fault_if(
                wrong,
                "the value of security.protocol must be one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL",
            )
        },
        help: "Kafka refuses any other word.",
    },
    Check {
        code: Code::KL804,
        keys: &["sasl.mechanism", "security.protocol"],
        clients: ALL,
        ask: |at| {
            let empty = at.since((3, 3, 0)) && at.text("sasl.mechanism")? == Some("");
            fault_if(
                is_asked(at)? && empty,
                "sasl.mechanism is empty, though security.protocol asks for SASL",
            )
        },
        help: "Name the mechanism that the listener takes: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI.",
    },
    Check {
        code: Code::KL804,
        keys: &["sasl.jaas.config", "security.protocol", "sasl.mechanism"],
        clients: ALL,
        ask: login,
        help: "Write one login module: sasl.jaas.config=….PlainLoginModule required username=\"…\" \
               password=\"…\"; with the semicolon. Only a program that is started with -Djava.security.auth.login.config needs none.",
    },
];

fn is_asked(at: &At<'_>) -> Known<bool> {
    Ok(at.is("security.protocol", "SASL_PLAINTEXT")? || at.is("security.protocol", "SASL_SSL")?)
}

/// Does the constructor log in by SASL?
pub(super) fn is_used(at: &At<'_>) -> Known<bool> {
    Ok(at.connects()? && is_asked(at)?)
}

const OAUTHBEARER: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";

fn login<'c>(at: &At<'c>) -> Answer<'c> {
    if !is_used(at)? {
        return Ok(None);
    }
    let Some(setting) = at.setting("sasl.jaas.config") else {
        // The program may have its login from a file of the JVM's.
        let message = "security.protocol asks for SASL, but sasl.jaas.config says no login";
        return Ok(Some(Fault { severity: Severity::Warning, ..Fault::new(message) }));
    };
    let text = at.read(setting.value.as_str())?;
    let place: Slice<'c> = setting.value.slice().trim();
    let entry = match jaas::parse(text) {
        Ok(entry) => entry,
        Err(fault) => return Ok(Some(Fault::at(place, format!("sasl.jaas.config {fault}")))),
    };
    let fault = |message: &'static str| Ok(Some(Fault::at(place, message)));
    let is_disallowed = match entry.module.trim() {
        "com.sun.security.auth.module.JndiLoginModule" => at.since((3, 4, 0)),
        "com.sun.security.auth.module.LdapLoginModule" => at.since((3, 9, 1)),
        _ => false,
    };
    if is_disallowed {
        return fault("sasl.jaas.config names a login module that Kafka does not allow");
    }
    let module = class::find(&entry.module, "login-module", at.release);
    if !matches!(module, Found::Fits | Found::Unknown) {
        return fault("sasl.jaas.config names a login module that does not exist");
    }
    // The handlers come first, then the module.
    match handlers(at, &entry)? {
        Some(message) => fault(message),
        None if module == Found::Unknown => Err(Unknown),
        None => Ok(None),
    }
}

/// What a login with Kafka's own classes does not like of the mechanism and the module.
fn handlers(at: &At<'_>, entry: &Entry) -> Known<Option<&'static str>> {
    let mechanism = at.text("sasl.mechanism")?.unwrap_or("");
    let [login, login_handler, client_handler] = match mechanism {
        "GSSAPI" => ["KerberosLogin", "DefaultLoginCallbackHandler", "KerberosClientCallbackHandler"],
        "OAUTHBEARER" => {
            ["OAuthBearerRefreshingLogin", UNSECURED_LOGIN, "OAuthBearerSaslClientCallbackHandler"]
        }
        _ => ["DefaultLogin", "DefaultLoginCallbackHandler", "SaslClientCallbackHandler"],
    };
    let login = chosen(at, "sasl.login.class", "login", login)?;
    let handler = "callback-handler";
    let login_handler = chosen(at, "sasl.login.callback.handler.class", handler, login_handler)?;
    let client_handler = chosen(at, "sasl.client.callback.handler.class", handler, client_handler)?;
    for handler in [client_handler, login_handler] {
        let validates = handler == "OAuthBearerValidatorCallbackHandler";
        // In these releases it looks at nothing until a token comes; none comes to a client.
        let asked = ["sasl.oauthbearer.jwks.endpoint.url", "sasl.oauthbearer.jwt.validator.class"];
        let careless = validates && at.since((4, 1, 0)) && !at.since((4, 3, 1));
        if careless && asked.iter().all(|key| at.setting(key).is_none()) {
            continue;
        }
        let wanted = match handler {
            "KerberosClientCallbackHandler" => "GSSAPI",
            _ if handler.starts_with("OAuthBearer") => "OAUTHBEARER",
            _ => mechanism,
        };
        if wanted != mechanism {
            return Ok(Some("the callback handler does not serve this sasl.mechanism"));
        }
        if validates || handler == "OAuthBearerLoginCallbackHandler" {
            return endpoint(at, entry, validates);
        }
    }
    if login == "KerberosLogin" {
        let (here, there) = (at.text("sasl.kerberos.service.name")?, entry.option("serviceName"));
        match (here, there) {
            (None, None) => return Ok(Some("Kerberos needs sasl.kerberos.service.name")),
            (Some(here), Some(there)) if here != there => {
                return Ok(Some("sasl.kerberos.service.name differs from serviceName in sasl.jaas.config"));
            }
            _ => {}
        }
    }
    if entry.module != OAUTHBEARER {
        return Ok(None);
    }
    if login_handler != UNSECURED_LOGIN {
        return Ok(Some("the login module of OAUTHBEARER gets no token from this callback handler"));
    }
    Ok(unsecured::is_refused(at, entry)?.then_some("the options of the login module make no unsecured token"))
}

/// What the handlers that ask an endpoint want to be told. What it answers nobody knows here.
fn endpoint(at: &At<'_>, entry: &Entry, validates: bool) -> Known<Option<&'static str>> {
    let [key, own] = if validates {
        ["sasl.oauthbearer.jwks.endpoint.url", "sasl.oauthbearer.jwt.validator.class"]
    } else {
        ["sasl.oauthbearer.token.endpoint.url", "sasl.oauthbearer.jwt.retriever.class"]
    };
    if at.setting(own).is_some() {
        return Err(Unknown);
    }
    let Some(url) = at.text(key)? else {
        return Ok(Some("the callback handler has no endpoint to ask: sasl.oauthbearer.….endpoint.url"));
    };
    if !url.contains(':') {
        return Ok(Some("the endpoint of the callback handler is no URL"));
    }
    let says = |option, key| entry.option(option).is_some() || at.setting(key).is_some();
    let known = says("clientId", "sasl.oauthbearer.client.credentials.client.id")
        && says("clientSecret", "sasl.oauthbearer.client.credentials.client.secret");
    if !validates && !known && url.starts_with("http") {
        return Ok(Some(
            "the callback handler has no clientId and clientSecret to show to the token endpoint",
        ));
    }
    Err(Unknown)
}

const UNSECURED_LOGIN: &str = "OAuthBearerUnsecuredLoginCallbackHandler";

/// The simple name of the class that a key names, or of Kafka's own choice. Of another's class nothing is known.
fn chosen<'c>(at: &At<'c>, key: &str, kind: &str, otherwise: &'c str) -> Known<&'c str> {
    match at.setting(key) {
        None => Ok(otherwise),
        Some(_) => {
            let name = at.text(key)?.unwrap_or("");
            match class::find(name, kind, at.release) {
                Found::Fits => Ok(name.rsplit(['.', '$']).next().unwrap_or(name)),
                _ => Err(Unknown),
            }
        }
    }
}
