//! What a registry owes its callers.

mod checks;
mod tracking;

use super::Case;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    [tracking::cases()].into_iter().flatten().collect()
}
