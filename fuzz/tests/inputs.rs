//! Every target's body on every seed, on every input that once crashed it, and briefly on inputs made from
//! those.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;
use signaller_fuzz::{Body, TARGETS};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};

/// The files of a target in one of the folders of this package, in the order of their names.
fn inputs(folder: &str, target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(target);
    let Ok(files) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = files.map(|file| file.expect("it can be listed").path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).expect("it can be read"))).collect()
}

fn try_all(body: Body, inputs: Vec<(PathBuf, Vec<u8>)>) {
    for (path, input) in inputs {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| body(&input))) {
            println!("this input: {}", path.display());
            resume_unwind(panic);
        }
    }
}

#[test]
fn every_target_takes_its_seeds() {
    for &(target, body) in TARGETS {
        let seeds = inputs("seeds", target);
        assert!(!seeds.is_empty(), "{target} has no seeds");
        try_all(body, seeds);
    }
}

#[test]
fn what_once_crashed_a_target_does_so_no_more() {
    TARGETS.iter().for_each(|&(target, body)| try_all(body, inputs("crashes", target)));
}

/// One change of an input.
#[derive(Clone, Debug)]
enum Edit {
    Replace(Index, u8),
    Insert(Index, u8),
    Partition(Index),
    Repeat(Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        any::<(Index, u8)>().prop_map(|(place, byte)| Edit::Replace(place, byte)),
        any::<(Index, u8)>().prop_map(|(place, byte)| Edit::Insert(place, byte)),
        any::<Index>().prop_map(Edit::Partition),
        any::<Index>().prop_map(Edit::Repeat),
    ]
}

impl Edit {
    fn make(&self, input: &mut Vec<u8>) {
        match self {
            Self::Insert(place, byte) => input.insert(place.index(input.len() + 1), *byte),
            _ if input.is_empty() => {}
            Self::Replace(place, byte) => {
                let place = place.index(input.len());
                input[place] = *byte;
            }
            Self::Partition(place) => input.truncate(place.index(input.len())),
            Self::Repeat(place) => input.extend_from_within(place.index(input.len())..),
        }
    }
}

/// A seed with a few edits, or any bytes.
fn input(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let edited = (proptest::sample::select(seeds), vec(edit(), 0..6)).prop_map(|(mut input, edits)| {
        edits.iter().for_each(|edit| edit.make(&mut input));
        input
    });
    prop_oneof![3 => edited, 1 => vec(any::<u8>(), 0..200)]
}

#[test]
fn every_target_takes_inputs_near_its_seeds() {
    for &(target, body) in TARGETS {
        let seeds = inputs("seeds", target).into_iter().map(|(_, seed)| seed).collect();
        let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
        let tried = TestRunner::new(config).run(&input(seeds), |input| {
            body(&input);
            Ok(())
        });
        if let Err(failure) = tried {
            panic!("{target}: {failure}");
        }
    }
}
