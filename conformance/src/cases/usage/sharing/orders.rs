//! Steps that overlapped, compared with the model: in some order, one after the other, they must come to what was
//! answered and to what was seen at the end.
//!
//! The search is that of Wing and Gong (Testing and Verifying Concurrent Objects, 1993): a step may come next if
//! none that is left had ended before it began.

use super::owed_text;
use process_groups::model::{Answer, Disposition, Member, World};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Instant;

/// After so many steps were tried nothing is said.
const MOST: usize = 20_000;

/// Something that happened between two moments.
#[derive(Clone, Debug)]
pub struct Occurrence {
    /// A moment before it, and one after it.
    pub between: (Instant, Instant),
    /// What it was.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The subject was asked, and answered.
    Answered {
        /// The leader pid that it was given.
        leader_pid: u32,
        /// The signal name that it was given.
        signal_name: String,
        /// What it answered.
        answer: Answer,
    },
    /// Every member of this group was ended.
    Ended(u32),
    /// This process was reaped.
    Reaped(u32),
    /// A leader alone has made this group.
    Made(u32),
}

/// What came of the search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Explanation {
    /// There is an order.
    Order,
    /// There is none.
    Nothing {
        /// How many steps were tried.
        tried: usize,
        /// Why answers could not come next where the search came furthest; none if only what was seen at the
        /// end speaks against every order.
        reasons: Vec<String>,
    },
    /// Nobody knows: too many are possible.
    TooMany,
}

/// Looks for an order of the occurrences, which begin in `world`, such that `is_seen` holds of the world that they come
/// to.
pub fn order(world: &World, occurrences: &[Occurrence], is_seen: &dyn Fn(&World) -> bool) -> Explanation {
    let mut search =
        Search { occurrences, done: vec![false; occurrences.len()], furthest: 0, reasons: Vec::new() };
    let mut known: BTreeMap<Vec<bool>, Vec<World>> = BTreeMap::new();
    let mut tried = 0;
    // The way to where the search is: what each occurrence had come to, and what may come after it.
    let mut way = vec![(None, world.clone(), search.next(0))];
    while let Some((step, world, next)) = way.last_mut() {
        let Some(place) = next.pop() else {
            if let Some(place) = *step {
                search.done[place] = false;
            }
            way.pop();
            continue;
        };
        tried += 1;
        if tried > MOST {
            return Explanation::TooMany;
        }
        let mut after = world.clone();
        let count = way.len();
        if let Err(reason) = occurrences[place].what.happen(&mut after) {
            reason.into_iter().for_each(|reason| search.note(count, reason));
            continue;
        }
        search.done[place] = true;
        let known = known.entry(search.done.clone()).or_default();
        if known.contains(&after) {
            search.done[place] = false;
            continue;
        }
        known.push(after.clone());
        if count == occurrences.len() && is_seen(&after) {
            return Explanation::Order;
        }
        let next = search.next(count);
        way.push((Some(place), after, next));
    }
    Explanation::Nothing { tried, reasons: search.reasons }
}

struct Search<'a> {
    occurrences: &'a [Occurrence],
    done: Vec<bool>,
    /// How many occurrences were done where most were, and why answers could not come next there.
    furthest: usize,
    reasons: Vec<String>,
}

impl Search<'_> {
    /// What may come next where so many are done, the likeliest last.
    fn next(&mut self, count: usize) -> Vec<usize> {
        if count > self.furthest {
            self.furthest = count;
            self.reasons.clear();
        }
        let left = || (0..self.occurrences.len()).filter(|&place| !self.done[place]);
        let end = |place: usize| self.occurrences[place].between.1;
        let first_end = left().map(end).min();
        let is_next = |place: &usize| Some(self.occurrences[*place].between.0) <= first_end;
        let mut next: Vec<_> = left().filter(is_next).collect();
        next.sort_by_key(|&place| Reverse(end(place)));
        next
    }

    /// Takes note of why an answer cannot come as number `count`.
    fn note(&mut self, count: usize, reason: String) {
        if count > self.furthest && !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }
}

impl What {
    /// Lets it happen in the model. The error is why it cannot have come next, if that was an answer.
    fn happen(&self, world: &mut World) -> Result<(), Option<String>> {
        let was_possible = match self {
            What::Answered { leader_pid, signal_name, answer } => {
                let allowed = world.allowed(*leader_pid, signal_name);
                if !allowed.permits(*answer) {
                    let (answer, reason) = (owed_text(*answer), allowed.reason);
                    return Err(Some(format!(
                        "a call for leader pid {leader_pid} was answered {answer}: {reason}"
                    )));
                }
                world.deliver(*leader_pid, signal_name);
                true
            }
            // What the subject has killed has ended already.
            What::Ended(leader_pid) => world.exit_all(*leader_pid) || world.group(*leader_pid).is_some(),
            What::Reaped(pid) => world.reap(*pid),
            What::Made(pid) => world.spawn(*pid, vec![Member::new(*pid, Disposition::Watches)]),
        };
        if was_possible { Ok(()) } else { Err(None) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Answer::{Delivered, Exited, Failed};
    use std::time::Duration;

    /// A world with the group 30, of a leader alone.
    fn world() -> World {
        let mut world = World::new();
        assert!(world.spawn(30, vec![Member::new(30, Disposition::Watches)]));
        world
    }

    fn asked(answer: Answer) -> What {
        What::Answered { leader_pid: 30, signal_name: "SIGTERM".to_owned(), answer }
    }

    /// What comes of occurrences with these beginnings and ends.
    fn found(occurrences: &[(u64, u64, What)], is_seen: &dyn Fn(&World) -> bool) -> Explanation {
        let begin = Instant::now();
        let at = |time: u64| begin + Duration::from_millis(time);
        let step = |(from, to, what): &(u64, u64, What)| Occurrence {
            between: (at(*from), at(*to)),
            what: what.clone(),
        };
        order(&world(), &occurrences.iter().map(step).collect::<Vec<_>>(), is_seen)
    }

    fn is_explained(occurrences: &[(u64, u64, What)]) -> bool {
        found(occurrences, &|_| true) == Explanation::Order
    }

    #[test]
    fn an_answer_may_be_that_of_any_moment_of_its_call() {
        let gone = [(10, 20, What::Ended(30)), (20, 30, What::Reaped(30))];
        for (from, to, answer, expected) in [
            (0, 9, Delivered, true),
            (0, 9, Exited, false),
            (0, 15, Exited, true),
            (25, 40, Delivered, true),
            (31, 40, Delivered, false),
            (31, 40, Exited, true),
            (31, 40, Failed, false),
        ] {
            let occurrences = [&gone[..], &[(from, to, asked(answer))]].concat();
            assert_eq!(is_explained(&occurrences), expected, "{from} to {to}: {answer:?}");
        }
    }

    #[test]
    fn two_answers_may_each_be_right_and_not_both() {
        let again = [(0, 1, What::Ended(30)), (1, 2, What::Reaped(30)), (10, 40, What::Made(30))];
        let [early, late] = [(15, 20), (25, 30)];
        let with = |first, second| {
            let calls = [(early.0, early.1, asked(first)), (late.0, late.1, asked(second))];
            is_explained(&[&again[..], &calls].concat())
        };
        assert!(with(Exited, Exited) && with(Exited, Delivered) && with(Delivered, Delivered));
        assert!(!with(Delivered, Exited));
    }

    #[test]
    fn what_is_seen_at_the_end_decides_between_orders() {
        let calls = [(0, 30, asked(Delivered)), (10, 20, What::Ended(30)), (20, 25, What::Reaped(30))];
        let again = [&calls[..], &[(26, 28, What::Made(30))]].concat();
        let received = |count| move |world: &World| world.process(30).unwrap().received().len() == count;
        assert_eq!(
            [0, 1].map(|count| found(&again, &received(count))),
            [Explanation::Order, Explanation::Order]
        );
        assert!(
            matches!(found(&again, &received(2)), Explanation::Nothing { reasons, .. } if reasons.is_empty())
        );
    }

    #[test]
    fn what_speaks_against_every_order_is_told_of_the_furthest() {
        let occurrences = [(0, 1, What::Ended(30)), (1, 2, What::Reaped(30)), (3, 4, asked(Delivered))];
        let Explanation::Nothing { reasons, .. } = found(&occurrences, &|_| true) else {
            panic!("there is no order")
        };
        assert_eq!(reasons.len(), 1);
        assert!(reasons[0].contains("has exited and been reaped"), "{reasons:?}");
    }

    #[test]
    fn a_search_without_end_says_nothing() {
        let calls: Vec<_> = (0..20).map(|_| (0, 100, asked(Delivered))).collect();
        assert_eq!(found(&calls, &|_| false), Explanation::TooMany);
    }
}
