use super::*;
use crate::harness::Need;
use crate::harness::Settings;
use crate::history;
use crate::history::search::history;
use crate::history::tally::{SITUATIONS, Tally, Witness, fenced, stopped};

/// How often each situation must be met by the histories of a run: so often that none is missed by bad luck.
const OFTEN: usize = 6;

/// What the histories of a run meet if the subject does what the model says.
fn tally(seed: u64, others: bool) -> Tally {
    tally_of(&histories(others), seed, Settings::HISTORIES.get() as usize)
}

fn tally_of(strategy: &Strategies, seed: u64, count: usize) -> Tally {
    let mut tally = Tally::default();
    for index in 0..count {
        let (_, steps, _) = history(strategy, seed, index).expect("there is always a next step").current();
        let mut witness = Witness::default();
        witness.tally.histories = 1;
        let mut reference = Reference::default();
        for step in &steps {
            let asked = |name| reference.answers(reference.questions(step), name);
            let answers = step.signal_name().map(asked).unwrap_or_default();
            witness.sees(step, &reference, &answers, true);
            reference.apply(step);
        }
        tally.add(&witness.tally);
    }
    tally
}

#[test]
fn the_histories_of_a_run_meet_every_situation_often_and_try_every_requirement() {
    for seed in 0..3 {
        let tally = tally(seed, true);
        assert!(tally.average_steps() >= 10.0);
        for situation in SITUATIONS {
            let met = tally.met(situation);
            assert!(met >= OFTEN, "with seed {seed} only {met} times {situation}");
        }
        for name in requirements_of(None) {
            assert!(tally.at_stake(name) >= OFTEN, "with seed {seed} {name} could hardly be broken");
        }
    }
}

/// The requirements that histories try on a registry with that capability alone.
fn requirements_of(capability: Option<Need>) -> impl Iterator<Item = &'static str> {
    history::requirements().filter(move |(_, need)| *need == capability).map(|(known, _)| known.name)
}

/// A quarter of the histories of a run meets what is special about them often; the others never do.
fn meet_often(strategy: &Strategies, situations: &[&'static str], capability: Need) {
    for seed in 0..3 {
        let tally = tally_of(strategy, seed, Settings::HISTORIES.get() as usize / 4);
        for situation in situations {
            let met = tally.met(situation);
            assert!(met >= OFTEN, "with seed {seed} only {met} times {situation}");
        }
        for name in requirements_of(Some(capability)) {
            assert!(tally.at_stake(name) >= OFTEN, "with seed {seed} {name} could hardly be broken");
        }
        let others = super::tests::tally(seed, true);
        assert!(situations.iter().all(|situation| others.met(situation) == 0));
    }
}

#[test]
fn those_about_fencing_meet_their_situations_often_and_the_others_never() {
    meet_often(&fenced_histories(true), fenced::SITUATIONS, Need::Fencing);
}

#[test]
fn those_about_stops_meet_their_situations_often_and_the_others_never() {
    meet_often(&stopped_histories(true, true), stopped::SITUATIONS, Need::Stopping);
}

#[test]
fn without_another_user_only_partial_refusal_is_out_of_reach() {
    let tally = tally(0, false);
    let missing: Vec<_> = SITUATIONS.iter().filter(|one| tally.met(one) == 0).collect();
    assert_eq!(missing, [&crate::history::tally::OF_OTHERS]);
    let untried = requirements_of(None).filter(|name| tally.at_stake(name) == 0);
    assert_eq!(untried.collect::<Vec<_>>(), ["partly-refused-is-delivered"]);
}
