//! Sorts. A sort is three to five kilobytes of program for each type it sorts; here one serves lists of any type.
//!
//! All are stable: what has the same key stays as it was.

/// By a text of each.
pub fn by_text<T>(list: &mut Vec<T>, text: impl Fn(&T) -> &str) {
    let mut order: Vec<(&str, usize)> = list.iter().map(text).zip(0..).collect();
    order.sort_unstable();
    let order = order.into_iter().map(|(_, at)| at).collect();
    arrange(list, order);
}

/// By a text that is made of each.
pub fn by_made_text<T>(list: &mut Vec<T>, text: impl Fn(&T) -> String) {
    let mut order: Vec<(String, usize)> = list.iter().map(text).zip(0..).collect();
    order.sort_unstable();
    let order = order.into_iter().map(|(_, at)| at).collect();
    arrange(list, order);
}

/// By a number of each.
pub fn by_number<T>(list: &mut Vec<T>, number: impl Fn(&T) -> usize) {
    let mut order: Vec<(usize, usize)> = list.iter().map(number).zip(0..).collect();
    order.sort_unstable();
    let order = order.into_iter().map(|(_, at)| at).collect();
    arrange(list, order);
}

fn arrange<T>(list: &mut Vec<T>, order: Vec<usize>) {
    let mut slots: Vec<Option<T>> = std::mem::take(list).into_iter().map(Some).collect();
    list.extend(order.into_iter().filter_map(|at| slots.get_mut(at)?.take()));
}
