//! Turns data into code: `rules/KLnnn-name.md` into `enum Code` with its metadata, `rules/catalog/` into static tables.
//! A malformed page or row is a build error that names file and line.

#[path = "build/catalog.rs"]
mod catalog;
#[path = "build/pages.rs"]
mod pages;

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    let (Some(root), Some(out)) =
        (Path::new(env!("CARGO_MANIFEST_DIR")).parent(), std::env::var_os("OUT_DIR"))
    else {
        return;
    };
    pages::generate(root, Path::new(&out));
    catalog::generate(root, Path::new(&out));
}
