//! Paths as kraftlint writes them: `/`-separated, without `.` and without `..` that could be taken away.
//!
//! Lexical only: links are the business of [`super::DiskFiles`].

/// `path` seen from the folder `base`, normalised. An absolute `path` stays as it is.
#[must_use]
pub fn join(base: &str, path: &str) -> String {
    if path.starts_with('/') || base.is_empty() {
        return normalise(path);
    }
    let joined = child(base, path);
    if is_normal(&joined) { joined } else { normalise(&joined) }
}

/// The entry `name` of `folder`; both are normalised already.
#[must_use]
pub fn child(folder: &str, name: &str) -> String {
    let mut path = String::with_capacity(folder.len() + 1 + name.len());
    path.push_str(folder);
    if !folder.is_empty() && !folder.ends_with('/') {
        path.push('/');
    }
    path.push_str(name);
    path
}

/// `target` as seen from the folder `from`; both are absolute and normalised. With nothing but the root in common, the absolute
/// path reads better.
#[must_use]
pub fn relative(target: &str, from: &str) -> String {
    let parts = |path: &str| -> Vec<String> {
        path.split('/').filter(|p| !p.is_empty()).map(str::to_owned).collect()
    };
    let (to, from) = (parts(target), parts(from));
    let common = to.iter().zip(&from).take_while(|(a, b)| a == b).count();
    if common == 0 && !from.is_empty() {
        return target.to_owned();
    }
    let up = from.iter().skip(common).map(|_| "..".to_owned());
    up.chain(to.into_iter().skip(common)).collect::<Vec<_>>().join("/")
}

/// `path` without `.`, empty parts and `x/..`.
#[must_use]
pub fn normalise(path: &str) -> String {
    if is_normal(path) {
        return path.to_owned();
    }
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(last) if *last != ".." => {
                    parts.pop();
                }
                _ if absolute => {}
                _ => parts.push(".."),
            },
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if absolute { format!("/{joined}") } else { joined }
}

/// True when [`normalise`] has nothing to take away. Nearly every path is.
fn is_normal(path: &str) -> bool {
    let mut parts = path.strip_prefix('/').unwrap_or(path).as_bytes().split(|b| *b == b'/');
    parts.all(|part| !matches!(part, b"" | b"." | b".."))
}

/// The folder that holds `path`; empty for the working directory.
#[must_use]
pub fn parent(path: &str) -> &str {
    match last_slash(path) {
        Some(0) => "/",
        Some(i) => path.get(..i).unwrap_or(""),
        None => "",
    }
}

/// The last part of `path`.
#[must_use]
pub fn file_name(path: &str) -> &str {
    last_slash(path).and_then(|i| path.get(i + 1..)).unwrap_or(path)
}

fn last_slash(path: &str) -> Option<usize> {
    path.bytes().rposition(|b| b == b'/')
}

/// True when `path` is `folder` or lies below it.
#[must_use]
pub fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() && !path.starts_with('/') && !path.starts_with("..")
        || path == folder
        || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/') || folder == "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_and_cleans() {
        assert_eq!(join("a/b", "./c"), "a/b/c");
        assert_eq!(join("a/b", "../../../c"), "../c");
        assert_eq!(join("a", "/etc//x/."), "/etc/x");
        assert_eq!(join("", "x"), "x");
        assert_eq!(join("/", "x"), "/x");
        assert_eq!((normalise(""), normalise("/"), normalise("a/")), ("".into(), "/".into(), "a".into()));
        assert_eq!(relative("/w/a/k.toml", "/w"), "a/k.toml");
        assert_eq!(relative("/w/k.toml", "/w/a/b"), "../../k.toml");
        assert_eq!(relative("/x/k.toml", "/w"), "/x/k.toml");
        assert_eq!(relative("/x", "/"), "x");
        assert_eq!(parent("a/b"), "a");
        assert_eq!(parent("a"), "");
        assert_eq!(file_name("a/b"), "b");
        assert!(is_below("a/b", "a"));
        assert!(is_below("a/b", ""));
        assert!(!is_below("ab", "a"));
    }
}
