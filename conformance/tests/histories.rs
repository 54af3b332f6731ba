//! Random histories: what they meet, which faults they find, and how those are told and kept.

#[path = "support/trials.rs"]
mod trials;

use libtest_mimic::{Failed, Trial};
use signaller_conformance::cases;
use signaller_conformance::harness::{Histories, Settings, runner};
use signaller_conformance::history::{self, Divergence, Saved};
use signaller_conformance::mutants;
use signaller_conformance::report::{Status, causes};
use signaller_conformance::subject::Subject;
use std::num::NonZeroU32;
use std::process::ExitCode;

fn main() -> ExitCode {
    trials::main(None, trials)
}

fn trials() -> Vec<Trial> {
    let mut trials = vec![
        Trial::test("a_history_that_fails_is_told_as_a_timeline", told),
        Trial::test("the_same_seed_finds_the_same", deterministic),
        Trial::test("what_was_tried_only_where_another_requirement_broke_has_not_passed", hidden),
        Trial::test("every_fault_of_the_zoo_as_histories_see_it", survey).with_ignored_flag(true),
    ];
    trials.extend(FAULTS.map(|(name, requirement, steps)| {
        let test = format!("{name}_is_found_under_{requirement}_and_shrunk_to_{steps}_steps");
        Trial::test(test, move || is_found(name, requirement, steps))
    }));
    trials
}

/// Faults with the requirement under which histories must find them, and how short the history must become:
/// mostly what somebody would write down by hand, and a step more where there is another form of which none
/// can be left out.
const FAULTS: [(&str, &str, usize); 18] = [
    ("leader-only", "delivers-to-every-member", 4),
    ("hang-up-is-term", "delivers-the-named-signal", 4),
    ("leader-once-more", "delivers-once", 4),
    ("leaders-parent-too", "spares-other-groups", 4),
    ("refused-is-exited", "refused-is-an-error", 5),
    ("process-taken-for-group", "member-is-not-leader", 4),
    ("one-is-everybody", "rejects-leader-one", 3),
    ("exited-is-delivered", "reports-exited", 6),
    ("stopped-are-continued", "reaches-stopped-members", 5),
    ("never-forgets-the-exited", "sees-a-reused-pid", 9),
    ("relabel-moves-to-the-end", "register-relabels-in-place", 4),
    ("last-started-first-stopped", "asks-once-per-entry-in-order", 4),
    ("forgets-by-a-short", "forget-drops", 4),
    ("swap-brings-back-the-forgotten", "swap-keeps-entries", 4),
    ("never-kills", "stop-kills-what-is-left", 3),
    ("kills-whoever-came-back", "stop-spares-the-exited", 5),
    ("kills-newcomers", "stop-asks-no-newcomers", 4),
    ("kills-when-cancelled", "stop-can-be-cancelled", 4),
];

/// What so many histories find in a mutant.
fn divergences(name: &str, count: u32, seed: u64) -> Vec<Divergence> {
    let histories = Histories::new(NonZeroU32::new(count).expect("some"));
    let settings = Settings { seed, histories, ..Settings::of(Subject::local()) };
    let settings = under_test(name, &settings);
    history::divergences(&settings).expect("they can be tried").into_iter().cloned().collect()
}

fn is_found(name: &str, requirement: &str, steps: usize) -> Result<(), Failed> {
    let found = divergences(name, 128, 7);
    match found.iter().find(|one| one.requirement == requirement) {
        Some(one) if one.steps.len() <= steps => Ok(()),
        Some(one) => Err(format!("{} steps are needed:\n{}", one.steps.len(), one.finding).into()),
        None => {
            Err(format!("found: {:?}", found.iter().map(|one| one.requirement).collect::<Vec<_>>()).into())
        }
    }
}

/// A mutant as what is under test.
fn under_test(name: &str, settings: &Settings) -> Settings {
    mutants::all().find(|fault| fault.name == name).expect("it is among the mutants").under_test(settings)
}

/// A group with a survivor and one that has exited, in the hands of a signaller that looks for the leader
/// only.
fn told() -> Result<(), Failed> {
    let saved = Saved::of(include_str!("histories/survivor.history.json"))?;
    let settings = under_test("getpgid-guard", &Settings::of(Subject::local()));
    let divergence = saved.replay(&settings).map_err(|stop| format!("{stop:?}"))?.ok_or("it is at fault")?;
    assert_eq!(divergence.requirement, "outlives-the-leader");
    // System calls are there where they can be watched.
    let text = divergence.finding.to_string();
    let text: Vec<_> = text.lines().filter(|line| !line.contains(" called kill(")).collect();
    insta::assert_snapshot!("survivor", text.join("\n"));
    assert!(saved.replay(&Settings::of(Subject::local())).is_ok_and(|divergence| divergence.is_none()));
    Ok(())
}

fn deterministic() -> Result<(), Failed> {
    let steps = |found: Vec<Divergence>| {
        found.into_iter().map(|one| (one.requirement, one.steps)).collect::<Vec<_>>()
    };
    let [first, second, other] = [5, 5, 6].map(|seed| steps(divergences("leader-only", 16, seed)));
    assert_eq!(first, second);
    assert_ne!(first, other);
    Ok(())
}

/// With this seed all histories that are tried end at a question about an id that no group ever had, or about a
/// mere member's, some of them in the very step that asks for a group that has exited as well.
fn hidden() -> Result<(), Failed> {
    let settings = Settings { seed: 1_038_628_174_313_237, ..Settings::of(Subject::local()) };
    let settings = under_test("exited-is-delivered", &settings);
    let all = cases::catalogue()?;
    let case = all.iter().find(|case| case.id == "reports-exited/histories").ok_or("it is a case")?;
    let (result, _) = runner::run_one(case, &settings);
    assert_eq!(result.status(), Status::Skipped, "{:?}", causes::message(&result));
    Ok(())
}

/// Prints what histories find in each fault; `ZOO=NAME,NAME` tells of these alone, in full. It takes long.
fn survey() -> Result<(), Failed> {
    let chosen = std::env::var("ZOO").unwrap_or_default();
    let is_chosen = |name: &str| chosen.is_empty() || chosen.split(',').any(|one| one == name);
    for fault in mutants::all().filter(|fault| is_chosen(fault.name)) {
        let found = divergences(fault.name, 64, 1);
        let list: Vec<_> =
            found.iter().map(|one| format!("{} ({})", one.requirement, one.steps.len())).collect();
        println!("{:<46} {:<30} {}", fault.name, fault.requirement, list.join(", "));
        for one in found.iter().filter(|_| !chosen.is_empty()) {
            println!("{}:\n{}", one.requirement, one.finding);
        }
    }
    Ok(())
}
