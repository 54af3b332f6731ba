//! What a failed run comes to: the causes, the best example of each, and when a run is given up.

use rstest::rstest;
use signaller_conformance::contract;
use signaller_conformance::report::causes::{self, Kind};
use signaller_conformance::report::symptom::{AnswerKind, ProtocolError, ProtocolFault, Symptom, Topic};
use signaller_conformance::report::timeline::{Actor, Event, Moment, Part, Recipient};
use signaller_conformance::report::{CaseResult, Finding, Outcome, Report, human};
use std::time::Duration;

/// The result of the case `id`.
fn case(id: &str, outcome: Outcome) -> CaseResult {
    let requirement = contract::find(id.split('/').next().unwrap()).unwrap();
    let duration = Duration::from_millis(1);
    CaseResult::new(id, requirement, outcome, duration)
}

fn broken(id: &str, symptom: Symptom) -> CaseResult {
    let mut finding = Finding::new(id, "", "");
    finding.symptom = symptom;
    case(id, Outcome::Breached(Box::new(finding)))
}

fn error(fault: ProtocolFault) -> ProtocolError {
    ProtocolError {
        fault,
        what: "the subject did it".to_owned(),
        in_lines: true,
        answered: false,
        wrote: String::new(),
        ended: None,
        errors: String::new(),
        first_answers: None,
    }
}

/// A case in which the subject did that instead of answering.
fn violated(id: &str, topic: Topic, error: ProtocolError) -> CaseResult {
    let mut finding = Finding::new("", "", "");
    (finding.symptom, finding.topic, finding.protocol) = (Symptom::Protocol, topic, Some(error));
    case(id, Outcome::Breached(Box::new(finding)))
}

/// A case in which the subject did not answer as its form says.
fn unanswered(id: &str, fault: ProtocolFault, topic: Topic) -> CaseResult {
    violated(id, topic, error(fault))
}

const MISANSWERED: Symptom = Symptom::Answer { owed: Some(AnswerKind::Exited), given: AnswerKind::Failed };

#[test]
fn what_explains_most_comes_first_with_the_requirement_that_fits() {
    let cases = [
        broken("delivers-once/sigterm", Symptom::Repeated),
        broken("exited-is-repeatable/a", MISANSWERED),
        broken("reports-exited/b", MISANSWERED),
        broken("never-existed-is-exited/c", MISANSWERED),
        case("does-not-wait/stopped", Outcome::Passed),
    ];
    let causes = causes::of(&cases);
    let told: Vec<_> = causes.iter().map(|cause| (cause.requirement.name, cause.cases.len())).collect();
    assert_eq!(told, [("reports-exited", 3), ("delivers-once", 1)]);
    assert_eq!(causes[0].example.0.case, "reports-exited/b");
}

/// What is said first of a case in which a subject that was asked for 45 made those calls.
fn first_advice(calls: &[&str]) -> String {
    let to = Some(Recipient::Process(45));
    let call = |&call: &&str| {
        let sends = !call.ends_with(", 0)");
        Event::SystemCall { call: call.to_owned(), to, sends }
    };
    advice_after(calls.iter().map(call).collect())
}

/// The same after those events.
fn advice_after(made: Vec<Event>) -> String {
    let mut finding = Finding::new("", "", "");
    finding.symptom = Symptom::Missed;
    let called = Event::Called {
        leader_pid: 45,
        signal_name: "SIGTERM".to_owned(),
        answer: Some(AnswerKind::Delivered),
    };
    finding.timeline = vec![Moment::new("", made), Moment::new("", vec![called])];
    let cases = [case("delivers-to-every-member/sigterm", Outcome::Breached(Box::new(finding)))];
    causes::of(&cases)[0].advice().remove(0)
}

#[test]
fn who_signals_the_leader_alone_is_told_the_call() {
    assert!(first_advice(&["kill(45, 0)", "kill(45, SIGTERM)"]).contains("kill(-45, …), or killpg(45, …)"));
    for other in ["kill(-45, SIGTERM)", "kill(45, 0)", "kill(46, SIGTERM)", "kill(450, SIGTERM)"] {
        assert!(!first_advice(&[other]).contains("leader alone"), "{other}");
    }
    // One member after the other.
    assert!(!first_advice(&["kill(45, SIGTERM)", "kill(46, SIGTERM)"]).contains("leader alone"));
}

#[test]
fn who_signals_everybody_or_its_own_group_is_told_the_call() {
    let subject =
        Actor { pid: 7, what: "the subject itself".to_owned(), group: Some(7), part: Part::Subject };
    let told = |call: &str, to| {
        let made = Event::SystemCall { call: call.to_owned(), to, sends: !call.ends_with(", 0)") };
        advice_after(vec![Event::Appeared(subject.clone()), made])
    };
    let own_group = Some(Recipient::Group(7));
    let reached = "It was seen to call kill(0, SIGTERM), which reaches the group of the subject itself.";
    assert!(told("kill(0, SIGTERM)", own_group).starts_with(reached));
    assert!(told("kill(-1, SIGTERM)", None).contains("which reaches every process that it may signal"));
    assert!(
        told("kill(7, SIGTERM)", Some(Recipient::Process(7))).contains("which reaches the subject itself")
    );
    for (call, to) in
        [("kill(-1, 0)", None), ("kill(0, 0)", own_group), ("kill(-45, SIGTERM)", Some(Recipient::Group(45)))]
    {
        assert!(!told(call, to).contains("seen to call"), "{call}");
    }
}

#[test]
fn who_answers_before_it_sends_is_told_to_send_first() {
    let cases = [
        broken("delivers-to-every-member/a", Symptom::Belated),
        broken("outlives-the-leader/b", Symptom::Belated),
    ];
    let [cause] = &causes::of(&cases)[..] else { panic!("it is one cause") };
    assert_eq!(cause.requirement.name, "delivers-to-every-member");
    assert_eq!(cause.headline(), "answers before it has sent the signal");
    assert!(cause.advice()[0].starts_with("Send first"), "{:?}", cause.advice());
}

#[test]
fn a_usage_text_is_known_wherever_it_begins() {
    for answer in [r#"Err("Usage: kill")"#, r#"Err("\nUsage:\n kill")"#] {
        let mut finding = Finding::new("", "", format!("it answered {answer}"));
        finding.symptom = MISANSWERED;
        let cases = [case("reports-exited/a", Outcome::Breached(Box::new(finding)))];
        assert!(causes::of(&cases)[0].advice()[0].contains("usage text"), "{answer}");
    }
}

#[test]
fn who_sees_a_few_cases_sees_an_example_of_each_cause() {
    let cases = [
        broken("delivers-once/a", Symptom::Repeated),
        broken("delivers-once/b", Symptom::Repeated),
        broken("reports-exited/c", MISANSWERED),
    ];
    let first = causes::examples_first(&cases, cases.iter().collect());
    let ids: Vec<_> = first.iter().map(|case| &*case.case).collect();
    assert_eq!(ids, ["delivers-once/a", "reports-exited/c", "delivers-once/b"]);
}

#[test]
fn who_exits_with_status_zero_is_told_to_stay() {
    let advice = |ended: &str, answered| {
        let error = ProtocolError { answered, ended: Some(ended.to_owned()), ..error(ProtocolFault::Ended) };
        let cases = [violated("steady-under-repetition/a", Topic::Group, error)];
        causes::of(&cases)[0].advice().remove(0)
    };
    assert!(advice("has exited with status 0", true).contains("exits by itself"));
    for (ended, answered) in [("has exited with status 0", false), ("has exited with status 1", true)] {
        assert!(!advice(ended, answered).contains("exits by itself"), "{ended}, {answered}");
    }
}

#[test]
fn who_starts_slowly_is_told_so_and_not_that_it_waits() {
    let seconds = Duration::from_secs;
    let headline = |answers, passed: bool| {
        let error = ProtocolError { first_answers: answers, ..error(ProtocolFault::Silent) };
        let mut cases = vec![
            unanswered("reports-delivered/a", ProtocolFault::Silent, Topic::Group),
            violated("never-existed-is-exited/b", Topic::Group, error),
        ];
        cases.extend(passed.then(|| case("rejects-unknown-names/c", Outcome::Passed)));
        let causes = causes::of(&cases);
        assert_eq!(causes.len(), 1);
        (causes[0].headline(), causes[0].advice().remove(0))
    };
    for passed in [false, true] {
        let (slow, advice) = headline(Some([seconds(8), seconds(1)]), passed);
        assert!(slow.starts_with("starts too slowly: its first answer takes 8.0 s"), "{slow}");
        assert!(advice.starts_with("--timeout 17 "), "{advice}");
        // Who takes as long for each call does not start slowly.
        assert!(!headline(Some([seconds(8), seconds(8)]), passed).0.contains("starts"));
        assert!(!headline(None, passed).0.contains("starts"));
    }
}

#[test]
fn who_ends_its_process_is_told_what_its_form_needs() {
    let advice = |in_lines, answered| {
        let ended = Some("has exited with status 1".to_owned());
        let error = ProtocolError { in_lines, answered, ended, ..error(ProtocolFault::Ended) };
        causes::of(&[violated("reports-delivered/a", Topic::Group, error)])[0].advice().remove(0)
    };
    assert!(advice(false, false).starts_with("No call may end"), "{}", advice(false, false));
    assert!(advice(true, false).starts_with("Try it by hand"), "{}", advice(true, false));
    assert!(advice(true, true).starts_with("Catch what can fail"), "{}", advice(true, true));
}

#[test]
fn who_mixes_two_answers_is_told_of_the_lock() {
    let advice = |wrote: &str| {
        let error = ProtocolError { wrote: wrote.to_owned(), ..error(ProtocolFault::Malformed) };
        causes::of(&[violated("safe-to-share/a", Topic::Group, error)])[0].advice().remove(0)
    };
    assert!(advice(r#"{"id":7,"ok{"id": 8, "ok": true}"#).contains("under a lock"));
    assert!(!advice(r#"{"id":7,"ok":"true"}"#).contains("under a lock"));
}

#[test]
fn who_waits_is_told_so_whichever_requirements_that_breaks() {
    let mut cases: Vec<_> =
        ["delivers-to-every-member/a", "reports-delivered/b", "reaches-stopped-members/c"]
            .map(|id| unanswered(id, ProtocolFault::Silent, Topic::Group))
            .into();
    // It is not silent there: it waits less than the time limit.
    cases.push(broken("does-not-wait/ignoring", Symptom::Other));
    cases.push(case("rejects-unknown-names/faults", Outcome::Passed));
    let [cause] = &causes::of(&cases)[..] else { panic!("it is one cause") };
    assert_eq!((cause.requirement.name, cause.cases.len()), ("does-not-wait", 4));
    assert!(cause.headline().starts_with("waits"), "{}", cause.headline());
}

#[test]
fn who_exits_at_an_unknown_name_is_told_so_though_some_calls_were_of_other_kinds() {
    let crash = |id, topic| unanswered(id, ProtocolFault::Ended, topic);
    let cases = [
        crash("rejects-unknown-names/a", Topic::Name),
        crash("names-are-exact/b", Topic::Name),
        crash("steady-under-repetition/c", Topic::Group),
        case("reports-delivered/d", Outcome::Passed),
    ];
    let [cause] = &causes::of(&cases)[..] else { panic!("it is one cause") };
    assert_eq!(cause.kind, Kind::Protocol(ProtocolFault::Ended, Topic::Name));
    assert_eq!(cause.requirement.name, "rejects-unknown-names");
}

#[test]
fn what_only_its_requirement_explains_goes_where_that_is_broken_most() {
    let cases = [
        broken("reports-exited/a", MISANSWERED),
        broken("reports-exited/histories", Symptom::Other),
        broken("register-tracks/b", Symptom::Other),
        broken("register-tracks/c", Symptom::Other),
        broken("empty-is-silent/d", Symptom::Other),
    ];
    let causes = causes::of(&cases);
    let told: Vec<_> = causes.iter().map(|cause| (cause.headline(), cause.cases.len())).collect();
    let owed = [
        ("answers Err where the group has exited".to_owned(), 2),
        ("breaks register-tracks".to_owned(), 2),
        ("breaks empty-is-silent".to_owned(), 1),
    ];
    assert_eq!(told, owed);
}

#[test]
fn nothing_that_failed_has_no_cause() {
    let skipped = case("reports-exited/a", Outcome::Skipped("no root".to_owned()));
    assert!(causes::of(&[skipped, case("reports-exited/b", Outcome::Passed)]).is_empty());
}

/// Cases of that many requirements, each unanswered.
fn first(requirements: usize, cases: usize, fault: ProtocolFault) -> Vec<CaseResult> {
    let names = ["reports-delivered", "reports-exited", "does-not-wait", "delivers-once"];
    let id = |index: usize| format!("{}/{index}", names[index % requirements]);
    (0..cases).map(|index| unanswered(&id(index), fault, Topic::Group)).collect()
}

#[rstest]
#[case::silent(
    ProtocolFault::Silent,
    "stopped early, since all cases so far failed alike: the subject answered no call in time (is standard output flushed? does it wait?); --keep-going tries all"
)]
#[case::noise(
    ProtocolFault::Noise,
    "writes lines to standard output that are not answers (only answers belong on standard output)"
)]
#[case::ended(ProtocolFault::Ended, "(the end of its standard error says why)")]
fn a_run_in_which_nothing_is_answered_is_given_up(#[case] fault: ProtocolFault, #[case] words: &str) {
    let cases = first(3, 8, fault);
    let reason = causes::hopeless(&cases.iter().collect::<Vec<_>>()).unwrap();
    assert!(reason.contains(words), "{reason}");
}

#[test]
fn a_run_that_was_given_up_says_so_with_what_to_change() {
    let mut cases = first(3, 8, ProtocolFault::Silent);
    let reason = causes::hopeless(&cases.iter().collect::<Vec<_>>()).unwrap();
    cases.extend(
        (0..30).map(|index| case(&format!("names-are-exact/{index}"), Outcome::Skipped(reason.clone()))),
    );
    let mut report = Report::new("stdio -- ./silent", 7, cases);
    report.rerun = "signaller-conformance check".to_owned();
    let mut text = Vec::new();
    human::write(&report, &human::Options::default(), &mut text).unwrap();
    insta::assert_snapshot!(String::from_utf8(text).unwrap());
}

#[test]
fn a_run_goes_on_until_enough_is_known() {
    let hopeless = |cases: &[CaseResult]| causes::hopeless(&cases.iter().collect::<Vec<_>>()).is_some();
    let silent = || first(4, 8, ProtocolFault::Silent);
    assert!(hopeless(&silent()));
    assert!(!hopeless(&silent()[..3]), "too few cases");
    assert!(!hopeless(&first(2, 8, ProtocolFault::Silent)), "of too few requirements");
    let mut one_passed = silent();
    one_passed.push(case("empty-is-silent/a", Outcome::Passed));
    assert!(!hopeless(&one_passed), "something is answered");
    let mut one_broken = silent();
    one_broken.push(broken("reports-exited/wrong", MISANSWERED));
    assert!(!hopeless(&one_broken), "something is answered, if wrongly");
    let mut untried = silent();
    untried.push(case("empty-is-silent/a", Outcome::Skipped("no root".to_owned())));
    assert!(hopeless(&untried), "what was not tried says nothing");
    let of_names: Vec<_> = (0..8)
        .map(|index| unanswered(&format!("names-are-exact/{index}"), ProtocolFault::Ended, Topic::Name))
        .collect();
    assert!(!hopeless(&of_names), "it may answer calls with other names");
}
