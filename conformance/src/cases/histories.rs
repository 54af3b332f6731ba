//! Random histories beside the model: a case a requirement that they can break.

use super::{Case, Need};
use crate::contract::Requirement;
use crate::history;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let about = "Random histories of live groups and of a registry over them, held against the model after each step.";
    let case = |(requirement, need): (&'static Requirement, Option<Need>)| {
        let needs: Vec<Need> = history::NEEDS.into_iter().chain(need).collect();
        Case::custom(requirement, "histories", about, &needs, move |settings| {
            history::verdict(settings, requirement.name)
        })
    };
    history::requirements().map(case).collect()
}
