//! Who receives a signal: every member, once, that signal, and nobody else.

use super::Case;
use super::checks::missed;
use crate::bed::Shape;

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
            let problems = missed(bed, &scene, &group, libc::SIGTERM, 1);
            bed.expect_none("every live member has received SIGTERM when the answer comes", problems)
        },
    )]
}
