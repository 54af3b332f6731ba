//! Whether what a subject holds grows with the number of calls, or only for a while.
//!
//! A pool, a cache and a heap grow too, until they are full or collected. A leak goes on: it grows in nearly
//! every window of calls, in the last as much as in the first, to more than what has an end.

use crate::testbed::protocol::Load;

/// How many windows of calls tell whether anything may be a leak.
pub const WINDOWS: usize = 5;
/// How much of anything but memory a subject may hold more. A pool that was not full after the warm-up may
/// have grown by a worker for each call that is open at once, each with a thread, a helper, or three pipes to
/// one.
const COUNT: usize = 32;
/// How many entries a cache may have.
const CACHE: usize = 256;
/// How much memory may be held more, in KiB: the young generation of V8 is three times 16 MiB when it is
/// full.
const MEMORY: usize = 64 << 10;
/// How much more memory for each call is growth, in KiB.
const MEMORY_EACH: usize = 4;

/// What the subject held after some calls.
#[derive(Clone, Debug)]
pub struct Sample {
    /// How many calls were made before.
    pub calls: usize,
    /// What was held.
    pub load: Load,
}

/// What samples say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trend {
    /// Nothing grows, or not any more.
    Steady,
    /// Something grows, which may have an end.
    Growing,
    /// Something grows without end: what, a sentence each.
    Leak(Vec<String>),
}

/// How samples are judged.
#[derive(Clone, Copy, Debug)]
pub struct Judge {
    /// Over how many calls a leak goes on.
    pub calls: usize,
    /// Whether each call is about something new, that a cache may keep.
    pub fresh: bool,
}

/// One kind of what a subject holds.
struct Kind {
    name: &'static str,
    /// What grows.
    of: fn(&Load) -> usize,
    /// What grows as much as that if it is a leak: a heap that was reserved as a whole fills for long, and
    /// takes no more.
    beside: fn(&Load) -> usize,
    is_memory: bool,
}

impl Kind {
    const fn count(name: &'static str, of: fn(&Load) -> usize) -> Self {
        Self { name, of, beside: of, is_memory: false }
    }

    /// How much it must have grown for a leak after so many calls.
    fn much(&self, calls: usize, fresh: bool) -> i64 {
        let most = match (self.is_memory, fresh) {
            (true, _) => MEMORY,
            (false, true) => COUNT + CACHE,
            // Workers of a slow subject all had a call in the warm-up: half as many as there were calls is a
            // leak.
            (false, false) => COUNT.min(calls / 2),
        };
        most as i64 + 1
    }

    /// How much it must have grown in a window of so many calls to have grown at all.
    fn some(&self, calls: usize) -> i64 {
        if self.is_memory { (MEMORY_EACH * calls) as i64 } else { 1 }
    }
}

const KINDS: [Kind; 5] = [
    Kind::count("open descriptors", |load| load.descriptors),
    Kind::count("threads", |load| load.threads),
    Kind::count("processes beside its own", |load| load.processes),
    Kind::count("zombies", |load| load.zombies),
    Kind {
        name: "KiB of memory of its own",
        of: |load| load.memory.resident,
        beside: |load| load.memory.writable,
        is_memory: true,
    },
];

impl Judge {
    /// Judges the growth over `samples`, with a window of calls between one and the next.
    pub fn verdict(self, samples: &[Sample]) -> Trend {
        let leaks = KINDS.iter().filter_map(|kind| {
            let leaking = to_the_last(samples).find(|part| self.is_leak(kind, part));
            leaking.map(|part| text(kind, part))
        });
        let leaks: Vec<_> = leaks.collect();
        if !leaks.is_empty() {
            return Trend::Leak(leaks);
        }
        let few = WINDOWS.min(samples.len() - 1);
        let parts = || to_the_last(samples).filter(|part| part.len() > few);
        let growing = KINDS.iter().any(|kind| parts().any(|part| is_growing(kind, part)));
        if growing { Trend::Growing } else { Trend::Steady }
    }

    /// Whether it grew in nearly every window, in each quarter of them by half of its share, and to more than
    /// what has an end, and was never collected.
    fn is_leak(self, kind: &Kind, samples: &[Sample]) -> bool {
        let windows = samples.len() - 1;
        let (total, calls) = (growth(kind.of, samples), calls_in(samples));
        let much = kind.much(calls, self.fresh);
        let goes_on = |quarter: &[Sample]| {
            2 * growth(kind.of, quarter) * calls as i64 >= total * calls_in(quarter) as i64
        };
        calls >= self.calls
            && total >= much
            && growth(kind.beside, samples) >= much
            && 4 * grown(kind, samples) >= 3 * windows
            && quarters(samples).all(goes_on)
            && 2 * lost(kind, samples) <= total
    }
}

/// Whether it grew in most windows, and is not gone again.
fn is_growing(kind: &Kind, samples: &[Sample]) -> bool {
    let windows = samples.len() - 1;
    let some: i64 = samples.windows(2).map(|window| kind.some(calls_in(window))).sum();
    5 * grown(kind, samples) >= 3 * windows && 5 * growth(kind.of, samples) >= 3 * some
}

/// The samples from each one on: what grows may have begun late.
fn to_the_last(samples: &[Sample]) -> impl Iterator<Item = &[Sample]> {
    (0..samples.len() - 1).map(|first| &samples[first..])
}

/// The samples in four parts, each from its first to the first of the next.
fn quarters(samples: &[Sample]) -> impl Iterator<Item = &[Sample]> {
    let windows = samples.len() - 1;
    let parts = windows.min(4);
    let at = move |part: usize| part * windows / parts;
    (0..parts).map(move |part| &samples[at(part)..=at(part + 1)])
}

fn growth(of: fn(&Load) -> usize, samples: &[Sample]) -> i64 {
    let at = |place: usize| of(&samples[place].load) as i64;
    at(samples.len() - 1) - at(0)
}

fn calls_in(samples: &[Sample]) -> usize {
    samples[samples.len() - 1].calls - samples[0].calls
}

/// In how many windows it grew.
fn grown(kind: &Kind, samples: &[Sample]) -> usize {
    samples.windows(2).filter(|window| growth(kind.of, window) >= kind.some(calls_in(window))).count()
}

/// By how much it was once less than before.
fn lost(kind: &Kind, samples: &[Sample]) -> i64 {
    let held = samples.iter().map(|sample| (kind.of)(&sample.load) as i64);
    let lost = held.scan(0, |most, held| {
        *most = held.max(*most);
        Some(*most - held)
    });
    lost.max().unwrap_or_default()
}

fn text(kind: &Kind, samples: &[Sample]) -> String {
    let held = |sample: &Sample| (kind.of)(&sample.load);
    let first = &samples[0];
    let steps = quarters(samples).filter_map(<[Sample]>::last);
    let steps: Vec<_> = steps.map(|to| format!("to {} in {}", held(to), to.calls - first.calls)).collect();
    format!(
        "{} grew from {} {} calls; growth showed in {} of {} windows of calls",
        kind.name,
        held(first),
        steps.join(", "),
        grown(kind, samples),
        samples.len() - 1
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testbed::protocol::Memory;

    /// The verdict on descriptors of which `held` are open after each hundred calls.
    fn verdict(held: impl IntoIterator<Item = usize>) -> Trend {
        judged(false, held.into_iter().map(|descriptors| Load { descriptors, ..Load::default() }))
    }

    /// The verdict on memory of which so many KiB are resident and writable after each thousand calls.
    fn of_memory(held: impl IntoIterator<Item = (usize, usize)>) -> Trend {
        let load = |(resident, writable)| Load { memory: Memory { resident, writable }, ..Load::default() };
        judged(true, held.into_iter().map(load))
    }

    fn judged(in_thousands: bool, held: impl Iterator<Item = Load>) -> Trend {
        let each = if in_thousands { 1000 } else { 100 };
        let samples = held.enumerate().map(|(place, load)| Sample { calls: each * place, load });
        Judge { calls: 10 * each, fresh: false }.verdict(&samples.collect::<Vec<_>>())
    }

    #[test]
    fn what_grows_by_one_in_each_window_is_a_leak_once_it_is_more_than_what_has_an_end() {
        assert_eq!(verdict(5..=10), Trend::Growing);
        assert_eq!(verdict(5..=5 + COUNT), Trend::Growing);
        let told = "open descriptors grew from 5 to 13 in 800, to 21 in 1600, to 29 in 2400, to 38 in 3300 \
                    calls; growth showed in 33 of 33 windows of calls";
        assert_eq!(verdict(5..=6 + COUNT), Trend::Leak(vec![told.to_owned()]));
    }

    #[test]
    fn what_has_not_grown_in_one_window_of_four_may_be_a_leak() {
        assert!(matches!(verdict((0..60).map(|place| place - place / 4)), Trend::Leak(_)));
        assert!(!matches!(verdict((0..80).map(|place| place / 2)), Trend::Leak(_)));
    }

    #[test]
    fn a_leak_that_begins_late_is_found() {
        assert!(matches!(verdict([7; 20].into_iter().chain(7..=7 + 40)), Trend::Leak(_)));
    }

    #[test]
    fn what_fills_is_no_leak() {
        assert_eq!(verdict([5, 5, 5, 105, 105, 105]), Trend::Steady, "a pool that fills late");
        assert_eq!(verdict((0..12).map(|place| 100 * place.min(2))), Trend::Steady, "a cache");
        assert_eq!(verdict((0..12).map(|place| place.min(6))), Trend::Steady, "a pool that grows one by one");
        assert_eq!(
            verdict((0..20).map(|place| 500 - 500 / (place + 1))),
            Trend::Growing,
            "slower and slower"
        );
        assert_eq!(verdict([50, 40, 30, 20, 10, 5]), Trend::Steady, "less and less");
    }

    #[test]
    fn what_is_collected_now_and_then_is_no_leak() {
        for period in 2..=10 {
            for windows in 5..60 {
                let held = (0..=windows).map(|place| 90 * (place % period));
                assert!(!matches!(verdict(held), Trend::Leak(_)), "every {period} of {windows} windows");
            }
        }
    }

    #[test]
    fn memory_is_leaked_when_it_is_both_resident_and_writable() {
        let leak = (0..20).map(|place| (5000 * place, 5000 * place));
        assert!(matches!(of_memory(leak), Trend::Leak(_)));
        let reserved = (0..20).map(|place| (5000 * place, 500_000));
        assert_eq!(of_memory(reserved), Trend::Growing);
        let stacks = (0..20).map(|place| (5000 + place, 8000 * place));
        assert_eq!(of_memory(stacks), Trend::Steady);
    }

    #[test]
    fn a_little_memory_for_each_call_is_no_growth() {
        assert_eq!(of_memory((0..6).map(|place| (3000 * place, 3000 * place))), Trend::Steady);
        assert_eq!(of_memory((0..6).map(|place| (4000 * place, 4000 * place))), Trend::Growing);
    }

    #[test]
    fn one_leak_a_call_is_found_however_few_the_calls() {
        for calls in 8..100 {
            let sample = |zombies| Sample { calls: zombies, load: Load { zombies, ..Load::default() } };
            let samples = [sample(0), sample(calls), sample(2 * calls)];
            let verdict = Judge { calls: 2 * calls, fresh: false }.verdict(&samples);
            assert!(matches!(verdict, Trend::Leak(_)), "{calls}");
        }
    }

    #[test]
    fn a_cache_of_what_is_new_may_fill() {
        let sample =
            |held: usize| Sample { calls: held, load: Load { descriptors: held, ..Load::default() } };
        let samples: Vec<_> = (0..=20).map(|place| sample(10 * place)).collect();
        let verdict = |fresh| Judge { calls: 100, fresh }.verdict(&samples);
        assert!(matches!(verdict(false), Trend::Leak(_)));
        assert_eq!(verdict(true), Trend::Growing);
    }
}
