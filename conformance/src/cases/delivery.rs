//! Who receives a signal: every member, once, that signal, and nobody else.

use super::Case;
use crate::bed::{Bed, Group, Kin, Scene, Session, Shape, Step};
use crate::testbed::protocol::{Conduct, State, signal_name};

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![Case::new(
        "delivers-to-every-member/family",
        "A leader with children, a grandchild, an orphaned grandchild and a guest; each must receive it.",
        &[],
        |bed| {
            let group = bed.group(&Shape::family())?;
            let _ = bed.ask(group.id, "SIGTERM")?;
            let scene = bed.look()?;
            let problems = missed(bed, &scene, &group, libc::SIGTERM);
            bed.expect_none(
                "every live member has received SIGTERM when the answer comes",
                problems,
            )
        },
    )]
}

/// A sentence for each member that `signal` did not reach, as far as its conduct lets that be seen.
pub(super) fn missed(bed: &Bed, scene: &Scene, group: &Group, signal: i32) -> Vec<String> {
    let unseen = |conduct| conduct == Conduct::Ignores && signal != libc::SIGKILL;
    group
        .iter()
        .filter(|&(pid, conduct)| !unseen(conduct) && !scene.signals(pid).contains(&signal))
        .map(|(pid, _)| bed.sentence(scene, pid))
        .collect()
}
