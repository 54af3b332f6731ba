//! Every case, a file a family. A case is one block: its id, its prose, what it needs and its code; `list`,
//! `explain` and the reports are made from it.

mod after_refusal;
mod afterwards;
mod batches;
pub(crate) mod checks;
mod declared;
mod delivery;
mod endings;
mod histories;
mod larger;
mod leaders;
mod means;
mod missing;
pub(crate) mod names;
mod once;
mod outcomes;
mod partition;
mod races;
mod refused;
mod registry;
mod scope;
mod sent;
mod situations;
mod states;
mod unreaped;
pub mod untested;
mod usage;
mod waiting;

use crate::contract;
use crate::harness::{Case, Need};
use std::collections::HashSet;

/// Every case, in the order of the requirements.
///
/// # Errors
/// Names a case id that was given twice.
pub fn catalogue() -> Result<Vec<Case>, String> {
    let families = [
        delivery::cases(),
        larger::cases(),
        once::cases(),
        scope::cases(),
        states::cases(),
        sent::cases(),
        races::cases(),
        waiting::cases(),
        outcomes::cases(),
        missing::cases(),
        unreaped::cases(),
        refused::cases(),
        after_refusal::cases(),
        situations::cases(),
        partition::cases(),
        means::cases(),
        names::cases(),
        leaders::cases(),
        usage::cases(),
        batches::cases(),
        registry::cases(),
        histories::cases(),
        afterwards::cases(),
        endings::cases(),
        declared::cases(),
    ];
    let mut cases: Vec<_> = families.into_iter().flatten().collect();
    let order = |case: &Case| contract::all().position(|requirement| requirement == case.requirement);
    cases.sort_by_key(order);
    let mut ids = HashSet::new();
    match cases.iter().find(|case| !ids.insert(case.id.as_str())) {
        Some(twice) => Err(format!("two cases have the id {}", twice.id)),
        None => Ok(cases),
    }
}

#[cfg(test)]
mod tests {
    use super::catalogue;
    use crate::harness::runner::LARGEST;

    #[test]
    fn the_largest_case_is_a_case() {
        assert!(catalogue().unwrap().iter().any(|case| case.id == LARGEST));
    }
}
