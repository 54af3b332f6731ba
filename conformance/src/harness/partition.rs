//! Cutting the subject's link to the groups, and restoring it.

use super::{Abort, Context, Result};
use crate::testbed::protocol::Request;

impl Context {
    /// Cuts the subject's link. From then on nobody but the subject may be asked: the agent may be behind the
    /// cut, too.
    ///
    /// # Errors
    /// [`Abort::Broken`] with what the hook said.
    pub fn sever(&mut self) -> Result {
        let Some(cut) = self.settings.cut.clone() else {
            return Err(Abort::Broken("the subject's link cannot be cut".to_owned()));
        };
        self.partition_guard = Some(cut.sever(self.settings.timeout).map_err(Abort::Broken)?);
        self.note("cut the subject's link".to_owned());
        Ok(())
    }

    /// Restores the subject's link if it is cut.
    ///
    /// # Errors
    /// [`Abort::Broken`] with what the hook said, or when the cut has reached more than the subject's link.
    pub fn restore(&mut self) -> Result {
        let Some(partition_guard) = self.partition_guard.take() else { return Ok(()) };
        partition_guard.restore().map_err(Abort::Broken)?;
        self.note("restored the subject's link".to_owned());
        self.agent.ask(&Request::Snapshot).map(drop).map_err(|fault| {
            self.agent_is_lost |= fault.is_loss();
            Abort::Broken(format!(
                "{fault}; the hooks must cut the subject's link, and leave the processes at its end alive"
            ))
        })
    }
}
