//! `does-not-wait`: an answer takes as long for a group that stays as for one that ends or has exited.

use super::checks::{Made, SESSIONS, WATCHABLE};
use super::{Case, Need};
use crate::contract::DOES_NOT_WAIT;
use crate::harness::{Context, Group, Lineage, Result, Shape};
use crate::testbed::make::Make;
use crate::testbed::protocol::Disposition;
use std::time::Duration;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let shapes: [Made; 3] = [
        ("ignoring", "all members ignore the signal", || Shape::family().all(Disposition::Ignores)),
        ("watching-leader", "the leader stays and its children end", || {
            Shape::alone()
                .with_disposition(Lineage::Child, Disposition::Dies)
                .with_disposition(Lineage::Guest, Disposition::Dies)
        }),
        ("staying-member", "the leader ends and a child stays", || {
            Shape::alone().led_by(Disposition::Dies).with(Lineage::Child)
        }),
    ];
    let mut cases: Vec<_> = shapes
        .into_iter()
        .map(|(own_name, about, shape)| {
            Case::new(
                DOES_NOT_WAIT,
                own_name,
                format!(
                    "How long an answer takes for a group of which {about}, beside one whose members all end \
                     at once and one that has exited. Each is measured several times in turn, and the \
                     fastest and the median count."
                ),
                &[],
                move |context| {
                    WATCHABLE.into_iter().try_for_each(|(name, _)| {
                        expect_no_wait(context, name, |context| context.group(&shape()))
                    })
                },
            )
        })
        .collect();
    cases.push(Case::new(
        DOES_NOT_WAIT,
        "survivors",
        "The leader has exited and is reaped, and its children stay: the answer waits for them no more than for it.",
        &[],
        |context| {
            expect_no_wait(context, "SIGTERM", |context| {
                let mut group = context.group(&Shape::family())?;
                context.end_leader(&mut group)?;
                Ok(group)
            })
        },
    ));
    cases.push(Case::new(
        DOES_NOT_WAIT,
        "unreaped",
        "SIGKILL ends a group that nobody reaps: the answer does not wait until somebody does.",
        &[],
        |context| expect_no_wait(context, "SIGKILL", |context| context.group(&Shape::family())),
    ));
    cases.push(Case::new(
        DOES_NOT_WAIT,
        "stopped",
        "A stopped group keeps the signal pending: the answer does not wait until it goes on.",
        &[Need::Sandbox],
        |context| {
            WATCHABLE.into_iter().try_for_each(|(name, _)| {
                expect_no_wait(context, name, |context| {
                    let group = context.group(&Shape::family())?;
                    context.stop(&group)?;
                    Ok(group)
                })
            })
        },
    ));
    cases.push(Case::new(
        DOES_NOT_WAIT,
        "partly-refused",
        "A group stays of which a member is another user's, and may not be signalled: the answer does not wait for it.",
        &[Need::SomeRefused],
        |context| {
            context.start_without_cap_kill()?;
            ["SIGTERM", "SIGKILL"].into_iter().try_for_each(|name| {
                expect_no_wait(context, name, |context| {
                    context.group(&Shape::alone().with(Lineage::Child).with_others())
                })
            })
        },
    ));
    cases.push(Case::new(
        DOES_NOT_WAIT,
        "refused",
        "No member of a group that stays may be signalled: the answer does not wait for anybody to go.",
        &[Need::SomeRefused],
        |context| {
            context.start_without_cap_kill()?;
            ["SIGTERM", "SIGKILL"].into_iter().try_for_each(|name| {
                expect_no_long_wait(context, "a group that is refused", name, |context| {
                    context.group(&Shape::alone().with(Lineage::Child).all_others())
                })
            })
        },
    ));
    cases.push(Case::new(
        DOES_NOT_WAIT,
        "next-call",
        "SIGKILL ends a group that nobody reaps; at once the subject is asked for another, which has exited: that \
         answer does not wait for the first group either.",
        &[],
        |context| {
            expect_no_long_wait(context, "a group that is asked for right after SIGKILL to another", "SIGTERM", |context| {
                let exited = context.exited_group(&Shape::alone())?;
                let group = context.group(&Shape::family())?;
                let _ = context.ask(group.id, "SIGKILL")?;
                Ok(exited)
            })
        },
    ));
    cases.push(Case::new(
        DOES_NOT_WAIT,
        "every-make",
        "Groups of every make stay: in other sessions, of more than sixty members, asleep in the kernel, with \
         one that is stopped or not reaped, with all of them exited and not reaped, and sent the signal before. \
         The answer waits for none of them.",
        &[],
        |context| {
            // One after the other: who waits for all of them is measured once.
            for (_, session, _) in SESSIONS {
                let shape = Shape::alone().with(Lineage::Child).session(session);
                expect_no_wait(context, "SIGTERM", |context| context.group(&shape))?;
            }
            for disposition in [Disposition::Watches, Disposition::Blocks] {
                expect_no_wait(context, "SIGTERM", |context| {
                    let group = context.group(&Shape::alone().with(Lineage::Child).all(disposition))?;
                    let _ = context.ask(group.id, "SIGTERM")?;
                    Ok(group)
                })?;
            }
            let asleep = Shape::alone().of_make(Make::AsleepInKernel);
            expect_no_wait(context, "SIGTERM", |context| context.group(&asleep))?;
            let large = (0..60).fold(Shape::alone(), |shape, _| shape.with(Lineage::Child));
            let large = context.group(&large)?;
            expect_no_wait(context, "SIGTERM", |_| Ok(large.clone()))?;
            expect_no_long_wait(context, "a group of unreaped members", "SIGTERM", |context| {
                let group = context.group(&Shape::family())?;
                context.end_all(&group)?;
                Ok(group)
            })?;
            // The place of a member, and what becomes of it.
            type Change = fn(&mut Context, u32) -> Result;
            let odd_one_out: [(usize, Change); 3] =
                [(1, Context::stop_process), (1, Context::exit), (0, Context::exit)];
            odd_one_out.into_iter().try_for_each(|(place, change)| {
                expect_no_wait(context, "SIGTERM", |context| {
                    let group = context.group(&Shape::alone().with(Lineage::Child).with(Lineage::Guest))?;
                    change(context, group.members[place])?;
                    Ok(group)
                })
            })
        },
    ));
    cases
}

/// After so many rounds answers that were never quick are held against a subject, if no time of one kind is
/// near any of another: by chance that happens once in 924 times (6 of 12 in one order), and it must happen
/// again alone.
const SEPARATE: usize = 6;
/// After so many rounds a subject is not held to wait if its fastest or its median answer shows no wait. A
/// call that is a round trip through a container's engine was seen to take from 150 ms to 600 ms on a busy
/// machine.
const ROUNDS: usize = 12;

/// Measures answers in turn until it is clear whether they wait.
pub(super) fn expect_no_wait(
    context: &mut Context,
    name: &str,
    staying: impl Fn(&mut Context) -> Result<Group>,
) -> Result {
    expect_no_wait_of(context, |context, group| Ok(context.ask_timed(group.id, name)?.1), staying)
}

/// The same for a call that `ask` makes and times.
pub(super) fn expect_no_wait_of(
    context: &mut Context,
    ask: impl Fn(&mut Context, &Group) -> Result<Duration>,
    staying: impl Fn(&mut Context) -> Result<Group>,
) -> Result {
    measure(context, Times::default(), ask, staying)
}

/// The same for a group that a subject may have reason to look at more closely before it answers, with ps(1)
/// or in /proc: it is not held to wait for less than some 400 ms. `what` it is continues "the answer for".
fn expect_no_long_wait(
    context: &mut Context,
    what: &'static str,
    name: &str,
    staying: impl Fn(&mut Context) -> Result<Group>,
) -> Result {
    let ask = |context: &mut Context, group: &Group| Ok(context.ask_timed(group.id, name)?.1);
    measure(context, Times { what, may_look: true, ..Times::default() }, ask, staying)
}

fn measure(
    context: &mut Context,
    mut times: Times,
    ask: impl Fn(&mut Context, &Group) -> Result<Duration>,
    staying: impl Fn(&mut Context) -> Result<Group>,
) -> Result {
    let what = times.what;
    while times.is_open() && context.another_round(times.staying.len(), ROUNDS, 2 * ROUNDS) {
        let group = staying(context)?;
        times.staying.push(ask(context, &group)?);
        let group = context.group(&Shape::alone().all(Disposition::Dies))?;
        times.ending.push(ask(context, &group)?);
        context.make_exited(&group)?;
        times.exited.push(ask(context, &group)?);
    }
    context.expect_none_late(
        &format!("an answer takes about as long for {what} as for a group that ends or has exited"),
        times.problems(),
    )
}

/// What answers took, a round each.
#[derive(Debug)]
struct Times {
    /// What the group is that is compared with the others.
    what: &'static str,
    /// Whether a subject may look at it more closely than at the others.
    may_look: bool,
    /// For that group.
    staying: Vec<Duration>,
    /// For a group whose members all end at once.
    ending: Vec<Duration>,
    /// For a group that has exited.
    exited: Vec<Duration>,
}

impl Default for Times {
    fn default() -> Self {
        let (staying, ending, exited) = (Vec::new(), Vec::new(), Vec::new());
        Self { what: "a group that stays", may_look: false, staying, ending, exited }
    }
}

impl Times {
    /// Whether more rounds may tell more.
    fn is_open(&self) -> bool {
        let rounds = self.staying.len();
        let separate = || self.pairs().any(|pair| pair.least() > pair.limit(largest(pair.beside)));
        let quick = || self.pairs().all(|pair| pair.least() <= pair.quick());
        !(rounds >= 3 && quick() || rounds >= SEPARATE && separate())
    }

    /// A sentence for each sign of waiting.
    fn problems(&self) -> Vec<String> {
        let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
        self.pairs()
            .filter(Pair::shows_a_wait)
            .map(|pair| {
                let [least, beside] = [pair.least(), smallest(pair.beside)];
                let medians = [median(pair.staying), median(pair.beside)].map(ms);
                format!(
                    "the fastest answer took {} for {}, and {} for {} (allowed: {}); the median took {} and {}",
                    ms(least),
                    self.what,
                    ms(beside),
                    pair.what,
                    ms(pair.limit(beside)),
                    medians[0],
                    medians[1]
                )
            })
            .collect()
    }

    /// The times for the group that stays beside each of the others. A subject may be slow, but not because
    /// of who stays. It may take some steps more for a live group than for one that has exited (look, then
    /// send), each as long as its one step for that: hence the factor. It has no reason to take longer for
    /// one that stays than for one that ends, but for noise: hence the smaller margin.
    fn pairs(&self) -> impl Iterator<Item = Pair<'_>> {
        let staying = &*self.staying;
        let of_look = |(factor, margin)| if self.may_look { (4, 400) } else { (factor, margin) };
        let [exited, ending] = [(3, 75), (2, 40)].map(of_look);
        [("one that has exited", &self.exited, exited), ("one that ends at once", &self.ending, ending)]
            .map(|(what, beside, (factor, margin))| Pair { staying, beside, what, factor, margin })
            .into_iter()
            .filter(|pair| !pair.staying.is_empty())
    }
}

/// The times for a group that stays beside those for another.
struct Pair<'a> {
    staying: &'a [Duration],
    beside: &'a [Duration],
    what: &'static str,
    factor: u32,
    /// In milliseconds.
    margin: u64,
}

impl Pair<'_> {
    fn least(&self) -> Duration {
        smallest(self.staying)
    }

    /// The longest time that shows no wait beside `time`.
    fn limit(&self, time: Duration) -> Duration {
        time * self.factor + Duration::from_millis(self.margin)
    }

    /// The longest time that shows at once that there is no wait.
    fn quick(&self) -> Duration {
        self.limit(smallest(self.beside)) / 2
    }

    /// Noise only adds to a time, so the fastest of several is nearly free of it; but one of them may be
    /// faster than all others by luck. The median is not moved by one. So both must show the wait.
    fn shows_a_wait(&self) -> bool {
        self.least() > self.limit(smallest(self.beside))
            && median(self.staying) > self.limit(median(self.beside))
    }
}

fn smallest(times: &[Duration]) -> Duration {
    times.iter().min().copied().unwrap_or_default()
}

fn largest(times: &[Duration]) -> Duration {
    times.iter().max().copied().unwrap_or_default()
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(staying: &[u64], ending: &[u64], exited: &[u64]) -> Times {
        let times = |times: &[u64]| times.iter().copied().map(Duration::from_millis).collect();
        let [staying, ending, exited] = [staying, ending, exited].map(times);
        Times { staying, ending, exited, ..Times::default() }
    }

    #[test]
    fn one_quick_answer_shows_that_there_is_no_wait() {
        let quick = times(&[1, 300, 300], &[1, 1, 1], &[1, 1, 1]);
        assert!(!quick.is_open() && quick.problems().is_empty());
    }

    #[test]
    fn waits_that_are_longer_than_all_else_are_found_in_few_rounds() {
        let waits = times(&[201, 250, 230, 201, 900, 205], &[1, 40, 2, 3, 9, 1], &[1; 6]);
        assert!(!waits.is_open() && !waits.problems().is_empty());
        assert!(times(&[201; 5], &[1; 5], &[1; 5]).is_open(), "five are not enough");
    }

    #[test]
    fn one_lucky_answer_is_no_reason_to_accuse() {
        // As seen beside a busy machine.
        let lucky =
            times(&[378; 12], &[370, 400, 390, 121, 380, 410, 390, 377, 402, 380, 390, 400], &[370; 12]);
        assert!(lucky.is_open() && lucky.problems().is_empty());
    }

    #[test]
    fn a_wait_behind_one_slow_answer_is_still_found() {
        let mut ending = [1; 12];
        ending[3] = 900;
        let waits = times(&[201; 12], &ending, &ending);
        assert!(waits.is_open(), "no time is far from all others");
        assert_eq!(waits.problems().len(), 2);
    }
}
