//! The hash maps of every room: foldhash, seeded anew in each run, in the place of std's hasher. Keys are short names
//! and paths, for which that takes twice the time.

pub use foldhash::{HashMap, HashSet};
