//! Whether answers that were always alike change.

use crate::subject::wire::SignalResult;

/// The first of `more` answers, which came after `made`, that is of another kind than all of the `first` ones
/// to the same of `count` questions: the question and the answer, by their places.
pub fn first_change(
    count: usize,
    first: &[SignalResult],
    made: usize,
    more: &[SignalResult],
) -> Option<(usize, usize)> {
    let alike = |one: &SignalResult, other: &SignalResult| one.as_ref().ok() == other.as_ref().ok();
    let steady = |question: usize| {
        let mut answers = first.iter().skip(question).step_by(count);
        let usual = answers.next()?;
        answers.all(|answer| alike(answer, usual)).then_some(usual)
    };
    let usual: Vec<_> = (0..count).map(steady).collect();
    let changed = |(call, answer): (usize, &SignalResult)| {
        let question = (made + call) % count;
        usual[question].is_some_and(|usual| !alike(answer, usual)).then_some((question, call))
    };
    more.iter().enumerate().find_map(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_always_answered_alike_can_change() {
        let err = |text: &str| Err(text.to_owned());
        assert_eq!(first_change(1, &[Ok(true), Ok(true)], 2, &[Ok(true), err("a")]), Some((0, 1)));
        assert_eq!(first_change(1, &[Ok(true), err("a")], 2, &[Ok(true), err("a"), Ok(false)]), None);
        assert_eq!(first_change(1, &[err("a"), err("b")], 2, &[err("c")]), None, "messages may differ");
        assert_eq!(
            first_change(2, &[Ok(true), Ok(false)], 2, &[Ok(true), Ok(false), Ok(true), Ok(true)]),
            Some((1, 3))
        );
        assert_eq!(first_change(2, &[Ok(true)], 2, &[Ok(true), Ok(true)]), None, "asked for the first time");
    }
}
