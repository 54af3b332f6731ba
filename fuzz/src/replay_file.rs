//! A saved history, as `replay` reads it.

use crate::printable::{assert_lines_printable, assert_printable};
use crate::text;
use signaller_conformance::history::Saved;
use signaller_conformance::history::step::Step;
use signaller_conformance::report::text::labelled;

/// The input is the text of a file.
///
/// # Panics
/// When a history does not survive being saved and read, when a group is taken that no kernel would make, or
/// when a step or what is wrong with the file is not told in printable lines.
pub fn replay_file(input: &[u8]) {
    match Saved::of(text(input)) {
        Ok(saved) => {
            saved.steps.iter().for_each(possible);
            let again = Saved::of(&saved.text()).expect("it was just written");
            assert_eq!(again, saved);
        }
        Err(cause) => assert_lines_printable(&labelled("error: ", &cause.to_string())),
    }
}

fn possible(step: &Step) {
    assert_printable(&step.to_string());
    if let Some((members, shape)) = step.shape() {
        let mut pids: Vec<_> = members.iter().map(|member| member.pid()).collect();
        assert_eq!(shape.id, pids.first().copied(), "the leader's pid is the group's id");
        pids.sort_unstable();
        assert!(pids.windows(2).all(|pair| pair[0] != pair[1]), "two of one pid: {step}");
        assert!(
            pids.iter().all(|pid| (2..=i32::MAX as u32).contains(pid)),
            "no kernel gives such a pid: {step}"
        );
    }
}
