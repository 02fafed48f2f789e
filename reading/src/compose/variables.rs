//! The variables that a project's files may name: `--env`, then its `.env`, then, inside an include, the `.env` beside
//! the included file.
//!
//! The process environment is never read: what it holds on this machine says nothing of the one that runs the
//! cluster. Not for a container's environment: see `environment`.

use std::rc::Rc;

use super::model::Named;
use crate::interpolate::Value;
use crate::text::Text;

/// What is known of variables in one place. Outer ones win over inner ones (compose-go `loader/include.go`:
/// `environment.Clone().Merge(envFromFile)`).
#[derive(Debug, Default)]
pub(super) struct Variables {
    outer: Option<Rc<Variables>>,
    own: Named<Text>,
    /// An env file could not be read: what is not listed may be set all the same.
    open: bool,
    /// There is a `.env`, or `--env-file` names one.
    pub(super) has_file: bool,
}

impl Variables {
    /// Variables that stand behind `outer`.
    pub(super) fn inside(outer: Rc<Variables>) -> Variables {
        let has_file = outer.has_file;
        Variables { outer: Some(outer), has_file, ..Variables::default() }
    }

    /// Sets a variable; the last one counts.
    pub(super) fn set(&mut self, name: &str, value: Text) {
        self.own.remove(name);
        self.own.entry(name, || value);
    }

    /// Forgets its own variables but for some.
    pub(super) fn keep(&mut self, wanted: impl Fn(&str) -> bool) {
        self.own.retain(wanted);
    }

    /// Takes note that there may be more.
    pub(super) fn open(&mut self) {
        self.open = true;
    }

    /// Those that stand before these.
    pub(super) fn outer(&self) -> Rc<Variables> {
        self.outer.as_ref().map_or_else(Rc::default, Rc::clone)
    }

    /// True when `inner` is `outer` or lies inside it.
    pub(super) fn is_inside(inner: &Rc<Variables>, outer: &Rc<Variables>) -> bool {
        let mut at = Some(inner);
        while let Some(variables) = at {
            if Rc::ptr_eq(variables, outer) {
                return true;
            }
            at = variables.outer.as_ref();
        }
        false
    }

    /// The innermost that both lie inside.
    pub(super) fn common(one: &Rc<Variables>, other: &Rc<Variables>) -> Rc<Variables> {
        let mut at = Some(one);
        while let Some(variables) = at {
            if Variables::is_inside(other, variables) {
                return Rc::clone(variables);
            }
            at = variables.outer.as_ref();
        }
        Rc::clone(one)
    }

    /// What is known of `name`.
    pub(super) fn lookup(&self, name: &str) -> Value<'_> {
        let outer = self.outer.as_deref().map_or(Value::Unset, |o| o.lookup(name));
        match (outer, self.own.get(name)) {
            (Value::Unset, Some(text)) => Value::Set(text),
            (Value::Unset, None) if self.open => Value::Unknown,
            (outer, _) => outer,
        }
    }

    /// The value of `name`, when it is wholly known.
    pub(super) fn known(&self, name: &str) -> Option<&str> {
        match self.lookup(name) {
            Value::Set(text) => text.known(),
            _ => None,
        }
    }
}
