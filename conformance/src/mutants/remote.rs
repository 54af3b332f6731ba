//! What goes wrong on the way to another host: a program there sends the signals, and what it writes is read
//! here.

use super::batches::batched;
use super::helper::{Helper, answer_of};
use super::parts::{checked, deliver, id_of, is_there, signal_of};
use super::{Mutant, Served};
use crate::contract::{
    DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL, DELIVERS_TO_EVERY_MEMBER, REFUSED_IS_AN_ERROR,
    REPORTS_DELIVERED, REPORTS_EXITED, SPARES_OTHER_GROUPS, UNREACHABLE_IS_AN_ERROR,
};
use crate::subject::wire::SignalResult;
use crate::sys::lock::lock;
use process_groups::Signaller;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A signaller that holds one program at the other end, from the first call on, and asks it as `ask` does.
fn holding(ask: fn(&mut Connection, i32, i32) -> SignalResult) -> Arc<dyn Signaller> {
    let kept = Mutex::new(None);
    checked(move |id, signal| {
        let mut kept = lock(&kept);
        let connection = match &mut *kept {
            Some(connection) => connection,
            none => none.insert(Connection::new()?),
        };
        ask(connection, id, signal)
    })
}

/// A program at the other end, and what is known of it.
struct Connection {
    far: Helper,
    /// How many requests were written.
    requests: usize,
    /// When it was used last.
    used: Instant,
    /// What the other end wrote last.
    before: SignalResult,
}

impl Connection {
    fn new() -> Result<Self, String> {
        Ok(Self { far: Helper::start()?, requests: 0, used: Instant::now(), before: Ok(true) })
    }

    /// Starts another one in its place.
    fn anew(&mut self) -> Result<(), String> {
        std::mem::replace(self, Self::new()?).far.end()
    }

    /// The number that the other end answers with.
    fn number(&mut self, id: i32, signal: i32) -> Result<i32, String> {
        self.requests += 1;
        self.far.write(id, signal)?;
        self.far.read()?.trim().parse().map_err(|_| "the connection is lost".to_owned())
    }

    /// Asks as one should.
    fn ask(&mut self, id: i32, signal: i32) -> SignalResult {
        answer_of(self.number(id, signal)?)
    }
}

/// The first number in a text, as `grep -o` finds it.
fn first_number(text: &str) -> Option<i32> {
    text.split(|letter: char| !letter.is_ascii_digit()).find_map(|word| word.parse().ok())
}

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "status-of-the-other-end",
        who: "Takes every status but 0 of the program at the other end for exited.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| holding(|far, id, signal| Ok(far.number(id, signal)? == 0))),
    },
    Mutant {
        name: "reads-the-answer-before",
        who: "Reads one line a request, and the first was a greeting, so that each answer is that to the request before.",
        requirement: REPORTS_EXITED,
        subject: Served::Rust(|| {
            holding(|far, id, signal| {
                let answer = far.ask(id, signal);
                std::mem::replace(&mut far.before, answer)
            })
        }),
    },
    Mutant {
        name: "reads-the-greeting",
        who: "Takes the first number that the other end writes for the answer, also that of unread mail in a \
              greeting.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            holding(|far, id, signal| {
                let number = far.number(id, signal)?;
                let greeting = if far.requests == 1 { "You have 3 new messages.\n" } else { "" };
                answer_of(first_number(&format!("{greeting}{number}")).unwrap_or(number))
            })
        }),
    },
    Mutant {
        name: "reads-its-own-echo",
        who: "Asks over a terminal, which echoes the request, and takes the echo for the answer.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            holding(|far, id, signal| {
                let _ = far.number(id, signal)?;
                answer_of(first_number(&format!("{id} {signal}")).unwrap_or(0))
            })
        }),
    },
    Mutant {
        name: "asks-again-after-a-lost-answer",
        who: "Connects anew and asks again when the connection ends before the answer, which each does after its \
              second request.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            holding(|far, id, signal| {
                let answer = far.ask(id, signal);
                if far.requests < 2 {
                    return answer;
                }
                far.anew()?;
                far.ask(id, signal)
            })
        }),
    },
    Mutant {
        name: "starts-the-container-again",
        who: "Starts the container again when it cannot be asked, and asks the new one, in which nothing runs.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Partition(|way| {
            let is_new = AtomicBool::new(false);
            checked(move |id, signal| match way.send_alone(id, signal) {
                Ok(answer) if !is_new.load(Ordering::Relaxed) => answer,
                _ => {
                    is_new.store(true, Ordering::Relaxed);
                    Ok(false)
                }
            })
        }),
    },
    Mutant {
        name: "line-as-long-as-a-terminals",
        who: "Sends a batch as one line of at most 255 bytes, as a terminal takes it, and says delivered of all.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| batched(cut_line)),
    },
    Mutant {
        name: "first-request-is-sigterm",
        who: "Keeps the name from request to request, and begins each connection, of thirty requests, with SIGTERM.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            holding(|far, id, signal| {
                if far.requests >= 30 {
                    far.anew()?;
                }
                far.ask(id, if far.requests == 0 { libc::SIGTERM } else { signal })
            })
        }),
    },
    Mutant {
        name: "dropped-when-idle",
        who: "Answers `Err` once when the other end has closed a connection that nobody used for a second.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            holding(|far, id, signal| {
                let idle = std::mem::replace(&mut far.used, Instant::now()).elapsed();
                if idle > Duration::from_secs(1) {
                    far.anew()?;
                    return Err("the connection was closed".to_owned());
                }
                far.ask(id, signal)
            })
        }),
    },
    Mutant {
        name: "asks-for-whoever-was-asked-last",
        who: "Keeps the group in a variable of the shell at the other end, where an id that it does not know leaves \
              the one before.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            let known = Mutex::new(None);
            checked(move |id, signal| {
                let mut known = lock(&known);
                if is_there(-id) {
                    return deliver(*known.insert(id), signal);
                }
                let _ = known.map(|before| deliver(before, signal));
                Ok(false)
            })
        }),
    },
];

/// Signals those of a batch whose ids fit into a terminal's line.
fn cut_line(leader_pids: &[u32], signal_name: &str) -> Vec<SignalResult> {
    const LINE: usize = 255;
    let mut length = signal_name.len();
    let answer = |&leader_pid: &u32| {
        length += 1 + leader_pid.to_string().len();
        let (signal, id) = (signal_of(signal_name)?, id_of(leader_pid)?);
        if length > LINE { Ok(true) } else { deliver(id, signal) }
    };
    leader_pids.iter().map(answer).collect()
}
