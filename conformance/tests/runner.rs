//! The runner, with cases of its own.

#[path = "support/trials.rs"]
mod trials;

use libtest_mimic::{Failed, Trial};
use signaller_conformance::contract::{
    DELIVERS_ONCE, DOES_NOT_WAIT, REPORTS_DELIVERED, REPORTS_EXITED, Requirement, SAFE_TO_SHARE,
    UNREACHABLE_IS_AN_ERROR,
};
use signaller_conformance::harness::Settings;
use signaller_conformance::harness::runner::{self, Kind, Schedule, Turns};
use signaller_conformance::harness::{Abort, Case, Context, Ended, Need};
use signaller_conformance::partition::Partition;
use signaller_conformance::report::{CaseResult, Finding, Outcome, Status, causes};
use signaller_conformance::subject::Subject;
use signaller_conformance::sys::semaphore::Semaphore;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn main() -> ExitCode {
    trials::main(None, trials)
}

fn trials() -> Vec<Trial> {
    vec![
        Trial::test("a_case_that_panics_is_broken_and_the_others_run", panicking),
        Trial::test("a_case_that_cuts_the_way_runs_alone_and_after_the_others", alone),
        Trial::test("a_case_that_panics_leaves_no_way_cut", restored),
        Trial::test("what_is_late_beside_others_and_not_alone_has_passed", late_beside_others),
        Trial::test("what_is_late_alone_as_well_has_failed", late_alone),
        Trial::test("what_is_late_when_the_run_is_interrupted_accuses_nobody", interrupted),
        Trial::test("what_is_interrupted_while_it_is_watched_counts_only_unwatched", broken_off),
        Trial::test("a_wrong_answer_is_never_tried_again", wrong),
        Trial::test("a_subject_that_is_known_to_wait_is_not_waited_for_again", known_to_wait),
        Trial::test("the_limit_is_short_only_for_who_waits_often", short_limit),
        Trial::test("a_case_that_lacks_what_it_has_not_declared_is_broken", undeclared),
        Trial::test("a_case_that_sits_out_keeps_nobody_waiting_and_ends_with_the_run", sitting_out),
        Trial::test("after_two_starved_cases_the_run_ends", starved),
        Trial::test("after_three_lost_agents_the_run_ends", lost),
    ]
}

fn settings(cut: Option<Partition>) -> Settings {
    let permits = Arc::new(Semaphore::new(4));
    Settings { permits, cut: cut.map(Arc::new), ..Settings::of(Subject::local()) }
}

fn panicking() -> Result<(), Failed> {
    let case = |name: &str, run: fn(&Settings) -> Ended| {
        Case::custom(REPORTS_EXITED, name, "A case of this test.", &[], run)
    };
    let cases = [
        case("one", |_| Outcome::Passed.into()),
        case("panics", |_| panic!("a mistake in {}", "the case")),
        case("other", |_| Outcome::Passed.into()),
    ];
    let (results, _) = runner::run(&cases.each_ref(), &settings(None), 1, &|_| ());
    let statuses: Vec<_> = results.iter().map(|result| result.status()).collect();
    assert_eq!(statuses, [Status::Passed, Status::Broken, Status::Passed]);
    assert_eq!(causes::message(&results[1]).as_deref(), Some("the case panicked: a mistake in the case"));
    Ok(())
}

fn alone() -> Result<(), Failed> {
    const OTHERS: usize = 40;
    let (running, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let case = |requirement, number: usize, needs: &[Need]| {
        let is_alone = needs.contains(&Need::Partition);
        let (running, ended) = (Arc::clone(&running), Arc::clone(&ended));
        Case::custom(requirement, number, "A case of this test.", needs, move |_| {
            let beside = running.fetch_add(1, SeqCst);
            std::thread::yield_now();
            let before = ended.fetch_add(1, SeqCst);
            running.fetch_sub(1, SeqCst);
            match is_alone && beside + OTHERS.saturating_sub(before) > 0 {
                true => Outcome::Broken(format!("{beside} beside it, {before} before it")).into(),
                false => Outcome::Passed.into(),
            }
        })
    };
    // Those that must be alone come first here.
    let cutting = (0..4).map(|number| case(UNREACHABLE_IS_AN_ERROR, number, &[Need::Partition]));
    let others = (0..OTHERS).map(|number| case(REPORTS_EXITED, number, &[]));
    let cases: Vec<_> = cutting.chain(others).collect();
    let cut = Partition::by(Vec::new(), Vec::new());
    let (results, _) = runner::run(&cases.iter().collect::<Vec<_>>(), &settings(Some(cut)), 4, &|_| ());
    for (case, result) in cases.iter().zip(results) {
        assert_eq!(case.id, result.case);
        assert_eq!(result.status(), Status::Passed, "{:?}", causes::message(&result));
    }
    Ok(())
}

fn restored() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("cut");
    let words = |program: &str| vec![program.to_owned(), file.display().to_string()];
    let settings = settings(Some(Partition::by(words("touch"), words("rm"))));
    let seen = file.clone();
    let needs = [Need::Partition];
    let case = Case::new(UNREACHABLE_IS_AN_ERROR, "panics", "A case of this test.", &needs, move |context| {
        context.sever()?;
        panic!("the link is cut: {}", seen.exists());
    });
    let (result, _) = runner::run_one(&case, &settings);
    assert_eq!(causes::message(&result).as_deref(), Some("the case panicked: the link is cut: true"));
    assert!(!file.exists());
    Ok(())
}

/// A finding of a case of this test.
fn finding(late: bool) -> Outcome {
    let mut finding = Finding::new("", "", "");
    finding.late = late;
    Outcome::Breached(Box::new(finding))
}

/// So many cases of each requirement, that count in how many of them are under way, and how often they are
/// tried.
fn cases_of(
    requirements: &[&'static Requirement],
    of_each: usize,
    run: impl Fn(&Settings, usize) -> Ended + Send + Sync + 'static,
) -> (Vec<Case>, Arc<AtomicUsize>) {
    let (under_way, tries) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let run = Arc::new(run);
    let case = |requirement, number: usize| {
        let (under_way, tries, run) = (Arc::clone(&under_way), Arc::clone(&tries), Arc::clone(&run));
        Case::custom(requirement, number, "A case of this test.", &[], move |settings| {
            tries.fetch_add(1, SeqCst);
            let beside = under_way.fetch_add(1, SeqCst);
            std::thread::yield_now();
            let ended = run(settings, beside);
            under_way.fetch_sub(1, SeqCst);
            ended
        })
    };
    let of_one = |requirement| (0..of_each).map(move |number| (requirement, number));
    let all = requirements.iter().copied().flat_map(of_one);
    (all.map(|(requirement, number)| case(requirement, number)).collect(), tries)
}

fn run_all(cases: &[Case]) -> Vec<CaseResult> {
    runner::run(&cases.iter().collect::<Vec<_>>(), &settings(None), 8, &|_| ()).0
}

fn sitting_out() -> Result<(), Failed> {
    const FOREVER: Duration = Duration::from_secs(3600);
    let case = |own_name: &str, run: fn(&Settings)| {
        Case::custom(REPORTS_EXITED, own_name, "A case of this test.", &[], move |settings| {
            settings.permits.release_while(|| run(settings));
            Outcome::Passed.into()
        })
    };
    let cases = [
        case("first", |_| ()),
        case("sits", |settings| settings.schedule.sit_out(FOREVER, false)).sitting_out(),
        case("ends", |settings| settings.schedule.end("enough")),
    ];
    let cases = cases.each_ref();
    // One at a time.
    let schedule = Arc::new(Schedule::new(1, Settings::TIMEOUT, Turns::default()));
    let settings = Settings { schedule, ..settings(None) };
    let (results, _) = runner::run(&cases, &settings, runner::under_way(1, &cases), &|_| ());
    let outcomes: Vec<_> = results.iter().map(|result| (result.status(), causes::message(result))).collect();
    let early = (Status::Skipped, Some("enough".to_owned()));
    assert_eq!(outcomes, [(Status::Passed, None), early, (Status::Passed, None)]);
    Ok(())
}

fn late_beside_others() -> Result<(), Failed> {
    let (cases, tries) = cases_of(&[REPORTS_EXITED, DELIVERS_ONCE], 6, |settings, beside| {
        if !settings.alone {
            return finding(true).into();
        }
        match beside {
            0 => Outcome::Passed.into(),
            _ => Outcome::Broken(format!("{beside} others are under way")).into(),
        }
    });
    for result in run_all(&cases) {
        assert_eq!(result.status(), Status::Passed, "{:?}", causes::message(&result));
        assert!(result.first_try.is_some());
    }
    assert_eq!(tries.load(SeqCst), 2 * cases.len());
    Ok(())
}

fn late_alone() -> Result<(), Failed> {
    let (cases, tries) = cases_of(&[REPORTS_EXITED], 1, |_, _| finding(true).into());
    let results = run_all(&cases);
    assert_eq!(results[0].status(), Status::Failed);
    assert!(results[0].first_try.is_some());
    assert_eq!(tries.load(SeqCst), 2);
    Ok(())
}

fn interrupted() -> Result<(), Failed> {
    let (cases, tries) = cases_of(&[REPORTS_EXITED], 1, |settings, _| {
        settings.schedule.interrupt("enough");
        finding(true).into()
    });
    let results = run_all(&cases);
    let message = causes::message(&results[0]);
    assert_eq!(results[0].status(), Status::Skipped, "{message:?}");
    assert_eq!(message.as_deref(), Some("enough, before it was tried again alone"));
    assert_eq!(tries.load(SeqCst), 1);
    Ok(())
}

fn broken_off() -> Result<(), Failed> {
    let finding = || {
        let mut finding = Finding::new("", "", "");
        finding.interrupted = true;
        Outcome::Breached(Box::new(finding))
    };
    let skipped = || Outcome::Skipped(Need::OwnUser.reason(""));
    // What becomes of each try, and of the case.
    let told = [
        (vec![finding(), Outcome::Passed], Status::Passed),
        (vec![finding(), finding()], Status::Failed),
        (vec![finding(), skipped(), finding(), Outcome::Passed], Status::Passed),
        ([vec![finding(), skipped()], vec![finding(); 5]].concat(), Status::Skipped),
    ];
    for (outcomes, status) in told {
        let count = outcomes.len();
        let outcomes = Mutex::new(outcomes.into_iter().enumerate());
        let (cases, tries) = cases_of(&[REPORTS_EXITED], 1, move |settings, _| {
            let (number, outcome) = outcomes.lock().unwrap().next().expect("it was tried too often");
            assert_eq!(settings.unwatched, number == 1);
            outcome.into()
        });
        let results = run_all(&cases);
        assert_eq!(results[0].status(), status, "{:?}", causes::message(&results[0]));
        assert_eq!(tries.load(SeqCst), count);
    }
    Ok(())
}

fn wrong() -> Result<(), Failed> {
    let (cases, tries) = cases_of(&[REPORTS_EXITED], 6, |_, _| finding(false).into());
    assert!(run_all(&cases).iter().all(|result| result.status() == Status::Failed));
    assert_eq!(tries.load(SeqCst), cases.len());
    Ok(())
}

fn known_to_wait() -> Result<(), Failed> {
    let requirements = [REPORTS_EXITED, REPORTS_DELIVERED, DELIVERS_ONCE, DOES_NOT_WAIT, SAFE_TO_SHARE];
    let (cases, tries) = cases_of(&requirements, 6, |_, _| finding(true).into());
    let (results, _) = runner::run(&cases.iter().collect::<Vec<_>>(), &settings(None), 1, &|_| ());
    assert!(results.iter().all(|result| result.status() == Status::Failed));
    // One case of each of two requirements is tried twice.
    assert_eq!(tries.load(SeqCst), cases.len() + 2);
    Ok(())
}

fn short_limit() -> Result<(), Failed> {
    let shortest_where = |is_late: fn(&Requirement, usize) -> bool| {
        let shortest = Arc::new(Mutex::new(Settings::TIMEOUT));
        let case = |requirement: &'static Requirement, number: usize| {
            let shortest = Arc::clone(&shortest);
            Case::custom(requirement, number, "A case of this test.", &[], move |settings| {
                settings.schedule.pace.took(Kind::Delivered, Duration::from_millis(1));
                let mut shortest = shortest.lock().unwrap();
                *shortest = settings.timeout.min(*shortest);
                if is_late(requirement, number) { finding(true) } else { Outcome::Passed }.into()
            })
        };
        let all = [REPORTS_EXITED, REPORTS_DELIVERED, DELIVERS_ONCE, DOES_NOT_WAIT, SAFE_TO_SHARE];
        let cases: Vec<_> = all.iter().flat_map(|it| (0..6).map(|number| case(it, number))).collect();
        run_all(&cases);
        *shortest.lock().unwrap()
    };
    assert!(shortest_where(|_, _| true) < Settings::TIMEOUT);
    let in_few = |requirement: &Requirement, number| {
        number == 5 && [REPORTS_EXITED, REPORTS_DELIVERED].contains(&requirement)
    };
    assert_eq!(shortest_where(in_few), Settings::TIMEOUT);
    Ok(())
}

fn starved() -> Result<(), Failed> {
    let (cases, tries) = cases_of(&[REPORTS_EXITED], 6, |settings, _| match settings.alone {
        true => Ended { is_starved: true, ..Outcome::Broken("starved".to_owned()).into() },
        false => finding(true).into(),
    });
    let (results, _) = runner::run(&cases.iter().collect::<Vec<_>>(), &settings(None), 1, &|_| ());
    // Each is tried alone once more.
    assert_eq!(tries.load(SeqCst), 4);
    let statuses: Vec<_> = results.iter().map(CaseResult::status).collect();
    assert_eq!(statuses, [vec![Status::Broken; 2], vec![Status::Skipped; 4]].concat());
    let message = causes::message(&results[2]).unwrap_or_default();
    assert!(message.contains("too little of a processor"), "{message}");
    Ok(())
}

fn undeclared() -> Result<(), Failed> {
    let status_of = |declared: &[Need]| {
        let lacks = |_: &mut Context| Err(Abort::Lacks(Need::RightAlone, "it answered nothing".to_owned()));
        let case = Case::new(REPORTS_EXITED, "lacks", "A case of this test.", declared, lacks);
        let (result, _) = runner::run_one(&case, &settings(None));
        (result.status(), causes::message(&result).unwrap_or_default())
    };
    let (status, message) = status_of(&[Need::RightAlone]);
    assert_eq!(status, Status::Skipped);
    assert_eq!(
        message,
        "needs a subject that answers the same calls rightly one by one: it answered nothing"
    );
    let (status, message) = status_of(&[]);
    assert_eq!(status, Status::Broken);
    assert!(message.contains("has not declared"), "{message}");

    let skipped = |_: &Settings| Outcome::Skipped("it did not feel like it".to_owned()).into();
    let case = Case::custom(REPORTS_EXITED, "skips", "A case of this test.", &[Need::RightAlone], skipped);
    let (result, _) = runner::run_one(&case, &settings(None));
    assert_eq!(result.status(), Status::Broken);
    Ok(())
}

fn lost() -> Result<(), Failed> {
    let (cases, tries) =
        cases_of(&[REPORTS_EXITED], 6, |_, _| Ended { agent_is_lost: true, ..finding(false).into() });
    let (results, _) = runner::run(&cases.iter().collect::<Vec<_>>(), &settings(None), 1, &|_| ());
    assert_eq!(tries.load(SeqCst), 3);
    let statuses: Vec<_> = results.iter().map(CaseResult::status).collect();
    assert_eq!(statuses, [[Status::Failed; 3], [Status::Skipped; 3]].concat());
    let message = causes::message(&results[3]).unwrap_or_default();
    assert!(message.contains("3 cases in a row whose agent was lost"), "{message}");
    Ok(())
}
