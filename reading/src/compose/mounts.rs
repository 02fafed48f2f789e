//! What is mounted into a container: `volumes`, `configs`, `tmpfs`.
//!
//! The short form is read as compose-go does (`format/volume.go`): a colon behind a single letter is taken for a
//! drive of Windows, a source is a path when it starts with `.`, `/`, `~` or `\\`. `secrets` are left aside: what is
//! in them is never read.

use crate::hash::{HashMap, HashSet};
use std::rc::Rc;

use super::environment::refuse_null;
use super::load::{Run, Stage};
use super::model::{At, Field, Layer, Model, RawService};
use super::values::Values;
use super::variables::Variables;
use super::{Mount, MountKind, MountSource, canonical, scalar};
use crate::interpolate::Value;
use crate::source::{Span, path};
use crate::text::{HOLE, Slice, Text, Use};
use crate::yaml::NodeId;

/// A mount with the names of top-level things it needs.
pub(super) struct Found {
    pub(super) mount: Mount,
    pub(super) volume: Option<Text>,
    pub(super) config: Option<Text>,
    /// What makes it one with another: before the short form is read as the long one, and after (see [`unify`]).
    keys: (String, String),
    /// What it is written as, for as long as the short form is not read as the long one.
    deep: Option<String>,
    /// A bind mount without `source`, which is looked at when all documents are put together (`paths/resolve.go`).
    lacks_source: Option<Span>,
}

/// Keeps one of those with the same key: the last, at the place of the first (compose-go `override/uncity.go`).
pub(super) fn unify<T>(list: Vec<T>, key: impl Fn(&T) -> &str) -> Vec<T> {
    let mut seen: HashSet<&str> = HashSet::default();
    if list.len() < 2 || list.iter().all(|item| seen.insert(key(item))) {
        return list;
    }
    let mut index: HashMap<String, usize> = HashMap::default();
    let mut out: Vec<T> = Vec::with_capacity(list.len());
    for item in list {
        match index.get(key(&item)).and_then(|i| out.get_mut(*i)) {
            Some(old) => *old = item,
            None => {
                index.insert(key(&item).to_owned(), out.len());
                out.push(item);
            }
        }
    }
    out
}

/// A target that is mounted twice, which Compose refuses in a service that is on (`loader/validate.go`).
pub(super) fn mounted_twice(mounts: &[Mount]) -> Option<(Span, String)> {
    let mut seen = HashSet::default();
    let temporary =
        mounts.iter().filter(|m| m.kind == MountKind::Tmpfs).map(|m| (m, m.target.as_str().to_owned()));
    let volumes = mounts.iter().filter(|m| matches!(m.kind, MountKind::Volume(_)));
    let volumes = volumes.map(|m| (m, clean(m.target.as_str())));
    let mut known = temporary.chain(volumes).filter(|(m, _)| !m.target.slice().has_hole());
    let (mount, target) = known.find(|(_, target)| !seen.insert(target.clone()))?;
    Some((mount.target.span(), format!("`{target}` is mounted already")))
}

/// `volumes`, `configs` and `tmpfs` of a service, in that order.
pub(super) fn read(run: &mut Run<'_, '_>, model: &Model, name: &str, service: &RawService) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    for field in [Field::Volumes, Field::Configs, Field::Tmpfs] {
        let (mut layers, mut stack) = (0, Stack::default());
        let is_merged = service.of(field).nth(1).is_some();
        for layer in service.of(field).filter(|l| l.drops.is_none()) {
            let values = run.values(layer.at.file, layer.at.scope);
            let node = layer.at.node;
            if values.is_null(node) {
                if layers == 0 {
                    refuse_null(&values, service, layer, name, &mut run.problems);
                }
                continue;
            }
            layers += 1;
            if !run.spend(&values, node) {
                continue;
            }
            let is_apart = was_apart(run, service, layer);
            stack.begin(run, layer, is_apart);
            let one = [node];
            let items = match (values.tree().is_sequence(node), field) {
                (true, _) => values.tree().items(node),
                (false, Field::Tmpfs)
                    if values.string(node).is_some() || layers == 1 && !has_next(service, layer) =>
                {
                    &one
                }
                // Put together with others, a mapping is a list of texts, and the rest nothing.
                (false, Field::Tmpfs) => continue,
                // It gives way to what the service says itself.
                (false, _) if has_own(service, layer) && !values.tree().is_mapping(node) => continue,
                (false, _) => {
                    if !values.file.has_template && !values.string(node).is_some_and(|t| t.slice().has_hole())
                    {
                        let message = format!("`{}` is no list", field.name());
                        run.problems.refuse(values.span(node), Some(name), message);
                    }
                    continue;
                }
            };
            let mut own: Vec<Found> = Vec::with_capacity(items.len());
            // Worked out when it is needed.
            let mut gone = None;
            for item in items {
                let found = match field {
                    Field::Volumes => volume(&values, *item),
                    Field::Configs => config(run, model, &values, *item),
                    _ => tmpfs(&values, *item),
                };
                match found {
                    Ok(mut found) => {
                        if field == Field::Volumes && is_merged {
                            // By then the paths of other folders are told apart.
                            let is_bind = matches!(found.mount.source, MountSource::Bind(..));
                            let folder = if is_bind { values.scope.folder.as_str() } else { "" };
                            let truth = |key: &str, text: &str| {
                                let is_cast = matches!(key, "read_only" | "nocopy");
                                scalar::boolean(text).filter(|_| is_cast).map(|truth| truth.to_string())
                            };
                            found.deep = Some(format!("{} {folder}", values.deep_after(*item, truth)));
                        }
                        own.push(found);
                    }
                    Err(message) if values.file.has_template => drop(message),
                    Err(message) => {
                        let gone = gone.get_or_insert_with(|| canonical::replaced(run, service, layer));
                        if !gone.contains(item) {
                            run.problems.refuse(values.span(*item), Some(name), message);
                        } else if let Some(key) = canonical::key(&values, field.name(), *item) {
                            // What takes its place stands where it stood.
                            let place = Text::hole(values.span(*item));
                            let mut held = plain(place, MountSource::Other, MountKind::Tmpfs);
                            held.keys = (key.clone(), key);
                            own.push(held);
                        }
                    }
                }
            }
            if is_apart || layer.is_base && !stays_short(service, layer) {
                own = in_full(own);
            }
            stack.add(own, has_own(service, layer));
        }
        let list = stack.end();
        if run.stage != Stage::Document {
            for span in list.iter().filter_map(|f| f.lacks_source) {
                run.problems.refuse(span, Some(name), "a bind mount without `source`");
            }
        }
        join(&mut all, list);
    }
    all
}

/// Mounts of places that are put together: an include first by itself, then all includes of a document with what that says
/// itself, then that on top of earlier documents. Each time what stands there already is left out (`override/merge.go`,
/// `appendWithoutDuplicates`); each mount stands once at the end of an include and of a document (`loader/loader.go`,
/// `loadYamlFile`).
#[derive(Default)]
struct Stack {
    /// What earlier documents and includes come to, and of which document the last one is.
    list: Vec<Found>,
    group: Option<u32>,
    /// What stood there when each mount was there once.
    known: HashSet<String>,
    /// The include, or what the document says itself.
    part: Vec<Found>,
    part_known: HashSet<String>,
    /// The part is what the document says itself.
    is_own: bool,
    /// What the part extends is there, and the rest comes yet.
    is_half: bool,
}

impl Stack {
    fn begin(&mut self, run: &Run<'_, '_>, layer: &Layer, is_apart: bool) {
        let is_own = Rc::ptr_eq(&run.scope(layer.at.scope).variables, &run.scope(0).variables);
        let is_new = self.group != Some(layer.group());
        if is_new || is_apart || is_own != self.is_own {
            self.end_part();
        }
        if is_new {
            self.end_group();
        }
        (self.group, self.is_own) = (Some(layer.group()), is_own);
        if !self.is_half {
            self.part_known = deeps(&self.part);
        }
    }

    fn add(&mut self, own: Vec<Found>, is_half: bool) {
        append(&mut self.part, own, &mut self.part_known);
        self.is_half = is_half;
        if !is_half && !self.is_own {
            self.part = in_full(std::mem::take(&mut self.part));
        }
    }

    fn end_part(&mut self) {
        append(&mut self.list, std::mem::take(&mut self.part), &mut self.known);
        self.is_half = false;
    }

    fn end_group(&mut self) {
        self.list = in_full(std::mem::take(&mut self.list));
        self.known = deeps(&self.list);
    }

    fn end(mut self) -> Vec<Found> {
        self.end_part();
        in_full(self.list)
    }
}

/// Puts mounts on top of others, if there are any, but for what is `known`.
fn append(list: &mut Vec<Found>, mut more: Vec<Found>, known: &mut HashSet<String>) {
    let is_first = list.is_empty();
    more.retain(|f| f.deep.as_ref().is_none_or(|deep| known.insert(deep.clone())) || is_first);
    join(list, more);
}

/// Puts one list behind another.
fn join(list: &mut Vec<Found>, mut more: Vec<Found>) {
    if list.is_empty() {
        *list = more;
    } else {
        list.append(&mut more);
    }
}

fn deeps(list: &[Found]) -> HashSet<String> {
    list.iter().filter_map(|f| f.deep.clone()).collect()
}

/// How the long form of what is written so is told apart: that of a short one is never the same as one that is written long.
pub(super) fn made_long(deep: String) -> String {
    if deep.starts_with(['{', '=']) { deep } else { format!("= {deep}") }
}

/// Each mount once, in its long form.
fn in_full(list: Vec<Found>) -> Vec<Found> {
    let mut list = unify(list, |f| &f.keys.0);
    for found in &mut list {
        found.keys.0.clone_from(&found.keys.1);
        found.deep = found.deep.take().map(made_long);
    }
    unify(list, |f| &f.keys.0)
}

/// True when a place was in its long form before it was put together with earlier ones: that of an include of its own.
pub(super) fn was_apart(run: &Run<'_, '_>, service: &RawService, layer: &Layer) -> bool {
    let before = service.of(layer.field).take_while(|l| !std::ptr::eq(*l, layer)).last();
    !layer.is_base
        && before.is_some_and(|before| {
            let variables = |l: &Layer| Rc::clone(&run.scope(l.at.scope).variables);
            !Variables::is_inside(&variables(before), &variables(layer))
        })
}

/// True when a place is put together with the next one as it is written: a base of the same file.
pub(super) fn stays_short(service: &RawService, layer: &Layer) -> bool {
    has_own(service, layer) && next(service, layer).is_some_and(|next| next.at.file == layer.at.file)
}

/// True for a base that what extends it is put upon.
pub(super) fn has_own(service: &RawService, layer: &Layer) -> bool {
    layer.is_base && next(service, layer).is_some_and(|next| !next.is_null)
}

/// True for a base of a service that speaks of the field too, be it null.
pub(super) fn has_next(service: &RawService, layer: &Layer) -> bool {
    layer.is_base && next(service, layer).is_some()
}

fn next<'l>(service: &'l RawService, layer: &Layer) -> Option<&'l Layer> {
    let after = service.of(layer.field).skip_while(|l| !std::ptr::eq(*l, layer)).nth(1);
    after.filter(|l| l.document == layer.document)
}

fn plain(target: Text, source: MountSource, kind: MountKind) -> Found {
    let keys = (target.as_str().to_owned(), target.as_str().to_owned());
    Found {
        mount: Mount { target, source, kind, read_only: false },
        volume: None,
        config: None,
        keys,
        deep: None,
        lacks_source: None,
    }
}

const BIND: MountKind = MountKind::Volume(Some("bind"));
const VOLUME: MountKind = MountKind::Volume(Some("volume"));

/// `path.Clean` of Go: what makes two targets one.
fn clean(target: &str) -> String {
    let normal = path::normalise(target);
    if normal.is_empty() { ".".to_owned() } else { normal }
}

fn tmpfs(values: &Values, item: NodeId) -> Result<Found, String> {
    let text = values.string(item).ok_or("an entry of `tmpfs` is no string")?;
    let target = text.slice().split_once(b':').map_or(text.slice(), |(target, _)| target);
    let key = text.as_str().split('=').next().unwrap_or("").to_owned();
    let keys = (key.clone(), key);
    Ok(Found { keys, ..plain(target.to_text(), MountSource::Other, MountKind::Tmpfs) })
}

fn volume(values: &Values, item: NodeId) -> Result<Found, String> {
    if !values.tree().is_mapping(item) {
        let text = values.string(item).ok_or("an entry of `volumes` is no string")?;
        return short(&text, &values.scope.folder);
    }
    let get = |key: &str| values.tree().get(item, key).and_then(|e| values.text(e.value));
    let kind = get("type").ok_or("a volume without `type`")?;
    let target = get("target").ok_or("a volume without `target`")?;
    let source = get("source");
    // The folder of the project is where an empty one leads.
    let source = source.filter(|s| kind.known() == Some("bind") || !s.as_str().is_empty());
    let mut found = match (kind.known(), source) {
        (Some("bind"), None) => {
            Found { lacks_source: Some(values.span(item)), ..plain(target, MountSource::Other, BIND) }
        }
        (Some("bind"), Some(source)) => {
            let path = local(&source, &values.scope.folder);
            plain(target, MountSource::Bind(source, path), BIND)
        }
        (Some("volume"), None) => plain(target, MountSource::Anonymous, VOLUME),
        (Some("volume"), Some(source)) => {
            Found { volume: Some(source.clone()), ..plain(target, MountSource::Volume(source), VOLUME) }
        }
        (Some(kind), source) => {
            let Some(kind) = OTHER_TYPES.iter().find(|t| **t == kind) else {
                return Err(format!("`{kind}` is no type of volume"));
            };
            let source = source.map_or(MountSource::Other, MountSource::Named);
            plain(target, source, MountKind::Volume(Some(kind)))
        }
        (None, _) => plain(target, MountSource::Other, MountKind::Volume(None)),
    };
    found.mount.read_only = get("read_only").is_some_and(|r| scalar::boolean(r.as_str()) == Some(true));
    Ok(found)
}

/// Types of volumes that are neither a path of the host nor a volume with a name.
const OTHER_TYPES: [&str; 4] = ["tmpfs", "npipe", "cluster", "image"];

/// Where a path on the host is, when it can be told.
fn local(source: &Text, folder: &str) -> Option<String> {
    let known = source.known()?;
    let is_slash = |at: usize| matches!(known.as_bytes().get(at), Some(b'/' | b'\\'));
    // `C:\a` and `\\host` (`paths/windows_path.go`, `IsWindowsAbs`).
    let windows = known.as_bytes().get(1) == Some(&b':') && is_slash(2) || is_slash(0) && is_slash(1);
    let windows = windows && !known.starts_with('/');
    (!known.starts_with('~') && !windows).then(|| path::join(folder, known))
}

/// What a volume in the short form is told apart by: its target, as it is written.
pub(super) fn short_key(text: &Text, folder: &str) -> Option<String> {
    short(text, folder).ok().map(|found| found.keys.0)
}

/// `[source:]target[:options]`
pub(super) fn short(text: &Text, folder: &str) -> Result<Found, String> {
    let spec = text.slice();
    let s = spec.as_str();
    if s.is_empty() {
        return Err("an empty volume".to_owned());
    }
    if spec.is_all_hole() {
        return Ok(plain(text.clone(), MountSource::Other, MountKind::Volume(None)));
    }
    let parts = sections(spec);
    if s.len() > 2 && parts.iter().any(|p| p.is_empty()) {
        return Err(format!("`{s}` has an empty part between colons"));
    }
    let (source, target, options) = match parts.as_slice() {
        _ if s.len() <= 2 => return Ok(at(spec, plain(cleaned(spec), MountSource::Anonymous, VOLUME))),
        [target] => return Ok(at(*target, plain(cleaned(*target), MountSource::Anonymous, VOLUME))),
        [source, target] => (source.to_text(), *target, ""),
        [source, target, options] => (source.to_text(), *target, options.as_str()),
        _ => return Err(format!("`{s}` has too many colons")),
    };
    let read_only = options.split(',').rfind(|o| matches!(*o, "ro" | "rw")) == Some("ro");
    let (written, target) = (target, cleaned(target));
    let with_mode = |mut found: Found| {
        found.mount.read_only = read_only;
        Ok(at(written, found))
    };
    let known = source.as_str();
    if known.starts_with(HOLE) {
        // A name of a volume has no slash, so this is a path, wherever it starts.
        let is_path = known.contains('/');
        let source = if is_path { MountSource::Bind(source, None) } else { MountSource::Other };
        return with_mode(plain(target, source, if is_path { BIND } else { MountKind::Volume(None) }));
    }
    let mut chars = known.chars();
    let drive = chars.next().is_some_and(char::is_alphabetic) && chars.next() == Some(':');
    if known.starts_with(['.', '/', '~']) || known.starts_with("\\\\") || drive {
        let path = local(&source, folder);
        return with_mode(plain(target, MountSource::Bind(source, path), BIND));
    }
    with_mode(Found { volume: Some(source.clone()), ..plain(target, MountSource::Volume(source), VOLUME) })
}

/// A mount by its short form, with its target as it is written.
fn at(target: Slice<'_>, mut found: Found) -> Found {
    found.keys.0 = target.as_str().to_owned();
    found
}

/// A target as the short form has it, after `path.Clean` of Go.
fn cleaned(target: Slice<'_>) -> Text {
    let clean = clean(target.as_str());
    if clean == target.as_str() { target.to_text() } else { Text::decoded(clean, target.span()) }
}

/// The parts between colons, but for one behind a single letter that starts a part, and those in `${…}`, which may have
/// come out of a variable.
fn sections(spec: Slice<'_>) -> Vec<Slice<'_>> {
    let (mut parts, mut from) = (Vec::new(), 0);
    let s = spec.as_str();
    let mut depth = 0u32;
    for (at, _) in s.match_indices(['$', '}', ':']) {
        match s.get(at..).unwrap_or("").as_bytes() {
            [b'$', b'{', ..] => depth += 1,
            [b'}', ..] => depth = depth.saturating_sub(1),
            [b':', ..] if depth == 0 => {}
            _ => continue,
        }
        if !s.get(at..).is_some_and(|rest| rest.starts_with(':')) {
            continue;
        }
        let part = s.get(from..at).unwrap_or("");
        let mut chars = part.chars();
        if chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none() {
            continue;
        }
        parts.push(spec.range(from..at));
        from = at + 1;
    }
    parts.push(spec.range(from..s.len()));
    parts
}

/// An entry of a service's `configs`, with what the top-level section says of it.
fn config(run: &mut Run<'_, '_>, model: &Model, values: &Values, item: NodeId) -> Result<Found, String> {
    let get = |key: &str| values.tree().get(item, key).and_then(|e| values.text(e.value));
    let (source, target) = if values.tree().is_mapping(item) {
        (get("source"), get("target"))
    } else {
        (values.string(item), None)
    };
    // That one is not declared, so that the service cannot be switched on.
    let source = match source {
        None if values.tree().is_mapping(item) => Text::at(values.span(item)),
        source => source.ok_or("an entry of `configs` is no string")?,
    };
    let target = target.unwrap_or_else(|| {
        let mut target = Text::at(source.place());
        target.push_decoded("/", Span { end: source.span().start, ..source.span() });
        target.push_slice(source.slice(), |e| e);
        target
    });
    let content = source.known().and_then(|name| {
        let i = model.configs.position(name)?;
        Some(top_config(run, &model.configs.at(i)?.layers))
    });
    let content = content.unwrap_or(MountSource::Other);
    Ok(Found { config: Some(source), ..plain(target, content, MountKind::Config) })
}

/// A top-level config: the last word on each of its keys counts.
fn top_config(run: &mut Run<'_, '_>, layers: &[At]) -> MountSource {
    let mut source = MountSource::Other;
    for at in layers {
        let values = run.values(at.file, at.scope);
        let get = |key: &str| values.tree().get(at.node, key).and_then(|e| values.text(e.value));
        if let Some(text) = get("file") {
            let path = local(&text, &values.scope.folder);
            source = MountSource::Bind(text, path);
        }
        if let Some(text) = get("content") {
            source = MountSource::Content(text);
        }
        if let Some(name) = get("environment")
            && let Value::Set(value) = values.scope.variables.lookup(name.as_str())
        {
            let mut text = Text::at(name.place());
            text.push_use(value.slice(), Use { span: name.span(), name: name.as_str().into() });
            source = MountSource::Content(text);
        }
        if get("external").is_some_and(|e| e.as_str() != "false") {
            source = MountSource::Other;
        }
    }
    source
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::text::Encoding;

    fn shown(s: &str) -> String {
        let text = Text::literal(s, Span::new(FileId(0), 0..s.len()), Encoding::default());
        match short(&text, "d") {
            Err(_) => "refused".to_owned(),
            Ok(Found { mount, .. }) => {
                let source = match mount.source {
                    MountSource::Bind(source, path) => format!("bind {} {path:?}", source.as_str()),
                    MountSource::Volume(source) => format!("volume {}", source.as_str()),
                    other => format!("{other:?}"),
                };
                format!("{source} at {}", mount.target.as_str())
            }
        }
    }

    #[test]
    fn reads_the_short_form() {
        for (input, want) in [
            ("data:/d", "volume data at /d"),
            ("data:/d:ro", "volume data at /d"),
            ("./a:/d", "bind ./a Some(\"d/a\") at /d"),
            ("../a/:/d", "bind ../a/ Some(\"a\") at /d"),
            ("/a:/d", "bind /a Some(\"/a\") at /d"),
            ("~/a:/d", "bind ~/a None at /d"),
            ("/d", "Anonymous at /d"),
            ("a1:/d/../e/", "volume a1 at /e"),
            ("v:/d", "Anonymous at v:/d"),
            ("C:\\a:/d", "bind C:\\a None at /d"),
            ("1:/d", "volume 1 at /d"),
            ("\u{fdd0}:/d", "Other at /d"),
            ("\u{fdd0}/x:/d", "bind \u{fdd0}/x None at /d"),
            (":/d", "refused"),
            ("a1:/d:", "refused"),
            ("a1:b1:c1:d1", "refused"),
            ("", "refused"),
        ] {
            assert_eq!(shown(input), want, "{input}");
        }
    }
}
