//! Cutting the subject's way to the groups, and restoring it.

use super::{Bed, Step, Stop};
use crate::testbed::protocol::Request;

impl Bed {
    /// Cuts the subject's way. From then on nobody but the subject may be asked: the agent may be behind the cut, too.
    ///
    /// # Errors
    /// [`Stop::Broken`] with what the hook said.
    pub fn sever(&mut self) -> Step {
        let Some(cut) = self.settings.cut.clone() else {
            return Err(Stop::Broken("the subject's way cannot be cut".to_owned()));
        };
        self.severed = Some(cut.sever(self.settings.timeout).map_err(Stop::Broken)?);
        self.note("cut the subject's way".to_owned());
        Ok(())
    }

    /// Restores the subject's way if it is cut.
    ///
    /// # Errors
    /// [`Stop::Broken`] with what the hook said, or when the cut has reached more than the subject's way.
    pub fn restore(&mut self) -> Step {
        let Some(severed) = self.severed.take() else { return Ok(()) };
        severed.restore().map_err(Stop::Broken)?;
        self.note("restored the subject's way".to_owned());
        self.agent.ask(&Request::Look).map(drop).map_err(|fault| {
            Stop::Broken(format!(
                "{fault}; the hooks must cut the subject's way, and leave the processes at its end alive"
            ))
        })
    }
}
