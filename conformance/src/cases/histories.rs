//! Random histories beside the model: a case a requirement that they can break.

use super::Case;
use crate::history;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let about = "Random histories of live groups and of a registry over them, held against the model after each step.";
    let case = |name: &'static str| {
        Case::whole(format!("{name}/histories"), about, &history::NEEDS, move |settings| {
            settings.histories.verdict(settings, name)
        })
    };
    history::requirements().map(case).collect()
}
