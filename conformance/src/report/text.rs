//! How text is put in reports: the contract's words, and what a subject said, made safe to print.

use super::{Status, Verdict};
use crate::contract::{Level, Requirement, Side};
use std::fmt;
use std::time::Duration;

/// The most characters that a quoted line may take.
pub const LINE: usize = 1000;
/// How many characters more are shown if they are all: the words for how many miss are not much shorter.
const REST: usize = 40;
/// The most lines that a quoted text may take.
pub const LINES: usize = 40;

/// The text as one bounded line in which nothing moves the cursor, turns the writing direction or hides: line
/// breaks, control characters and everything else that cannot be seen are written as Rust escapes.
pub fn printable(text: &str) -> String {
    printable_within(text, LINE)
}

/// [`printable`] with at most so many characters, or a few more if that is all. What is too long ends behind a
/// word.
fn printable_within(text: &str, most: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    // Behind the last word so far, and where the line ends if it is too long: in the line and in the text.
    let (mut word, mut end) = ((0, 0), None);
    for (index, character) in text.chars().enumerate() {
        if character == ' ' {
            word = (line.len(), index);
        }
        let before = line.len();
        match character {
            '"' | '\'' | '\\' => line.push(character),
            _ => line.extend(character.escape_debug()),
        }
        length += line[before..].chars().count();
        if length > most {
            let (end, index) = *end.get_or_insert(if word.0 > before / 2 { word } else { (before, index) });
            if length > most + REST {
                line.truncate(end);
                line.push_str(&format!("… ({} more characters)", text.chars().count() - index));
                break;
            }
        }
    }
    line
}

/// The text, or as much of it as fits into so many characters.
pub fn cut(text: &str, most: usize) -> String {
    match text.chars().count() > most {
        true => text.chars().take(most - 1).collect::<String>().trim_end().to_owned() + "…",
        false => text.to_owned(),
    }
}

/// The end of the text on one [`printable`] line: no more than `most` of its characters, the beginning left
/// out.
pub fn ending(text: &str, most: usize) -> String {
    match text.chars().count().checked_sub(most) {
        None | Some(0) => printable(text),
        Some(left_out) => format!("… {}", printable(&text.chars().skip(left_out).collect::<String>())),
    }
}

/// The text in quotation marks, printable; of one with more than `longest` characters the first half of that
/// many.
pub fn quoted(text: &str, longest: usize) -> String {
    quoted_as(text, longest, |text| format!("{text:?}"))
}

/// [`quoted`] for a signal's name. What is not ASCII is escaped: it may look like what is.
pub fn quoted_name(name: &str, longest: usize) -> String {
    let plain = |letter: char| match letter {
        '\'' => letter.to_string(),
        _ if letter.is_ascii() => letter.escape_debug().to_string(),
        _ => letter.escape_unicode().to_string(),
    };
    quoted_as(name, longest, |name| format!("\"{}\"", name.chars().map(plain).collect::<String>()))
}

fn quoted_as(text: &str, longest: usize, quote: impl Fn(&str) -> String) -> String {
    let length = text.chars().count();
    if length <= longest {
        return quote(text);
    }
    let first: String = text.chars().take(longest / 2).collect();
    format!("{}… ({length} characters)", quote(&first))
}

/// The label and the text behind it, in bounded [`printable`] lines; further lines stand under the first, so
/// that no text can pass for a line of the report. No line break at the end.
pub fn labelled(label: &str, text: &str) -> String {
    labelled_within(label, text, LINES, LINE)
}

/// [`labelled`] with at most so many lines of so many characters.
pub fn labelled_within(label: &str, text: &str, most: usize, longest: usize) -> String {
    let indent = " ".repeat(label.trim_start_matches('\n').chars().count());
    let mut lines: Vec<String> =
        text.lines().take(most).map(|line| printable_within(line, longest)).collect();
    match text.lines().count() {
        0 => lines.push("(nothing)".into()),
        count if count > most => lines.push(format!("… ({} more lines)", count - most)),
        _ => {}
    }
    format!("{label}{}", lines.join(&format!("\n{indent}")))
}

/// The heading of what to check, behind what happened.
pub const CHECK: &str = "\nwhat to check:";

/// What to check, in order, below a heading. Empty if nothing is known.
pub fn what_to_check(advice: &[impl AsRef<str>]) -> String {
    if advice.is_empty() { String::new() } else { format!("{CHECK}{}", numbered(advice)) }
}

/// The texts with their numbers, each behind a line break.
pub fn numbered(texts: &[impl AsRef<str>]) -> String {
    let texts = texts.iter().enumerate();
    texts.map(|(index, text)| labelled(&format!("\n  {:>2}. ", index + 1), text.as_ref())).collect()
}

/// The widest line of a report for people: under a hundred columns, also where no terminal says how many
/// there are.
pub const WIDTH: usize = 99;

/// The text moved to the right, its lines broken where they are wider than a report. What goes on below
/// stands under the text of a label or a number. Ends with a line break.
pub fn filled(text: &str, spaces: usize) -> String {
    let mut filled = String::new();
    for line in text.lines() {
        let own = line.len() - line.trim_start().len();
        let first = " ".repeat(spaces + own);
        let below = " ".repeat(spaces + hanging(line));
        let options = textwrap::Options::new(WIDTH)
            .initial_indent(&first)
            .subsequent_indent(&below)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        match line.trim().is_empty() {
            true => filled.push('\n'),
            false => textwrap::wrap(line.trim_start(), options)
                .iter()
                .for_each(|line| filled.extend([line.trim_end(), "\n"])),
        }
    }
    filled
}

/// How far the blanks and the label or number reach that the line begins with.
pub fn hanging(line: &str) -> usize {
    let own = line.len() - line.trim_start().len();
    let line = line.trim_start();
    let label = line.find(": ").filter(|end| line[..*end].chars().all(|letter| letter.is_ascii_lowercase()));
    let number = line.find(". ").filter(|end| line[..*end].chars().all(|digit| digit.is_ascii_digit()));
    let Some(end) = label.or(number).filter(|end| *end > 0) else { return own };
    let behind = &line[end + 1..];
    own + end + 1 + behind.len() - behind.trim_start().len()
}

/// The command with its lines broken between words, as a shell reads it; all in one line where that is not
/// possible.
pub fn command(command: &str, spaces: usize) -> String {
    let indent = " ".repeat(spaces);
    let whole = format!("{indent}{}\n", printable(command));
    let mut words = Vec::new();
    let mut word = String::new();
    for part in command.split(' ') {
        word += part;
        // Quotes are kept as they are written: a word goes on until they are closed.
        match shlex::split(&word) {
            Some(_) => words.push(std::mem::take(&mut word)),
            None => word.push(' '),
        }
    }
    if whole.chars().count() <= WIDTH || !word.is_empty() || printable(command) != command {
        return whole;
    }
    let mut lines = vec![indent.clone() + &words[0]];
    for word in &words[1..] {
        let last = lines.last_mut().expect("there is a first line");
        // Room for the blank, and for the mark that the line goes on.
        match last.chars().count() + word.chars().count() + 3 <= WIDTH {
            true => *last += &format!(" {word}"),
            false => {
                *last += " \\";
                lines.push(format!("{indent}  {word}"));
            }
        }
    }
    lines.join("\n") + "\n"
}

/// The requirement's sentence as the contract has it.
pub fn sentence(requirement: &Requirement) -> String {
    let who = match requirement.side {
        Side::Signaller => "signaller",
        Side::Registry => "registry",
    };
    format!("a conforming {who} {}", requirement.sentence)
}

/// Milliseconds, to a tenth.
pub fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 10_000.0).round() / 10.0
}

/// The number with its noun: `1 case`, `2 cases`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// [`count`] of processes.
pub fn processes(number: usize) -> String {
    format!("{number} {}", if number == 1 { "process" } else { "processes" })
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Warned => "warned",
            Self::Skipped => "skipped",
            Self::Inapplicable => "inapplicable",
            Self::Broken => "broken",
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Conformant => "conformant",
            Self::Nonconformant => "nonconformant",
            Self::Incomplete => "incomplete",
            Self::Broken => "broken",
        })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_name_what_looks_like_ascii_is_escaped() {
        assert_eq!(quoted_name("SIG\u{212a}ILL", 80), r#""SIG\u{212a}ILL""#);
        assert_eq!(quoted_name("it's \"a\"\n", 80), r#""it's \"a\"\n""#);
        assert_eq!(quoted_name("éé!!", 2), r#""\u{e9}"… (4 characters)"#);
    }

    #[test]
    fn what_moves_the_cursor_or_hides_is_escaped() {
        let hostile = "\u{1b}[2J\0\r\n\t\u{7f}\u{9b}\u{202e}\u{200b}\u{2028}\u{feff}";
        let line = printable(hostile);
        assert!(
            line.chars().all(|character| character.is_ascii() && !character.is_ascii_control()),
            "{line}"
        );
        assert!(line.starts_with(r"\u{1b}[2J\0\r\n\t"), "{line}");
    }

    #[test]
    fn what_can_be_seen_stays_as_it_is() {
        let text = r#"kill: "größer" 信号 C:\tmp 'x' 🙂"#;
        assert_eq!(printable(text), text);
    }

    #[test]
    fn a_long_line_says_how_much_is_missing() {
        assert_eq!(printable(&"x".repeat(LINE)), "x".repeat(LINE));
        assert_eq!(printable(&"x".repeat(LINE + REST)), "x".repeat(LINE + REST));
        assert_eq!(printable(&"x".repeat(LINE + 50)), "x".repeat(LINE) + "… (50 more characters)");
        assert!(printable(&"\u{1b}".repeat(LINE)).chars().count() < LINE + REST);
    }

    #[test]
    fn further_lines_stand_under_the_first() {
        assert_eq!(labelled("\nhappened: ", "one\ntwo"), "\nhappened: one\n          two");
    }

    #[test]
    fn no_text_at_all_is_said() {
        assert_eq!(labelled("asked: ", ""), "asked: (nothing)");
    }

    #[test]
    fn many_lines_say_how_many_are_missing() {
        let text = labelled("", &"line\n".repeat(LINES + 3));
        assert_eq!(text.lines().count(), LINES + 1);
        assert!(text.ends_with("… (3 more lines)"), "{text}");
    }
}
