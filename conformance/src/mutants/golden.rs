//! The message that each mutant provokes: call, expected, actual, what to check. The golden file holds one or
//! more for each mutant, and the suite is only as it should be while the mutant still provokes one of them,
//! as far as they are of the cases that catch it in this run.
//!
//! What many processes do at once happens in any order, and not each time to the same ones: of messages that
//! differ in nothing but what happened, the lines of that are one set, and a message is held that has lines
//! of the set alone.

use super::scorecard::MutantRow;
use crate::contract::SAFE_TO_SHARE;
use crate::report::{Outcome, text};
use crate::testbed::agent::LARGEST_ID;
use regex::{Captures, Regex};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::LazyLock;

/// Begins the heading of a message, which goes on with the name of the mutant.
const HEADING: &str = "== ";

/// Stands for the call of a message where many are made at once.
const ANY_CALL: &str = "any of its calls";

/// What differs from run to run: texts in quotes (to be left alone), addresses in memory, and numbers.
static VARYING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#""(?:[^"\\]|\\.)*"|\b0x[0-9a-f]{9,}|\b\d+(?:\.\d+)?"#).expect("the expression is right")
});

/// What differs from run to run by what stands before it: the folder that a name may point to, which has a
/// fresh name for each run; the one that the suite is run in; which of several questions at once is hit; how
/// far a case has counted ids that are too large for a pid; and how much of something a subject held at
/// first.
static VARYING_BEHIND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(/marks-)\w{6}\b|(the working directory was )\S+|(the subject answered id |standard output with |grew from )\d+|(signal\()20000\d{5}\b",
    )
    .expect("the expression is right")
});

/// The messages of mutants, by the mutant's name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Messages(BTreeMap<String, Vec<String>>);

impl Messages {
    /// The golden file of this build.
    pub fn golden() -> Self {
        Self::read(include_str!("messages.golden"))
    }

    /// The messages of a text that [`Display`](fmt::Display) wrote. What stands before the first heading is a
    /// remark.
    pub fn read(text: &str) -> Self {
        let mut messages = Self::default();
        for block in format!("\n{text}").split(&format!("\n{HEADING}")).skip(1) {
            let (name, message) = block.split_once('\n').unwrap_or((block, ""));
            messages.0.entry(name.to_owned()).or_default().push(message.trim_end().to_owned());
        }
        messages
    }

    /// Whether one of the messages that this mutant provoked is among its messages here, or all are of cases
    /// from which none is here: which case catches a mutant first may differ from run to run.
    pub fn have_message_of(&self, row: &MutantRow) -> bool {
        let known = self.cases_of(row.mutant.name);
        self.holds_one_of(row)
            || (!known.is_empty() && provoked(row).all(|told| !known.contains(case_of(&told))))
    }

    /// The cases that have a message of the mutant here.
    pub fn cases_of(&self, mutant: &str) -> BTreeSet<&str> {
        self.0.get(mutant).into_iter().flatten().map(|message| case_of(message)).collect()
    }

    fn holds_one_of(&self, row: &MutantRow) -> bool {
        provoked(row).any(|message| self.hold(row.mutant.name, &message))
    }

    fn hold(&self, mutant: &str, message: &str) -> bool {
        let (about, happened) = parts(message);
        let known = self.0.get(mutant).map_or(&[][..], Vec::as_slice);
        let alike = known.iter().map(|known| parts(known)).filter(|(known, _)| *known == about);
        let lines: BTreeSet<_> = alike.flat_map(|(_, lines)| lines).collect();
        !lines.is_empty() && happened.is_subset(&lines)
    }

    /// Adds the first message that this mutant provoked, unless one that it provoked is here.
    pub fn learn(&mut self, row: &MutantRow) {
        if let Some(message) = provoked(row).next().filter(|_| !self.holds_one_of(row)) {
            self.0.entry(row.mutant.name.to_owned()).or_default().push(message);
        }
    }
}

impl fmt::Display for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "What the suite says of each mutant that it tries; a number that differs from run to run is N.\n"
        )?;
        let all =
            self.0.iter().flat_map(|(name, messages)| messages.iter().map(move |message| (name, message)));
        for (name, message) in all {
            writeln!(f, "{HEADING}{name}\n{message}\n")?;
        }
        Ok(())
    }
}

/// The messages that a mutant provoked under the requirement that is named for it, in the order of the cases,
/// each with its case, without the timeline, and without what differs from run to run.
pub fn provoked(row: &MutantRow) -> impl Iterator<Item = String> {
    let of_its_requirement = row.results.iter().filter(|result| result.requirement == row.mutant.requirement);
    of_its_requirement.filter_map(|result| {
        let Outcome::Breached(finding) = &result.outcome else { return None };
        let mut finding = finding.without_timeline();
        if result.requirement == SAFE_TO_SHARE || result.case.ends_with("/beside-a-storm") {
            // Which of the calls is hit differs from run to run.
            ANY_CALL.clone_into(&mut finding.asked);
        }
        let happened = lasting(&finding.to_string());
        Some(format!("{}\n{happened}{}", result.case, text::what_to_check(result.requirement.check)))
    })
}

/// The id of the case that tells the message.
fn case_of(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

/// What a message says but for what happened, and the lines of what happened.
fn parts(message: &str) -> ([&str; 2], BTreeSet<&str>) {
    let (before, after) = message.split_once("\nactual:   ").unwrap_or((message, ""));
    let (happened, advice) = after.split_once(text::CHECK).unwrap_or((after, ""));
    ([before, advice], happened.lines().map(str::trim_start).collect())
}

/// The text with an `N` for each number that could be a pid, a count or a duration, and for what is fresh in
/// a folder's name. 0 and 1 stay, and whatever else stands in quotes.
fn lasting(text: &str) -> String {
    let replace = |found: &Captures<'_>| match &found[0] {
        "0" | "1" => found[0].to_owned(),
        quoted if quoted.starts_with('"') => quoted.to_owned(),
        // No pid: it is the same in each run.
        number if number.parse().is_ok_and(|number: u64| number > LARGEST_ID.into()) => number.to_owned(),
        _ => "N".to_owned(),
    };
    VARYING.replace_all(&VARYING_BEHIND.replace_all(text, "${1}${2}${3}${4}N"), replace).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::scorecard::tests::{breach, result, row};
    use super::*;

    #[test]
    fn numbers_that_differ_from_run_to_run_are_left_out() {
        let told = |text| lasting(text);
        assert_eq!(
            told("process 20005 received SIGTERM (from pid 7)"),
            "process N received SIGTERM (from pid N)"
        );
        assert_eq!(told("signal(4294967295, \"15\") after 4.5 ms"), "signal(4294967295, \"15\") after N ms");
        assert_eq!(told("\"/tmp/marks-R0X7Hr/script\""), "\"/tmp/marks-N/script\"");
        assert_eq!(told("caught at 0x556804180b40 (flags 0x14000000)"), "caught at N (flags 0x14000000)");
        assert_eq!(told("signal(2000001234, \"SIGTERM\")"), "signal(N, \"SIGTERM\")");
        assert_eq!(told("zombies grew from 0 to 8"), "zombies grew from N to N");
        assert_eq!(told("the subject answered id 0 twice"), "the subject answered id N twice");
        assert_eq!(
            told("the working directory was /home/x and is /"),
            "the working directory was N and is /"
        );
        assert_eq!(told("leader pid 1, not 0; \"a \\\" 12\" 13"), "leader pid 1, not 0; \"a \\\" 12\" N");
    }

    #[test]
    fn of_what_happened_any_of_the_known_lines_may_be_told_and_no_other() {
        let message = |case: &str, lines: &[&str]| {
            format!(
                "{case}\ncall:     x\nexpected: y\nactual:   {}{}\n   1. z",
                lines.join("\n          "),
                text::CHECK
            )
        };
        let known = vec![message("a/b", &["one", "two"]), message("a/b", &["two", "three"])];
        let messages = Messages(BTreeMap::from([("mutant".to_owned(), known)]));
        assert!(messages.hold("mutant", &message("a/b", &["three", "one", "one"])));
        assert!(!messages.hold("mutant", &message("a/b", &["one", "four"])));
        assert!(!messages.hold("mutant", &message("a/c", &["one"])));
        assert!(!messages.hold("another", &message("a/b", &["one"])));
    }

    #[test]
    fn a_message_is_held_against_the_suite_unless_no_case_that_the_file_knows_has_told_one() {
        let row = |cases: &[&str]| row(cases.iter().map(|case| result(case, breach())).collect());
        let [known, other] = ["delivers-to-every-member/a", "delivers-to-every-member/b"];
        let mut messages = Messages::default();
        assert!(!messages.have_message_of(&row(&[known])), "nothing is known of it");
        messages.learn(&row(&[known]));
        assert!(messages.have_message_of(&row(&[known])));
        assert!(messages.have_message_of(&row(&[other, known])), "one that is known is enough");
        assert!(messages.have_message_of(&row(&[other])), "another case has caught it");
        for told in messages.0.get_mut("leader-only").expect("it was learnt") {
            *told = told.replace("otherwise", "so");
        }
        assert!(!messages.have_message_of(&row(&[known])), "the case says something else now");
        assert!(!messages.have_message_of(&row(&[other, known])));
    }

    #[test]
    fn what_is_written_can_be_read() {
        let mut messages = Messages::default();
        messages
            .0
            .insert("leader-only".to_owned(), vec!["a/b\nasked: x".to_owned(), "a/c\nasked: y".to_owned()]);
        messages.0.insert("late".to_owned(), vec!["d/e\nasked: z\n\n  with == a rule".to_owned()]);
        assert_eq!(Messages::read(&messages.to_string()), messages);
    }
}
