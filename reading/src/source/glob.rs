//! Patterns for paths, as in a `.gitignore` (gitignore(5)): `legacy/` is everything below that folder, `*.properties` a name
//! at any depth, `/a.yml` a file at the top.

use std::str::Chars;

use gix_glob::Pattern;
use gix_glob::pattern::Case;
use gix_glob::wildmatch::Mode;

/// One pattern.
#[derive(Debug, Clone)]
pub struct Glob(Pattern);

impl Glob {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Why it is none, in one line.
    pub fn new(pattern: &str) -> Result<Glob, String> {
        classes(pattern)?;
        // A comment, a blank line, a negation.
        match gix_ignore::parse(pattern.as_bytes(), false).next() {
            Some((pattern, _, _)) if !pattern.is_negative() => Ok(Glob(pattern)),
            _ => Err("it matches nothing".to_owned()),
        }
    }

    /// Does it match the file at `path`, or a folder that holds it? A path that is absolute or leads upwards is not matched.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let mut parents = path.match_indices('/').filter_map(|(slash, _)| path.get(..slash));
        !path.starts_with('/')
            && !path.starts_with("..")
            && (fits(&self.0, path, false) || parents.any(|parent| fits(&self.0, parent, true)))
    }
}

/// Reads the `[…]` of a pattern: git takes a faulty one in silence, and it matches nothing.
fn classes(pattern: &str) -> Result<(), String> {
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => _ = rest.next(),
            '[' => class(&mut rest)?,
            _ => {}
        }
    }
    Ok(())
}

/// Reads on from a `[` to its `]`.
fn class(rest: &mut Chars<'_>) -> Result<(), String> {
    let open = || "a `[` has no `]`".to_owned();
    let mut next = || match rest.next() {
        Some('\\') => rest.next().map(|c| (c, true)),
        c => c.map(|c| (c, false)),
    };
    let (mut last, _) = next().ok_or_else(open)?;
    if matches!(last, '!' | '^') {
        (last, _) = next().ok_or_else(open)?;
    }
    // A `]` in front is a member of the class.
    loop {
        match next().ok_or_else(open)? {
            (']', false) => return Ok(()),
            ('-', false) => match next().ok_or_else(open)? {
                (']', false) => return Ok(()),
                (end, _) if end < last => return Err(format!("`{last}-{end}` runs backwards")),
                (end, _) => last = end,
            },
            (c, _) => last = c,
        }
    }
}

/// Does `pattern` match this very file or folder, whose `path` is relative to where the pattern stands?
fn fits(pattern: &Pattern, path: &str, is_dir: bool) -> bool {
    fits_named(pattern, path, name_start(path), is_dir)
}

/// Where the name in a path starts, unless the path is a name.
pub(super) fn name_start(path: &str) -> Option<usize> {
    path.rfind('/').map(|slash| slash + 1)
}

/// As [`fits`], of a path whose `name` starts there.
pub(super) fn fits_named(pattern: &Pattern, path: &str, name: Option<usize>, is_dir: bool) -> bool {
    pattern.matches_repo_relative_path(
        path.into(),
        name,
        Some(is_dir),
        Case::Sensitive,
        Mode::NO_MATCH_SLASH_LITERAL,
    )
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
        assert!(matches("[]-a]", "]") && matches("[!a-\\z-]", "A") && matches("[[:digit:]]", "1"));
        for bad in ["", "# x", "!a", "[z-a]", "a[", "a[]", "[a-"] {
            assert!(Glob::new(bad).is_err(), "{bad}");
        }
    }
}
