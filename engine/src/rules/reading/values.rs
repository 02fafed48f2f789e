//! KL011, KL013, KL015: values that are other ones when Kafka reads them.

use super::properties::is_known;
use crate::cluster::{DocumentKind, Node, Origin, Setting};
use crate::diagnostic::{Code, Diagnostic};
use crate::kafka::catalog::{self, Scope, Type};
use crate::rules::{Context, Sink};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (n, node) in cx.model.nodes.iter().enumerate() {
        let start = out.len();
        let mut value_of: Option<&Setting> = None;
        for setting in node.settings.iter() {
            if !matches!(setting.origin, Origin::Environment | Origin::EnvFile) {
                continue;
            }
            if setting.mapped.is_some() {
                value_of = Some(setting);
                out.extend(retyped(cx, setting));
                out.extend(foreign(node, setting));
            } else if let Some(of) = value_of.take_if(|of| of.value.file() == setting.name.file()) {
                // Of the further lines of a value, the first one is told.
                out.push(split(of, setting));
            }
        }
        let cluster = cx.cluster_of(n);
        for finding in out.iter_mut().skip(start) {
            finding.nodes.push(node.name.clone());
            finding.cluster = cluster;
        }
    }
    files(cx, out);
}

/// A plain YAML number that Compose writes otherwise.
fn retyped(cx: &Context<'_>, setting: &Setting) -> Option<Diagnostic> {
    let value = setting.value.known().filter(|_| setting.origin == Origin::Environment)?;
    if !value.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
        return None;
    }
    let written = cx.model.sources.text(setting.value.span());
    let plain = written.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))
        && written
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_' | ':' | ' '));
    if !plain || written == value || setting.value.slice().uses().next().is_some() {
        return None;
    }
    // `1_000` and `1.0` are the number that is meant where a number is asked for.
    let number = |d: &catalog::Def| matches!(d.ty, Type::Int | Type::Long | Type::Short | Type::Double);
    let numeric = catalog::defs(Scope::Server, setting.key()).iter().any(number);
    let octal = written.trim_start_matches(['-', '+']).starts_with('0')
        && written.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '+'));
    if numeric && !octal {
        return None;
    }
    Some(
        Diagnostic::at(
            Code::KL011,
            setting.value.slice(),
            format!("{} becomes {value}: without quotes {written} is a number", setting.name.as_str()),
        )
        .label(format!("Kafka gets {value}"))
        .help(format!(
            "Compose reads an unquoted number as a number, and writes it its own way. Put it into quotes: \"{written}\"."
        ))
        .key(setting.key()),
    )
}

/// A further line of a variable's value, which the properties file that the image writes takes for a setting of its own.
fn split(of: &Setting, line: &Setting) -> Diagnostic {
    Diagnostic::at(
        Code::KL015,
        line.name.slice(),
        format!("the value of {} ends at the line break: what follows becomes a setting of its own", of.name.as_str()),
    )
    .label("read as a key")
    .related_text(&of.name, "this variable gets the first line only")
    .help(
        "The image writes the value into a properties file, where a line is a setting. Write it in one line (YAML's >- joins lines), or \
         end each line but the last with a backslash.",
    )
    .key(of.key())
}

/// A value of a variable in letters that a properties file does not have.
fn foreign(node: &Node, setting: &Setting) -> Option<Diagnostic> {
    // Who reads the variables of an unknown image, and how, nobody knows.
    if node.unknown_image.is_some() {
        return None;
    }
    let value = setting.value.known()?;
    let at = value.find(|c: char| !c.is_ascii())?;
    let known = !catalog::defs(Scope::Server, setting.key()).is_empty();
    let end = value.char_indices().find(|(i, c)| *i > at && c.is_ascii()).map_or(value.len(), |(i, _)| i);
    known.then(|| {
        Diagnostic::at(
            Code::KL013,
            setting.value.slice().range(at..end),
            format!("Kafka reads other characters in the value of {}", setting.name.as_str()),
        )
        .label("not ASCII")
        .help(HELP)
        .key(setting.key())
    })
}

const HELP: &str = "Kafka reads its properties as ISO-8859-1: of each such letter in UTF-8 it makes two or three others, and a password or name \
                    no longer matches. Write \\uXXXX for it, or use ASCII.";

/// The same in property files, whose bytes are decoded as Kafka does it.
fn files(cx: &Context<'_>, out: &mut Sink) {
    for document in cx.model.documents.iter().filter(|d| d.kind != DocumentKind::Meta) {
        let source = cx.model.sources.file(document.file);
        if source.bytes().is_ascii() {
            continue;
        }
        for property in &document.properties.properties {
            let value = property.value.slice();
            let span = value.span();
            let bytes = source.bytes().get(span.range()).unwrap_or_default();
            // In ISO-8859-1 itself it is right; an escape of Java is ASCII.
            if bytes.is_ascii() || std::str::from_utf8(bytes).is_err() {
                continue;
            }
            let key = property.key.as_str();
            if !is_known(document.kind, key) && catalog::strip_listener_prefix(key).is_none() {
                continue;
            }
            let node = document.node.and_then(|n| cx.model.nodes.get(n));
            let mut finding = Diagnostic::at(
                Code::KL013,
                value,
                format!("Kafka reads other characters in the value of {key}"),
            )
            .label("not ASCII")
            .help(HELP)
            .key(key);
            finding.nodes.extend(node.map(|n| n.name.clone()));
            finding.cluster = document.node.and_then(|n| cx.cluster_of(n));
            out.push(finding);
        }
    }
}
