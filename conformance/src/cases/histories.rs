//! Random histories beside the model: a case a requirement that they can break.

use super::{Case, Need};
use crate::history;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let about = "Random histories of live groups and of a registry over them, held against the model after each step.";
    let case = |(name, need): (&'static str, Option<Need>)| {
        let needs: Vec<Need> = history::NEEDS.into_iter().chain(need).collect();
        Case::whole(format!("{name}/histories"), about, &needs, move |settings| {
            history::verdict(settings, name)
        })
    };
    history::requirements().map(case).collect()
}
