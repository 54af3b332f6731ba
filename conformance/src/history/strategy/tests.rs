use super::*;
use crate::harness::Settings;
use crate::history::search::history;
use crate::history::tally::{SITUATIONS, Tally, Witness};

/// How often each situation must be met by the histories of a run: so often that none is missed by bad luck.
const OFTEN: usize = 6;

/// What the histories of a run meet if the subject does what the model says.
fn tally(seed: u64, others: bool) -> Tally {
    let strategy = histories(others);
    let mut tally = Tally::default();
    for index in 0..Settings::HISTORIES.get() as usize {
        let (_, steps, _) = history(&strategy, seed, index).expect("there is always a next step").current();
        let mut witness = Witness::default();
        witness.tally.histories = 1;
        let mut reference = Reference::default();
        for step in &steps {
            let answers = match step {
                Step::SignalAll { signal_name } => reference.answers(signal_name),
                _ => Vec::new(),
            };
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
        for name in crate::history::requirements() {
            assert!(tally.at_stake(name) >= OFTEN, "with seed {seed} {name} could hardly be broken");
        }
    }
}

#[test]
fn without_another_user_only_partial_refusal_is_out_of_reach() {
    let tally = tally(0, false);
    let missing: Vec<_> = SITUATIONS.iter().filter(|one| tally.met(one) == 0).collect();
    assert_eq!(missing, [&crate::history::tally::OF_OTHERS]);
    let untried = crate::history::requirements().filter(|name| tally.at_stake(name) == 0);
    assert_eq!(untried.collect::<Vec<_>>(), ["partly-refused-is-delivered"]);
}
