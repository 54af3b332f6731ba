//! Signallers of other places: containers, pods, hosts behind SSH, and whatever a command reaches.
//!
//! Each holds one shell at the remote host, behind a command that forwards standard input and output, and
//! asks it. A batch of any size ([`Signaller::signal_each`](crate::Signaller::signal_each)) is one round
//! trip. Nothing is installed there: it needs a POSIX `sh` with a `kill`.
//!
//! ```no_run
//! use process_groups::{DockerSignaller, ProcessGroups};
//! use std::sync::Arc;
//!
//! let docker = DockerSignaller::new("build-box")?;
//! docker.connect()?;
//! let mut groups = ProcessGroups::new(Arc::new(docker));
//! groups.register(4242, "cargo build");
//! groups.signal_all("SIGTERM");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What the answers rest on
//!
//! - **Delivered**: `kill` said so. Which spelling that `kill` wants is found out by trials with signal 0, which sends
//!   nothing.
//! - **Exited**: `kill` failed in the words that it has for a group that cannot be. Also a group whose members have all
//!   exited and were not reaped, where `/proc` shows everybody's processes. Where it does not (no `/proc`, `hidepid`),
//!   the answer for such a group is delivered, as kill(2) has it.
//! - **`Err`**: everything else. A refused group, a command that does not start, a connection that ends or is silent.
//!
//! # How a call ends
//!
//! A call takes no longer than the time limit, 10 seconds unless [`timeout`](ShellSignaller::timeout) says
//! otherwise: the time includes waiting for other threads' calls, connecting, and the answer. A connection
//! that was lost is made anew by the next call. Nothing is asked twice: once a request was sent, its signal
//! may have been, too.
//!
//! # Started again
//!
//! When a container or a host is started again, its groups are gone and their ids are given to others. So the
//! first connection of a signaller takes note of the boot of the machine and of when the first process of
//! that PID namespace began, and a later one that finds others is an `Err`, for each call, until
//! [`reset`](ShellSignaller::reset). [`connect`](ShellSignaller::connect) when the first group is registered,
//! not when the first one is signalled.
//!
//! # Limits
//!
//! Only on Unix, and not across fork(2): a child that inherits a signaller must make its own. The command
//! runs in a process group of its own, so that Ctrl-C does not cut the connection. When the signaller is
//! dropped, the command's input is closed, which ends the remote shell; whoever of that group is left after a
//! second is killed.

mod channel;
mod connection;
mod error;
mod place;
mod places;
mod protocol;
mod shell;
mod turn;

pub use error::{RemoteError, RemoteErrorKind};
pub use place::InvalidName;
pub use places::{DockerSignaller, KubectlSignaller, PodmanSignaller, SshSignaller};
pub use shell::ShellSignaller;
