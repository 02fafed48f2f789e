//! `process.roles`.

use super::list;
use crate::text::Slice;

/// What a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Roles {
    /// It stores partitions and serves clients.
    pub broker: bool,
    /// It takes part in the quorum.
    pub controller: bool,
}

impl Roles {
    /// Reads `broker,controller`: exact lower case, blanks around commas do not count. `None` when a part is unknown
    /// or no role.
    #[must_use]
    pub fn parse(value: Slice<'_>) -> Option<Roles> {
        let mut roles = Roles::default();
        for element in list::elements(value) {
            match element.known()? {
                "broker" => roles.broker = true,
                "controller" => roles.controller = true,
                _ => return None,
            }
        }
        Some(roles)
    }

    /// The names, in Kafka's order.
    #[must_use]
    pub fn names(self) -> Vec<String> {
        let mut names = Vec::new();
        if self.broker {
            names.push("broker".to_owned());
        }
        if self.controller {
            names.push("controller".to_owned());
        }
        names
    }
}
