//! One process of a group, and what a signal does to it.

/// What a member does with the signals that reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// Blocks every signal and takes each one as soon as it runs, so that it knows every one it got, in
    /// order. SIGKILL ends it all the same: POSIX lets nobody block, catch or ignore that one.
    Watches,
    /// Has the default dispositions: each of the four signals ends it.
    Dies,
}

/// Where a member is between its beginning and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Life {
    /// Neither stopped nor exited.
    Running,
    /// Stopped: only SIGKILL has an effect before it is continued.
    Stopped,
    /// Exited and not yet reaped: still in its group, and past receiving anything.
    Exited {
        /// The signal that ended it; `None` when it exited by itself.
        by: Option<&'static str>,
    },
    /// Exited and reaped: in no group any more, and its pid may come back.
    Reaped,
}

/// One process of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pid: u32,
    disposition: Disposition,
    refused: bool,
    life: Life,
    received: Vec<&'static str>,
    pending: Vec<&'static str>,
}

impl Member {
    /// A running process that has received nothing yet and that the subject may signal.
    pub fn new(pid: u32, disposition: Disposition) -> Self {
        let (received, pending) = (Vec::new(), Vec::new());
        Self { pid, disposition, refused: false, life: Life::Running, received, pending }
    }

    /// The same, except that the subject may not signal it: it belongs to somebody else.
    #[must_use]
    pub fn refused(mut self) -> Self {
        self.refused = true;
        self
    }

    /// Its pid.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// What it does with signals.
    pub fn disposition(&self) -> Disposition {
        self.disposition
    }

    /// Whether the subject may not signal it.
    pub fn is_refused(&self) -> bool {
        self.refused
    }

    /// Where it is between its beginning and its end.
    pub fn life(&self) -> Life {
        self.life
    }

    /// Whether it has not exited.
    pub fn is_live(&self) -> bool {
        matches!(self.life, Life::Running | Life::Stopped)
    }

    /// Whether it has exited and waits to be reaped.
    pub fn is_unreaped(&self) -> bool {
        matches!(self.life, Life::Exited { .. })
    }

    /// The signals that it took since it was spawned, in order: all that reached it while it ran, if it
    /// [`Watches`](Disposition::Watches), else none. One that ended it is in its [`Life`] instead.
    ///
    /// It takes each signal before the next is sent: a property test lets members drain between two steps.
    /// (Two that are sent at once may coalesce, which nobody could tell from one.)
    pub fn received(&self) -> &[&'static str] {
        &self.received
    }

    /// The signals that reached it while it was stopped and wait until it is continued, in the order of their
    /// numbers. Each is there once, however often it was sent: POSIX leaves queueing the same standard signal
    /// twice to the implementation, and Linux does not (signal(7)).
    ///
    /// Empty for a member that has exited: what was pending is lost.
    pub fn pending(&self) -> &[&'static str] {
        &self.pending
    }

    pub(super) fn stop(&mut self) {
        self.life = Life::Stopped;
    }

    /// Lets it run on, and take what is pending: in the order of the numbers, as Linux hands them out
    /// (measured on 6.18; POSIX says no order). Of several, one that dies by default dies of the first.
    pub(super) fn resume(&mut self) {
        self.life = Life::Running;
        for name in std::mem::take(&mut self.pending) {
            self.take(name);
        }
    }

    pub(super) fn end(&mut self, by: Option<&'static str>) {
        self.life = Life::Exited { by };
        self.pending.clear();
    }

    pub(super) fn reap(&mut self) {
        self.life = Life::Reaped;
    }

    /// What the signal does to a member that it reaches. SIGKILL ends it, stopped or not; what else reaches a
    /// stopped one stays pending (signal(7), and measured on Linux 6.18).
    pub(super) fn take(&mut self, name: &'static str) {
        match (self.life, self.disposition) {
            (Life::Exited { .. } | Life::Reaped, _) => {}
            (Life::Running | Life::Stopped, _) if name == "SIGKILL" => self.end(Some(name)),
            (Life::Stopped, _) if self.pending.contains(&name) => {}
            (Life::Stopped, _) => {
                self.pending.push(name);
                self.pending.sort_by_key(|pending| super::NAMES.iter().position(|name| name == pending));
            }
            (Life::Running, Disposition::Watches) => self.received.push(name),
            (Life::Running, Disposition::Dies) => self.end(Some(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Disposition, Life, Member};

    fn after(disposition: Disposition, stopped: bool, signals: &[&'static str]) -> Member {
        let mut member = Member::new(7, disposition);
        if stopped {
            member.stop();
        }
        for name in signals {
            member.take(name);
        }
        member
    }

    #[test]
    fn a_new_member_runs_and_has_received_nothing() {
        let member = Member::new(7, Disposition::Watches);
        assert_eq!(
            (member.pid(), member.disposition(), member.life()),
            (7, Disposition::Watches, Life::Running)
        );
        assert!(!member.is_refused() && member.received().is_empty() && member.pending().is_empty());
        assert!(member.refused().is_refused());
    }

    #[test]
    fn one_that_watches_records_every_signal_in_order_and_lives_on() {
        let member = after(Disposition::Watches, false, &["SIGTERM", "SIGHUP", "SIGTERM"]);
        assert_eq!(member.received(), ["SIGTERM", "SIGHUP", "SIGTERM"]);
        assert_eq!(member.life(), Life::Running);
    }

    #[test]
    fn one_that_dies_is_ended_by_the_first_signal() {
        let member = after(Disposition::Dies, false, &["SIGTERM", "SIGHUP"]);
        assert_eq!(member.life(), Life::Exited { by: Some("SIGTERM") });
        assert!(member.received().is_empty());
    }

    #[test]
    fn sigkill_ends_whoever_it_reaches_stopped_or_not() {
        for disposition in [Disposition::Watches, Disposition::Dies] {
            for stopped in [false, true] {
                let member = after(disposition, stopped, &["SIGKILL"]);
                assert_eq!(member.life(), Life::Exited { by: Some("SIGKILL") });
                assert!(member.received().is_empty() && member.pending().is_empty());
            }
        }
    }

    #[test]
    fn what_reaches_a_stopped_member_is_pending_once() {
        let member = after(Disposition::Dies, true, &["SIGTERM", "SIGHUP", "SIGTERM"]);
        assert_eq!((member.life(), member.pending()), (Life::Stopped, &["SIGHUP", "SIGTERM"][..]));
    }

    #[test]
    fn continued_one_that_watches_records_what_was_pending() {
        let mut member = after(Disposition::Watches, true, &["SIGTERM", "SIGINT"]);
        member.resume();
        assert_eq!(member.received(), ["SIGINT", "SIGTERM"]);
        assert_eq!((member.life(), member.pending().len()), (Life::Running, 0));
    }

    #[test]
    fn continued_one_that_dies_is_ended_by_the_first_in_number() {
        let mut member = after(Disposition::Dies, true, &["SIGTERM", "SIGINT"]);
        member.resume();
        assert_eq!(member.life(), Life::Exited { by: Some("SIGINT") });
        assert!(member.pending().is_empty());
    }

    #[test]
    fn an_ended_member_receives_nothing_and_nothing_is_pending() {
        let mut member = after(Disposition::Watches, true, &["SIGTERM", "SIGKILL", "SIGHUP"]);
        assert_eq!(member.life(), Life::Exited { by: Some("SIGKILL") });
        assert!(member.received().is_empty() && member.pending().is_empty());
        assert!(member.is_unreaped() && !member.is_live());
        member.reap();
        assert!(!member.is_unreaped() && !member.is_live());
    }
}
