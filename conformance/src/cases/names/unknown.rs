//! `rejects-unknown-names`: real signals beyond the four, and names that are no signal's.

use super::edits::random_name;
use super::lists::{List, MADE_UP_NAMES, OTHER_SIGNALS};
use super::{MADE_UP, expect_all_refused, expect_all_refused_at_once, unknown, witnesses};
use crate::cases::checks::thousand_calls;
use crate::cases::checks::{FOUR, expect_refused};
use crate::cases::refused::{refused_group, start_refused};
use crate::cases::{Case, Need};
use crate::contract::REJECTS_UNKNOWN_NAMES;
use crate::harness::{Context, Group, Lineage, Result, SHOWN, Session, Shape};
use crate::subject::wire::Question;
use crate::testbed::protocol::Disposition;

const WHY: &str = "that is none of the four names";

/// The names for groups in the states in which a group can be: of each kind a few.
const OF_EACH_KIND: [&str; 12] = [
    "SIGCONT", "SIGSTOP", "SIGUSR1", "SIGQUIT", "SIGRTMIN", "SIGCHLD", "SIGFOO", "SIG", "", "EXIT",
    "SIG_IGN", "SIGTSTP",
];

/// The cases of this requirement.
pub fn cases() -> Vec<Case> {
    let lists = OTHER_SIGNALS.into_iter().chain(MADE_UP_NAMES);
    let mut cases: Vec<_> = lists.map(list).collect();
    cases.extend(states());
    cases.extend(repeated());
    cases
}

fn list((own_name, about, names): List) -> Case {
    Case::new(
        REJECTS_UNKNOWN_NAMES,
        own_name,
        format!(
            "{}{}: each is refused, and nobody receives anything.",
            about[..1].to_uppercase(),
            &about[1..]
        ),
        &[],
        move |context| {
            let group = witnesses(context)?;
            expect_all_refused(context, &group, names.iter().copied(), names.len())
        },
    )
}

fn states() -> Vec<Case> {
    vec![
        state("stopped", "a stopped group: none is delivered, and none continues it", &[], |context| {
            let group = context.group(&Shape::family())?;
            context.stop(&group)?;
            Ok(group)
        }),
        state("survivors", "a group whose leader is gone", &[], |context| {
            let mut group = context.group(&Shape::family())?;
            context.end_leader(&mut group)?;
            Ok(group)
        }),
        state("own-session", "a group whose leader leads a session of its own", &[], |context| {
            context.group(&Shape::family().session(Session::Own))
        }),
        state("windows-session", "a group in a window's session", &[], |context| {
            context.group(&Shape::family().session(Session::Windows))
        }),
        state("dying", "a group whose members would die of a signal", &[], |context| {
            context.group(&Shape::family().all(Disposition::Dies))
        }),
        state("partly-unreaped", "a group of which a member has exited and is not reaped", &[], |context| {
            let group = context.group(&Shape::alone().with(Lineage::Guest).with(Lineage::Child))?;
            context.exit(group.members[1])?;
            Ok(group)
        }),
        state("refused", "a group that may not be signalled at all", &[Need::Refusal], |context| {
            let group = refused_group(context, &Shape::family())?;
            start_refused(context, std::slice::from_ref(&group))?;
            Ok(group)
        }),
    ]
}

fn state(
    own_name: &str,
    about: &str,
    needs: &[Need],
    make: impl Fn(&mut Context) -> Result<Group> + Send + Sync + 'static,
) -> Case {
    Case::new(
        REJECTS_UNKNOWN_NAMES,
        own_name,
        format!("Names of real signals and made-up ones, for {about}."),
        needs,
        move |context| {
            let group = make(context)?;
            expect_all_refused(context, &group, OF_EACH_KIND, OF_EACH_KIND.len())
        },
    )
}

fn repeated() -> Vec<Case> {
    vec![
        Case::new(
            REJECTS_UNKNOWN_NAMES,
            "again-and-again",
            "The same two unknown names, up to two hundred times: they never come to be known.",
            &[],
            |context| {
                let group = witnesses(context)?;
                for (done, name) in unknown(context, [MADE_UP, "SIGUSR1"]).iter().cycle().enumerate() {
                    if !context.another_round(done, 25, 200) {
                        break;
                    }
                    let why = format!("{WHY} (call {})", done + 1);
                    expect_refused(context, &[Question::new(group.id, name)], &why)?;
                }
                Ok(())
            },
        ),
        Case::new(
            REJECTS_UNKNOWN_NAMES,
            "between-known",
            "Unknown names in turn with the four: none is taken for the name before it.",
            &[],
            |context| {
                let group = context.group(&Shape::alone().with(Lineage::Child))?;
                let known = FOUR.iter().map(|(name, _)| *name).filter(|name| *name != "SIGKILL").cycle();
                for (done, (known, other)) in known.zip(unknown(context, OF_EACH_KIND)).enumerate() {
                    if context.another_round(done, 6, OF_EACH_KIND.len()) {
                        let _ = context.ask(group.id, known)?;
                        expect_refused(context, &[Question::new(group.id, other)], WHY)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            REJECTS_UNKNOWN_NAMES,
            "letters-of-several-bytes",
            "Names of letters that take three bytes each, short and long: wherever a message is cut, it stays UTF-8.",
            &[],
            |context| {
                let group = witnesses(context)?;
                let names = [12, 30, 70, 90, 180, 350].map(|letters| {
                    // A cut at any number of bytes falls into a letter of two of the three.
                    (0..3).map(move |before| {
                        format!("{}{}", "SIG".get(..before).unwrap_or(""), "信".repeat(letters))
                    })
                });
                expect_all_refused(context, &group, names.into_iter().flatten(), 6)
            },
        ),
        Case::new(REJECTS_UNKNOWN_NAMES, "at-once", "Unknown names, several at once.", &[], |context| {
            let group = witnesses(context)?;
            let mut names = OF_EACH_KIND;
            context.rng().shuffle(&mut names);
            expect_all_refused_at_once(context, &group, names, SHOWN, names.len())
        }),
        Case::new(
            REJECTS_UNKNOWN_NAMES,
            "any",
            "Up to three hundred random words, of letters as signals' names have them and of any others.",
            &[],
            |context| {
                let group = witnesses(context)?;
                let names: Vec<_> = (0..300).map(|_| random_name(context.rng())).collect();
                expect_all_refused_at_once(context, &group, names, SHOWN, 2 * SHOWN)
            },
        ),
        Case::new(
            REJECTS_UNKNOWN_NAMES,
            "after-a-thousand-calls",
            "After a thousand calls for a missing group with a known name, unknown names are still refused.",
            &[],
            |context| {
                thousand_calls(context)?;
                let group = witnesses(context)?;
                for name in unknown(context, ["SIGUSR1", MADE_UP]) {
                    expect_refused(context, &[Question::new(group.id, name)], WHY)?;
                }
                Ok(())
            },
        ),
    ]
}
