//! Random histories beside the model: a case a requirement that they can break.

use super::{Case, Need};
use crate::contract::{PARTLY_REFUSED_IS_DELIVERED, Requirement};
use crate::history;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let about = "Random histories of live groups and of a registry over them, compared with the model after each step.";
    let case = |(requirement, need): (&'static Requirement, Option<Need>)| {
        let others = (requirement == PARTLY_REFUSED_IS_DELIVERED).then_some(Need::SomeRefused);
        let needs: Vec<Need> = history::NEEDS.into_iter().chain(need).chain(others).collect();
        Case::custom(requirement, "histories", about, &needs, move |settings| {
            history::verdict(settings, requirement.name)
        })
    };
    history::requirements().map(case).collect()
}
