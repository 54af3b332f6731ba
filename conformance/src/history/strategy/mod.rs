//! Which histories are tried: weighted so that every situation of interest is common.

mod fencing;
mod groups;
mod pids;
mod stopping;

use super::reference::Reference;
use super::step::{Signaller, Step};
use process_groups::model::requirement::EXITED_IS_REPEATABLE;
use process_groups::model::{Group, Life, Member};
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Just, NewTree, Strategy, Union, ValueTree};
use proptest::test_runner::TestRunner;
use proptest_state_machine::Sequential;
use std::ops::RangeInclusive;

/// How many steps a history has.
pub const STEPS: RangeInclusive<usize> = 8..=26;

/// How many groups there are at most at a time: enough for one in the middle and one that is not registered.
const GROUPS: u32 = 4;

/// Names that are none of the four: typing mistakes, other spellings, words for a shell and an option parser.
const BAD_NAMES: [&str; 13] = [
    "SIGTREM",
    "",
    "sigterm",
    "TERM",
    "15",
    "9",
    " SIGTERM",
    "SIGKILL\n",
    "SIGTERMS",
    "0",
    "-9",
    "SIG",
    "KILL -1",
];

const LABELS: [&str; 4] = ["make", "vim", "cargo test", "bash"];

/// What a history is mostly about. Long ways are found by those that keep to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Theme {
    /// Everything.
    All,
    /// Groups that end and whose few pids come back.
    Ends,
    /// Groups that are stopped and go on.
    Stops,
    /// Entries that come and go.
    Lists,
    /// Groups that a filter closes to the subject.
    Sealed,
    /// Pids that come back to other owners, and targets that were kept before.
    Fenced,
    /// Groups that end by SIGTERM, and groups that do not.
    Stopped,
}

/// The state from which the next step is chosen.
#[derive(Clone, Debug)]
pub struct State {
    /// What the model says.
    pub reference: Reference,
    theme: Theme,
    /// The pids of the history's processes. They are few, so that they come back.
    pids: Vec<u32>,
    /// Whether processes of another user are available.
    others: bool,
    /// Whether the registry under test fences reused pids.
    fences: bool,
}

/// Histories, and how they shrink: by leaving out steps and by taking simpler ones.
pub type Strategies = Sequential<State, Step, BoxedStrategy<State>, BoxedStrategy<Step>>;

/// One history with all to which it can shrink.
pub type Tree = <Strategies as Strategy>::Tree;

/// Every history. `others` says whether processes of another user are available.
pub fn histories(others: bool) -> Strategies {
    let themes = vec![
        (3, Just(Theme::All)),
        (6, Just(Theme::Ends)),
        (4, Just(Theme::Stops)),
        (3, Just(Theme::Lists)),
        (1, Just(Theme::Sealed)),
    ];
    histories_about(themes, others, false)
}

/// Those for a registry that fences reused pids, which are tried beside the others.
pub fn fenced_histories(others: bool) -> Strategies {
    histories_about(vec![(1, Just(Theme::Fenced))], others, true)
}

/// Those for a registry that stops its groups, which are tried beside the others, too.
pub fn stopped_histories(others: bool, fences: bool) -> Strategies {
    histories_about(vec![(1, Just(Theme::Stopped))], others, fences)
}

fn histories_about(themes: Vec<(u32, Just<Theme>)>, others: bool, fences: bool) -> Strategies {
    Sequential::new(
        STEPS.into(),
        move || State::first(Union::new_weighted(themes.clone()), others, fences),
        |state: &State, step: &Step| state.reference.objection(step).is_none(),
        |state: &State| state.next(),
        |mut state: State, step: &Step| {
            state.reference.apply(step);
            state
        },
    )
}

impl State {
    fn first(theme: Union<Just<Theme>>, others: bool, fences: bool) -> BoxedStrategy<Self> {
        let state = move |(theme, mut pids): (Theme, Vec<u32>)| {
            pids.truncate(match theme {
                Theme::Ends => 4,
                Theme::Fenced => 3,
                _ => pids.len(),
            });
            Self { reference: Reference::default(), theme, pids, others, fences }
        };
        // Steps hold their pids: to shrink these would change nothing.
        (theme, pids::several()).prop_map(state).no_shrink().boxed()
    }

    /// The step that comes next.
    fn next(&self) -> BoxedStrategy<Step> {
        let mut choices = Choices::default();
        self.offer_operations(&mut choices);
        self.offer_signals(&mut choices);
        self.offer_ends(&mut choices);
        self.offer_stops(&mut choices);
        self.offer_fencing(&mut choices);
        self.offer_stopping(&mut choices);
        let groups = self.reference.world.groups().len() as u32;
        choices.offer(12_u32.saturating_sub(12 / GROUPS * groups), groups::spawn(self));
        choices.boxed()
    }

    /// The weight of what is typical of a theme.
    fn weight(&self, typical_of: Theme, weight: u32) -> u32 {
        let is_typical = match self.theme {
            Theme::Fenced => matches!(typical_of, Theme::Ends | Theme::Lists),
            theme => theme == typical_of,
        };
        if is_typical { 4 * weight } else { weight }
    }

    fn offer_operations(&self, choices: &mut Choices) {
        let held = self.reference.registry.questions();
        let new = |mut leader_pids: Vec<u32>| {
            leader_pids.retain(|pid| !held.contains(pid));
            self.register(leader_pids)
        };
        choices.offer(self.weight(Theme::Lists, 10), new(self.leaders(Group::is_live)));
        choices.offer(self.weight(Theme::Ends, 6), new(self.ended()));
        choices.offer(self.weight(Theme::Ends, 5), new(self.members()));
        choices.offer(self.weight(Theme::Lists, 1), new(self.never_there()));
        if matches!(self.theme, Theme::All | Theme::Lists) {
            choices.offer(3, new(self.out_of_range()));
        }
        choices.offer(3, self.register(held.clone()));
        let middle = held.get(1..held.len().saturating_sub(1)).unwrap_or_default().to_vec();
        choices.each_of(self.weight(Theme::Lists, 2), middle, |leader_pid| Step::Forget { leader_pid });
        choices.each_of(self.weight(Theme::Lists, 1), held, |leader_pid| Step::Forget { leader_pid });
        choices.each_of(1, self.pids.clone(), |leader_pid| Step::Forget { leader_pid });
    }

    fn offer_signals(&self, choices: &mut Choices) {
        let held = self.reference.registry.entries().len() as u32;
        let name = Union::new_weighted(vec![
            (6, select(&["SIGTERM", "SIGINT", "SIGHUP"][..]).boxed()),
            (2, Just("SIGKILL").boxed()),
            (1, select(&BAD_NAMES[..]).boxed()),
        ]);
        let signal_all = name.prop_map(|name| Step::SignalAll { signal_name: name.to_owned() });
        let weight = match held {
            0 => 2,
            // There a stop comes in its place.
            _ if self.theme == Theme::Stopped => 2,
            _ => 10 + 4 * held.min(3),
        };
        choices.offer(weight, Some(signal_all.boxed()));

        let now = self.reference.signaller;
        let mut others = vec![Signaller::First, Signaller::Second, Signaller::Unreachable];
        others.retain(|to| *to != now);
        // Back from one that reaches nobody before long: everything else waits for it.
        let weight = if now == Signaller::Unreachable { 16 } else { 3 };
        choices.offer(weight, Some(select(others).prop_map(|to| Step::Swap { to }).boxed()));
    }

    fn offer_ends(&self, choices: &mut Choices) {
        if self.theme == Theme::Sealed {
            return;
        }
        let ends = |weight| self.weight(Theme::Ends, weight);
        choices.each_of(ends(2), self.leaders(Group::is_live), |leader_pid| Step::ExitAll { leader_pid });
        let gone = self.leaders(|group| !group.is_live());
        choices.each_of(ends(5), gone, |leader_pid| Step::ReapAll { leader_pid });
        choices.each_of(1, self.processes(|life| life == Life::Running), |pid| Step::Exit { pid });
        let exited = self.processes(|life| matches!(life, Life::Exited { .. }));
        choices.each_of(1, exited, |pid| Step::Reap { pid });
        // To survivors: a leader that exits before others, and is reaped.
        choices.each_of(3, self.leaders(has_others_than_its_leader), |pid| Step::Exit { pid });
        let leaderless = self.leaders(|group| group.is_live() && group.is_leaderless());
        choices.each_of(8, leaderless, |pid| Step::Reap { pid });
    }

    fn offer_stops(&self, choices: &mut Choices) {
        let stops = |weight| self.weight(Theme::Stops, weight);
        let waiting = self.leaders(|group| group.members().iter().any(|member| !member.pending().is_empty()));
        let stopped = self.leaders(|group| has(group, Life::Stopped));
        let running = self.leaders(|group| has(group, Life::Running));
        choices.each_of(stops(3), running, |leader_pid| Step::StopAll { leader_pid });
        choices.each_of(stops(1), stopped, |leader_pid| Step::ContinueAll { leader_pid });
        choices.each_of(stops(3), waiting, |leader_pid| Step::ContinueAll { leader_pid });
        choices.each_of(1, self.processes(|life| life == Life::Running), |pid| Step::Stop { pid });
        choices.each_of(1, self.processes(|life| life == Life::Stopped), |pid| Step::Continue { pid });
    }

    fn register(&self, leader_pids: Vec<u32>) -> Option<BoxedStrategy<Step>> {
        let step = |(leader_pid, label): (u32, &str)| Step::Register { leader_pid, label: label.to_owned() };
        // Where owners change, the same one must come again often.
        let labels = if self.theme == Theme::Fenced { &LABELS[..2] } else { &LABELS[..] };
        Some((one_of(leader_pids)?, select(labels)).prop_map(step).boxed())
    }

    /// Ids of groups that have exited; if there are any, those that were asked for since.
    fn ended(&self) -> Vec<u32> {
        let world = &self.reference.world;
        let ended =
            self.pids.iter().copied().filter(|pid| world.group(*pid).is_none() && world.has_ended(*pid));
        let asked = |pid: &u32| world.allowed(*pid, "SIGTERM").requirement == Some(EXITED_IS_REPEATABLE);
        let (again, ended): (Vec<u32>, Vec<u32>) = ended.partition(asked);
        if again.is_empty() { ended } else { again }
    }

    /// Pids of processes that lead no group; if there are any, those that had been leaders.
    fn members(&self) -> Vec<u32> {
        let world = &self.reference.world;
        let members = self.processes(|_| true).into_iter().filter(|pid| world.group(*pid).is_none());
        let (former, members): (Vec<u32>, Vec<u32>) = members.partition(|pid| world.has_ended(*pid));
        if former.is_empty() { members } else { former }
    }

    /// Valid leader pids that no group ever had.
    fn never_there(&self) -> Vec<u32> {
        let world = &self.reference.world;
        // One that a filter will close must not be asked for before.
        let pids = self.pids.iter().filter(|_| self.theme != Theme::Sealed);
        let pids = pids.copied().filter(|pid| world.is_free(*pid) && !world.has_ended(*pid));
        pids.chain(pids::NEVER_GIVEN).collect()
    }

    /// Leader pids that no group can have. Cast to a pid_t and negated some are what exists: the leaders
    /// themselves.
    fn out_of_range(&self) -> Vec<u32> {
        let wrapping = self.leaders(Group::is_live).into_iter().map(u32::wrapping_neg);
        wrapping.chain([1, 0, u32::MAX, 1 << 31]).collect()
    }

    fn leaders(&self, is: fn(&Group) -> bool) -> Vec<u32> {
        let groups = self.reference.world.groups().iter();
        groups.filter(|group| is(group)).map(Group::leader_pid).collect()
    }

    fn processes(&self, is: fn(Life) -> bool) -> Vec<u32> {
        let processes = self.reference.world.processes();
        processes.filter(|process| is(process.life())).map(Member::pid).collect()
    }
}

#[cfg(test)]
mod tests;

/// The steps that are possible, with how often each is taken. One that was taken shrinks by itself, and never
/// to one of another kind: what a history can do without is left out.
#[derive(Debug, Default)]
struct Choices(Vec<(u32, BoxedStrategy<Step>)>);

impl Choices {
    fn offer(&mut self, weight: u32, choice: Option<BoxedStrategy<Step>>) {
        self.0.extend(choice.filter(|_| weight > 0).map(|choice| (weight, choice)));
    }

    /// Offers that step for each of these pids.
    fn each_of(&mut self, weight: u32, pids: Vec<u32>, step: fn(u32) -> Step) {
        self.offer(weight, one_of(pids).map(|pid| pid.prop_map(step).boxed()));
    }
}

impl Strategy for Choices {
    type Tree = Box<dyn ValueTree<Value = Step>>;
    type Value = Step;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let sum: u32 = self.0.iter().map(|(weight, _)| weight).sum();
        let mut number = (0..sum).new_tree(runner)?.current();
        for (weight, choice) in &self.0 {
            match number.checked_sub(*weight) {
                Some(rest) => number = rest,
                None => return choice.new_tree(runner),
            }
        }
        Err("no step is possible".into())
    }
}

/// One of these; `None` when there is none.
fn one_of(pids: Vec<u32>) -> Option<BoxedStrategy<u32>> {
    // No pid is simpler than another.
    if pids.is_empty() { None } else { Some(select(pids).no_shrink().boxed()) }
}

fn has(group: &Group, life: Life) -> bool {
    group.members().iter().any(|member| member.life() == life)
}

fn has_others_than_its_leader(group: &Group) -> bool {
    let leader = |member: &&Member| member.pid() == group.leader_pid();
    let runs = group.members().iter().find(leader).is_some_and(|member| member.life() == Life::Running);
    runs && group.members().iter().any(|member| !leader(&member) && member.is_live())
}
