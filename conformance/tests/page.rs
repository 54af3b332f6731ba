//! The HTML page in a real browser: it can be searched, a failure shows its picture, and it needs nothing
//! from elsewhere.
//!
//! With `SIGNALLER_CONFORMANCE_SCREENSHOTS=DIR` what the browser shows is kept there, for people to look at.

#[path = "page/browser.rs"]
mod browser;
#[path = "support/mod.rs"]
mod support;

use browser::Page;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;
use tempfile::TempDir;

/// A subject that signals its parent's group beside the one that it was asked for, answers that everything
/// was delivered, and never says exited. In its sandbox it can hurt nobody.
const FAULTY: &str = r#"
import json, os, signal, sys
for line in sys.stdin:
    question = json.loads(line)
    try:
        number = signal.Signals[question["signal_name"]]
        os.killpg(question["leader_pid"], number)
        for entry in os.listdir("/proc"):
            if entry.isdigit() and os.getpgid(int(entry)) == os.getpgid(0) and int(entry) != os.getpid():
                os.kill(int(entry), signal.SIGINT)
    except (OSError, KeyError, OverflowError):
        pass
    print(json.dumps({"id": question["id"], "ok": True}), flush=True)
"#;

/// The page and the JSON report of one run of some cases on [`FAULTY`].
struct Reports {
    page: PathBuf,
    json: Value,
    _folder: TempDir,
}

static REPORTS: LazyLock<Option<Reports>> = LazyLock::new(|| {
    let python = support::python()?;
    let folder = TempDir::new().unwrap();
    let [page, json, subject] =
        ["page.html", "report.json", "faulty.py"].map(|name| folder.path().join(name));
    std::fs::write(&subject, FAULTY).unwrap();
    let mut check = Command::new(support::PROGRAM);
    check.args(["check", "--seed", "1", "--histories", "4", "--format", "html", "--output"]).arg(&page);
    check.args(["--format", "json", "--output"]).arg(&json);
    check.args(["--filter", "^(spares-other-groups|reports-exited|reaches-stopped-members|delivers-once)/"]);
    check
        .args(["stdio", "--"])
        .arg(python)
        .arg(&subject)
        .env_remove("GITHUB_ACTIONS")
        .current_dir(folder.path());
    let output = check.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let json = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    Some(Reports { page, json, _folder: folder })
});

fn opened() -> Option<(Page, &'static Reports)> {
    let reports = REPORTS.as_ref()?;
    let mut page = Page::start()?;
    page.show_on(1400, "light");
    page.open(&reports.page);
    Some((page, reports))
}

/// The ids of the cases that can be seen.
const SHOWN: &str = "[...document.querySelectorAll('tr.case')].filter(row => row.offsetParent !== null)\
    .map(row => row.querySelector('code').textContent)";

fn keep(page: &mut Page, name: &str) {
    let Some(folder) = std::env::var_os("SIGNALLER_CONFORMANCE_SCREENSHOTS") else { return };
    let image = page.screenshot();
    std::fs::write(PathBuf::from(folder).join(format!("{name}.png.base64")), image).unwrap();
}

#[test]
fn the_table_is_searched_by_requirement_and_by_status() {
    let Some((mut page, reports)) = opened() else { return };
    let cases = reports.json["cases"].as_array().unwrap();
    let ids = |holds: &dyn Fn(&Value) -> bool| -> Vec<Value> {
        cases.iter().filter(|case| holds(case)).map(|case| case["case"].clone()).collect()
    };
    let sorted = |value: Value| {
        let mut ids = value.as_array().unwrap().clone();
        ids.sort_by_key(Value::to_string);
        ids
    };
    let expect = |page: &mut Page, mut expected: Vec<Value>| {
        expected.sort_by_key(Value::to_string);
        assert_eq!(sorted(page.value(SHOWN)), expected);
        let told = page.value("document.getElementById('shown').value");
        assert_eq!(told, json!(format!("{} shown", expected.len())));
    };
    let is_failed = |case: &Value| case["status"] == "failed";
    // Who opens a page of a failed run looks for what went wrong.
    let went_wrong =
        |case: &Value| ["failed", "warned", "broken"].contains(&case["status"].as_str().unwrap());
    expect(&mut page, ids(&went_wrong));
    page.value("document.querySelector('.counts .passed a').click()");
    expect(&mut page, ids(&|case| case["status"] == "passed"));
    page.value("chosen.value = ''; chosen.dispatchEvent(new Event('input'))");
    expect(&mut page, ids(&|_| true));
    page.value("document.getElementById('words').focus()");
    page.ask("Input.insertText", json!({"text": "Reports-Exited"}));
    expect(&mut page, ids(&|case| case["case"].as_str().unwrap().starts_with("reports-exited/")));
    page.value("chosen.value = 'failed'; chosen.dispatchEvent(new Event('input'))");
    expect(
        &mut page,
        ids(&|case| is_failed(case) && case["case"].as_str().unwrap().starts_with("reports-exited/")),
    );
    page.value("words.value = ''; words.dispatchEvent(new Event('input'))");
    expect(&mut page, ids(&is_failed));
    assert_eq!(page.complaints, [""; 0]);
}

#[test]
fn a_failure_that_is_opened_by_keyboard_shows_a_picture_that_names_who_was_hit() {
    let Some((mut page, reports)) = opened() else { return };
    let cases = reports.json["cases"].as_array().unwrap();
    let hit = |case: &&Value| {
        case["status"] == "failed"
            && case["requirement"] == "spares-other-groups"
            && !case["case"].as_str().unwrap().ends_with("/histories")
            && case["message"].as_str().unwrap().contains("a process in the subject's own group")
    };
    let case = cases.iter().find(hit).expect("it hits the subject's group");
    let id = case["case"].as_str().unwrap();
    let row = format!(
        "[...document.querySelectorAll('tr.case')].find(row => row.dataset.words.startsWith('{id} '))"
    );
    page.value(&format!("{row}.querySelector('details').open = false"));
    page.value(&format!("{row}.querySelector('summary').focus()"));
    page.press("Enter", 13, "\r");
    assert_eq!(page.value(&format!("{row}.querySelector('details').open")), json!(true));

    // Who was hit, as the report names it: "process 20003 (a process in the subject's own group) received
    // SIGINT …".
    let message = case["message"].as_str().unwrap();
    let pid = message.split("actual:").nth(1).unwrap().split("process ").nth(1).unwrap();
    let pid = pid.split(' ').next().unwrap();
    let accused = format!("[...{row}.querySelectorAll('svg .name.accused')].map(name => name.textContent)");
    let accused = page.value(&accused);
    assert!(accused.as_array().unwrap().contains(&json!(format!("✗ {pid}"))), "{pid} in {accused}");
    let marks = page
        .value(&format!("[...{row}.querySelectorAll('svg text.mark.received')].map(one => one.textContent)"));
    assert!(marks.as_array().unwrap().contains(&json!("INT")), "{marks}");
    let end = page.value(&format!(
        "[...{row}.querySelectorAll('svg text.wrong')].map(one => one.textContent).join(' ')"
    ));
    assert!(end.as_str().unwrap().starts_with("✗ Broken here:"), "{end}");
    let size = page.value(&format!("{row}.querySelector('svg').getBoundingClientRect().height"));
    assert!(size.as_f64().unwrap() > 100.0, "{size}");
    // For whoever cannot see it.
    let told = page.value(&format!("{row}.querySelector('svg desc').textContent"));
    assert!(told.as_str().unwrap().contains(&format!("process {pid} (")), "{told}");
    page.value(&format!("{row}.scrollIntoView()"));
    keep(&mut page, "picture-1400-light");
    assert_eq!(page.complaints, [""; 0]);
}

#[test]
fn every_failed_case_has_a_picture_also_of_a_history() {
    let Some((mut page, reports)) = opened() else { return };
    let failed =
        reports.json["cases"].as_array().unwrap().iter().filter(|case| case["status"] == "failed").count();
    let histories = "document.querySelectorAll('tr.failed[data-words*=\"/histories \"] .picture svg').length";
    assert_eq!(page.value("document.querySelectorAll('tr.failed .picture svg').length"), json!(failed));
    assert!(page.value(histories).as_u64() > Some(0));
    // Each part has an id of its own.
    let twice =
        "(ids => ids.length - new Set(ids).size)([...document.querySelectorAll('[id]')].map(one => one.id))";
    assert_eq!(page.value(twice), json!(0));
}

#[test]
fn a_line_of_a_message_that_is_wrapped_goes_on_below_its_own_text() {
    let Some((mut page, _)) = opened() else { return };
    page.show_on(390, "light");
    // Where the text of each line of a step begins, in the line and in the next.
    let lefts = r"(() => {
      const line = [...document.querySelectorAll('details[open] .line')]
        .find(line => /^ +\d+\. +[\d.]+ ms/.test(line.textContent) && line.getClientRects().length
          && line.offsetHeight > 30);
      const range = document.createRange();
      const left = offset => {
        range.setStart(line.firstChild, offset);
        range.setEnd(line.firstChild, offset + 1);
        return range.getBoundingClientRect().left;
      };
      const first = left(line.textContent.search(/[\d.]+ ms/));
      const all = [...line.textContent].map((_, offset) => left(offset));
      const next = all.find((at, offset) => offset > 0 && at < all[offset - 1] && at > 0);
      return [first, next];
    })()";
    let lefts = page.value(lefts);
    assert!((lefts[0].as_f64().unwrap() - lefts[1].as_f64().unwrap()).abs() < 2.0, "{lefts}");
}

#[test]
fn a_cause_leads_to_each_of_its_cases() {
    let Some((mut page, _)) = opened() else { return };
    let listed = r"[...document.querySelectorAll('.causes > li')].map(cause => {
      const links = [...cause.querySelectorAll('.of-cause a')];
      const found = links.filter(link => document.getElementById(decodeURIComponent(link.hash.slice(1))));
      return [parseInt(cause.querySelector('.quiet').textContent), Math.max(found.length, 1)];
    })";
    let listed = page.value(listed);
    let counts = listed.as_array().unwrap();
    assert!(!counts.is_empty() && counts.iter().all(|both| both[0] == both[1]), "{listed}");
    assert!(counts.iter().any(|both| both[0].as_u64() > Some(1)), "{listed}");
}

/// The lowest contrast of any text with what is behind it, by WCAG 2.2, with that text.
const CONTRAST: &str = r"(() => {
  const parse = color => color.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(one => one / 255)
    .map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, place) => sum + one * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = element => {
    for (let one = element; one; one = one.parentElement) {
      const color = parse(getComputedStyle(one).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const contrast = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  let lowest = [99, ''];
  const texts = [...document.querySelectorAll('body *')].filter(one =>
    [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()) && !one.closest('script, title, desc'));
  for (const one of texts) {
    const svg = one.closest('svg');
    const color = parse(svg ? getComputedStyle(one).fill : getComputedStyle(one).color);
    // A band of a picture may be behind its texts.
    const backs = svg ? [behind(svg), parse(getComputedStyle(document.querySelector('.band.called')).fill)] : [behind(one)];
    for (const back of backs) {
      const found = contrast(light(color), light(back));
      if (found < lowest[0]) lowest = [found, one.outerHTML.slice(0, 200)];
    }
  }
  return lowest;
})()";

#[test]
fn text_can_be_read_in_light_and_dark_on_a_desk_and_on_a_phone() {
    let Some((mut page, _)) = opened() else { return };
    for scheme in ["light", "dark"] {
        for width in [1400, 390] {
            page.show_on(width, scheme);
            let lowest = page.value(CONTRAST);
            assert!(lowest[0].as_f64().unwrap() >= 4.5, "{scheme}: {lowest}");
            let overflow =
                page.value("document.documentElement.scrollWidth - document.documentElement.clientWidth");
            assert_eq!(overflow, json!(0), "the page is wider than {width} pixels");
            page.value("scrollTo(0, 0)");
            keep(&mut page, &format!("page-{width}-{scheme}"));
            page.value("document.querySelector('details[open]').scrollIntoView()");
            keep(&mut page, &format!("picture-{width}-{scheme}"));
        }
    }
    assert_eq!(page.complaints, [""; 0]);
}

#[test]
fn every_control_is_reached_by_keyboard_and_has_a_name() {
    let Some((mut page, _)) = opened() else { return };
    let nameless = "[...document.querySelectorAll('input, select')].filter(one => !one.labels.length).length";
    assert_eq!(page.value(nameless), json!(0));
    page.value("document.querySelector('.causes a').focus()");
    let mut reached = Vec::new();
    for _ in 0..6 {
        page.press("Tab", 9, "");
        reached.push(page.value("document.activeElement.id || document.activeElement.tagName"));
    }
    for control in ["SUMMARY", "words", "status"] {
        assert!(reached.contains(&json!(control)), "{reached:?}");
    }
}
