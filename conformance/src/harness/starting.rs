//! Starting the subject, with the privileges that a case leaves it.

use super::{Abort, Context, Process, Result, unexpected};
use crate::report::timeline::{Actor, Part};
use crate::report::timings::Phase;
use crate::subject::connection::Connection;
use crate::testbed::Kernel;
use crate::testbed::protocol::{CapKill, Program, Reply, Request};
use std::sync::Arc;

/// What reports call the process that the subject is a child of.
const PARENT: &str = "the subject's parent";

impl Context {
    /// Starts the subject as it is in most cases: with all its privileges.
    ///
    /// # Errors
    /// [`Abort::Broken`] when it cannot be started.
    pub fn start(&mut self) -> Result {
        self.start_with(Program::default())
    }

    /// Starts the subject with the privileges that `held` leaves it. Its program is set here.
    ///
    /// # Errors
    /// [`Abort::Broken`] when it cannot be started.
    pub fn start_with(&mut self, held: Program) -> Result {
        self.in_phase(Phase::Start, |context| context.start_now(held))
    }

    /// Starts the subject without the privilege to signal processes of other users.
    ///
    /// # Errors
    /// [`Abort::Broken`] when it cannot be started.
    pub fn start_without_cap_kill(&mut self) -> Result {
        self.start_with(Program { cap_kill: CapKill::Taken, ..Program::default() })
    }

    fn start_now(&mut self, held: Program) -> Result {
        let Some(pipes) = self.pipes.take() else {
            return Ok(());
        };
        // Of a subject elsewhere there is nothing to take: it has there what its login has.
        let held = if self.is_remote() { Program::default() } else { held };
        // One that acts as a user of its own needs its privileges to become that.
        let cap_kill = if self.settings.declared.user().is_some() { CapKill::AsItIs } else { held.cap_kill };
        let takes_permission = held.cap_kill == CapKill::Taken;
        let held = Program { cap_kill, ..held };
        if cap_kill == CapKill::Taken {
            self.note("the subject starts without CAP_KILL".to_owned());
        }
        let watched = self.abilities().watch;
        let program = Program { argv: self.program.clone(), watched, ..held };
        let ready = watched.then(|| self.agent.watch(self.settings.kernel));
        let (parent, pid) = match self.ask_beside(&Request::Start(program))? {
            Reply::Started { parent, pid } => (parent, pid),
            reply => return Err(unexpected(&reply)),
        };
        match ready {
            Some(ready) => self.begin_watching(ready, pid)?,
            None if self.settings.kernel != Kernel::Linux => {
                return Err(Abort::Broken(Kernel::NEEDS.to_owned()));
            }
            None => {}
        }
        self.forbids_others = takes_permission && !self.abilities().has_other_user();
        self.forbid_others()?;
        let permits = Arc::clone(&self.settings.permits);
        let mut connection = Connection::new(pipes, self.settings.timeout, permits)
            .map_err(|cause| Abort::Broken(format!("no connection to the subject: {cause}")))?;
        if self.settings.alone {
            connection.be_patient();
        }
        self.subject = Some((pid, connection));
        let those = [(parent, PARENT), (pid, "the subject itself")];
        let those = those.map(|(pid, what)| Process { pid, what: what.to_owned(), others: false });
        let is_here = !self.is_remote();
        for process in &those {
            let actor = process.actor(is_here.then_some(process.pid));
            let part = if process.pid == pid { Part::Subject } else { Part::Suite };
            self.timeline.appears(Actor { part, ..actor });
        }
        self.note(format!("started the subject, pid {pid}"));
        if !is_here {
            self.beside.extend(those);
            return Ok(());
        }
        self.processes.extend(those);
        self.add_callers_mate(pid)
    }

    /// The process that the subject is a child of; `None` where the subject is elsewhere, or not started.
    pub fn parent(&self) -> Option<&Process> {
        self.processes().find(|process| process.what == PARENT)
    }
}
