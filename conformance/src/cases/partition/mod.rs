//! What holds while the subject's way to the groups is cut, and after that.

mod recovered;
mod unreachable;

use super::{Case, Need};
use crate::harness::{Bed, Shape, Step};

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    unreachable::cases().into_iter().chain(recovered::cases()).collect()
}

fn case(
    id: String,
    about: impl Into<String>,
    run: impl Fn(&mut Bed) -> Step + Send + Sync + 'static,
) -> Case {
    Case::new(id, about, &[Need::Cut], run)
}

/// Lets the subject get up: it answers what it can without the authority. Which answer that is, other cases judge.
fn get_up(bed: &mut Bed) -> Step {
    let id = bed.free_id()?;
    bed.ask(id, "SIGNOTHING").map(drop)
}

/// Lets the subject make whatever connection it will keep. Which answer it gives, other cases judge.
fn connect(bed: &mut Bed) -> Step {
    let group = bed.group(&Shape::alone())?;
    bed.ask(group.id, "SIGHUP").map(drop)
}
