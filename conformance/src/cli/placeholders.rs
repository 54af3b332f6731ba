//! A command must be told whom to signal, and how: without placeholders it is run the same way each time.

use signaller_conformance::report::text;
use signaller_conformance::subject::command::fill;

/// What a command is told, by placeholder.
const PLACEHOLDERS: [&str; 2] = ["{leader_pid}", "{signal_name}"];

/// Whether each placeholder stands in one of `words`.
///
/// # Errors
/// Names those that do not, with the command line as it was probably meant.
pub fn required(words: &[String]) -> Result<(), String> {
    let missing = missing(words);
    if missing.is_empty() {
        return Ok(());
    }
    let before = std::env::args().take_while(|word| word != "--");
    let command = before.chain(["--".to_owned()]).chain(corrected(words));
    let command: Vec<_> =
        command.map(|word| shlex::try_quote(&word).map_or_else(|_| word.clone(), Into::into)).collect();
    let unknown: Vec<_> = words.iter().filter(|word| correct(word) != **word).map(String::as_str).collect();
    let unknown = match unknown.is_empty() {
        true => String::new(),
        false => format!(" (`{}` is passed on as it is)", unknown.join(" ")),
    };
    Err(format!(
        "the command never uses {}{unknown}.\nDid you mean:\n{}To run it unchanged, put --no-placeholders before \
         `command`.",
        missing.join(" or "),
        text::command(&command.join(" "), 2)
    ))
}

/// Whether each placeholder stands in one of the words of a command in a list of several.
///
/// # Errors
/// Names those that do not.
pub fn required_of_each(words: &[String]) -> Result<(), String> {
    match missing(words)[..] {
        [] => Ok(()),
        ref missing => Err(format!("the command `{}` never uses {}", words.join(" "), missing.join(" or "))),
    }
}

/// The placeholders that stand in none of `words`, as filling them in shows.
fn missing(words: &[String]) -> Vec<&'static str> {
    let filled = |leader_pid, signal_name| fill(words, leader_pid, signal_name);
    let has = [filled(2, "") != filled(3, ""), filled(2, "a") != filled(2, "b")];
    PLACEHOLDERS.into_iter().zip(has).filter(|(_, has)| !has).map(|(placeholder, _)| placeholder).collect()
}

/// The words with the right placeholders where others stand, and behind them what still misses.
fn corrected(words: &[String]) -> Vec<String> {
    let mut corrected: Vec<String> = words.iter().map(|word| correct(word)).collect();
    let missing = missing(&corrected);
    // The first word behind a script is its name.
    if !missing.is_empty() && matches!(words, [.., dash_c, _] if dash_c == "-c") {
        corrected.push("sh".to_owned());
    }
    corrected.extend(missing.into_iter().map(str::to_owned));
    corrected
}

/// The word with the right placeholder for each that means the same.
fn correct(word: &str) -> String {
    let Some((before, rest)) = word.split_once('{') else { return word.to_owned() };
    let Some((name, after)) = rest.split_once('}') else { return word.to_owned() };
    let lower = name.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    let is_name =
        !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || "_- ".contains(letter));
    let placeholder = match is_name {
        true if has(&["sig", "name"]) => PLACEHOLDERS[1].to_owned(),
        true if has(&["pid", "pg", "lead", "group", "id"]) => PLACEHOLDERS[0].to_owned(),
        _ => format!("{{{name}}}"),
    };
    format!("{before}{placeholder}{}", correct(after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn words(text: &str) -> Vec<String> {
        shlex::split(text).unwrap()
    }

    #[rstest]
    #[case("echo {pid} {signal}", "echo {leader_pid} {signal_name}")]
    #[case("kill -s {SIGNAL} -- -{leader-pid}", "kill -s {signal_name} -- -{leader_pid}")]
    #[case("kill -{sig}:{pgid}", "kill -{signal_name}:{leader_pid}")]
    #[case("./my-kill", "./my-kill {leader_pid} {signal_name}")]
    #[case("./my-kill {leader_pid}", "./my-kill {leader_pid} {signal_name}")]
    #[case("sh -c 'kill $1'", "sh -c 'kill $1' sh {leader_pid} {signal_name}")]
    #[case("awk '{print}' {}", "awk '{print}' {} {leader_pid} {signal_name}")]
    fn a_command_is_corrected_as_it_was_probably_meant(#[case] given: &str, #[case] meant: &str) {
        assert!(required(&words(given)).is_err());
        assert_eq!(corrected(&words(given)), words(meant));
    }

    #[test]
    fn a_placeholder_that_nobody_fills_in_is_quoted() {
        let told = required(&words("echo {pid} {signal_name}")).unwrap_err();
        assert!(told.contains("never uses {leader_pid} (`{pid}` is passed on as it is)"), "{told}");
    }

    #[test]
    fn placeholders_may_stand_in_any_word() {
        assert_eq!(required(&words("sh -c 'kill -s {signal_name} -- -{leader_pid}'")), Ok(()));
    }
}
