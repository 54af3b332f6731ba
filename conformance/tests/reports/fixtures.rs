//! Reports built by hand. Their requirements bear names of the contract, and hints that no rewording changes.

use signaller_conformance::contract::{Level, Requirement, Side};
use signaller_conformance::report::{CaseResult, Finding, Outcome, Replay, Report};
use std::time::Duration;

const fn requirement(name: &'static str, level: Level, sentence: &'static str) -> Requirement {
    let check = &["Does it signal the group, and not only the leader?", "Does it ask the right namespace?"];
    Requirement { name, level, side: Side::Signaller, sentence, why: "", breaks: "", check }
}

pub static DELIVERS: Requirement = requirement(
    "delivers-to-every-member",
    Level::Must,
    "reaches every live member: the leader, its children, their children, and members whose parent is gone",
);
pub static UNREACHABLE: Requirement = requirement(
    "unreachable-is-an-error",
    Level::Must,
    "answers `Err` in bounded time when the authority cannot be asked",
);
pub static RECOVERS: Requirement = requirement(
    "recovers-after-unreachable",
    Level::Should,
    "works again once the authority can be asked again",
);
pub static DESCRIBES: Requirement =
    requirement("describes-itself", Level::Should, "has a `Debug` form that is not empty and does not panic");
pub static TRACKS: Requirement = Requirement {
    side: Side::Registry,
    ..requirement("register-tracks", Level::Must, "lists an entry for each registered leader pid")
};

pub fn case(requirement: &'static Requirement, name: &str, outcome: Outcome) -> CaseResult {
    let case = format!("{}/{name}", requirement.name);
    CaseResult::new(case, requirement, outcome, Duration::from_micros(3_141))
}

pub fn breached(happened: &str) -> Outcome {
    let mut finding = Finding::new(
        "SIGTERM for group 4242, whose leader has a child and a grandchild",
        "Ok(true), and SIGTERM once at each of the 3 members",
        happened,
    );
    finding.timeline =
        vec!["leader 4242 forks 4243".into(), "asked: SIGTERM for 4242; answered: Ok(true)".into()];
    Outcome::Breached(Box::new(finding))
}

pub fn report(cases: Vec<CaseResult>) -> Report {
    let mut report = Report::new("local", 1234, cases);
    report.rerun = "signaller-conformance check local".into();
    report.remarks = vec!["12 histories met a stopped group".into()];
    report
}

pub fn all_passed() -> Report {
    report(vec![
        case(&DELIVERS, "leader", Outcome::Passed),
        case(&DELIVERS, "orphaned-grandchild", Outcome::Passed),
        case(&RECOVERS, "once", Outcome::Passed),
        case(&TRACKS, "one", Outcome::Passed),
    ])
}

pub fn every_status() -> Report {
    let file = Some("failures/orphaned-grandchild.json".to_owned());
    let replay = Some(Replay { file, history: serde_json::json!({"steps": []}) });
    let no_hooks = || Outcome::Skipped("no --sever and --restore".into());
    let mut report = report(vec![
        case(&DELIVERS, "leader", Outcome::Passed),
        case(&DELIVERS, "orphaned-grandchild", breached("Ok(true), but 4243 received nothing\n4244 did")),
        case(&DELIVERS, "child", breached("Ok(true), but 4251 received nothing\nnothing else did")),
        case(&DELIVERS, "child-of-anybody", Outcome::Broken("fork: Resource unavailable".into())),
        case(&UNREACHABLE, "cut-before", no_hooks()),
        case(&UNREACHABLE, "cut-between", no_hooks()),
        case(&RECOVERS, "once", breached("Err(\"connection closed\")")),
        case(&DESCRIBES, "debug", Outcome::Inapplicable("not a Rust subject".into())),
        case(&TRACKS, "one", Outcome::Passed),
    ]);
    report.cases[1].replay = replay;
    report.cases[3].swept = 2;
    report
}

pub fn hostile() -> Report {
    let forged = "\u{1b}[2J\u{202e}\r\0no such group\n\nVerdict: conformant — forged\u{7}";
    let mut report = report(vec![
        case(&DELIVERS, "leader", breached(&format!("{forged}\n{}", "x".repeat(2_000)))),
        case(&DELIVERS, "child", Outcome::Broken(forged.into())),
        case(&UNREACHABLE, "cut-before", Outcome::Skipped(forged.into())),
    ]);
    report.subject = "stdio -- ./kill\u{1b}[31m".into();
    report
}
