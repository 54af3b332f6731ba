//! Histories of calls that are under way at the same time, while groups end and ids come back.

use super::orders::{self, Explanation, Occurrence, What};
use super::said;
use crate::cases::checks::WATCHABLE;
use crate::cases::{Case, Need};
use crate::contract::SAFE_TO_SHARE;
use crate::harness::{Abort, Context, Group, Lineage, Result, Shape, Snapshot};
use crate::subject::wire::Question;
use crate::testbed::protocol::{State, signal_name};
use process_groups::model::{Answer, Disposition, Life, Member, NAMES, World};
use std::time::Instant;

/// How many histories a fast subject gets.
const MOST: usize = 24;
/// How many a slow one gets.
const FEWEST: usize = 1;

/// The case about histories.
pub fn cases() -> Vec<Case> {
    vec![Case::new(
        SAFE_TO_SHARE,
        "parallel-histories",
        "Two to four calls at once, again and again, while a group ends, is reaped, and another gets its id: some \
         order of what happened, one after the other, comes to the same.",
        &[Need::RightAlone, Need::ChosenIds],
        |context| {
            expect_right_alone(context)?;
            let gone = context.exited_group(&Shape::alone())?;
            let mut done = 0;
            let most = context.repeated(MOST);
            while context.another_round(done, FEWEST, most) {
                context.leave_out(&match done {
                    0 => "calls one after the other, all as expected".to_owned(),
                    _ => format!("histories before this one, all as expected: {done}"),
                });
                history(context, &gone, 2 + done % 3)?;
                done += 1;
            }
            Ok(())
        },
    )]
}

/// Skips the case if a call alone has not the answer that it should have.
fn expect_right_alone(context: &mut Context) -> Result {
    let first = context.group(&Shape::alone())?;
    let before = context.ask(first.id, "SIGTERM")?;
    context.make_exited(&first)?;
    let again = context.group(&Shape::alone().at(first.id))?;
    let after = context.ask(first.id, "SIGTERM")?;
    let unknown = context.ask(first.id, "SIGFOO")?;
    context.make_exited(&again)?;
    let gone = context.exited_group(&Shape::alone())?;
    let exited = context.ask(gone.id, "SIGTERM")?;
    match (before, after, unknown, exited) {
        (Ok(true), Ok(true), Err(_), Ok(false)) => Ok(()),
        _ => Err(Abort::Lacks(Need::RightAlone, "it does not answer rightly one after the other".to_owned())),
    }
}

/// One history, with so many calls at once.
fn history(context: &mut Context, gone: &Group, at_once: usize) -> Result {
    // Whose parent the subject may kill, the agent could not reap.
    let shape = Shape::alone().with(Lineage::Guest);
    let (ending, staying) = (context.group(&shape)?, context.group(&shape)?);
    let world = world_of(&[&ending, &staying], gone);
    let questions = questions(context, &ending, &staying, gone);
    let mut changes = Vec::new();
    let mut made = None;
    let answers = context.ask_until(&questions, at_once, |context, wait| {
        wait();
        step(&mut changes, What::Ended(ending.id), || context.end_all(&ending))?;
        for &pid in &ending.members {
            step(&mut changes, What::Reaped(pid), || context.reap(pid))?;
        }
        wait();
        let shape = Shape::alone().at(ending.id);
        made = Some(step(&mut changes, What::Made(ending.id), || context.group(&shape))?);
        Ok(())
    })?;
    let is_open = |step: &Occurrence| is_left_open(step, ending.id, &changes);
    let calls = answers.iter().zip(questions.iter().cycle()).map(|(answered, question)| Occurrence {
        between: answered.between,
        what: What::Answered {
            leader_pid: question.leader_pid,
            signal_name: question.signal_name.clone(),
            answer: said(&answered.line.answer),
        },
    });
    let mut steps: Vec<_> = calls.filter(|step| !is_open(step)).collect();
    steps.extend(changes.iter().cloned());
    let snapshot = context.snapshot()?;
    let found = orders::order(&world, &steps, &|world| agrees(world, &snapshot));
    let left: Vec<_> = made.iter().chain([&staying]).collect();
    if let Explanation::Nothing { tried, reasons } = found {
        let calls = steps.len() - changes.len();
        let summary = format!(
            "no order of the {calls} calls and the {} changes explains what was seen (the search took {tried} steps)",
            changes.len()
        );
        let expected = "some order of the calls and of what happened to the group, one after the other, has \
                        these answers and these effects";
        let members = left.iter().flat_map(|group| &group.members);
        let why = match reasons.is_empty() {
            true => members.map(|&pid| context.sentence(&snapshot, pid)).collect(),
            false => reasons,
        };
        context.expect_none(expected, [vec![summary], why].concat())?;
    }
    for group in left {
        context.make_exited(group)?;
    }
    Ok(())
}

/// The model of groups that live, and of one that has exited.
fn world_of(groups: &[&Group], gone: &Group) -> World {
    let mut world = World::new();
    for group in groups.iter().chain([&gone]) {
        let members = group.members.iter().map(|&pid| Member::new(pid, Disposition::Watches));
        world.spawn(group.id, members.collect());
    }
    world.exit_all(gone.id);
    world.reap_all(gone.id);
    world
}

/// What is asked again and again. One group in three of those that stay is sent SIGKILL; a leader that is killed
/// while it is made is none.
fn questions(context: &mut Context, ending: &Group, staying: &Group, gone: &Group) -> Vec<Question> {
    let mut names = WATCHABLE.map(|(name, _)| name);
    context.rng().shuffle(&mut names);
    let [one, two, three] = names;
    let three = if context.rng().u8(..3) == 0 { "SIGKILL" } else { three };
    let mut questions = vec![
        Question::new(ending.id, one),
        Question::new(ending.id, two),
        Question::new(staying.id, three),
        Question::new(gone.id, one),
    ];
    context.rng().shuffle(&mut questions);
    questions
}

/// Lets it happen, and adds it to the occurrences.
fn step<T>(occurrences: &mut Vec<Occurrence>, what: What, happen: impl FnOnce() -> Result<T>) -> Result<T> {
    let begun = Instant::now();
    let done = happen()?;
    occurrences.push(Occurrence { between: (begun, Instant::now()), what });
    Ok(done)
}

/// Whether the answer is an error for the group that ends, while it does: one that is not reaped may be taken
/// for refused, which is but a warning, and a process that leads no group yet for something odd.
fn is_left_open(step: &Occurrence, ending: u32, changes: &[Occurrence]) -> bool {
    let What::Answered { leader_pid, signal_name, answer: Answer::Failed } = &step.what else { return false };
    let (Some(first), Some(last)) = (changes.first(), changes.last()) else { return false };
    let overlaps = step.between.1 >= first.between.0 && step.between.0 <= last.between.1;
    *leader_pid == ending && NAMES.contains(&signal_name.as_str()) && overlaps
}

/// Whether the processes are as that world says. Of signals of one name that come together the kernel keeps one.
fn agrees(world: &World, snapshot: &Snapshot) -> bool {
    world.processes().all(|member| {
        let seen: Vec<_> = snapshot.sent(member.pid()).into_iter().map(signal_name).collect();
        let count = |name: &str| seen.iter().filter(|one| *one == name).count();
        let owed = |name: &str| member.received().iter().filter(|one| **one == name).count();
        match (member.life(), snapshot.state(member.pid())) {
            (Life::Running, State::Running) => {
                let fits = |name: &&str| (owed(name).min(1)..=owed(name)).contains(&count(name));
                NAMES.iter().all(fits) && seen.iter().all(|name| NAMES.contains(&name.as_str()))
            }
            (Life::Exited { .. }, State::Killed(libc::SIGKILL)) => true,
            _ => false,
        }
    })
}
