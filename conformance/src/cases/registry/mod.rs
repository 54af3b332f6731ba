//! What a registry owes its callers.

mod answers;
mod asking;
mod by_default;
mod checks;
mod fencing;
mod forgetting;
mod labels;
mod order;
mod outcomes;
mod panics;
mod pinning;
mod pruning;
mod silence;
mod stopping;
mod swapping;
mod tracking;

use super::Case;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let families = [
        tracking::cases(),
        labels::cases(),
        order::cases(),
        forgetting::cases(),
        silence::cases(),
        asking::cases(),
        answers::cases(),
        pruning::cases(),
        outcomes::cases(),
        swapping::cases(),
        by_default::cases(),
        panics::cases(),
        fencing::cases(),
        pinning::cases(),
        stopping::cases(),
    ];
    families.into_iter().flatten().collect()
}
