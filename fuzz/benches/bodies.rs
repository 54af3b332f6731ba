//! What each fuzz target does with its seeds, and with what a fuzzer has put in its corpus: without a fuzzer
//! and without counting edges.
//!
//! ```text
//! cargo bench -p signaller-fuzz --bench bodies
//! ```

use divan::Bencher;
use divan::counter::ItemsCount;
use signaller_fuzz::TARGETS;
use std::{fs, path::Path};

fn main() {
    divan::main();
}

/// Every input in these folders.
fn inputs(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files =
        ["seeds", "corpus"].into_iter().filter_map(|kind| fs::read_dir(folder.join(kind).join(target)).ok());
    files.flatten().map(|file| fs::read(file.expect("it is listed").path()).expect("it is a file")).collect()
}

#[divan::bench(args = TARGETS.map(|(name, _)| name))]
fn body(bencher: Bencher<'_, '_>, target: &str) {
    let (_, body) = TARGETS.into_iter().find(|(name, _)| *name == target).expect("it is one of them");
    let inputs = inputs(target);
    bencher
        .counter(ItemsCount::new(inputs.len()))
        .bench_local(|| inputs.iter().for_each(|input| body(divan::black_box(input))));
}
