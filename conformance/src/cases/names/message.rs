//! `error-names-the-signal`: the message of an `Err` for a name holds that name, made printable.

use super::unknown;
use crate::cases::Case;
use crate::contract::ERROR_NAMES_THE_SIGNAL;
use crate::harness::{Context, Result, Shape};
use crate::report::text::quoted;
use crate::subject::wire::{Question, SignalResult};

/// How much of a name and a message stands in a sentence, in characters.
const LONGEST: usize = 200;
/// The length of a long name.
const LONG: usize = 10_000;

/// The cases of this requirement.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            ERROR_NAMES_THE_SIGNAL,
            "plain",
            "Names of letters and digits: the message holds each as it was given.",
            &[],
            |context| {
                let live = context.group(&Shape::alone())?.id;
                for name in unknown(context, PLAIN) {
                    let answer = context.ask(live, &name)?;
                    expect_whole(context, &name, &answer)?;
                }
                Ok(())
            },
        ),
        Case::new(
            ERROR_NAMES_THE_SIGNAL,
            "exited-group",
            "The same for a group that has exited, and for an id that no group has.",
            &[],
            |context| {
                for id in [context.exited_group(&Shape::alone())?.id, context.free_id()?] {
                    for name in unknown(context, PLAIN) {
                        let answer = context.ask(id, &name)?;
                        expect_whole(context, &name, &answer)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            ERROR_NAMES_THE_SIGNAL,
            "control-characters",
            "Names with escape sequences, line ends, NUL and a bell: the message holds the rest of the name, \
             and not the name as it is, which would move the cursor, ring, or forge a line of a log.",
            &[],
            |context| {
                let live = context.group(&Shape::alone())?.id;
                for name in unknown(context, CONTROLS) {
                    let answer = context.ask(live, &name)?;
                    expect_parts(context, &name, &answer)?;
                }
                Ok(())
            },
        ),
        Case::new(
            ERROR_NAMES_THE_SIGNAL,
            "other-letters",
            "Names with quotes, backslashes and letters beyond ASCII: the message holds their letters and digits.",
            &[],
            |context| {
                let live = context.group(&Shape::alone())?.id;
                for name in
                    ["SIG\"ALFA\"BRAVO", "SIGALFA\\BRAVO", "SIGALFA'BRAVO", "ALFA信号BRAVO", "ALFA é BRAVO"]
                {
                    let answer = context.ask(live, name)?;
                    expect_parts(context, name, &answer)?;
                }
                Ok(())
            },
        ),
        Case::new(
            ERROR_NAMES_THE_SIGNAL,
            "long",
            "A name of ten thousand letters: the message holds its beginning at least.",
            &[],
            |context| {
                let live = context.group(&Shape::alone())?.id;
                let beginning = "SIGALFA";
                let answer = context.ask(live, &format!("{beginning}{}", "X".repeat(LONG)))?;
                let missing = !message_of(&answer).contains(beginning);
                expect(context, &answer, &[(missing, format!("its message does not hold {beginning:?}"))])
            },
        ),
        Case::new(
            ERROR_NAMES_THE_SIGNAL,
            "each-its-own",
            "One unknown name after the other: each message holds the name that was asked with.",
            &[],
            |context| {
                let live = context.group(&Shape::alone())?.id;
                for index in 0..12 {
                    let name = format!("SIG{}{index}", char::from(b'A' + index).to_string().repeat(3));
                    let answer = context.ask(live, &name)?;
                    expect_whole(context, &name, &answer)?;
                }
                Ok(())
            },
        ),
        Case::new(
            ERROR_NAMES_THE_SIGNAL,
            "at-once",
            "Eight unknown names at once, twelve times: each message holds the name of its own call.",
            &[],
            |context| {
                let live = context.group(&Shape::alone())?.id;
                for round in 0..12 {
                    let names = "ABCDEFGH".chars().map(|one| format!("SIG{one}{one}{one}{round}"));
                    let names: Vec<_> = names.collect();
                    let questions: Vec<_> = names.iter().map(|name| Question::new(live, name)).collect();
                    let answers = context.ask_all(&questions, questions.len())?;
                    for (name, answered) in names.iter().zip(answers) {
                        expect_whole(context, name, &answered.line.answer)?;
                    }
                }
                Ok(())
            },
        ),
    ]
}

/// None is part of a sentence that lists the four.
const PLAIN: [&str; 7] = ["SIGFOO", "sigterm", "SIGUSR1", "Sigkill", "SIGWINCH", "SIGTERMX", "QUIT"];

const CONTROLS: [&str; 9] = [
    "SIGALFA\u{1b}[31mBRAVO",
    "\u{1b}]0;ALFA\u{7}BRAVO",
    "SIGALFA\nBRAVO",
    "SIGALFA\rBRAVO",
    "SIGALFA\r\nBRAVO",
    "SIGALFA\u{7}BRAVO",
    "SIGALFA\u{8}\u{8}BRAVO",
    "SIGALFA\0BRAVO",
    "ALFA\u{1b}cBRAVO\u{1b}[2J",
];

fn expect_whole(context: &mut Context, name: &str, answer: &SignalResult) -> Result {
    let missing = !message_of(answer).contains(name);
    expect(context, answer, &[(missing, format!("its message does not hold {name:?}"))])
}

/// Expects a message that holds the two words in `name`, which every way of escaping the rest leaves whole,
/// and not the name as it is if that has control characters.
fn expect_parts(context: &mut Context, name: &str, answer: &SignalResult) -> Result {
    let message = message_of(answer);
    let raw = name.contains(|one: char| one.is_ascii_control()) && message.contains(name);
    let mut faults =
        vec![(raw, format!("its message holds {name:?} with its control characters as they are"))];
    for part in ["ALFA", "BRAVO"] {
        faults.push((!message.contains(part), format!("its message does not hold the {part:?} of {name:?}")));
    }
    expect(context, answer, &faults)
}

/// The message; an answer without one is at fault elsewhere and holds whatever is looked for.
fn message_of(answer: &SignalResult) -> &str {
    answer.as_ref().err().map_or("", String::as_str)
}

fn expect(context: &mut Context, answer: &SignalResult, faults: &[(bool, String)]) -> Result {
    let Err(message) = answer else { return Ok(()) };
    let problems = faults.iter().filter(|(there, _)| *there);
    let problems: Vec<_> =
        problems.map(|(_, fault)| format!("{fault}: {}", quoted(message, LONGEST))).collect();
    context.expect_none("an Err whose message holds the offending name, made printable", problems)
}
