//! Faulty registries, each with exactly one mistake, and conforming ones without any.

mod answers;
mod asking;
mod conforming;
mod fencing;
mod forgetting;
mod labels;
mod order;
mod outcomes;
mod panics;
mod pinning;
mod plain;
mod pruning;
mod shapes;
mod silence;
mod stopping;
mod swapping;
mod tracking;

pub(super) use conforming::CONFORMING;

use super::conforming::Conforming;
use super::{Mutant, Served};
use crate::subject::registry::{Registry, serve_made_by};
use plain::{Plain, RIGHT, Ways};
use process_groups::{LocalSignaller, Signaller};
use std::io;
use std::sync::Arc;
use stopping::Steps;

/// How a registry among the mutants is made: with the signaller that it is given, or with the one by default.
#[derive(Clone, Copy, Debug)]
pub enum Make {
    /// A plain one with these ways.
    Plain(Ways),
    /// The same, which says that it fences reused pids.
    Fencing(Ways),
    /// The same, which says that it fences reused pids and stops its groups.
    Stopping(Ways),
    /// One of another make, and whether it says that it fences reused pids and, if so, that it stops its
    /// groups.
    Own(MakeOwn, bool),
    /// One whose signaller pins what is registered, or says so.
    Pinning(MakeOwn, fn() -> Arc<dyn Signaller>),
}

type MakeOwn = fn(Option<Arc<dyn Signaller>>) -> Box<dyn Registry>;

impl Make {
    /// Whether it says that it fences reused pids.
    pub fn fences(self) -> bool {
        match self {
            Make::Plain(_) => false,
            Make::Fencing(_) | Make::Stopping(_) => true,
            Make::Own(_, fences) => fences,
            Make::Pinning(..) => true,
        }
    }

    /// Whether it says that it stops its groups.
    pub fn stops(self) -> bool {
        matches!(self, Make::Stopping(_) | Make::Own(_, true) | Make::Pinning(..))
    }

    /// Whether it says that its signaller pins what is registered.
    pub fn pins(self) -> bool {
        matches!(self, Make::Pinning(..))
    }

    /// Serves such registries until standard input ends.
    ///
    /// # Errors
    /// When the input cannot be read.
    pub fn serve(self) -> io::Result<()> {
        let given: Arc<dyn Signaller> = match self {
            Make::Pinning(_, given) => given(),
            _ => Arc::new(LocalSignaller),
        };
        serve_made_by(given, |signaller| match self {
            Make::Plain(ways) | Make::Fencing(ways) | Make::Stopping(ways) => {
                Box::new(Plain::with(ways, signaller))
            }
            Make::Own(make, _) | Make::Pinning(make, _) => make(signaller),
        })
    }
}

/// A plain registry with these ways.
const fn plain(ways: Ways) -> Served {
    Served::Registry(Make::Plain(ways))
}

/// A plain registry with these ways, which says that it fences reused pids.
const fn fencing(ways: Ways) -> Served {
    Served::Registry(Make::Fencing(ways))
}

/// A plain registry that stops its groups by these steps, and fences reused pids.
const fn stops(stop: Steps) -> Served {
    Served::Registry(Make::Stopping(Ways { stop, ..RIGHT }))
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
        fencing::identity::MUTANTS,
        fencing::targets::MUTANTS,
        fencing::stale::MUTANTS,
        pinning::MUTANTS,
        stopping::waiting::MUTANTS,
        stopping::killing::MUTANTS,
        stopping::telling::MUTANTS,
    ];
    families.into_iter().flatten()
}
