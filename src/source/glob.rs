//! Patterns for paths, as in a `.gitignore` (gitignore(5)): `legacy/` is everything below that folder, `*.properties` a name
//! at any depth, `/a.yml` a file at the top.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// One pattern.
#[derive(Debug, Clone)]
pub struct Glob(Gitignore);

impl Glob {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Why it is none, in one line.
    pub fn new(pattern: &str) -> Result<Glob, String> {
        let mut builder = GitignoreBuilder::new("");
        let glob = builder.add_line(None, pattern).and_then(|builder| builder.build());
        let glob = glob.map_err(|e| e.to_string())?;
        // A comment, a blank line, a negation.
        if glob.num_ignores() == 0 { Err("it matches nothing".to_owned()) } else { Ok(Glob(glob)) }
    }

    /// Does it match the file at `path`, or a folder that holds it? A path that is absolute or leads upwards is not matched.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        !path.starts_with('/')
            && !path.starts_with("..")
            && self.0.matched_path_or_any_parents(path, false).is_ignore()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_gitignore_does() {
        let matches = |pattern: &str, path: &str| Glob::new(pattern).unwrap().matches(path);
        assert!(matches("legacy/", "legacy/host1/compose.yml"));
        assert!(matches("legacy/**", "legacy/host1/compose.yml"));
        assert!(matches("*.properties", "a/b/server.properties"));
        assert!(matches("/a.yml", "a.yml"));
        assert!(!matches("/a.yml", "b/a.yml"));
        assert!(!matches("legacy/", "legacy"));
        assert!(!matches("*", "../a.yml"));
        assert!(!matches("*", "/etc/a.yml"));
        for bad in ["", "# x", "!a", "[z-a]"] {
            assert!(Glob::new(bad).is_err(), "{bad}");
        }
    }
}
