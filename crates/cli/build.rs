//! Lists the recipes that ship, so that the program carries them with it.

use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut found = Vec::new();
    collect(&root, &mut found);
    found.sort();
    let entries: String = found
        .iter()
        .map(|path| {
            let name = path.strip_prefix(&root).expect("below the root").with_extension("");
            format!("({:?}, include_str!({:?})),", name.display().to_string(), path.display().to_string())
        })
        .collect();
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it")).join("recipes.rs");
    fs::write(out, format!("/// Name and text of every recipe.\nconst SHIPPED: &[(&str, &str)] = &[{entries}];\n"))
        .expect("the build folder can be written");
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => collect(&path, found),
            path if path.extension().is_some_and(|end| end == "toml") => found.push(path),
            _ => {}
        }
    }
}
