//! Faulty registries, each with exactly one mistake, and conforming ones without any.

mod answers;
mod asking;
mod conforming;
mod forgetting;
mod labels;
mod order;
mod outcomes;
mod panics;
mod plain;
mod pruning;
mod shapes;
mod silence;
mod swapping;
mod tracking;

pub(super) use conforming::CONFORMING;

use super::conforming::Conforming;
use super::{Mutant, Served};
use crate::subject::registry::{Registry, serve_made_by};
use plain::{Plain, Ways};
use process_groups::{LocalSignaller, Signaller};
use std::io;
use std::sync::Arc;

/// How a registry among the mutants is made: with the signaller that it is given, or with the one by default.
#[derive(Clone, Copy, Debug)]
pub enum Make {
    /// A plain one with these ways.
    Plain(Ways),
    /// One of another make.
    Own(MakeOwn),
}

type MakeOwn = fn(Option<Arc<dyn Signaller>>) -> Box<dyn Registry>;

impl Make {
    /// Serves such registries until standard input ends.
    ///
    /// # Errors
    /// When the input cannot be read.
    pub fn serve(self) -> io::Result<()> {
        serve_made_by(Arc::new(LocalSignaller), |signaller| match self {
            Make::Plain(ways) => Box::new(Plain::with(ways, signaller)),
            Make::Own(make) => make(signaller),
        })
    }
}

/// A plain registry with these ways.
const fn plain(ways: Ways) -> Served {
    Served::Registry(Make::Plain(ways))
}

/// Every faulty registry, in the order of the requirements that must catch them.
pub(super) fn mutants() -> impl Iterator<Item = &'static Mutant> {
    let families = [
        tracking::MUTANTS,
        labels::MUTANTS,
        order::MUTANTS,
        forgetting::MUTANTS,
        silence::MUTANTS,
        asking::MUTANTS,
        answers::MUTANTS,
        pruning::MUTANTS,
        outcomes::MUTANTS,
        swapping::MUTANTS,
        panics::MUTANTS,
    ];
    families.into_iter().flatten()
}
