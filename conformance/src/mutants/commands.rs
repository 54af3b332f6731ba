//! Where a name leads that is used before it is looked at, and what is said of it.

use super::parts::{deliver, id_of, is_there, naming, send, signal_of};
use super::proc::{Process, members};
use super::{Mutant, Served};
use crate::contract::{ERROR_NAMES_THE_SIGNAL, NAME_COMES_FIRST, NAMES_ARE_NEVER_COMMANDS};
use nix::errno::Errno;
use process_groups::signaller_fn;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "group-before-name",
        who: "Returns `Ok(false)` for an exited group above the line that reads the name.",
        requirement: NAME_COMES_FIRST,
        subject: Served::Rust(|| {
            Arc::new(signaller_fn(|leader_pid, name: &str| {
                let id = id_of(leader_pid);
                match &id {
                    Ok(id) if !is_there(-id) => Ok(false),
                    _ => deliver(id?, signal_of(name)?),
                }
            }))
        }),
    },
    Mutant {
        name: "kernel-checks-the-name",
        who: "Leaves the check to kill(2), which says ESRCH of an exited group before it looks at the number.",
        requirement: NAME_COMES_FIRST,
        subject: Served::Rust(|| {
            Arc::new(signaller_fn(|leader_pid, name: &str| {
                let signal = signal_of(name);
                let id = id_of(leader_pid);
                match (&id, &signal) {
                    (Ok(id), Err(_)) if send(-id, 99) == Err(Errno::ESRCH) => Ok(false),
                    _ => deliver(id?, signal?),
                }
            }))
        }),
    },
    Mutant {
        name: "exited-makes-the-empty-name-good",
        who: "Refuses an unknown name unless it is empty, and then looks whether the group is there at all.",
        requirement: NAME_COMES_FIRST,
        subject: Served::Rust(|| {
            Arc::new(signaller_fn(|leader_pid, name: &str| match id_of(leader_pid) {
                Ok(id) if name.is_empty() && !is_there(-id) => Ok(false),
                id => signal_of(name).and_then(|signal| deliver(id?, signal)),
            }))
        }),
    },
    Mutant {
        name: "nobody-lives-before-name",
        who: "Returns `Ok(false)` above the line that reads the name when every member is a zombie.",
        requirement: NAME_COMES_FIRST,
        subject: Served::Rust(|| {
            Arc::new(signaller_fn(|leader_pid, name: &str| {
                let id = id_of(leader_pid);
                let found = id.as_ref().map_or(Vec::new(), |&id| members(id));
                match signal_of(name) {
                    Err(_) if !found.is_empty() && !found.iter().any(Process::is_live) => Ok(false),
                    signal => deliver(id?, signal?),
                }
            }))
        }),
    },
    Mutant {
        name: "request-line-by-hand",
        who: "Puts the name between quotes into a request to its helper, which takes the last of two fields.",
        requirement: NAMES_ARE_NEVER_COMMANDS,
        subject: Served::Rust(|| {
            Arc::new(signaller_fn(|leader_pid, name: &str| {
                let line = format!("{{\"leader_pid\":{leader_pid},\"signal_name\":\"{name}\"}}");
                let request = serde_json::from_str::<serde_json::Value>(&line).unwrap_or_default();
                let understood = request["signal_name"].as_str().unwrap_or(name);
                let signal = signal_of(understood).map_err(|_| format!("unknown signal {name:?}"))?;
                deliver(id_of(leader_pid)?, signal)
            }))
        }),
    },
    Mutant {
        name: "shell-line",
        who: "Builds a line for `sh -c` with the name in it, as ssh does of its arguments.",
        requirement: NAMES_ARE_NEVER_COMMANDS,
        subject: Served::Rust(|| {
            Arc::new(signaller_fn(|leader_pid, name: &str| {
                let id = id_of(leader_pid)?;
                let short = name.strip_prefix("SIG").unwrap_or(name);
                shell(&format!("kill -s {short} -- -{id}"))
            }))
        }),
    },
    Mutant {
        name: "shell-line-in-quotes",
        who: "Puts the name between double quotes, in which `$( )` and backticks still run.",
        requirement: NAMES_ARE_NEVER_COMMANDS,
        subject: Served::Rust(|| {
            Arc::new(signaller_fn(|leader_pid, name: &str| {
                let id = id_of(leader_pid)?;
                let quoted = name.strip_prefix("SIG").unwrap_or(name).replace('"', "");
                shell(&format!("kill -s \"{quoted}\" -- -{id}"))
            }))
        }),
    },
    Mutant {
        name: "shell-line-after-a-glance",
        who: "Checks that the name begins with one of the four, and then gives all of it to a shell.",
        requirement: NAMES_ARE_NEVER_COMMANDS,
        subject: Served::Rust(|| {
            Arc::new(signaller_fn(|leader_pid, name: &str| {
                let id = id_of(leader_pid)?;
                let known =
                    process_groups::SignalName::ALL.iter().any(|known| name.starts_with(known.as_str()));
                match signal_of(name) {
                    Err(_) if known => shell(&format!("kill -s {} -- -{id}", &name[3..])),
                    signal => deliver(id, signal?),
                }
            }))
        }),
    },
    Mutant {
        name: "options-in-names",
        who: "Passes the name to a program that reads `-l` as an option, lists the signals and exits 0.",
        requirement: NAMES_ARE_NEVER_COMMANDS,
        subject: Served::Rust(|| {
            Arc::new(signaller_fn(|leader_pid, name: &str| {
                let id = id_of(leader_pid)?;
                if ["-l", "-L", "--list", "--help", "--version"].contains(&name) {
                    return Ok(true);
                }
                deliver(id, signal_of(name)?)
            }))
        }),
    },
    Mutant {
        name: "names-as-files",
        who: "Looks for a profile of that name under /etc, and sends SIGTERM for those that exist.",
        requirement: NAMES_ARE_NEVER_COMMANDS,
        subject: Served::Rust(|| {
            naming(|name| match signal_of(name) {
                Err(_) if name.contains('/') && Path::new("/etc").join(name).exists() => Ok(libc::SIGTERM),
                signal => signal,
            })
        }),
    },
    Mutant {
        name: "fixed-error",
        who: "Says \"invalid argument\", like the C library.",
        requirement: ERROR_NAMES_THE_SIGNAL,
        subject: Served::Rust(|| naming(|name| signal_of(name).map_err(|_| "invalid argument".to_owned()))),
    },
    Mutant {
        name: "raw-error",
        who: "Puts the name into the message as it is, line ends and escape sequences included.",
        requirement: ERROR_NAMES_THE_SIGNAL,
        subject: Served::Rust(|| {
            naming(|name| signal_of(name).map_err(|_| format!("unknown signal {name}")))
        }),
    },
    Mutant {
        name: "converted-error",
        who: "Names the signal after it was put into capital letters, so that the reader sees another.",
        requirement: ERROR_NAMES_THE_SIGNAL,
        subject: Served::Rust(|| {
            naming(|name| signal_of(name).map_err(|_| format!("unknown signal {:?}", name.to_uppercase())))
        }),
    },
    Mutant {
        name: "error-cut-at-nul",
        who: "Passes on the message of a C program, which ends the name at NUL.",
        requirement: ERROR_NAMES_THE_SIGNAL,
        subject: Served::Rust(|| {
            naming(|name| {
                let cut = name.split('\0').next().unwrap_or(name);
                signal_of(name).map_err(|_| format!("unknown signal {cut:?}"))
            })
        }),
    },
];

/// Runs a line in a shell: success is delivered, "no such process" is exited.
fn shell(line: &str) -> Result<bool, String> {
    let mut command = Command::new("sh");
    command.env("LC_ALL", "C").args(["-c", line]).stdin(Stdio::null()).stdout(Stdio::null());
    let output = command.output().map_err(|cause| cause.to_string())?;
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    match output.status.success() {
        true => Ok(true),
        false if words.contains("No such process") => Ok(false),
        false => Err(words),
    }
}
