//! What goes wrong in a program's own handling of the stdio form.

use super::parts::{later, parent, pause, right, send, signal_of};
use super::{Mutant, Served};
use crate::contract::{
    ERROR_NAMES_THE_SIGNAL, EXITED_IS_REPEATABLE, REJECTS_UNKNOWN_NAMES, REPORTS_DELIVERED, SAFE_TO_SHARE,
    SPARES_OTHER_GROUPS, STEADY_UNDER_REPETITION,
};
use crate::subject::channel::{write, write_text};
use crate::subject::wire::{AnswerLine, Question, SignalResult};
use crate::sys::lock::lock;
use nix::errno::Errno;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "answers-twice",
        who: "Writes each answer once where it is found and once where it is logged.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Stdio(|| each(|question, answer| write_text(&line(question.id, answer).repeat(2)))),
    },
    Mutant {
        name: "corrects-its-answer",
        who: "Forgets to disarm its timer: 300 ms after the last question it reports that one as timed out, too.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Stdio(|| {
            let last = Arc::new(AtomicU64::new(0));
            each(move |question, answer| {
                let (id, last) = (question.id, Arc::clone(&last));
                last.store(id, Ordering::Relaxed);
                write_text(&line(id, answer));
                later(300, move || {
                    if last.load(Ordering::Relaxed) == id {
                        write_text(&line(id, Err("timed out".to_owned())));
                    }
                });
            })
        }),
    },
    Mutant {
        name: "takes-anothers-answer",
        who: "Matches answers with requests by their order, though the workers end in another.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Stdio(|| {
            let asked = Arc::new(Mutex::new(VecDeque::new()));
            questions(|question| {
                lock(&asked).push_back(question.id);
                let asked = Arc::clone(&asked);
                thread::spawn(move || {
                    let answer = right(question.leader_pid, &question.signal_name);
                    if answer == Ok(true) {
                        pause(3);
                    }
                    let oldest = lock(&asked).pop_front();
                    write_text(&line(oldest.unwrap_or(question.id), answer));
                });
            })
        }),
    },
    Mutant {
        name: "one-question-a-read",
        who: "Takes the first line of what a read returned, and drops the rest.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Stdio(|| {
            let mut buffer = vec![0; 1 << 16];
            loop {
                let length = io::stdin().read(&mut buffer)?;
                let Some(first) = buffer[..length].split(|&byte| byte == b'\n').next().filter(|_| length > 0)
                else {
                    return Ok(());
                };
                let question: Question = serde_json::from_slice(first)?;
                write_text(&line(question.id, right(question.leader_pid, &question.signal_name)));
            }
        }),
    },
    Mutant {
        name: "ids-of-eight-bits",
        who: "Keeps the id of a request in one byte.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Stdio(|| each(|question, answer| write_text(&line(question.id & 0xff, answer)))),
    },
    Mutant {
        name: "ids-of-thirty-two-bits",
        who: "Keeps the id of a request in 32 bits.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Stdio(|| {
            each(|question, answer| write_text(&line(question.id & 0xffff_ffff, answer)))
        }),
    },
    Mutant {
        name: "ids-of-single-precision",
        who: "Reads numbers as 32-bit floating point, which is exact up to 2^24.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Stdio(|| {
            each(|question, answer| write_text(&line(question.id as f32 as u64, answer)))
        }),
    },
    Mutant {
        name: "outlives-its-input",
        who: "Takes the end of its input for a pause, and waits for more for as long as it lives.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Stdio(|| {
            each(|question, answer| write_text(&line(question.id, answer)))?;
            loop {
                thread::park();
            }
        }),
    },
    Mutant {
        name: "id-as-text",
        who: "Echoes the id as a string.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Stdio(|| {
            each(|question, answer| {
                let id = format!("\"id\":{}", question.id);
                write_text(&line(question.id, answer).replace(&id, &format!("\"id\":\"{}\"", question.id)));
            })
        }),
    },
    Mutant {
        name: "talks-on-standard-output",
        who: "Leaves a `print` in the program that says what is being sent.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Stdio(|| {
            each(|question, answer| {
                write_text(&format!(
                    "sending {} to {}\n",
                    question.signal_name.escape_debug(),
                    question.leader_pid
                ));
                write_text(&line(question.id, answer));
            })
        }),
    },
    Mutant {
        name: "never-flushes",
        who: "Writes through a buffer that a pipe, unlike a terminal, flushes only when it is full.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Stdio(|| {
            let buffer = Arc::new(Mutex::new(String::new()));
            let end = Arc::clone(&buffer);
            each(move |question, answer| {
                let mut buffer = lock(&buffer);
                buffer.push_str(&line(question.id, answer));
                if buffer.len() >= 4096 {
                    write_text(&std::mem::take(&mut *buffer));
                }
            })?;
            write_text(&lock(&end));
            Ok(())
        }),
    },
    Mutant {
        name: "ends-with-the-group",
        who: "Ends its own process when a group has exited, since its work is done.",
        requirement: EXITED_IS_REPEATABLE,
        subject: Served::Stdio(|| {
            each(|question, answer| {
                let done = answer == Ok(false);
                write_text(&line(question.id, answer));
                if done {
                    std::process::exit(0);
                }
            })
        }),
    },
    Mutant {
        name: "ends-at-an-unknown-name",
        who: "Ends with a usage message when a name is unknown, as a command does.",
        requirement: REJECTS_UNKNOWN_NAMES,
        subject: Served::Stdio(|| {
            each(|question, answer| {
                if let Err(usage) = &answer {
                    eprintln!("{usage}");
                    std::process::exit(2);
                }
                write_text(&line(question.id, answer));
            })
        }),
    },
    Mutant {
        name: "json-by-hand",
        who: "Writes JSON with printf, and a name with a quote or a line end breaks the line.",
        requirement: ERROR_NAMES_THE_SIGNAL,
        subject: Served::Stdio(|| {
            each(|question, answer| match answer {
                Ok(sent) => write_text(&line(question.id, Ok(sent))),
                Err(_) => {
                    write_text(&format!(
                        "{{\"id\":{},\"err\":\"unknown {}\"}}\n",
                        question.id, question.signal_name
                    ));
                }
            })
        }),
    },
    Mutant {
        name: "dies-of-the-signal-it-sends",
        who: "Joins the group that it signals, so that it is not left alone, and gets the signal itself.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Stdio(|| {
            each(|question, answer| {
                if let (Ok(true), Ok(signal)) = (&answer, signal_of(&question.signal_name)) {
                    let _ = send(std::process::id() as i32, signal);
                }
                write_text(&line(question.id, answer));
            })
        }),
    },
    Mutant {
        name: "program-kills-its-parent",
        who: "Ends the shell that it thinks it was started from with SIGKILL.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Stdio(|| with_parent(libc::SIGKILL)),
    },
    Mutant {
        name: "program-stops-its-parent",
        who: "Stops the shell that it thinks it was started from with SIGSTOP.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Stdio(|| with_parent(libc::SIGSTOP)),
    },
    Mutant {
        name: "program-terminates-its-parent",
        who: "Sends SIGTERM to the shell that it thinks it was started from.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Stdio(|| with_parent(libc::SIGTERM)),
    },
    Mutant {
        name: "cuts-names-within-a-letter",
        who: "Quotes at most 64 bytes of a name in its message, and cuts a letter of several bytes in two.",
        requirement: REJECTS_UNKNOWN_NAMES,
        subject: Served::Stdio(|| {
            each(|question, answer| {
                let name = question.signal_name.as_bytes();
                let long = (name.len() > 64 && answer.is_err()).then(|| &name[..64]);
                match long
                    .filter(|bytes| bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80))
                {
                    Some(bytes) => {
                        let id = question.id.to_string();
                        let parts = [b"{\"id\":", id.as_bytes(), b",\"err\":\"unknown ", bytes, b"\"}\n"];
                        write(&parts.concat());
                    }
                    None => write_text(&line(question.id, answer)),
                }
            })
        }),
    },
    Mutant {
        name: "interrupted-wait-ends-it",
        who: "Waits for its input by epoll_wait(2), and ends when that fails, also with EINTR.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Stdio(|| {
            let mut input = BufReader::new(File::from(io::stdin().as_fd().try_clone_to_owned()?));
            loop {
                if input.buffer().is_empty() {
                    wait_for_input()?;
                }
                let mut asked = String::new();
                if input.read_line(&mut asked)? == 0 {
                    return Ok(());
                }
                let question: Question = serde_json::from_str(&asked)?;
                write_text(&line(question.id, right(question.leader_pid, &question.signal_name)));
            }
        }),
    },
];

/// Answers each question rightly, and sends `signal` to its own parent with each.
fn with_parent(signal: i32) -> io::Result<()> {
    each(move |question, answer| {
        let _ = send(parent(), signal);
        write_text(&line(question.id, answer));
    })
}

/// Answers each question rightly, on a thread of its own; how the answer is written is for `write`.
fn each(write: impl Fn(&Question, SignalResult) + Send + Sync + 'static) -> io::Result<()> {
    let write = Arc::new(write);
    let threads = Mutex::new(Vec::<JoinHandle<()>>::new());
    questions(|question| {
        let write = Arc::clone(&write);
        let mut threads = lock(&threads);
        // The stack of a thread stays until it is joined or detached (pthread_join(3)).
        threads.retain(|thread| !thread.is_finished());
        threads.push(thread::spawn(move || {
            let answer = right(question.leader_pid, &question.signal_name);
            write(&question, answer);
        }));
    })?;
    for thread in std::mem::take(&mut *lock(&threads)) {
        let _ = thread.join();
    }
    Ok(())
}

/// Takes each question from standard input.
fn questions(take: impl Fn(Question)) -> io::Result<()> {
    for line in io::stdin().lock().lines() {
        take(serde_json::from_str(&line?)?);
    }
    Ok(())
}

fn line(id: u64, answer: SignalResult) -> String {
    AnswerLine { id, answer, changed: Vec::new() }.to_line()
}

/// Waits until standard input can be read, by epoll_wait(2).
fn wait_for_input() -> io::Result<()> {
    let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: 0 };
    // SAFETY: each call takes a descriptor of this process, or none, and one event.
    unsafe {
        let epoll = Errno::result(libc::epoll_create1(libc::EPOLL_CLOEXEC))?;
        let epoll = OwnedFd::from_raw_fd(epoll);
        Errno::result(libc::epoll_ctl(epoll.as_raw_fd(), libc::EPOLL_CTL_ADD, 0, &raw mut event))?;
        Errno::result(libc::epoll_wait(epoll.as_raw_fd(), &raw mut event, 1, -1))?;
    }
    Ok(())
}
