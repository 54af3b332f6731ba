//! Each folder of the suite uses only those above it. This test reads every path in the code, tests in it
//! included.

use regex::Regex;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{fs, iter};
use syn::visit::{self, Visit};

/// The folders and files at the top of `src`, from the lowest on: each uses only those before it.
const ORDER: [&str; 19] = [
    "contract",
    "sys",
    "report",
    "subcommands",
    "declared",
    "authority",
    "testbed",
    "subject",
    "partition",
    "harness",
    "history",
    "cases",
    "mutants",
    "fuzz_names",
    "dispatch",
    "suite",
    "lib",
    "cli",
    "main",
];

/// A path with at least one `::`.
static PATH: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b\w+(\s*::\s*\w+)+").unwrap());

/// An arrow from one folder to another.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Arrow {
    from: String,
    to: String,
    file: PathBuf,
}

impl Arrow {
    fn runs_back(&self) -> bool {
        place(&self.from) < place(&self.to)
    }
}

fn place(folder: &str) -> usize {
    ORDER
        .iter()
        .position(|known| *known == folder)
        .unwrap_or_else(|| panic!("`{folder}` is not in the order"))
}

/// Reads the paths of one file.
struct Reader {
    /// The module that the reader is in.
    module: Vec<String>,
    /// What is used, by the name of its folder or file at the top.
    used: BTreeSet<String>,
}

impl Reader {
    /// The top of what a path leads to, if it is in this crate.
    fn see(&mut self, path: &[String]) {
        let climbs = path.iter().take_while(|word| *word == "super").count();
        let top = match path.first().map(String::as_str) {
            Some("crate" | "signaller_conformance") => path.get(1),
            Some("super") if climbs == self.module.len() => path.get(climbs),
            _ => None,
        };
        if let Some(top) = top {
            self.used.insert(defined_in(top).to_owned());
        }
    }

    /// The same of a path that has another name from then on, or all of whose names are used.
    fn see_part(&mut self, path: &[String]) {
        let is_whole = match path.first().map(String::as_str) {
            Some("crate") => path.len() == 1,
            _ => path.len() == self.module.len() && path.iter().all(|word| word == "super"),
        };
        assert!(!is_whole, "of the whole crate nobody sees what is used: {}", path.join("::"));
        self.see(path);
    }

    fn see_tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |word: &syn::Ident| {
            before.iter().cloned().chain(iter::once(word.to_string())).collect::<Vec<_>>()
        };
        match tree {
            syn::UseTree::Path(path) => self.see_tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) => self.see(&with(&name.ident)),
            syn::UseTree::Rename(rename) => {
                let path = with(&rename.ident);
                self.see_part(&path);
            }
            syn::UseTree::Glob(_) => self.see_part(before),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.see_tree(before, tree)),
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.see_tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.see(&path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>());
        visit::visit_path(self, path);
    }

    /// What a macro is given is no code yet: paths are looked for in its text.
    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        let text = called.tokens.to_string();
        for path in PATH.find_iter(&text) {
            self.see(&path.as_str().split("::").map(|word| word.trim().to_owned()).collect::<Vec<_>>());
        }
        visit::visit_macro(self, called);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.module.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.module.pop();
    }
}

/// Where a name at the top of the crate is defined: the types of the crate's own page are in folders.
fn defined_in(name: &str) -> &str {
    match name {
        "Suite" => "suite",
        "Testbed" => "testbed",
        module => module,
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    found.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// The arrows from one file.
fn arrows(file: &Path, text: &str) -> Vec<Arrow> {
    let module: Vec<_> =
        file.with_extension("").iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let from = module[0].clone();
    let module = module.into_iter().filter(|word| !matches!(word.as_str(), "mod" | "lib" | "main")).collect();
    let mut reader = Reader { module, used: BTreeSet::new() };
    reader.visit_file(&syn::parse_file(text).unwrap_or_else(|cause| panic!("{}: {cause}", file.display())));
    let to = reader.used.into_iter().filter(|to| *to != from);
    to.map(|to| Arrow { from: from.clone(), to, file: file.to_owned() }).collect()
}

#[test]
fn no_arrow_runs_back() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let all: Vec<_> = files(&source)
        .iter()
        .flat_map(|path| arrows(path.strip_prefix(&source).unwrap(), &fs::read_to_string(path).unwrap()))
        .collect();
    assert!(all.len() > 100, "the reader sees nothing: {all:?}");
    let back: Vec<_> = all.iter().filter(|arrow| arrow.runs_back()).collect();
    assert!(back.is_empty(), "use only what stands above in docs/architecture.md: {back:#?}");
}

#[test]
fn an_arrow_that_is_turned_round_is_seen_however_it_is_written() {
    for text in [
        "use crate::cases::catalogue;",
        "pub use crate::{contract, cases::{self, Case}};",
        "use super::super::cases;",
        "fn f() { crate::cases::catalogue(); }",
        "fn f(case: &super::super::cases::Case) {}",
        "mod tests { use super::super::super::cases::*; }",
        "fn f() { println!(\"{:?}\", [crate::cases::catalogue()]); }",
        "fn f() { matches!(0, super::super::cases::LARGEST); }",
    ] {
        let back = arrows(Path::new("history/run.rs"), text).into_iter().find(Arrow::runs_back);
        assert_eq!(back.map(|arrow| arrow.to).as_deref(), Some("cases"), "{text}");
    }
    for text in ["use crate::harness::Case;", "use super::cases;", "use other::cases;"] {
        assert!(!arrows(Path::new("history/run.rs"), text).iter().any(Arrow::runs_back), "{text}");
    }
}

/// Tables may be longer: what they hold is alike, and stands together.
const TABLES: [&str; 2] = ["contract", "cases/untested"];

#[test]
fn no_file_is_longer_than_400_lines() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let is_table =
        |path: &Path| TABLES.iter().any(|table| path.strip_prefix(&source).unwrap().starts_with(table));
    let all = files(&source).into_iter().filter(|path| !is_table(path));
    let lines = all.map(|path| (fs::read_to_string(&path).unwrap().lines().count(), path));
    let long: Vec<_> = lines.filter(|(count, _)| *count > 400).collect();
    assert!(long.is_empty(), "one idea a file; take these apart: {long:#?}");
}

#[test]
fn the_page_on_architecture_has_the_same_order() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/architecture.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, table) = page.split_once("| folder of `conformance/src` |").expect("the page has the table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let words = rows.flat_map(|row| row.split('|').nth(1).unwrap().split(','));
    let names = words.map(|word| word.trim().trim_matches('`').trim_end_matches('/').trim_end_matches(".rs"));
    assert_eq!(names.collect::<Vec<_>>(), ORDER);
}
