//! Which files are worth a look, told by name alone. What they really are, their content says.

/// What a file's name makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// `.yml`, `.yaml`: perhaps a compose file.
    Yaml,
    /// `.properties` and its kin: perhaps a server, a client or `meta.properties`.
    Properties,
    /// A shell script that may format storage, create topics or run containers.
    Script,
    /// `.env`: read when a project asks for it.
    Dotenv,
}

/// A file that discovery found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// Its normalised path.
    pub path: String,
    /// What its name says.
    pub role: Role,
    /// True when the user named this very file.
    pub named: bool,
}

/// What the name of `path` says about it; `None` when kraftlint has no use for such a file.
#[must_use]
pub fn role_of(path: &str) -> Option<Role> {
    let name = super::path::file_name(path);
    let extension = name.rsplit_once('.').map_or("", |(_, e)| e);
    match extension {
        "yml" | "yaml" => Some(Role::Yaml),
        "properties" => Some(Role::Properties),
        "sh" | "bash" => Some(Role::Script),
        "env" if name == ".env" => Some(Role::Dotenv),
        _ => None,
    }
}

pub(super) fn candidate(path: &str, named: bool) -> Option<Candidate> {
    let role = match role_of(path) {
        Some(Role::Dotenv) if !named => return None,
        Some(role) => role,
        // A file named by the user is taken for what most such files are.
        None if named => Role::Properties,
        None => return None,
    };
    Some(Candidate { path: path.to_owned(), role, named })
}
