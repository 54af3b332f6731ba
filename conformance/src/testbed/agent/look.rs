//! What the agent sees of every process.

use super::child;
use super::handle::{Handle, PATIENCE, Pinned};
use super::orders::{Order, Word};
use super::process;
use super::roster::Roster;
use crate::sys::proc::Stat;
use crate::testbed::make::Origin;
use crate::testbed::protocol::{Receipt, Seen, State};
use std::time::Instant;

impl Roster {
    /// Looks at the agent itself, at each process and at the subject.
    ///
    /// # Errors
    /// When a running process does not say what it received.
    pub fn snapshot(&mut self) -> Result<Vec<Seen>, String> {
        self.taker.drain();
        let own = std::process::id();
        let mut seen = vec![Seen {
            pid: own,
            state: State::Running,
            received: self.taker.received().to_vec(),
            pending: Vec::new(),
        }];
        self.members.iter().for_each(Handle::ask_ahead);
        for member in &self.members {
            let mut process = member.snapshot(|| self.how_ended(member.pid()))?;
            // Only the suite makes the agent send something: SIGCONT to a stopped process.
            process.received.retain(|receipt| receipt.from != own as i32);
            process.received.iter_mut().for_each(|receipt| self.find_origin(receipt));
            seen.push(process);
        }
        if let Some(subject) = &self.subject {
            let mut pending = process::pending(subject.pid);
            // A program may send itself others: the threads of one in Go interrupt each other with SIGURG.
            pending.retain(|signal| [libc::SIGTERM, libc::SIGINT, libc::SIGHUP].contains(signal));
            let (pid, state) = (subject.pid, self.state_of(subject)?);
            seen.push(Seen { pid, state, received: Vec::new(), pending });
        }
        Ok(seen)
    }

    /// Says of a signal that a process of the suite sent it, if that is so.
    fn find_origin(&self, receipt: &mut Receipt) {
        let sender = u32::try_from(receipt.from).ok().and_then(|from| self.place_of.get(&from));
        if sender.is_some_and(|&place| self.members[place].passes_on) {
            receipt.origin = Origin::PassedOn;
        }
    }

    /// How a process of the testbed is.
    ///
    /// # Errors
    /// When it has ended and nobody can say how.
    pub fn state_of(&self, process: &Pinned) -> Result<State, String> {
        process.state().map_or_else(|| self.how_ended(process.pid), Ok)
    }

    /// How a process ended that has exited: by its parent's account, since /proc shows that only to who may
    /// trace it (proc_pid_stat(5)).
    fn how_ended(&self, pid: u32) -> Result<State, String> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let Some(stat) = Stat::of(pid) else { return Ok(State::Reaped) };
            let told = if stat.parent == std::process::id() {
                child::how_ended(pid).unwrap_or_default()
            } else {
                let parent = self.member(stat.parent)?;
                match parent.ask_unless_stopped(&Order::HowEnded(pid)) {
                    Ok(Some(Word::Ended(state))) => state,
                    Ok(None) => None,
                    Ok(Some(word)) => {
                        return Err(format!("process {} said {word:?} of process {pid}", stat.parent));
                    }
                    Err(_) => {
                        // It has exited meanwhile, or is about to: then the child is the agent's.
                        parent.await_exit()?;
                        continue;
                    }
                }
            };
            // Who is stopped or frozen says nothing, nor does who is not told by a tracer.
            if let Some(state) = told.or_else(|| process::shown_end(pid)) {
                return Ok(state);
            }
        }
        Err(format!("process {pid} has exited, and nobody can say how"))
    }
}
