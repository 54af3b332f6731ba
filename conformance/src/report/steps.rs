//! The steps of a case, with those that repeat told once.

use super::timeline::Moment;
use regex::Regex;
use std::sync::LazyLock;

/// A step that only differs in its times, which are aligned, is the same step.
static TIMES: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r" *\d+\.\d ms").expect("the expression is right"));

/// Of many processes that are made one after another only the first is told.
static MADE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^made process \d+: (.*)$").expect("the expression is right"));

/// The longest row of steps that is looked for.
const LONGEST_ROW: usize = 4;
/// How often a row of several steps must come for it to be told once, and as many processes be made.
const OFTEN: usize = 3;

/// A step as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The place of the step, from 1.
    pub place: usize,
    /// Its text.
    pub text: String,
    /// Whether the subject sends a signal in it.
    pub sends: bool,
}

/// The steps, in order. One that follows itself is told once, with how often it came; and so is a row of a
/// few.
pub fn folded(steps: &[Moment]) -> Vec<Shown> {
    let sends: Vec<_> = steps.iter().map(Moment::sends).collect();
    let steps: Vec<_> = steps.iter().map(Moment::to_string).collect();
    let keys: Vec<_> = steps.iter().map(|step| TIMES.replace_all(step, "").trim_start().to_owned()).collect();
    let mut shown = Vec::new();
    let mut place = 0;
    while place < steps.len() {
        let alike = made_alike(&keys[place..]);
        if alike >= OFTEN {
            let text = format!("{} (and {} more like it)", steps[place], alike - 1);
            shown.push(Shown { place: place + 1, text, sends: false });
            place += alike;
            continue;
        }
        let (length, times) = row(&keys[place..]);
        for (offset, step) in steps[place..place + length].iter().enumerate() {
            let times = match (length, times) {
                (_, 1) => String::new(),
                (1, _) => format!(" ×{times}"),
                _ if offset + 1 == length => format!(" (the last {length} steps ×{times})"),
                _ => String::new(),
            };
            let (place, text) = (place + offset, format!("{step}{times}"));
            shown.push(Shown { place: place + 1, text, sends: sends[place] });
        }
        place += length * times;
    }
    shown
}

/// How many steps from the first on make processes that are the same in all but their pids.
fn made_alike(keys: &[String]) -> usize {
    let what = |key: &String| MADE.captures(key).map(|found| found[1].to_owned());
    let first = keys.first().and_then(what);
    keys.iter().take_while(|key| first.is_some() && what(key) == first).count()
}

/// How many steps from the first on are a row that comes again at once, and how often it comes.
fn row<T: PartialEq>(keys: &[T]) -> (usize, usize) {
    for length in 1..=LONGEST_ROW.min(keys.len()) {
        let rows = keys.chunks_exact(length);
        let times = rows.take_while(|row| *row == &keys[..length]).count();
        if times >= OFTEN || (length == 1 && times > 1) {
            return (length, times);
        }
    }
    (1, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(steps: &[&str]) -> Vec<(usize, String)> {
        let steps: Vec<_> = steps.iter().map(|&step| Moment::from(step)).collect();
        folded(&steps).into_iter().map(|shown| (shown.place, shown.text)).collect()
    }

    #[test]
    fn a_step_that_comes_again_is_told_once_whenever_it_came() {
        let steps = [
            "    0.1 ms  made it",
            "    1.0 ms  asked, after 0.5 ms",
            "   12.5 ms  asked, after 7.0 ms",
            "   13.0 ms  done",
        ];
        assert_eq!(
            told(&steps),
            [
                (1, "    0.1 ms  made it".to_owned()),
                (2, "    1.0 ms  asked, after 0.5 ms ×2".to_owned()),
                (4, "   13.0 ms  done".to_owned())
            ]
        );
    }

    #[test]
    fn a_row_of_steps_that_comes_again_is_told_once() {
        let steps = ["a", "b", "a", "b", "a", "b", "c"];
        let expected = [(1, "a"), (2, "b (the last 2 steps ×3)"), (7, "c")];
        assert_eq!(told(&steps), expected.map(|(place, text)| (place, text.to_owned())));
    }

    #[test]
    fn of_many_processes_that_are_made_the_first_is_told() {
        let steps = ["    0.4 ms  made process 7: a bystander", "    1.4 ms  made process 8: a bystander"];
        assert_eq!(told(&steps).len(), 2);
        let steps =
            [&steps[..], &["   11.4 ms  made process 10: a bystander", "made process 11: a helper"]].concat();
        let first = "    0.4 ms  made process 7: a bystander (and 2 more like it)";
        assert_eq!(told(&steps), [(1, first.to_owned()), (4, steps[3].to_owned())]);
    }

    #[test]
    fn steps_that_differ_are_all_told() {
        assert_eq!(told(&["pid 1", "pid 2", "pid 1", "pid 2"]).len(), 4);
        assert!(told(&[]).is_empty());
    }
}
