//! What a case finds out of the place that it is in, beside its groups.

use super::{Abort, Context, Need, Result, unexpected};
use crate::subject::wire::Question;
use crate::testbed::agent::LARGEST_ID;
use crate::testbed::protocol::{Load, Reply, Request};
use std::collections::BTreeSet;

impl Context {
    /// Whether the subject has kept the privilege to signal processes of other users.
    ///
    /// # Errors
    /// [`Abort::Broken`] when the agent cannot look.
    pub fn subject_has_cap_kill(&mut self) -> Result<bool> {
        if self.is_remote() || self.settings.declared.user().is_some() {
            // It acts as the user that it declares.
            return Ok(false);
        }
        match self.ask_beside(&Request::HasCapKill)? {
            Reply::Exists { exists } => Ok(exists),
            reply => Err(unexpected(&reply)),
        }
    }

    /// What the subject and everything it started hold.
    ///
    /// # Errors
    /// [`Abort::Lacks`] when that may not be looked at.
    pub fn load(&mut self) -> Result<Load> {
        match self.ask_beside(&Request::Load)? {
            Reply::Load(load) => Ok(load),
            Reply::Unseen { reason } => Err(Abort::Lacks(Need::Holdings, reason)),
            reply => Err(unexpected(&reply)),
        }
    }

    /// An id that no process has and that the kernel gives to nobody meanwhile.
    ///
    /// # Errors
    /// [`Abort::Broken`] when there is none left.
    pub fn free_id(&mut self) -> Result<u32> {
        loop {
            let id = self.ids.unused();
            if !self.exists(id)? && self.processes.iter().all(|process| process.pid != id) {
                return Ok(id);
            }
        }
    }

    /// Whether any process is in the group `id`.
    ///
    /// # Errors
    /// [`Abort::Broken`] when the agent cannot tell.
    pub fn exists(&mut self, id: u32) -> Result<bool> {
        match self.agent(&Request::GroupExists { id })? {
            Reply::Exists { exists } => Ok(exists),
            reply => Err(unexpected(&reply)),
        }
    }

    /// Ends the case if somebody may have one of the ids asked for whom the suite did not make: where others start
    /// processes, too, the id of a group that has exited is given to somebody else some day. While the link is cut
    /// the agent cannot be asked, and nobody is reached.
    ///
    /// # Errors
    /// [`Abort::Broken`] with that id.
    pub(super) fn spare_strangers(&mut self, questions: &[Question]) -> Result {
        if self.abilities().sandboxed || self.partition_guard.is_some() {
            return Ok(());
        }
        let ids = questions.iter().map(|question| question.leader_pid);
        let ids: BTreeSet<_> = ids.filter(|id| (2..=LARGEST_ID).contains(id)).collect();
        let request = Request::Strangers { ids: ids.into_iter().collect() };
        match self.agent(&request)? {
            Reply::Members { pids } if pids.is_empty() => Ok(()),
            Reply::Members { pids } => Err(Abort::Broken(format!(
                "the groups with these ids have exited, and others have the ids by now or will soon: {pids:?}; nobody was \
                 asked to signal them. It happens where processes are started without pause: try it again, alone if \
                 need be (--jobs 1)"
            ))),
            reply => Err(unexpected(&reply)),
        }
    }

    /// The pids of the live processes in the group `id`, whoever made them.
    ///
    /// # Errors
    /// [`Abort::Broken`] when the agent cannot tell.
    pub fn live_in(&mut self, id: u32) -> Result<Vec<u32>> {
        match self.agent(&Request::Members { group: id })? {
            Reply::Members { pids } => Ok(pids),
            reply => Err(unexpected(&reply)),
        }
    }

    /// Removes the file at that absolute path, in the testbed and beside the subject. Returns whether there
    /// was one.
    ///
    /// # Errors
    /// [`Abort::Broken`] when an agent cannot look.
    pub fn take_file(&mut self, path: &str) -> Result<bool> {
        let request = Request::TakeFile { path: path.to_owned() };
        let found = |reply| match reply {
            Reply::Exists { exists } => Ok(exists),
            reply => Err(unexpected(&reply)),
        };
        let there = found(self.agent(&request)?)?;
        if !self.is_remote() {
            return Ok(there);
        }
        Ok(found(self.ask_beside(&request)?)? || there)
    }
}
