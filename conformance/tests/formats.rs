//! The formats for programs, each read by somebody else's parser.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::{Value, json};
use signaller_conformance::report::json::JSON_SCHEMA;
use signaller_conformance::report::{self, Outcome, Repeats, Report};
use std::io::Write;
use std::process::{Command, Stdio};

#[path = "reports/fixtures.rs"]
mod fixtures;
#[path = "support/mod.rs"]
mod support;

use fixtures::*;

type WriteReport = fn(&Report, &mut dyn Write) -> std::io::Result<()>;

fn written(report: &Report, write: WriteReport) -> String {
    let mut text = Vec::new();
    write(report, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// One of every status, a failure that is known, and one of several runs.
fn everything() -> Report {
    let mut report = every_status();
    report.cases[2].known = Some("see #7".to_owned());
    report.cases[1].repeats = Some(Repeats { runs: 20, failed: 3, broken: 0 });
    report
}

fn all() -> [Report; 4] {
    [all_passed(), everything(), hostile(), report(Vec::new())]
}

#[test]
fn every_format_names_the_file_of_a_failing_history() {
    let report = every_status();
    let replay = report.replay_of(report.cases[1].replay_file().unwrap());
    let writers: [WriteReport; 3] = [report::junit::write, report::tap::write, report::markdown::write];
    for write in writers {
        let text = written(&report, write);
        assert!(text.contains(&replay), "no `{replay}` in {text}");
    }
    assert!(written(&report, report::json::write).contains(report.cases[1].replay_file().unwrap()));
}

#[test]
fn the_json_report_is_as_its_schema_says() {
    let schema: Value = serde_json::from_str(JSON_SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for report in all() {
        let document: Value = serde_json::from_str(&written(&report, report::json::write)).unwrap();
        let wrong: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:?} in {document}");
    }
}

#[test]
fn the_schema_refuses_what_is_no_report() {
    let schema: Value = serde_json::from_str(JSON_SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let right: Value = serde_json::from_str(&written(&everything(), report::json::write)).unwrap();
    let changed = |path: &str, value: Value| {
        let mut document = right.clone();
        *document.pointer_mut(path).unwrap() = value;
        document
    };
    for (path, value) in [
        ("/schema", json!(2)),
        ("/verdict", json!("fine")),
        ("/cases/0/status", json!("ok")),
        ("/cases/0/message", json!("passed, and still says why")),
        ("/cases/1/message", json!(null)),
        ("/cases/1/level", json!("SHOULD")),
        ("/cases/0/duration_ms", json!(-1)),
        ("/summary/passed", json!("2")),
    ] {
        assert!(!validator.is_valid(&changed(path, value)), "{path}");
    }
}

/// How a test case of a JUnit file ended, with its message.
fn ended(case: roxmltree::Node<'_, '_>) -> (String, String) {
    let told = case.children().filter(|node| node.is_element()).find(|node| !node.has_tag_name("system-out"));
    let message = told.and_then(|node| node.attribute("message")).unwrap_or_default();
    (told.map_or("passed", |node| node.tag_name().name()).to_owned(), message.to_owned())
}

#[test]
fn junit_keeps_failed_broken_and_skipped_apart() {
    let text = written(&everything(), report::junit::write);
    let document = roxmltree::Document::parse(&text).unwrap();
    let root = document.root_element();
    let counts = ["tests", "failures", "errors"].map(|count| root.attribute(count).unwrap());
    assert_eq!((root.tag_name().name(), counts), ("testsuites", ["9", "1", "1"]));
    let cases: Vec<_> = document.descendants().filter(|node| node.has_tag_name("testcase")).collect();
    let found: Vec<_> = cases.iter().map(|case| (case.attribute("name").unwrap(), ended(*case))).collect();
    let found: Vec<_> = found.iter().map(|(name, (ended, _))| (*name, ended.as_str())).collect();
    assert_eq!(
        found,
        [
            ("delivers-to-every-member/leader", "passed"),
            ("delivers-to-every-member/orphaned-grandchild", "failure"),
            // A baseline lists it.
            ("delivers-to-every-member/child", "skipped"),
            ("delivers-to-every-member/child-of-anybody", "error"),
            ("unreachable-is-an-error/cut-before", "skipped"),
            ("unreachable-is-an-error/cut-between", "skipped"),
            ("recovers-after-unreachable/once", "passed"),
            ("describes-itself/debug", "skipped"),
            ("register-tracks/one", "passed"),
        ]
    );
    assert_eq!(ended(cases[1]).1, "Ok(true), but 4243 received nothing 4244 did");
    assert_eq!(ended(cases[2]).1, "known failure: see #7");
    assert_eq!(ended(cases[3]).1, "fork: Resource unavailable");
    assert_eq!(cases[1].attribute("classname"), Some("delivers-to-every-member"));
    assert_eq!(cases[1].attribute("time"), Some("0.003"));
    assert!(text.contains("failed in 3 of 20 runs"), "{text}");
}

#[test]
fn every_junit_report_is_well_formed() {
    for report in all() {
        let text = written(&report, report::junit::write);
        let document = roxmltree::Document::parse(&text).unwrap();
        let cases = document.descendants().filter(|node| node.has_tag_name("testcase")).count();
        assert_eq!(cases, report.cases.len());
    }
}

/// What Perl's own parser, that of `prove`, finds in a TAP report: one JSON object.
const TAP_PARSER: &str = r#"
use TAP::Parser; use JSON::PP; local $/; my $parser = TAP::Parser->new({ tap => scalar <STDIN> });
my @points; my @yaml;
while (my $one = $parser->next) {
    push @points, { ok => $one->is_actual_ok ? 1 : 0, name => $one->description, directive => $one->directive,
        why => $one->explanation } if $one->is_test;
    push @yaml, $one->data if $one->is_yaml;
}
print JSON::PP->new->utf8->canonical->encode({ points => \@points, yaml => \@yaml, 
    errors => [$parser->parse_errors], planned => $parser->tests_planned, failed => [$parser->failed] });
"#;

fn parsed_as_tap(report: &Report) -> Option<Value> {
    let perl = signaller_places::program("perl")?;
    let mut perl = Command::new(perl)
        .args(["-e", TAP_PARSER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // It knows version 13, which a report of version 14 without subtests is, too, but for its first line.
    let tap = written(report, report::tap::write);
    let tap = tap.strip_prefix("TAP version 14\n").map(|tap| format!("TAP version 13\n{tap}")).unwrap();
    perl.stdin.take().unwrap().write_all(tap.as_bytes()).unwrap();
    let output = perl.wait_with_output().unwrap();
    Some(
        serde_json::from_slice(&output.stdout).unwrap_or_else(|cause| panic!("{cause}: {output:?} of {tap}")),
    )
}

#[test]
fn tap_says_what_fails_the_run_and_what_does_not() {
    let Some(found) = parsed_as_tap(&everything()) else { return };
    assert_eq!(found["errors"], json!([]));
    assert_eq!((&found["planned"], &found["failed"]), (&json!(9), &json!([2, 4])));
    let points: Vec<_> = found["points"].as_array().unwrap().iter().collect();
    let directive = |index: usize| points[index]["directive"].as_str().unwrap();
    assert_eq!([0, 2, 4, 6, 7].map(directive), ["", "TODO", "SKIP", "TODO", "SKIP"]);
    assert_eq!(points[2]["why"], r"known failure: see \#7");
    assert_eq!(points[7]["why"], "inapplicable: not a Rust subject");
}

#[test]
fn every_tap_report_can_be_read() {
    for report in all() {
        let Some(found) = parsed_as_tap(&report) else { return };
        assert_eq!(found["errors"], json!([]), "{}", written(&report, report::tap::write));
        assert_eq!(found["points"].as_array().map(Vec::len), Some(report.cases.len()));
    }
}

#[test]
fn what_stands_between_tap_markers_is_yaml() {
    let text = written(&hostile(), report::tap::write);
    let block = text.split("  ---\n").nth(1).unwrap().split("  ...\n").next().unwrap();
    for line in block.lines() {
        let (key, value) = line.trim_start().split_once(": ").unwrap();
        let value: Value = serde_json::from_str(value).unwrap_or_else(|cause| panic!("{cause}: {line}"));
        assert!(key == "duration_ms" || value.is_string(), "{line}");
    }
    assert!(block.contains("Verdict: conformant — forged"), "{block}");
    assert!(text.lines().all(|line| !line.starts_with("Verdict")), "{text}");
}

/// The headings, code blocks and inline HTML of a Markdown text.
fn markdown(text: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
    let (mut headings, mut blocks, mut html) = (Vec::new(), Vec::new(), Vec::new());
    let mut into: Option<&mut Vec<String>> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                headings.push(String::new());
                into = Some(&mut headings);
            }
            Event::Start(Tag::CodeBlock(_)) => {
                blocks.push(String::new());
                into = Some(&mut blocks);
            }
            Event::End(TagEnd::Heading(_) | TagEnd::CodeBlock) => into = None,
            Event::Text(text) | Event::Code(text) => {
                if let Some(last) = into.as_mut().and_then(|into| into.last_mut()) {
                    *last += &text;
                }
            }
            Event::Html(text) | Event::InlineHtml(text) => html.push(text.to_string()),
            _ => {}
        }
    }
    (headings, blocks, html)
}

#[test]
fn markdown_begins_with_the_verdict_and_folds_failures() {
    let text = written(&everything(), report::markdown::write);
    let (headings, blocks, html) = markdown(&text);
    assert_eq!(headings, ["nonconformant: local", "Why", "Cases"]);
    let summaries: Vec<_> = html.iter().filter(|html| html.contains("<details>")).collect();
    assert_eq!(summaries.len(), 4, "{html:?}");
    assert!(
        summaries[0]
            .contains("failed <code>delivers-to-every-member/orphaned-grandchild</code> (failed in 3")
    );
    // Behind an example of each cause.
    assert!(summaries[2].contains("(known: see #7)"), "{summaries:?}");
    // A message and a command each, and one history to replay.
    assert_eq!(blocks.len(), 2 * summaries.len() + 1);
    assert!(blocks[0].contains("actual:   Ok(true), but 4243 received nothing"), "{blocks:?}");
}

#[test]
fn nothing_that_a_subject_says_is_markup() {
    let said = "```\n</details><script>alert(1)</script>\n| a | [b](c) `d` <img src=x>";
    let mut report = report(vec![
        case(&DELIVERS, "leader", breached(said)),
        case(&DELIVERS, "child", breached(said)),
        case(&DELIVERS, "child-of-anybody", Outcome::Broken(said.into())),
    ]);
    report.subject = format!("stdio -- ./{said}");
    report.cases[1].known = Some(said.into());
    let (headings, blocks, html) = markdown(&written(&report, report::markdown::write));
    assert_eq!(headings.len(), 3, "{headings:?}");
    assert!(blocks[0].contains("</details><script>"), "{blocks:?}");
    for html in &html {
        assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
    }
    let page = written(&report, report::html::write);
    assert!(!page.contains("<script>alert") && !page.contains("<img"), "{page}");
}
