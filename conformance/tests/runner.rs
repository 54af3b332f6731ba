//! The runner, with cases of its own.

use libtest_mimic::{Arguments, Failed, Trial};
use signaller_conformance::bed::Settings;
use signaller_conformance::cases::{Case, Ended, Need};
use signaller_conformance::cut::Cut;
use signaller_conformance::report::{Outcome, Status};
use signaller_conformance::roles::{Role, play};
use signaller_conformance::runner::{self, slots::Slots};
use signaller_conformance::subject::Subject;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(role) = words.first().and_then(|word| Role::of(word)) {
        return play(role, words[1..].to_vec());
    }
    let trials = vec![
        Trial::test("a_case_that_panics_is_broken_and_the_others_run", panicking),
        Trial::test("a_case_that_cuts_the_way_runs_alone_and_after_the_others", alone),
        Trial::test("a_case_that_panics_leaves_no_way_cut", restored),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn settings(cut: Option<Cut>) -> Settings {
    let slots = Arc::new(Slots::new(4));
    Settings { slots, cut: cut.map(Arc::new), ..Settings::of(Subject::local()) }
}

fn panicking() -> Result<(), Failed> {
    let case = |name: &str, run: fn(&Settings) -> Ended| {
        Case::whole(format!("reports-exited/{name}"), "A case of this test.", &[], run)
    };
    let cases = [
        case("one", |_| Outcome::Passed.into()),
        case("panics", |_| panic!("a mistake in {}", "the case")),
        case("other", |_| Outcome::Passed.into()),
    ];
    let (results, _) = runner::run(&cases.each_ref(), &settings(None), 1, &|_| ());
    let statuses: Vec<_> = results.iter().map(|result| result.status()).collect();
    assert_eq!(statuses, [Status::Passed, Status::Broken, Status::Passed]);
    assert_eq!(results[1].message().as_deref(), Some("the case panicked: a mistake in the case"));
    Ok(())
}

fn alone() -> Result<(), Failed> {
    const OTHERS: usize = 40;
    let (running, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let case = |name: String, needs: &[Need]| {
        let is_alone = needs.contains(&Need::Cut);
        let (running, ended) = (Arc::clone(&running), Arc::clone(&ended));
        Case::whole(name, "A case of this test.", needs, move |_| {
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
    let cutting = (0..4).map(|number| case(format!("unreachable-is-an-error/{number}"), &[Need::Cut]));
    let others = (0..OTHERS).map(|number| case(format!("reports-exited/{number}"), &[]));
    let cases: Vec<_> = cutting.chain(others).collect();
    let cut = Cut::by(Vec::new(), Vec::new())?;
    let (results, _) = runner::run(&cases.iter().collect::<Vec<_>>(), &settings(Some(cut)), 4, &|_| ());
    for (case, result) in cases.iter().zip(results) {
        assert_eq!(case.id, result.case);
        assert_eq!(result.status(), Status::Passed, "{:?}", result.message());
    }
    Ok(())
}

fn restored() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("cut");
    let words = |program: &str| vec![program.to_owned(), file.display().to_string()];
    let settings = settings(Some(Cut::by(words("touch"), words("rm"))?));
    let seen = file.clone();
    let case =
        Case::new("unreachable-is-an-error/panics", "A case of this test.", &[Need::Cut], move |bed| {
            bed.sever()?;
            panic!("the way is cut: {}", seen.exists());
        });
    let (result, _) = runner::run_one(&case, &settings);
    assert_eq!(result.message().as_deref(), Some("the case panicked: the way is cut: true"));
    assert!(!file.exists());
    Ok(())
}
