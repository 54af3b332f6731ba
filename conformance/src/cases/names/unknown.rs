//! `rejects-unknown-names`: real signals beyond the four, and names that are no signal's.

use super::edits::random_name;
use super::lists::{List, MADE_UP_NAMES, OTHER_SIGNALS};
use super::{MADE_UP, expect_all_refused, expect_all_refused_at_once, unknown, witnesses};
use crate::cases::Case;
use crate::cases::checks::{FOUR, expect_refused};
use crate::cases::delivery::thousand_calls;
use crate::cases::outcomes::{refused_group, start_refused};
use crate::harness::{Bed, Group, Kin, SHOWN, Session, Shape, Step};
use crate::subject::wire::Question;
use crate::testbed::protocol::Conduct;

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
        format!("rejects-unknown-names/{own_name}"),
        format!(
            "{}{}: each is refused, and nobody receives anything.",
            about[..1].to_uppercase(),
            &about[1..]
        ),
        &[],
        move |bed| {
            let group = witnesses(bed)?;
            expect_all_refused(bed, &group, names.iter().copied(), names.len())
        },
    )
}

fn states() -> Vec<Case> {
    vec![
        state("stopped", "a stopped group: none is delivered, and none continues it", |bed| {
            let group = bed.group(&Shape::family())?;
            bed.stop(&group)?;
            Ok(group)
        }),
        state("survivors", "a group whose leader is gone", |bed| {
            let mut group = bed.group(&Shape::family())?;
            bed.end_leader(&mut group)?;
            Ok(group)
        }),
        state("own-session", "a group whose leader leads a session of its own", |bed| {
            bed.group(&Shape::family().session(Session::Own))
        }),
        state("windows-session", "a group in a window's session", |bed| {
            bed.group(&Shape::family().session(Session::Windows))
        }),
        state("dying", "a group whose members would die of a signal", |bed| {
            bed.group(&Shape::family().all(Conduct::Dies))
        }),
        state("partly-unreaped", "a group of which a member has exited and is not reaped", |bed| {
            let group = bed.group(&Shape::alone().with(Kin::Guest).with(Kin::Child))?;
            bed.exit(group.members[1])?;
            Ok(group)
        }),
        state("refused", "a group that may not be signalled at all", |bed| {
            let group = refused_group(bed, &Shape::family())?;
            start_refused(bed, std::slice::from_ref(&group))?;
            Ok(group)
        }),
    ]
}

fn state(
    own_name: &str,
    about: &str,
    make: impl Fn(&mut Bed) -> Step<Group> + Send + Sync + 'static,
) -> Case {
    Case::new(
        format!("rejects-unknown-names/{own_name}"),
        format!("Names of real signals and made-up ones, for {about}."),
        &[],
        move |bed| {
            let group = make(bed)?;
            expect_all_refused(bed, &group, OF_EACH_KIND, OF_EACH_KIND.len())
        },
    )
}

fn repeated() -> Vec<Case> {
    vec![
        Case::new(
            "rejects-unknown-names/again-and-again",
            "The same two unknown names, up to two hundred times: they never come to be known.",
            &[],
            |bed| {
                let group = witnesses(bed)?;
                for (done, name) in unknown(bed, [MADE_UP, "SIGUSR1"]).iter().cycle().enumerate() {
                    if !bed.another_round(done, 25, 200) {
                        break;
                    }
                    let why = format!("{WHY} (call {})", done + 1);
                    expect_refused(bed, &[Question::new(group.id, name)], &why)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "rejects-unknown-names/between-known",
            "Unknown names in turn with the four: none is taken for the name before it.",
            &[],
            |bed| {
                let group = bed.group(&Shape::alone().with(Kin::Child))?;
                let known = FOUR.iter().map(|(name, _)| *name).filter(|name| *name != "SIGKILL").cycle();
                for (done, (known, other)) in known.zip(unknown(bed, OF_EACH_KIND)).enumerate() {
                    if bed.another_round(done, 6, OF_EACH_KIND.len()) {
                        let _ = bed.ask(group.id, known)?;
                        expect_refused(bed, &[Question::new(group.id, other)], WHY)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new("rejects-unknown-names/at-once", "Unknown names, several at once.", &[], |bed| {
            let group = witnesses(bed)?;
            let mut names = OF_EACH_KIND;
            bed.rng().shuffle(&mut names);
            expect_all_refused_at_once(bed, &group, names, SHOWN, names.len())
        }),
        Case::new(
            "rejects-unknown-names/any",
            "Up to three hundred random words, of letters as signals' names have them and of any others.",
            &[],
            |bed| {
                let group = witnesses(bed)?;
                let names: Vec<_> = (0..300).map(|_| random_name(bed.rng())).collect();
                expect_all_refused_at_once(bed, &group, names, SHOWN, 2 * SHOWN)
            },
        ),
        Case::new(
            "rejects-unknown-names/after-a-thousand-calls",
            "After a thousand calls for a missing group with a known name, unknown names are still refused.",
            &[],
            |bed| {
                thousand_calls(bed)?;
                let group = witnesses(bed)?;
                for name in unknown(bed, ["SIGUSR1", MADE_UP]) {
                    expect_refused(bed, &[Question::new(group.id, name)], WHY)?;
                }
                Ok(())
            },
        ),
    ]
}
