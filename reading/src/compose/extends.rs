//! `extends`: a service that starts from another one, of its file or of another.
//!
//! As compose-go has it (`loader/extends.go`): the base is looked for in the same document and what it includes, or
//! in the other file, whose own `include` and `.env` do not count, and whose relative paths start at its own folder.

use crate::hash::HashMap;
use std::rc::Rc;

use super::load::Run;
use super::model::{Field, Layer, Model, Reset, State, apply_one};
use super::{Open, Problem, canonical};
use crate::source::{Span, path};
use crate::text::Text;

/// What tags take away, by service.
type ByName<'m> = HashMap<&'m str, Vec<&'m Reset>>;

/// How long a chain of `extends` may be. Real ones have three links.
const DEPTH: u32 = 32;

fn by_name(resets: &[Reset]) -> ByName<'_> {
    let mut all = ByName::default();
    for reset in resets {
        if let Reset::Field(name, _) | Reset::Entry(name, _) = reset {
            all.entry(name).or_default().push(reset);
        }
    }
    all
}

impl Run<'_, '_> {
    /// Replaces each service of `model` that extends another by what it comes to.
    pub(super) fn extend_all(&mut self, model: &mut Model, resets: &[Reset]) {
        if !model.services.iter().any(|(_, s)| s.has(Field::Extends)) {
            return;
        }
        self.models.push(std::mem::take(model));
        let id = self.models.len() - 1;
        let places = self.models.get(id).map_or(0, |m| m.services.places());
        let by_name = by_name(resets);
        for i in 0..places {
            self.extend(id, i, 0, &by_name);
        }
        // Those that were read meanwhile stay: later documents may extend the same files.
        if let Some(done) = self.models.get_mut(id) {
            std::mem::swap(done, model);
        }
    }

    fn state(&mut self, model: usize, i: usize) -> Option<&mut State> {
        self.models.get_mut(model)?.services.at_mut(i).map(|s| &mut s.state)
    }

    fn extend(&mut self, model: usize, i: usize, depth: u32, resets: &ByName<'_>) {
        match self.state(model, i) {
            Some(state @ State::New) => *state = State::Busy,
            _ => return,
        }
        if let Some((base, links)) = self.base(model, i, depth, resets)
            && let Some(service) = self.models.get_mut(model).and_then(|m| m.services.at_mut(i))
        {
            let own = std::mem::replace(&mut service.layers, base);
            service.over(&own);
            service.links = links;
        }
        let Some(service) = self.models.get_mut(model).and_then(|m| m.services.at_mut(i)) else { return };
        service.layers.retain(|l| l.field != Field::Extends);
        service.state = State::Done;
    }

    /// The layers that the service at `i` starts from.
    fn base(&mut self, model: usize, i: usize, depth: u32, resets: &ByName<'_>) -> Option<(Vec<Layer>, u32)> {
        let at = self.models.get(model)?.services.at(i)?.of(Field::Extends).last()?.at;
        let values = self.values(at.file, at.scope);
        let span = values.span(at.node);
        let (service, file) = if values.tree().is_mapping(at.node) {
            let node = |key: &str| values.tree().get(at.node, key).map(|e| e.value);
            let get = |key: &str| node(key).and_then(|n| values.string(n));
            let (service, file) = (get("service"), get("file"));
            if let (None, Some(node)) = (&file, node("file").filter(|n| !values.is_null(*n)))
                && !values.file.has_template
            {
                self.problems.refuse(values.span(node), None, "`file` is no string");
            }
            (service, file)
        } else {
            (values.string(at.node), None)
        };
        let Some(service) = service else {
            self.problems.refuse(span, None, "`extends` names no service");
            return None;
        };
        if depth >= DEPTH {
            self.too_long(span);
            return None;
        }
        let base = match &file {
            Some(file) => self.extended_model(file, at.scope)?,
            None => model,
        };
        let Some(known) = service.known() else {
            let why = "the service that `extends` names is not known".to_owned();
            self.problems.add(span, Problem::NotSeen(Open { span, why }));
            return None;
        };
        let Some(found) = self.models.get(base).and_then(|m| m.services.position(known)) else {
            let message = format!("`extends` of the service `{known}`, which is not there");
            self.problems.refuse(service.span(), None, message);
            return None;
        };
        if self.state(base, found).is_some_and(|s| *s == State::Busy) {
            self.problems.refuse(span, None, "this `extends` leads back to where it starts");
            return None;
        }
        // What a tag takes away in the base of a base is told by the last document of the file of that.
        if base == model {
            self.extend(base, found, depth + 1, resets);
        } else {
            let own = self.extended_resets.get(&base).map_or_else(Rc::default, Rc::clone);
            self.extend(base, found, depth + 1, &by_name(&own));
        }
        if self.extended.values().any(|m| *m == base) {
            self.unknown_keys(base, found, known);
        }
        let below = self.models.get(base)?.services.at(found)?;
        let links = below.links + 1;
        if links > DEPTH {
            self.too_long(span);
            return None;
        }
        let mut layers = below.layers.clone();
        layers.iter_mut().for_each(|l| (l.is_base, l.document, l.main) = (true, 0, 0));
        let own = self.models.get(model)?.services.at(i)?.key;
        let tree = self.values(own.file, own.scope);
        let name = tree.tree().str(own.node).unwrap_or("");
        for reset in resets.get(name).into_iter().flatten() {
            apply_one(&mut layers, reset);
        }
        Some((layers, links))
    }

    /// Tells keys that no service has, of a service of another file: they are looked at when another one starts from it.
    fn unknown_keys(&mut self, model: usize, at: usize, name: &str) {
        let Some(key) = self.models.get(model).and_then(|m| Some(m.services.at(at)?.key)) else { return };
        let values = self.values(key.file, key.scope);
        let tree = values.tree();
        let services = tree.documents().iter().filter_map(|root| tree.get(*root, "services"));
        for service in services.filter_map(|s| tree.get(s.value, name)) {
            for entry in tree.entries(service.value) {
                let Some(key) = tree.str(entry.key) else { continue };
                if Field::named(key).is_none() && !values.file.has_template {
                    let message = format!("a service has no `{key}`");
                    self.problems.refuse(values.span(entry.key), Some(name), message);
                }
            }
        }
    }

    /// Tells what cannot even be brought into its long form: that much is asked of all services of an extended file.
    fn canonical(&mut self, document: &Model) {
        for (name, raw) in document.services.iter() {
            for layer in raw.layers.iter().filter(|l| l.drops.is_none()) {
                let values = self.values(layer.at.file, layer.at.scope);
                if let Some((node, message)) = canonical::first_fault(self, raw, layer, |skip| {
                    let (field, node) = (layer.field.name(), layer.at.node);
                    canonical::fault(&values, field, node, skip)
                        .or_else(|| canonical::without_source(&values, field, node))
                }) {
                    self.problems.refuse(values.span(node), Some(name), message);
                }
            }
        }
    }

    fn too_long(&mut self, span: Span) {
        let why = format!("a chain of more than {DEPTH} `extends`");
        self.problems.add(span, Problem::NotSeen(Open { span, why }));
    }

    /// The services of another file, with nothing extended yet.
    fn extended_model(&mut self, text: &Text, scope: u32) -> Option<usize> {
        let outer = self.scope(scope);
        let file = self.referred_file(text, &outer.folder, "extends")?;
        let folder = path::parent(self.store.sources.name(file)).to_owned();
        let inner = self.add_scope(folder, Rc::clone(&outer.variables));
        if let Some(model) = self.extended.get(&(file, inner)) {
            return Some(*model);
        }
        self.store.note(file, "compose file");
        let values = self.values(file, inner);
        self.syntax(file, &values.file);
        let (mut all, mut last) = (Model::default(), Vec::new());
        for root in values.tree().documents() {
            if !values.is_null(*root) {
                let (document, resets) = self.document(&values, *root, inner, false);
                self.canonical(&document);
                all.apply(&resets);
                all.over(document);
                last = resets;
            }
        }
        self.models.push(all);
        if !last.is_empty() {
            self.extended_resets.insert(self.models.len() - 1, Rc::new(last));
        }
        self.extended.insert((file, inner), self.models.len() - 1);
        Some(self.models.len() - 1)
    }
}
