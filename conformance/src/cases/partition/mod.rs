//! What holds while the subject's link to the groups is cut, and after that.

mod recovered;
mod unreachable;

pub(super) use recovered::expect as expect_answers;

use super::{Case, Need};
use crate::contract::Requirement;
use crate::harness::{Context, Result, Shape};
use std::fmt::Display;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    unreachable::cases().into_iter().chain(recovered::cases()).collect()
}

fn case(
    requirement: &'static Requirement,
    own_name: impl Display,
    about: impl Into<String>,
    run: impl Fn(&mut Context) -> Result + Send + Sync + 'static,
) -> Case {
    Case::new(requirement, own_name, about, &[Need::Partition], run)
}

/// Lets the subject get up: it answers what it can without the authority. Which answer that is, other cases
/// judge.
fn get_up(context: &mut Context) -> Result {
    let id = context.free_id()?;
    context.ask(id, "SIGNOTHING").map(drop)
}

/// Lets the subject make whatever connection it will keep. Which answer it gives, other cases judge.
fn connect(context: &mut Context) -> Result {
    let group = context.group(&Shape::alone())?;
    context.ask(group.id, "SIGHUP").map(drop)
}
