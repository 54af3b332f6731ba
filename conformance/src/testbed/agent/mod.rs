//! The suite's program inside the testbed: forks groups, watches what reaches them, sweeps them away.
//!
//! It is a single-threaded process that answers one question a line. In a sandbox it is the first process of
//! a PID namespace, so that all in there end with it; elsewhere it is a child subreaper. It signals nobody
//! but processes that it forked itself, each through its pidfd.

mod child;
mod condition;
mod crowd;
mod fork;
mod freezer;
mod handle;
mod landlock;
mod look;
mod member;
mod orders;
pub(super) mod process;
mod program;
mod refusal;
mod roster;
mod set_up;
mod shortage;
mod signals;
mod strangers;
mod strays;
mod terminal;
mod threads;

use crate::sys::proc::Stat;
use crate::sys::processor::keep_nice;
use crate::testbed::protocol::{Abilities, Program, Reply, Request};
pub use condition::Condition;
pub use fork::pid_max;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::kill;
use nix::unistd::Pid;
pub use program::{HIDDEN, Pipes};
use roster::Roster;
use signals::Taker;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// Chosen pids are below this, pids that the kernel chooses above (where the agent can arrange it).
pub const FIRST_UNCHOSEN_ID: u32 = 20_000;
/// No kernel gives a pid above this, whatever its `pid_max` (proc(5)).
pub const LARGEST_ID: u32 = 4_194_304;

/// Runs the agent over standard input and output until the input ends. `first_id` is the first pid that the
/// kernel is to choose, where the agent is the first process of a PID namespace; `pipes` are those of a
/// subject that runs beside it.
///
/// # Errors
/// When it cannot speak any more.
pub fn run(first_id: Option<u32>, pipes: Option<Pipes>) -> io::Result<()> {
    // Who may not trace it, can neither stop it so nor reach its descriptors and its memory (ptrace(2),
    // proc_pid_fd(5)).
    nix::sys::prctl::set_dumpable(false)?;
    signals::reset_all();
    signals::block_all();
    let taker = Taker::new()?;
    let mut output = io::stdout().lock();
    if Stat::of(std::process::id()).is_none() {
        return write_reply(
            &mut output,
            &Reply::NotReady { reason: "there is no /proc of this PID namespace".to_owned() },
        );
    }
    if first_id.is_none() {
        nix::sys::prctl::set_child_subreaper(true)?;
        // Away from the session of whoever started it, unless it leads one.
        let _ = nix::unistd::setsid();
    }
    keep_nice();
    let abilities = abilities(first_id.is_some());
    if let Some(first_id) = first_id {
        fork::move_ids_on(first_id);
    }
    // Before anybody knows of the agent.
    let condition = Condition::of(std::process::id());
    write_reply(&mut output, &Reply::Ready(abilities))?;
    Agent { abilities, condition, roster: Roster::new(taker), pipes }.answer_all(&mut output)
}

/// Says that it is up, waits until the input ends, and does `last`. No signal but SIGKILL keeps it from that.
///
/// # Errors
/// When it cannot speak.
pub fn keep(last: impl FnOnce()) -> io::Result<()> {
    signals::block_all();
    let result = write_reply(&mut io::stdout().lock(), &Reply::Ready(Abilities::default()));
    let ended = io::stdin().read_to_end(&mut Vec::new());
    last();
    result.and(ended.map(drop))
}

/// Says that no agent can run here, and why.
///
/// # Errors
/// When the output is closed.
pub fn decline(reason: String) -> io::Result<()> {
    write_reply(&mut io::stdout().lock(), &Reply::NotReady { reason })
}

fn write_reply(output: &mut impl Write, reply: &Reply) -> io::Result<()> {
    serde_json::to_writer(&mut *output, reply)?;
    output.write_all(b"\n")?;
    output.flush()
}

fn abilities(sandboxed: bool) -> Abilities {
    use caps::{CapSet, Capability, has_cap};
    let uid_map = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let uids: u64 =
        uid_map.lines().filter_map(|line| line.split_whitespace().nth(2)?.parse::<u64>().ok()).sum();
    let may_change_uid = has_cap(None, CapSet::Effective, Capability::CAP_SETUID).unwrap_or(false);
    let pid_max = fork::pid_max();
    Abilities {
        pid: std::process::id(),
        uid: nix::unistd::geteuid().as_raw(),
        sandboxed,
        // Elsewhere the pids are others' to choose, too.
        chosen_ids: sandboxed && fork::can_choose_ids(pid_max),
        other_uid: may_change_uid && uids > 1,
        any_uid: may_change_uid && uids > u16::MAX.into(),
        drop_cap_kill: program::can_drop_cap_kill(),
        // The suite knows whether anybody can; it is refused to none who may make a sandbox.
        watch: sandboxed,
        // Who was let mount the sandbox's may mount another.
        freezer: sandboxed && freezer::is_here(),
        namespaces: sandboxed && has_cap(None, CapSet::Effective, Capability::CAP_SYS_ADMIN).unwrap_or(false),
        other_proc: sandboxed && has_cap(None, CapSet::Effective, Capability::CAP_SYS_ADMIN).unwrap_or(false),
        terminals: terminal::can_be_made(),
        landlock: landlock::is_here()
            && has_cap(None, CapSet::Effective, Capability::CAP_SYS_ADMIN).unwrap_or(false),
        pid_max,
    }
}

struct Agent {
    abilities: Abilities,
    condition: Condition,
    roster: Roster,
    /// The subject's pipes, until it is started.
    pipes: Option<Pipes>,
}

impl Agent {
    fn answer_all(mut self, output: &mut impl Write) -> io::Result<()> {
        let mut input = BufReader::new(io::stdin());
        let mut line = String::new();
        loop {
            if input.buffer().is_empty() {
                self.wait_for_input()?;
            }
            line.clear();
            if input.read_line(&mut line)? == 0 {
                break;
            }
            let reply = match serde_json::from_str(&line) {
                Ok(request) => self.answer(request).unwrap_or_else(|reason| Reply::Failed { reason }),
                Err(cause) => Reply::Failed { reason: format!("not a request: {cause}") },
            };
            // Whatever came of it: who is limited may well fail.
            let change = self.condition.change(&Condition::of(std::process::id()));
            write_reply(output, &change.map_or(reply, |what| Reply::Tampered { what }))?;
        }
        self.sweep();
        Ok(())
    }

    /// Waits for a question, and reaps strays meanwhile.
    fn wait_for_input(&mut self) -> io::Result<()> {
        loop {
            let stdin = io::stdin();
            let mut fds = [
                PollFd::new(stdin.as_fd(), PollFlags::POLLIN),
                PollFd::new(self.roster.taker.fd.as_fd(), PollFlags::POLLIN),
            ];
            match poll(&mut fds, PollTimeout::NONE) {
                Err(Errno::EINTR) => continue,
                Err(cause) => return Err(cause.into()),
                Ok(_) => {}
            }
            let asked = fds[0].revents().is_some_and(|events| !events.is_empty());
            if self.roster.taker.drain() {
                self.roster.reap_strays();
            }
            if asked {
                return Ok(());
            }
        }
    }

    fn answer(&mut self, request: Request) -> Result<Reply, String> {
        match request {
            Request::Fork(how) => Ok(Reply::Forked { pid: self.roster.fork(&how)? }),
            Request::Start(program) => self.start(&program),
            Request::Yield => self.roster.share_processor().map(|()| Reply::Done),
            Request::Snapshot => Ok(Reply::Seen { processes: self.roster.snapshot()? }),
            Request::Exit { pid } => self.roster.exit(pid).map(|()| Reply::Done),
            Request::Kill { pid } => self.roster.kill(pid).map(|()| Reply::Done),
            Request::Reap { pid } => self.roster.reap(pid).map(|()| Reply::Done),
            Request::ReapAsTheyExit { pids, wait } => {
                self.roster.reap_as_they_exit(&pids, wait).map(|pids| Reply::Members { pids })
            }
            Request::Stop { pid } => self.roster.stop(pid).map(|()| Reply::Done),
            Request::Continue { pid } => self.roster.resume(pid).map(|()| Reply::Done),
            Request::Gather { pid, count, leading } => {
                Ok(Reply::Members { pids: self.roster.gather(pid, count, leading)? })
            }
            Request::MissedInCrowd { pid, signal } => {
                Ok(Reply::Members { pids: self.roster.missed_in_crowd(pid, signal)? })
            }
            Request::Disperse { pid } => self.roster.disperse(pid).map(|()| Reply::Done),
            Request::Threads { pid } => Ok(Reply::Members { pids: process::threads(pid) }),
            Request::MoveToCgroup { pids, frozen } => {
                self.roster.move_to_cgroup(&pids, frozen).map(|()| Reply::Done)
            }
            Request::Foreground { group, leader } => {
                self.roster.put_in_foreground(group, leader).map(|()| Reply::Done)
            }
            Request::Trace { pid, tracer } => {
                let done = self.roster.trace(pid, tracer)?;
                Ok(done.map_or_else(|reason| Reply::Unseen { reason }, |()| Reply::Done))
            }
            Request::SetGroup { pid, group } => self.roster.set_group(pid, group).map(|()| Reply::Done),
            Request::Rename { pid, name } => self.roster.rename(pid, name).map(|()| Reply::Done),
            Request::GroupExists { id } => {
                self.roster.reap_strays();
                Ok(Reply::Exists { exists: group_exists(id)? })
            }
            Request::Strangers { ids } => Ok(Reply::Members { pids: self.roster.strangers(&ids)? }),
            Request::Members { group } => Ok(Reply::Members { pids: process::live_in(group) }),
            Request::Subject { wait } => self.subject_state(wait),
            Request::SignalSubject { signal } => self.roster.signal_subject(signal).map(|()| Reply::Done),
            Request::Load => Ok(match self.roster.load(self.abilities.sandboxed) {
                Ok(load) => Reply::Load(load),
                Err(reason) => Reply::Unseen { reason },
            }),
            Request::HasCapKill => {
                let subject = self.roster.subject.as_ref().ok_or("the subject was not started")?;
                Ok(Reply::Exists { exists: process::has_cap_kill(subject.pid) })
            }
            Request::LimitDescriptors { limited } => {
                let done = self.roster.limit_descriptors(limited, self.abilities.sandboxed);
                Ok(done.map_or_else(|reason| Reply::Unseen { reason }, |()| Reply::Done))
            }
            Request::EmptyProc { empty } => self.roster.empty_proc(empty).map(|()| Reply::Done),
            Request::TakeFile { path } => Ok(Reply::Exists { exists: std::fs::remove_file(&path).is_ok() }),
            Request::Sweep => Ok(self.sweep()),
        }
    }

    fn start(&mut self, program: &Program) -> Result<Reply, String> {
        let pipes = self.pipes.take().ok_or("the subject was started already, or runs elsewhere")?;
        let (parent, pid) = self.roster.start(program, pipes)?;
        Ok(Reply::Started { parent, pid })
    }

    /// How the subject is, as soon as it has exited or else after `wait`. It stays unreaped.
    fn subject_state(&self, wait: Duration) -> Result<Reply, String> {
        let subject = self.roster.subject.as_ref().ok_or("the subject was not started")?;
        subject.exits_before(Instant::now() + wait)?;
        Ok(Reply::Subject { state: self.roster.state_of(subject)? })
    }

    fn sweep(&mut self) -> Reply {
        let strays = self.roster.left_behind();
        Reply::Swept { ended: self.roster.end_all(), strays }
    }
}

/// Whether a process is in the group `id`, by kill(2) with signal 0: EPERM means that one is.
fn group_exists(id: u32) -> Result<bool, String> {
    let id = i32::try_from(id).ok().filter(|&id| id > 1).ok_or("no group has that id")?;
    Ok(kill(Pid::from_raw(-id), None) != Err(Errno::ESRCH))
}
