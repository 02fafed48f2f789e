//! The JSON schema of `kraftlint.toml`, for editors: `dist/kraftlint.schema.json`. Made from the type that reads the file, and only
//! in tests: the program needs none. `UPDATE_SCHEMA=1 cargo test --lib schema` writes it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::image::Family;
use crate::rules::code::META;

/// Defines a type of the schema that is a choice between words.
macro_rules! choice {
    ($name:ident, $words:expr) => {
        pub(super) struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "enum": $words })
            }
        }
    };
}

choice!(Deployment, ["dev", "prod"]);
choice!(FailOn, ["error", "warning", "info", "never"]);
choice!(Severity, ["error", "warning", "info"]);
choice!(Image, Family::NAMED.map(|f| f.name().unwrap_or_default()));

/// A rule: one of those there are, or a prefix of their codes.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rule;

impl JsonSchema for Rule {
    fn schema_name() -> Cow<'static, str> {
        "Rule".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = META.iter().flat_map(|m| [m.id, m.name]).collect();
        json_schema!({ "anyOf": [{ "enum": names }, { "type": "string", "pattern": "^[Kk][Ll][0-9]{0,3}$" }] })
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_schema_is_current() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("dist/kraftlint.schema.json");
        let mut schema = schemars::schema_for!(super::super::Written);
        schema.insert("title".to_owned(), "kraftlint.toml".into());
        schema.insert(
            "description".to_owned(),
            "Settings of kraftlint, a linter for Apache Kafka clusters in KRaft mode.".into(),
        );
        // A key that is left out has no value: TOML knows no null.
        let properties = schema.get_mut("properties").and_then(serde_json::Value::as_object_mut);
        for property in
            properties.into_iter().flat_map(serde_json::Map::values_mut).filter_map(|p| p.as_object_mut())
        {
            if property.get("default").is_some_and(serde_json::Value::is_null) {
                property.remove("default");
            }
        }
        let wanted = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(&path, &wanted).unwrap();
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        assert!(text == wanted, "{} is not current: UPDATE_SCHEMA=1 cargo test --lib schema", path.display());
    }
}
