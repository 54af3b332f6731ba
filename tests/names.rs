//! The names that the local signaller takes and refuses. Only a leader pid that no kernel gives is asked for,
//! so that a name taken by mistake would reach nobody.

#![cfg(unix)]

use process_groups::{LocalSignaller, SignalName, Signaller, model};
use proptest::prelude::*;
use rstest::rstest;

/// A valid leader pid that no group has: Linux gives none above 2^22, and others stop far below too.
const NOBODYS: u32 = i32::MAX as u32;

fn refusal(name: &str) -> String {
    LocalSignaller.signal(NOBODYS, name).expect_err("the name is none of the four")
}

#[rstest]
#[case("SIGTERM", SignalName::Term)]
#[case("SIGKILL", SignalName::Kill)]
#[case("SIGINT", SignalName::Int)]
#[case("SIGHUP", SignalName::Hup)]
fn each_of_the_four_names_is_taken_as_written(#[case] text: &str, #[case] name: SignalName) {
    assert_eq!(text.parse(), Ok(name));
    assert_eq!(name.as_str(), text);
    assert_eq!(name.to_string(), text);
    assert_eq!(LocalSignaller.signal(NOBODYS, text), Ok(false), "no such group, but a good name");
}

#[test]
fn all_names_are_the_four_of_the_model() {
    let mut all = SignalName::ALL.map(SignalName::as_str);
    all.sort_unstable();
    assert_eq!(all, model::NAMES);
}

#[rstest]
#[case::empty("", "")]
#[case::without_sig("TERM", "TERM")]
#[case::only_sig("SIG", "SIG")]
#[case::lower_case("sigterm", "sigterm")]
#[case::mixed_case("SigKill", "SigKill")]
#[case::one_lower("SIGTERm", "SIGTERm")]
#[case::number("15", "15")]
#[case::option("-9", "-9")]
#[case::long_option("--signal=SIGTERM", "--signal=SIGTERM")]
#[case::zero("0", "0")]
#[case::prefix("SIGTER", "SIGTER")]
#[case::plural("SIGTERMS", "SIGTERMS")]
#[case::twice("SIGTERMSIGTERM", "SIGTERMSIGTERM")]
#[case::two("SIGTERM SIGKILL", "SIGTERM SIGKILL")]
#[case::another_signal("SIGUSR1", "SIGUSR1")]
#[case::stop("SIGSTOP", "SIGSTOP")]
#[case::space_before(" SIGTERM", " SIGTERM")]
#[case::space_after("SIGTERM ", "SIGTERM ")]
#[case::tab_before("\tSIGTERM", r"\tSIGTERM")]
#[case::newline_after("SIGTERM\n", r"SIGTERM\n")]
#[case::return_after("SIGTERM\r", r"SIGTERM\r")]
#[case::no_break_space("SIGTERM\u{a0}", r"SIGTERM\u{a0}")]
#[case::zero_width_space("SIGTERM\u{200b}", r"SIGTERM\u{200b}")]
#[case::byte_order_mark("\u{feff}SIGTERM", r"\u{feff}SIGTERM")]
#[case::nul_after("SIGTERM\0", r"SIGTERM\0")]
#[case::nul_before("\0SIGTERM", r"\0SIGTERM")]
#[case::nul_inside("SIG\0TERM", r"SIG\0TERM")]
#[case::nul_and_more("SIGTERM\0SIGKILL", r"SIGTERM\0SIGKILL")]
#[case::cyrillic_dze("ЅIGTERM", "ЅIGTERM")]
#[case::long_s("ſIGTERM", "ſIGTERM")]
#[case::fullwidth("ＳＩＧＴＥＲＭ", "ＳＩＧＴＥＲＭ")]
#[case::dotted_capital_i("SİGTERM", "SİGTERM")]
#[case::combining_mark("SIGTERM\u{301}", r"SIGTERM\u{301}")]
#[case::right_to_left("\u{202e}MRETGIS", r"\u{202e}MRETGIS")]
#[case::terminal_escape("\u{1b}[2JSIGTERM", r"\u{1b}[2JSIGTERM")]
#[case::shell("SIGTERM; kill -9 -1", "SIGTERM; kill -9 -1")]
#[case::substitution("$(id)", "$(id)")]
#[case::file("../SIGTERM", "../SIGTERM")]
#[case::quoted("\"SIGTERM\"", r#"\"SIGTERM\""#)]
fn another_name_is_refused_and_printed(#[case] name: &str, #[case] printed: &str) {
    let message = format!("unknown signal name \"{printed}\": use SIGTERM, SIGKILL, SIGINT or SIGHUP");
    assert_eq!(refusal(name), message);
}

#[test]
fn a_long_name_is_refused_in_a_short_message() {
    let whole = "x".repeat(80);
    assert!(refusal(&whole).contains(&format!("\"{whole}\"")), "80 characters are repeated");
    assert!(refusal(&"x".repeat(81)).contains(&format!("\"{whole}…\"")), "81 are not");
    assert!(refusal(&"SIGTERM".repeat(100_000)).len() < 200);
    assert!(refusal(&"\u{10ffff}".repeat(100_000)).len() < 2_000);
}

#[rstest]
#[case::zero(0)]
#[case::one(1)]
#[case::out_of_range(u32::MAX)]
#[case::nobodys(NOBODYS)]
fn the_name_comes_before_the_leader_pid_and_the_group(#[case] leader_pid: u32) {
    let answer = LocalSignaller.signal(leader_pid, "SIGTREM");
    assert_eq!(answer, Err(refusal("SIGTREM")));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_name_is_taken_when_the_model_takes_it(
        name in prop_oneof![any::<String>(), "(SIG)?(TERM|KILL|INT|HUP)", "[SIGTERMKLNHUP]{3,7}"],
    ) {
        let allowed = model::World::new().allowed(NOBODYS, &name);
        let answer = LocalSignaller.signal(NOBODYS, &name);
        prop_assert!(allowed.permits(model::Answer::of(&answer)), "{:?}, but {}", answer, allowed.reason);
    }

    #[test]
    fn a_refusal_is_one_printable_line(name in any::<String>()) {
        if let Err(message) = LocalSignaller.signal(NOBODYS, &name) {
            prop_assert!(!message.contains(char::is_control), "{message:?}");
        }
    }
}
