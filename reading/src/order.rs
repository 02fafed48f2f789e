//! Sorts. A sort is three to six kilobytes of program for each type it sorts; here one serves lists of any type.
//!
//! All are stable: what compares equal stays as it was.

use std::cmp::Ordering;

/// Smallest first.
pub fn sort<T: Ord>(list: &mut Vec<T>) {
    by(list, T::cmp);
}

/// By a key of each, asked anew for each comparison.
pub fn by_key<T, K: Ord>(list: &mut Vec<T>, key: impl Fn(&T) -> K) {
    by(list, |a, b| key(a).cmp(&key(b)));
}

/// By a text of each.
pub fn by_text<T>(list: &mut Vec<T>, text: impl Fn(&T) -> &str) {
    by(list, |a, b| text(a).cmp(text(b)));
}

/// By a text that is made of each, once.
pub fn by_made_text<T>(list: &mut Vec<T>, text: impl Fn(&T) -> String) {
    let texts: Vec<String> = list.iter().map(text).collect();
    let order = order(list.len(), &|a, b| texts.get(a).cmp(&texts.get(b)));
    arrange(list, order);
}

/// By comparing two.
pub fn by<T>(list: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let order = order(list.len(), &|a, b| match (list.get(a), list.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    });
    arrange(list, order);
}

/// The places of a list of that length in order.
fn order(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..length).collect();
    order.sort_by(|a, b| compare(*a, *b));
    order
}

fn arrange<T>(list: &mut Vec<T>, order: Vec<usize>) {
    if order.is_sorted() {
        return;
    }
    let mut slots: Vec<Option<T>> = std::mem::take(list).into_iter().map(Some).collect();
    list.extend(order.into_iter().filter_map(|at| slots.get_mut(at)?.take()));
}
