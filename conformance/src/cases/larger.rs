//! More generations, more groups and more ids than a demonstration has.

use super::checks::{FOUR, expect_answer, missed};
use super::{Case, Need};
use crate::contract::{DELIVERS_TO_EVERY_MEMBER, REPORTS_DELIVERED};
use crate::harness::{Context, Group, Lineage, Problem, Problems, Result, Shape};
use crate::report::symptom::Symptom;
use crate::subject::wire::Question;

/// How many groups one process of the subject is asked for. An agent keeps two descriptors for each.
const GROUPS: usize = 180;

/// How many groups live at a time, and how many of them are signalled before it is looked how much time is left.
const LIVE_GROUPS: usize = 1_000;
const A_PART: usize = 20;

/// How many processes a group has beside its leader and their parent, and what all are sent.
const CROWDS: [(usize, (&str, i32)); 3] = [(100, FOUR[3]), (1_100, FOUR[0]), (3_000, FOUR[2])];
const EVERY_MEMBER: &str = "every live member has received the signal when the answer comes";

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "ten-generations",
            "A line of ten generations, each the parent of the next, and one whose fourth generation has \
             exited and is reaped: each member receives it.",
            &[],
            |context| {
                let whole = context.line_of_descent(10)?;
                expect_reached(context, &whole)?;
                let mut broken = context.line_of_descent(10)?;
                let fourth = broken.members.remove(3);
                broken.dispositions.remove(3);
                context.exit(fourth)?;
                context.reap(fourth)?;
                expect_reached(context, &broken)
            },
        ),
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "ids-around-powers",
            "Groups whose id is a power of two or of ten, one less or one more, as far as the kernel gives such ids.",
            &[Need::ChosenIds],
            |context| {
                // One of each three is a neighbour's, too.
                let largest = context.abilities().pid_max - 2;
                let mut ids: Vec<u32> = powers().flat_map(|power| [power - 1, power, power + 1]).collect();
                ids.retain(|&id| (2..=largest).contains(&id));
                ids.sort_unstable();
                ids.dedup();
                // A slow subject is asked for some of them.
                context.rng().shuffle(&mut ids);
                let most = ids.len();
                for (count, id) in ids.into_iter().enumerate() {
                    if !context.another_round(count, 12, most) {
                        break;
                    }
                    if context.exists(id)? {
                        continue;
                    }
                    let group = context.group(&Shape::alone().at(id))?;
                    expect_reached(context, &group)?;
                    context.make_exited(&group)?;
                }
                Ok(())
            },
        ),
        Case::new(
            REPORTS_DELIVERED,
            "many-groups",
            "Up to a hundred and eighty groups, one after the other, by one process of the subject: the last \
             is live like the first.",
            &[],
            |context| {
                let mut count = 0;
                while context.another_round(count, 12, GROUPS) {
                    count += 1;
                    let group = context.group(&Shape::alone())?;
                    let answer = context.ask(group.id, "SIGTERM")?;
                    expect_answer(context, &answer, true, &format!("group number {count} is live"))?;
                    context.make_exited(&group)?;
                }
                Ok(())
            },
        ),
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "more-than-a-table-holds",
            "1,100 members, then 3,000 if the subject is fast, as far as there is room for them: more than fit into a \
             table of 1,024 or 2,048. A subject may answer Err if they are too many for it.",
            &[],
            |context| {
                let group = context.group(&Shape::alone().with(Lineage::Child))?;
                context.start()?;
                let reached = expect_crowds_reached(context, &group);
                let dispersed = context.disperse(group.members[1]);
                reached.and(dispersed)
            },
        ),
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "a-thousand-groups",
            "A thousand live groups of one member each, signalled one after the other by one process of the subject: each \
             member receives it. A slow subject gets fewer, and a command a hundred.",
            &[],
            |context| {
                let parent = context.group(&Shape::alone())?.id;
                let most = context.repeated(LIVE_GROUPS);
                let ids = context.gather_leaders(parent, most)?;
                let reached = expect_leaders_reached(context, parent, &ids);
                let dispersed = context.disperse(parent);
                reached.and(dispersed)
            },
        ),
    ]
}

/// The powers of two and of ten that can be pids.
fn powers() -> impl Iterator<Item = u32> {
    (1..=22).map(|exponent| 1 << exponent).chain((1..=6).map(|exponent| 10_u32.pow(exponent)))
}

fn expect_reached(context: &mut Context, group: &Group) -> Result {
    let _ = context.ask(group.id, "SIGTERM")?;
    let snapshot = context.snapshot()?;
    let problems = missed(context, &snapshot, group, libc::SIGTERM, 1);
    context.expect_none(EVERY_MEMBER, problems)
}

/// Signals a group with ever more members, children of the leader's child.
fn expect_crowds_reached(context: &mut Context, group: &Group) -> Result {
    let parent = group.members[1];
    let mut crowd = 0;
    for (place, (most, (name, signal))) in CROWDS.into_iter().enumerate() {
        let wanted = most - crowd;
        let gathered = context.gather(parent, wanted)?;
        crowd += gathered;
        let (answer, took) = context.ask_timed(group.id, name)?;
        if answer.is_err() {
            break;
        }
        expect_answer(context, &answer, true, "the group is live")?;
        let snapshot = context.snapshot()?;
        let problems = missed(context, &snapshot, group, signal, 1);
        context.expect_none(EVERY_MEMBER, problems)?;
        expect_crowd_reached(context, parent, crowd, (name, signal))?;
        let Some((next, _)) = CROWDS.get(place + 1) else { break };
        // A subject that goes from member to member takes three times as long for three times as many.
        let growth = u32::try_from(next.div_ceil(most)).unwrap_or(u32::MAX);
        if gathered < wanted || took * growth > context.settings().timeout {
            break;
        }
    }
    Ok(())
}

/// Signals groups of one member each, the crowd of `parent`.
fn expect_leaders_reached(context: &mut Context, parent: u32, ids: &[u32]) -> Result {
    let (name, signal) = FOUR[0];
    let mut asked = 0;
    while context.another_round(asked, A_PART.min(ids.len()), ids.len()) {
        let part = &ids[asked..ids.len().min(asked + A_PART)];
        let questions: Vec<_> = part.iter().map(|&id| Question::new(id, name)).collect();
        for (place, answered) in context.ask_all(&questions, 1)?.into_iter().enumerate() {
            let why = format!("group number {} is live", asked + place + 1);
            expect_answer(context, &answered.line.answer, true, &why)?;
        }
        asked += part.len();
    }
    let mut missed = context.missed_in_crowd(parent, signal)?;
    missed.retain(|id| ids[..asked].contains(id));
    expect_no_one_missed(context, &missed, asked, name)
}

/// Ends the case unless each of a member's crowd, which are `of`, has received the signal.
pub(super) fn expect_crowd_reached(
    context: &mut Context,
    parent: u32,
    of: usize,
    (name, signal): (&str, i32),
) -> Result {
    let missed = context.missed_in_crowd(parent, signal)?;
    expect_no_one_missed(context, &missed, of, name)
}

fn expect_no_one_missed(context: &mut Context, missed: &[u32], of: usize, name: &str) -> Result {
    let told = |first| format!("{} of {of} did not receive {name}, process {first} first", missed.len());
    let problem = |first| Problem::new(Symptom::Missed, told(first));
    let problems: Problems = missed.first().map(problem).into_iter().collect();
    context.expect_none(EVERY_MEMBER, problems)
}
