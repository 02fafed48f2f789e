//! Tells the linker what the program can do without.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    drop_unwind_tables(Path::new(env!("CARGO_MANIFEST_DIR")));
}

/// A panic aborts the released program, and nothing ever unwinds: the tables for it, an eighth of the file, are not linked. Only where
/// it was tried: other linkers and start files may want them.
fn drop_unwind_tables(root: &Path) {
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|v| v == value);
    if is("PROFILE", "release") && is("TARGET", "x86_64-unknown-linux-gnu") {
        println!("cargo::rustc-link-arg-bins=-Wl,--no-eh-frame-hdr");
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}", root.join("build/no-unwind.ld").display());
    }
}
