//! Use over time: from many threads, a thousand times, with ids that come back, in somebody's process.

mod caller;
mod repetition;
mod reuse;
mod sharing;

use super::Case;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let families = [sharing::cases(), repetition::cases(), reuse::cases(), caller::cases()];
    families.into_iter().flatten().collect()
}
