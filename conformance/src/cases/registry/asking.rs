//! Whom a signaller is asked for: each entry once, in order, with the name as given.

use super::checks::{EDGES, FIVE, Round, answering, holding, listed, rows, thousand};
use crate::cases::{Case, Need};
use crate::contract::ASKS_ONCE_PER_ENTRY_IN_ORDER;
use crate::harness::{Context, Cycle, Problems, Result, call_text};
use crate::subject::registry::script::Script;

const IN_ORDER: &str = "the signaller is asked once for each entry of the list, in the order of the list";
const LOST: &str = "connection lost";

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let lost = || Err(LOST.to_owned());
    vec![
        Case::new(
            ASKS_ONCE_PER_ENTRY_IN_ORDER,
            "name-as-given",
            "Names good and bad are passed on unread: whether one is known is for the signaller to say.",
            &[],
            |context| {
                let long = "SIGTERM".repeat(2_000);
                let names = [
                    "SIGTERM",
                    "SIGKILL",
                    "SIGINT",
                    "SIGHUP",
                    "sigterm",
                    "SigTerm",
                    "TERM",
                    "15",
                    "0",
                    "-9",
                    "",
                    " ",
                    "SIGTERM ",
                    " SIGTERM",
                    "SIGTERM\n",
                    "SIGTERM\0",
                    "SIGUSR1",
                    "SIG",
                    "KILL;reboot",
                    "$(reboot)",
                    "СИГТЕРМ",
                    "ＳＩＧＴＥＲＭ",
                    &long,
                ];
                holding(context, &FIVE, Script::new(1))?;
                for name in names {
                    let cycle = context.signal_all(name)?;
                    let changed = cycle.calls.iter().filter(|call| call.signal_name != name).map(call_text);
                    context.expect_none(
                        &format!("the signaller is asked for exactly {name:?}"),
                        changed.collect::<Problems>(),
                    )?;
                    let asked = cycle.asked();
                    let problem = format!("the signaller was asked for {} of 5 entries", asked.len());
                    let problems = if asked.is_empty() { vec![problem] } else { Vec::new() };
                    context.expect_none("the signaller is asked, whatever the name", problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            ASKS_ONCE_PER_ENTRY_IN_ORDER,
            "whatever-is-answered",
            "One to four groups with every mixture of delivered, exited and error: no answer may let an \
             entry be left out or asked for twice.",
            &[],
            move |context| {
                for count in 1..=4 {
                    for answers in rows(count, &[Ok(true), Ok(false), lost()]) {
                        holding(context, &FIVE[..count], answering(&FIVE, &answers))?;
                        once_in_order(context, "SIGTERM")?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            ASKS_ONCE_PER_ENTRY_IN_ORDER,
            "cycle-after-cycle",
            "Five groups, of which each cycle drops one, wherever it stands: the next cycle must ask for the rest.",
            &[],
            |context| {
                for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 1, 3, 0, 4]] {
                    holding(context, &FIVE, Script::new(1))?;
                    for place in order {
                        context.script(Script::new(1).says(FIVE[place].0, Ok(false)))?;
                        once_in_order(context, "SIGTERM")?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            ASKS_ONCE_PER_ENTRY_IN_ORDER,
            "after-changes",
            "Entries registered twice, with other labels or equal ones, some forgotten, some registered \
             again, and the signaller replaced: still one call an entry.",
            &[],
            |context| {
                holding(context, &FIVE, Script::new(1))?;
                context.register_all(&FIVE)?;
                once_in_order(context, "SIGTERM")?;
                context.register_all(&FIVE.map(|(leader_pid, _)| (leader_pid, "same label")))?;
                once_in_order(context, "SIGTERM")?;
                context.forget(FIVE[1].0)?;
                context.forget(FIVE[3].0)?;
                once_in_order(context, "SIGTERM")?;
                context.register(FIVE[1].0, "again")?;
                once_in_order(context, "SIGTERM")?;
                context.swap(Script::new(2))?;
                once_in_order(context, "SIGKILL")
            },
        ),
        Case::new(
            ASKS_ONCE_PER_ENTRY_IN_ORDER,
            "any-leader-pid",
            "Leader pids at every edge are asked for as they were given: nothing is cut, wrapped or refused.",
            &[Need::Sandbox],
            |context| {
                holding(context, &EDGES.map(|leader_pid| (leader_pid, "edge")), Script::new(1))?;
                once_in_order(context, "SIGTERM")
            },
        ),
        Case::new(
            ASKS_ONCE_PER_ENTRY_IN_ORDER,
            "a-thousand",
            "A thousand groups with all kinds of answers, twice.",
            &[],
            move |context| {
                let entries = thousand();
                let answers: Vec<_> = [Ok(true), lost(), Ok(false)].into_iter().cycle().take(1_000).collect();
                holding(context, &entries, answering(&entries, &answers))?;
                once_in_order(context, "SIGTERM")?;
                once_in_order(context, "SIGTERM")
            },
        ),
        Case::new(
            ASKS_ONCE_PER_ENTRY_IN_ORDER,
            "a-batch-of-the-wrong-length",
            "A signaller that is asked for five groups at once and answers for four, or for six: those that \
             it answered for must not be asked for again.",
            &[],
            |context| {
                for count in [0, 1, 4, 6] {
                    holding(context, &FIVE, Script::new(1).batch(vec![Ok(true); count]))?;
                    let round = Round::run(context, "SIGTERM")?;
                    let answered = listed(&round.before).into_iter().take(count);
                    let times = |pid: u32| round.cycle.asked().iter().filter(|&&asked| asked == pid).count();
                    let twice = answered.filter(|&pid| times(pid) > 1);
                    let sentence = |pid| format!("the signaller was asked for {pid} {} times", times(pid));
                    context.expect_none(
                        "the signaller is asked once for each entry",
                        twice.map(sentence).collect::<Problems>(),
                    )?;
                }
                Ok(())
            },
        ),
        Case::new(
            ASKS_ONCE_PER_ENTRY_IN_ORDER,
            "nor-later",
            "After a cycle in which some groups had exited and some could not be asked for, nothing may be \
             tried again behind the caller's back.",
            &[],
            move |context| {
                holding(context, &FIVE, answering(&FIVE, &[Ok(true), lost(), Ok(false), lost(), Ok(true)]))?;
                context.signal_all("SIGTERM")?;
                context.wait_for_latecomers();
                let (_, calls) = context.entries_and_calls()?;
                context.expect_none(
                    "no call after signal_all has returned",
                    calls.iter().map(call_text).collect::<Problems>(),
                )
            },
        ),
    ]
}

fn once_in_order(context: &mut Context, signal_name: &str) -> Result {
    let before = listed(&context.entries()?);
    let cycle = context.signal_all(signal_name)?;
    context.expect_none(IN_ORDER, wrongly_asked(&before, &cycle))
}

/// A sentence for each leader pid that was asked for another number of times than it is listed, or else one
/// if the order is another.
fn wrongly_asked(before: &[u32], cycle: &Cycle) -> Vec<String> {
    let asked = cycle.asked();
    let times = |list: &[u32], pid: u32| list.iter().filter(|&&other| other == pid).count();
    let mut all = [before, &asked].concat();
    all.sort_unstable();
    all.dedup();
    let mut problems = Vec::new();
    for pid in all {
        match (times(before, pid), times(&asked, pid)) {
            (owed, is) if owed == is => {}
            (0, _) => problems.push(format!("the signaller was asked for {pid}, which is not listed")),
            (_, 0) => problems.push(format!("the signaller was not asked for {pid}")),
            (_, is) => problems.push(format!("the signaller was asked for {pid} {is} times")),
        }
    }
    if problems.is_empty()
        && let Some(place) = asked.iter().zip(before).position(|(is, owed)| is != owed)
    {
        let (is, owed) = (asked[place], before[place]);
        problems.push(format!("the signaller was asked for {is} where {owed} was next"));
    }
    problems
}
