//! Which other names and spellings are taken.

use super::parts::{deliver, id_of, naming, number, right, signal_of};
use super::{Mutant, Served};
use crate::contract::{NAME_COMES_FIRST, NAMES_ARE_EXACT, REJECTS_UNKNOWN_NAMES};
use nix::sys::signal::Signal;
use process_groups::{SignalName, signaller_fn};
use std::sync::Arc;

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "every-name-of-the-c-library",
        who: "Parses with nix's `Signal`, which knows SIGUSR1, SIGSTOP and SIGCONT too.",
        requirement: REJECTS_UNKNOWN_NAMES,
        subject: Served::Rust(|| {
            naming(|name| name.parse().map(|signal: Signal| signal as i32).or_else(|_| signal_of(name)))
        }),
    },
    Mutant {
        name: "takes-words",
        who: "Takes what strsignal(3) calls the signal as well, since that is what its menu shows.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| {
            naming(|name| {
                let words = [
                    ("Terminated", libc::SIGTERM),
                    ("Killed", libc::SIGKILL),
                    ("Interrupt", libc::SIGINT),
                    ("Hangup", libc::SIGHUP),
                ];
                or(name, words.into_iter().find_map(|(word, signal)| (word == name).then_some(signal)))
            })
        }),
    },
    Mutant {
        name: "quit-as-well",
        who: "Adds SIGQUIT, because the menu has it.",
        requirement: REJECTS_UNKNOWN_NAMES,
        subject: Served::Rust(|| naming(|name| or(name, (name == "SIGQUIT").then_some(libc::SIGQUIT)))),
    },
    Mutant {
        name: "unknown-is-term",
        who: "Ends its match with `_ => SIGTERM`, the default of kill(1).",
        requirement: REJECTS_UNKNOWN_NAMES,
        subject: Served::Rust(|| naming(|name| or(name, Some(libc::SIGTERM)))),
    },
    Mutant {
        name: "unknown-is-a-probe",
        who: "Looks the number up in a table that has 0 for what it does not know.",
        requirement: REJECTS_UNKNOWN_NAMES,
        subject: Served::Rust(|| naming(|name| or(name, Some(0)))),
    },
    Mutant {
        name: "unknown-is-exited",
        who: "Answers `Ok(false)` for an unknown name: nothing was done.",
        requirement: REJECTS_UNKNOWN_NAMES,
        subject: Served::Rust(|| {
            Arc::new(signaller_fn(|leader_pid, name: &str| match signal_of(name) {
                Ok(signal) => deliver(id_of(leader_pid)?, signal),
                Err(_) => Ok(false),
            }))
        }),
    },
    Mutant {
        name: "complains-and-sends",
        who: "Sends SIGTERM for an unknown name and reports the name as an error afterwards.",
        requirement: REJECTS_UNKNOWN_NAMES,
        subject: Served::Rust(|| {
            Arc::new(signaller_fn(|leader_pid, name: &str| {
                let id = id_of(leader_pid);
                if let (Err(unknown), Ok(id)) = (signal_of(name), &id) {
                    let _ = deliver(*id, libc::SIGTERM);
                    return Err(unknown);
                }
                deliver(id?, signal_of(name)?)
            }))
        }),
    },
    Mutant {
        name: "empty-is-zero",
        who: "Takes the empty name for signal 0, as Perl does.",
        requirement: REJECTS_UNKNOWN_NAMES,
        subject: Served::Rust(|| naming(|name| or(name, name.is_empty().then_some(0)))),
    },
    Mutant {
        name: "empty-is-term",
        who: "Takes the empty name for SIGTERM, as Node.js does.",
        requirement: REJECTS_UNKNOWN_NAMES,
        subject: Served::Rust(|| naming(|name| or(name, name.is_empty().then_some(libc::SIGTERM)))),
    },
    Mutant {
        name: "exit-is-zero",
        who: "Takes `EXIT` for signal 0, as bash and busybox do.",
        requirement: REJECTS_UNKNOWN_NAMES,
        subject: Served::Rust(|| naming(|name| or(name, (name == "EXIT").then_some(0)))),
    },
    Mutant {
        name: "case-does-not-matter",
        who: "Compares without regard to case, to be friendly.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| naming(|name| signal_of(&name.to_ascii_uppercase()))),
    },
    Mutant {
        name: "trimmed",
        who: "Trims the name, which comes from a form.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| naming(|name| signal_of(name.trim()))),
    },
    Mutant {
        name: "sigils-cut",
        who: "Cuts a mark before the name, by which a configuration file says that it is a variable.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| naming(|name| signal_of(name.trim_start_matches(['@', '$'])))),
    },
    Mutant {
        name: "offsets-added",
        who: "Reads an offset behind the name, as real-time signals have one, and adds it.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| {
            naming(|name| {
                let (name, offset) = name.split_once('+').unwrap_or((name, "0"));
                let signal = signal_of(name)?;
                offset
                    .parse()
                    .map(|offset: i32| signal + offset)
                    .map_err(|_| format!("no offset: {offset:?}"))
            })
        }),
    },
    Mutant {
        name: "characters-cut-to-bytes",
        who: "Keeps of each character the lower eight bits, as an escape decoder in C does.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| {
            naming(|name| signal_of(&name.chars().map(|letter| char::from(letter as u8)).collect::<String>()))
        }),
    },
    Mutant {
        name: "last-line-end-cut",
        who: "Compares with `^SIGTERM$` in Python, where `$` also stands before a last line end.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| naming(|name| signal_of(name.strip_suffix('\n').unwrap_or(name)))),
    },
    Mutant {
        name: "one-line-of-many",
        who: "Compares with a regular expression in multi-line mode, so that one line of several is enough.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| {
            naming(|name| {
                name.lines().find_map(|line| signal_of(line).ok()).map_or_else(|| signal_of(name), Ok)
            })
        }),
    },
    Mutant {
        name: "without-sig",
        who: "Takes TERM for SIGTERM, as every `kill` does.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| {
            naming(|name| {
                signal_of(name).or_else(|unknown| signal_of(&format!("SIG{name}")).map_err(|_| unknown))
            })
        }),
    },
    Mutant {
        name: "sig-twice",
        who: "Strips `SIG` and then adds it again, also from SIGSIGTERM.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| naming(|name| signal_of(&format!("SIG{}", name.trim_start_matches("SIG"))))),
    },
    Mutant {
        name: "numbers",
        who: "Takes 15 for SIGTERM.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| {
            naming(|name| {
                let known = [libc::SIGTERM, libc::SIGKILL, libc::SIGINT, libc::SIGHUP];
                or(name, name.parse().ok().filter(|number| known.contains(number)))
            })
        }),
    },
    Mutant {
        name: "cut-at-nul",
        who: "Hands the name to C, which reads it up to NUL.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| naming(|name| signal_of(name.split('\0').next().unwrap_or(name)))),
    },
    Mutant {
        name: "begins-alike",
        who: "Compares with `starts_with`, or with strncmp and the length of the known name.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| naming(|name| or(name, number_where(|known| name.starts_with(known))))),
    },
    Mutant {
        name: "ends-alike",
        who: "Compares with a regular expression that is not anchored at the beginning.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| naming(|name| or(name, number_where(|known| name.ends_with(known))))),
    },
    Mutant {
        name: "abbreviated",
        who: "Takes any unique beginning of a name, as an option parser does.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| {
            naming(|name| or(name, number_where(|known| name.len() > 3 && known.starts_with(name))))
        }),
    },
    Mutant {
        name: "look-alikes",
        who: "Normalises Unicode (NFKC), which makes full-width letters plain ones.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| naming(|name| signal_of(&name.chars().map(half_width).collect::<String>()))),
    },
    Mutant {
        name: "punctuation-dropped",
        who: "Keeps letters and digits only, so that SIG-TERM and SIG_TERM work.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| {
            naming(|name| signal_of(&name.chars().filter(char::is_ascii_alphanumeric).collect::<String>()))
        }),
    },
    Mutant {
        name: "nearest-name",
        who: "Corrects typos: one letter off is close enough.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| {
            naming(|name| or(name, number_where(|known| strsim::levenshtein(known, name) < 2)))
        }),
    },
    Mutant {
        name: "first-seven-bytes",
        who: "Copies the name into a buffer of seven bytes, the length of SIGTERM.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| naming(|name| signal_of(name.get(..7).unwrap_or(name)))),
    },
    Mutant {
        name: "pid-max-comes-first",
        who: "Answers `Ok(false)` for a leader pid that no kernel gives before it looks at the name.",
        requirement: NAME_COMES_FIRST,
        subject: Served::Rust(|| {
            Arc::new(signaller_fn(|leader_pid, name: &str| match leader_pid {
                0x0040_0000..=0x7fff_ffff => Ok(false),
                _ => right(leader_pid, name),
            }))
        }),
    },
    Mutant {
        name: "compares-hashes",
        who: "Looks the name up in a `switch` over its hash, as Java's strings have it, and never compares it.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| {
            naming(|name| by_hash(name, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte)))
        }),
    },
    Mutant {
        name: "compares-checksums",
        who: "Looks the name up by its FNV-1a hash in a table made beforehand, and never compares it.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Rust(|| {
            naming(|name| by_hash(name, |hash, byte| (hash ^ byte).wrapping_mul(0x0100_0193)))
        }),
    },
];

/// The signal of one of the four names, or of another that is taken as well.
fn or(name: &str, other: Option<i32>) -> Result<i32, String> {
    signal_of(name).or_else(|unknown| other.ok_or(unknown))
}

/// The signal of the first of the four names that is as wanted.
fn number_where(wanted: impl Fn(&str) -> bool) -> Option<i32> {
    SignalName::ALL.into_iter().find(|name| wanted(name.as_str())).map(super::parts::number)
}

/// A full-width letter as a plain one.
fn half_width(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        _ => letter,
    }
}

/// The signal of the four whose name has the same hash.
fn by_hash(name: &str, step: fn(u32, u32) -> u32) -> Result<i32, String> {
    let hash = |name: &str| name.bytes().fold(0x811c_9dc5, |hash, byte| step(hash, byte.into()));
    let found = SignalName::ALL.into_iter().find(|known| hash(known.as_str()) == hash(name));
    found.map(number).ok_or_else(|| format!("unknown signal {name:?}"))
}
