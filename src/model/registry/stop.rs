//! The model of a stop: SIGTERM to all, SIGKILL to what is left.

use super::{Registration, Registry};

/// A stop of a [`Registry`]. Time is not modelled: whoever uses it says when the grace period is over, and
/// who has exited.
///
/// ```
/// use process_groups::model::{Ending, Registry};
///
/// let mut registry = Registry::new();
/// registry.register(20, "build");
/// registry.register(30, "test");
/// let mut stop = registry.stop();
/// assert_eq!(registry.questions(), [20, 30], "these are sent SIGTERM");
/// stop.answered(&mut registry, &[Ok(true), Ok(true)]);
///
/// registry.register(40, "newcomer");
/// stop.exited(&mut registry, 30);
/// assert_eq!(stop.left(&registry), [20], "these are sent SIGKILL once the grace period is over");
/// let owed = stop.killed(&mut registry, &[Ok(true)]);
/// let owed: Vec<_> = owed.into_iter().map(|(registration, ending)| (registration.leader_pid, ending)).collect();
/// assert_eq!(owed, [(20, Ending::Killed), (30, Ending::Exited), (40, Ending::NotAsked)]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    asked: Vec<(Registration, State)>,
}

/// What is known of one that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// It was asked, or could not be, for that reason.
    Left(Option<String>),
    Exited,
}

/// How one entry comes out of a stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It exited by itself, or is held no longer.
    Exited,
    /// It was left, and SIGKILL was delivered.
    Killed,
    /// SIGKILL failed; or the stop was cancelled, and SIGTERM had failed.
    Failed(String),
    /// It was left when the stop was cancelled.
    Left,
    /// It came after the stop had begun.
    NotAsked,
}

impl Registry {
    /// Begins a stop of everything that is held: SIGTERM is sent to the [`questions`](Self::questions).
    pub fn stop(&self) -> Stop {
        Stop {
            asked: self
                .registrations()
                .into_iter()
                .map(|registration| (registration, State::Left(None)))
                .collect(),
        }
    }
}

impl Stop {
    /// What was answered to SIGTERM, the first answer for the first entry and so on. `Ok(false)` is an exit.
    pub fn answered(&mut self, registry: &mut Registry, answers: &[Result<bool, String>]) {
        registry.settle(answers);
        for ((_, state), answer) in self.asked.iter_mut().zip(answers) {
            *state = match answer {
                Ok(true) => State::Left(None),
                Ok(false) => State::Exited,
                Err(message) => State::Left(Some(message.clone())),
            };
        }
    }

    /// The group of that leader pid was found to have exited. This is of those that the stop asked, or of
    /// nobody.
    pub fn exited(&mut self, registry: &mut Registry, leader_pid: u32) {
        for (registration, state) in &mut self.asked {
            if registration.leader_pid == leader_pid && registry.stands(registration) {
                *state = State::Exited;
                registry.forget(leader_pid);
            }
        }
    }

    /// The leader pids of those that are left: that were asked, still stand, and are not known to have
    /// exited. The stop is over when there are none. They are sent SIGKILL when the grace period is over.
    pub fn left(&self, registry: &Registry) -> Vec<u32> {
        self.asked
            .iter()
            .filter(|(registration, state)| *state != State::Exited && registry.stands(registration))
            .map(|(registration, _)| registration.leader_pid)
            .collect()
    }

    /// What is owed after these answers to SIGKILL, the first for the first that was [`left`](Self::left) and
    /// so on.
    pub fn killed(
        self,
        registry: &mut Registry,
        answers: &[Result<bool, String>],
    ) -> Vec<(Registration, Ending)> {
        let left = self.left(registry);
        let answer_of = |leader_pid: u32| {
            let place = left.iter().position(|left| *left == leader_pid);
            place.map(|place| answers[place].clone())
        };
        let ending = |leader_pid: u32, _: Option<String>| match answer_of(leader_pid) {
            None | Some(Ok(false)) => Ending::Exited,
            Some(Ok(true)) => Ending::Killed,
            Some(Err(message)) => Ending::Failed(message),
        };
        let owed = self.owed(registry, ending);
        for &leader_pid in &left {
            if answer_of(leader_pid) == Some(Ok(false)) {
                registry.forget(leader_pid);
            }
        }
        owed
    }

    /// What is owed when it is cancelled: nobody is sent anything.
    pub fn cancelled(self, registry: &Registry) -> Vec<(Registration, Ending)> {
        self.owed(registry, |_, refused| refused.map_or(Ending::Left, Ending::Failed))
    }

    /// Each that was asked, in order, with what `ending` says of those that are left, and then the newcomers.
    fn owed(
        &self,
        registry: &Registry,
        ending: impl Fn(u32, Option<String>) -> Ending,
    ) -> Vec<(Registration, Ending)> {
        let mut owed = Vec::new();
        for (registration, state) in &self.asked {
            let ending = match state {
                State::Left(refused) if registry.stands(registration) => {
                    ending(registration.leader_pid, refused.clone())
                }
                _ => Ending::Exited,
            };
            owed.push((registration.clone(), ending));
        }
        for registration in registry.registrations() {
            if !self.asked.iter().any(|(asked, _)| *asked == registration) {
                owed.push((registration, Ending::NotAsked));
            }
        }
        owed
    }
}
