//! The harness: finds the cases below `testcases/` and the examples on the rules' pages, and runs them as named tests.
//!
//! `cargo test --test testcases -- pages::KL101` runs a part. `INSTA_UPDATE=always` accepts the snapshots as they are,
//! `UPDATE_README=1` rewrites the README's table of rules, `UPDATE_DOCS=1` what the guides show, `KRAFTLINT_CORPUS=DIR` adds the corpus.

// Here a panic is how a test fails.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)]

mod harness;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = libtest_mimic::Arguments::from_args();
    libtest_mimic::run(&arguments, harness::trials()).exit_code()
}
