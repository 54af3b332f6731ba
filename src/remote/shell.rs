//! The signaller of whatever a command reaches.

use super::connection::{Answers, Connection};
use super::error::{RemoteError, RemoteErrorKind};
use super::protocol::{GroupOutcome, Question};
use super::turn::{Turn, Turns};
use crate::{SignalName, Signaller, request};
use std::ffi::OsString;
use std::fmt;
use std::time::{Duration, Instant};

/// How long a call may take, by default.
const LIMIT: Duration = Duration::from_secs(10);

/// Signals process groups in the place that a command reaches, through one POSIX `sh` that it holds there.
///
/// The command is any that forwards its standard input and output and to which the name of a shell can be
/// appended: `docker exec -i my-box`, `ssh my-host`, `nsenter --target 4242 --pid --mount`. It is started
/// with the first call. [The module](super) says what the answers rest on and how a call ends.
///
/// ```no_run
/// use process_groups::{ShellSignaller, Signaller};
/// use std::time::Duration;
///
/// let pod = ShellSignaller::behind(["nsenter", "--target", "4242", "--pid", "--mount"])
///     .timeout(Duration::from_secs(3));
/// assert_eq!(pod.signal(1234, "SIGTERM"), Ok(true));
/// ```
pub struct ShellSignaller {
    command: Vec<OsString>,
    shell: Vec<OsString>,
    limit: Duration,
    advice: &'static str,
    state: Turns<State>,
}

/// What outlives a call.
#[derive(Debug, Default)]
struct State {
    connection: Option<Connection>,
    /// Which life of the place the first connection found; empty before, and where it cannot be told.
    life: String,
}

impl ShellSignaller {
    /// One behind the command of these words, which are followed by `sh`; without words it is a shell of this
    /// machine. Nothing is started yet.
    pub fn behind<W: Into<OsString>>(command: impl IntoIterator<Item = W>) -> Self {
        Self {
            command: command.into_iter().map(Into::into).collect(),
            shell: vec!["sh".into()],
            limit: LIMIT,
            advice: "",
            state: Turns::new(State::default()),
        }
    }

    /// The words that follow the command instead of `sh`: a POSIX shell that reads its script from standard
    /// input, such as `busybox sh` where there are no links to it.
    #[must_use]
    pub fn shell<W: Into<OsString>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.shell = words.into_iter().map(Into::into).collect();
        self
    }

    /// The longest that a call may take, 10 seconds by default. That includes connecting, and the calls of
    /// other threads.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// What a message says is to be looked at.
    pub(super) fn advice(mut self, advice: &'static str) -> Self {
        self.advice = advice;
        self
    }

    /// The words of the command, for changes before it is started.
    pub(super) fn words_mut(&mut self) -> &mut Vec<OsString> {
        &mut self.command
    }

    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    /// Connects, if there is no connection yet, and so takes note of which life of the place its groups
    /// belong to. Call it when the first group is registered: with a container that is started again before
    /// the first connection, nobody can tell that the groups are another life's.
    ///
    /// # Errors
    /// When the place cannot be asked.
    pub fn connect(&self) -> Result<(), RemoteError> {
        let deadline = self.deadline();
        let mut state = self.turn(deadline)?;
        self.connected(&mut state, deadline).map(|_| ()).map_err(|error| error.with(self.advice))
    }

    /// Ends the connection and forgets which life of the place it belonged to: the next one may find any. For
    /// when a container was started again, and the groups of its earlier life were forgotten.
    ///
    /// # Errors
    /// When other threads' calls take the whole time limit.
    pub fn reset(&self) -> Result<(), RemoteError> {
        *self.turn(self.deadline())? = State::default();
        Ok(())
    }

    /// A limit beyond what the clock can count is as good as a day.
    fn deadline(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.limit).unwrap_or(now + Duration::from_secs(86_400))
    }

    fn turn(&self, deadline: Instant) -> Result<Turn<'_, State>, RemoteError> {
        self.state.take(deadline).ok_or_else(|| {
            RemoteError::new(
                RemoteErrorKind::Busy,
                format!("calls of other threads took the whole time limit of {:?}", self.limit),
            )
        })
    }

    /// The connection that there is, or a new one to the same life of the place.
    fn connected<'a>(
        &self,
        state: &'a mut State,
        deadline: Instant,
    ) -> Result<&'a mut Connection, RemoteError> {
        // Nothing was sent yet, so that a connection that is gone does no harm.
        let kept = state.connection.take().and_then(|mut kept| kept.is_open().then_some(kept));
        let connection = match kept {
            Some(connection) => connection,
            None => {
                let words = [&self.command[..], &self.shell[..]].concat();
                Connection::open(&words, deadline)?
            }
        };
        if state.life.is_empty() {
            state.life.clone_from(&connection.life);
        } else if state.life != connection.life {
            return Err(RemoteError::new(
                RemoteErrorKind::Restarted,
                "it was started again since the first connection: the groups of then are gone, and their ids \
                 are others'; forget them, and reset the signaller or make a new one",
            ));
        }
        Ok(state.connection.insert(connection))
    }

    /// One outcome for each of these leader pids, as far as there are any, and why there are no more.
    fn ask(&self, question: Question, leader_pids: &[i32]) -> Answers {
        let deadline = self.deadline();
        let asked = || -> Result<_, RemoteError> {
            let mut state = self.turn(deadline)?;
            let answers = self.connected(&mut state, deadline)?.ask(question, leader_pids, deadline);
            if answers.lost.is_some() {
                state.connection = None;
            }
            Ok(answers)
        };
        let mut answers = asked()
            .unwrap_or_else(|lost| Answers { outcomes: vec![None; leader_pids.len()], lost: Some(lost) });
        answers.lost = answers.lost.map(|lost| lost.with(self.advice));
        answers
    }

    /// One answer for each of these leader pids.
    fn send(&self, name: SignalName, leader_pids: &[i32]) -> Vec<Result<bool, String>> {
        let fail = |leader_pid: &i32, reason: &dyn fmt::Display| {
            Err(format!(
                "could not send {name} to the process group of leader pid {leader_pid} through `{}`: {reason}",
                self.command_line()
            ))
        };
        let Answers { outcomes, lost } = self.ask(Question::Signal(name), leader_pids);
        let answer = |(leader_pid, outcome): (&i32, Option<GroupOutcome>)| match (outcome, &lost) {
            (Some(GroupOutcome::Delivered), _) => Ok(true),
            (Some(GroupOutcome::Exited), _) => Ok(false),
            (Some(GroupOutcome::Failed(reason)), _) => fail(leader_pid, &reason),
            (None, Some(error)) => fail(leader_pid, error),
            (None, None) => fail(leader_pid, &"no answer came"),
        };
        leader_pids.iter().zip(outcomes).map(answer).collect()
    }

    fn command_line(&self) -> String {
        let words: Vec<_> =
            self.command.iter().chain(&self.shell).map(|word| word.display().to_string()).collect();
        words.join(" ")
    }
}

impl Signaller for ShellSignaller {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> Result<bool, String> {
        let (name, leader_pid) = request::checked(leader_pid, signal_name)?;
        self.send(name, &[leader_pid]).swap_remove(0)
    }

    /// One round trip, however many there are.
    fn signal_each(&self, leader_pids: &[u32], signal_name: &str) -> Vec<Result<bool, String>> {
        let checked: Vec<_> =
            leader_pids.iter().map(|&leader_pid| request::checked(leader_pid, signal_name)).collect();
        let valid: Vec<i32> = checked.iter().flatten().map(|(_, leader_pid)| *leader_pid).collect();
        let Some((name, _)) = checked.iter().flatten().next() else {
            return checked.into_iter().map(|checked| checked.map(|_| false)).collect();
        };
        let mut answers = self.send(*name, &valid).into_iter();
        let missing = || Err("no answer came".to_owned());
        checked
            .into_iter()
            .map(|checked| checked.and_then(|_| answers.next().unwrap_or_else(missing)))
            .collect()
    }

    /// By signal 0 there, which reaches nobody, in one round trip. `None` for a group that may not be
    /// signalled, and when there is no answer.
    fn have_exited(&self, leader_pids: &[u32]) -> Vec<Option<bool>> {
        let valid: Vec<i32> =
            leader_pids.iter().filter_map(|&leader_pid| request::raw_leader_pid(leader_pid)).collect();
        if valid.is_empty() {
            return vec![None; leader_pids.len()];
        }
        let mut outcomes = self.ask(Question::HasExited, &valid).outcomes.into_iter();
        let told = |&leader_pid: &u32| {
            request::raw_leader_pid(leader_pid)?;
            match outcomes.next()?? {
                GroupOutcome::Delivered => Some(false),
                GroupOutcome::Exited => Some(true),
                GroupOutcome::Failed(_) => None,
            }
        };
        leader_pids.iter().map(told).collect()
    }
}

impl fmt::Debug for ShellSignaller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShellSignaller")
            .field("command", &self.command_line())
            .field("timeout", &self.limit)
            .finish()
    }
}
