//! Signallers that answer as a case wants it, and the log of what they were asked.

use crate::subject::wire::SignalResult;
use crate::sys::lock::lock;
use process_groups::Signaller;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What a scripted signaller answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// Which signaller this is for. Not 0.
    pub signaller: u32,
    /// What it says for these leader pids.
    pub says: HashMap<u32, Say>,
    /// What it says for all others.
    pub otherwise: Say,
    /// What `signal_each` returns, whatever it is asked; one answer for each leader pid if `None`.
    pub batch: Option<Vec<SignalResult>>,
    /// What it says to SIGKILL instead, for these leader pids.
    pub says_to_kill: HashMap<u32, SignalResult>,
    /// Of which leader pids it says that their groups have exited, when it is asked that.
    pub exited: Vec<u32>,
    /// How often it is asked that before it says so.
    pub asked_before: usize,
    /// Whether it can tell at all.
    pub cannot_tell: bool,
    /// Of which leader pids it cannot tell that.
    pub cannot_tell_of: Vec<u32>,
    /// How long a call with SIGTERM takes, in milliseconds.
    pub sigterm_takes_ms: u64,
}

/// What a scripted signaller says for one leader pid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Say {
    /// It returns this.
    Answer(SignalResult),
    /// It panics with this message.
    Panic(String),
}

impl Script {
    /// A script for that signaller: `Ok(true)`, delivered, for every leader pid.
    pub fn new(signaller: u32) -> Self {
        Self {
            signaller,
            says: HashMap::new(),
            otherwise: Say::Answer(Ok(true)),
            batch: None,
            says_to_kill: HashMap::new(),
            exited: Vec::new(),
            asked_before: 0,
            cannot_tell: false,
            cannot_tell_of: Vec::new(),
            sigterm_takes_ms: 0,
        }
    }

    /// With this answer for that leader pid.
    pub fn says(mut self, leader_pid: u32, answer: SignalResult) -> Self {
        self.says.insert(leader_pid, Say::Answer(answer));
        self
    }

    /// With a panic for that leader pid.
    pub fn panics(mut self, leader_pid: u32) -> Self {
        self.says.insert(leader_pid, Say::Panic(format!("no way to signal {leader_pid}")));
        self
    }

    /// With this answer for every leader pid for which nothing else was said.
    pub fn otherwise(self, answer: SignalResult) -> Self {
        Self { otherwise: Say::Answer(answer), ..self }
    }

    /// With exactly these answers from `signal_each`, however many leader pids it is asked for.
    pub fn batch(self, answers: Vec<SignalResult>) -> Self {
        Self { batch: Some(answers), ..self }
    }

    /// With this answer to SIGKILL for that leader pid.
    pub fn says_to_kill(mut self, leader_pid: u32, answer: SignalResult) -> Self {
        self.says_to_kill.insert(leader_pid, answer);
        self
    }

    /// Says of these leader pids that their groups have exited, when it is asked that.
    pub fn exited(self, leader_pids: &[u32]) -> Self {
        Self { exited: leader_pids.to_vec(), ..self }
    }

    /// Says so only when it has been asked that often.
    pub fn asked_before(self, asked_before: usize) -> Self {
        Self { asked_before, ..self }
    }

    /// Cannot tell of these leader pids whether they have.
    pub fn cannot_tell_of(self, leader_pids: &[u32]) -> Self {
        Self { cannot_tell_of: leader_pids.to_vec(), ..self }
    }

    /// Takes so many milliseconds for a call with SIGTERM.
    pub fn sigterm_takes_ms(self, sigterm_takes_ms: u64) -> Self {
        Self { sigterm_takes_ms, ..self }
    }

    /// Cannot tell who has exited.
    pub fn cannot_tell(self) -> Self {
        Self { cannot_tell: true, ..self }
    }

    fn say(&self, leader_pid: u32) -> &Say {
        self.says.get(&leader_pid).unwrap_or(&self.otherwise)
    }

    /// The answers for these leader pids, asked in one call or for one alone.
    fn answers(
        &self,
        leader_pids: &[u32],
        name: &str,
        in_one_call: bool,
    ) -> Result<Vec<SignalResult>, String> {
        if let (true, Some(batch)) = (in_one_call, &self.batch) {
            return Ok(batch.clone());
        }
        let to_kill = |leader_pid: &u32| self.says_to_kill.get(leader_pid).filter(|_| name == "SIGKILL");
        let answer = |leader_pid: &u32| match (to_kill(leader_pid), self.say(*leader_pid)) {
            (Some(answer), _) | (None, Say::Answer(answer)) => Ok(answer.clone()),
            (None, Say::Panic(message)) => Err(message.clone()),
        };
        leader_pids.iter().map(answer).collect()
    }
}

/// One call of a signaller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Which signaller: 0 is the one that the server was given.
    pub signaller: u32,
    /// The leader pids that it was asked for: one for `signal`, any number for `signal_each`.
    pub leader_pids: Vec<u32>,
    /// The signal's name as it came.
    pub signal_name: String,
    /// Whether it was `signal_each`.
    pub each: bool,
    /// What it answered; `None` if it panicked.
    pub answers: Option<Vec<SignalResult>>,
    /// When it answered, in microseconds since the server began.
    pub at_us: u64,
}

/// Every call of the signallers that share it, in order.
#[derive(Clone, Debug)]
pub struct Log {
    began: Instant,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Default for Log {
    fn default() -> Self {
        Self { began: Instant::now(), calls: Arc::default() }
    }
}

impl Log {
    /// Takes out what was logged so far.
    pub fn take(&self) -> Vec<Call> {
        std::mem::take(&mut *lock(&self.calls))
    }

    /// The time, in microseconds since this was made.
    pub fn now_us(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn add(&self, call: Call) {
        lock(&self.calls).push(call);
    }
}

/// A signaller that follows a script.
#[derive(Debug)]
pub struct Scripted {
    script: Mutex<Script>,
    log: Log,
    /// How often it was asked who has exited, since it follows its script.
    asked: Mutex<usize>,
}

impl Scripted {
    /// One that follows `script` and writes to `log`.
    pub fn new(script: Script, log: Log) -> Self {
        Self { script: Mutex::new(script), log, asked: Mutex::default() }
    }

    /// Follows `script` from now on.
    pub fn follow(&self, script: Script) {
        *lock(&self.script) = script;
        *lock(&self.asked) = 0;
    }

    fn ask(&self, leader_pids: &[u32], signal_name: &str, each: bool) -> Vec<SignalResult> {
        // No lock of this signaller's may be held when it panics.
        let (signaller, answers, takes) = {
            let script = lock(&self.script);
            let takes_ms = if signal_name == "SIGTERM" { script.sigterm_takes_ms } else { 0 };
            let takes = Duration::from_millis(takes_ms);
            (script.signaller, script.answers(leader_pids, signal_name, each), takes)
        };
        // The time passes for the registry: this is how a slow signaller is played.
        thread::sleep(takes);
        self.log.add(Call {
            signaller,
            leader_pids: leader_pids.to_vec(),
            signal_name: signal_name.to_owned(),
            each,
            answers: answers.clone().ok(),
            at_us: self.log.now_us(),
        });
        // Without the panic hook: this panic is wanted, and a backtrace takes more memory than some limits
        // leave.
        answers.unwrap_or_else(|message| resume_unwind(Box::new(message)))
    }
}

impl Signaller for Scripted {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> SignalResult {
        self.ask(&[leader_pid], signal_name, false).remove(0)
    }

    fn signal_each(&self, leader_pids: &[u32], signal_name: &str) -> Vec<SignalResult> {
        self.ask(leader_pids, signal_name, true)
    }

    fn have_exited(&self, leader_pids: &[u32]) -> Vec<Option<bool>> {
        let script = lock(&self.script);
        let mut asked = lock(&self.asked);
        *asked += 1;
        let is_told = *asked > script.asked_before;
        let can_tell = |leader_pid| !script.cannot_tell && !script.cannot_tell_of.contains(leader_pid);
        let has_exited =
            |leader_pid| can_tell(leader_pid).then(|| is_told && script.exited.contains(leader_pid));
        leader_pids.iter().map(has_exited).collect()
    }
}

/// A signaller that passes every call on to another, and logs it.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Under which id; 0 for the one that the server was given.
    pub id: u32,
    /// The other.
    pub signaller: Arc<dyn Signaller>,
    /// Where its calls are logged.
    pub log: Log,
    /// Whether it passes on what a registry pins. Otherwise whoever has an id is signalled, pinned or not.
    pub pins: bool,
}

impl Logged {
    fn add(&self, leader_pids: &[u32], signal_name: &str, each: bool, answers: &[SignalResult]) {
        self.log.add(Call {
            signaller: self.id,
            leader_pids: leader_pids.to_vec(),
            signal_name: signal_name.to_owned(),
            each,
            answers: Some(answers.to_vec()),
            at_us: self.log.now_us(),
        });
    }
}

impl Signaller for Logged {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> SignalResult {
        let answer = self.signaller.signal(leader_pid, signal_name);
        self.add(&[leader_pid], signal_name, false, std::slice::from_ref(&answer));
        answer
    }

    fn signal_each(&self, leader_pids: &[u32], signal_name: &str) -> Vec<SignalResult> {
        let answers = self.signaller.signal_each(leader_pids, signal_name);
        self.add(leader_pids, signal_name, true, &answers);
        answers
    }

    fn pin(&self, leader_pid: u32) {
        if self.pins {
            self.signaller.pin(leader_pid);
        }
    }

    fn unpin(&self, leader_pid: u32) {
        if self.pins {
            self.signaller.unpin(leader_pid);
        }
    }

    fn have_exited(&self, leader_pids: &[u32]) -> Vec<Option<bool>> {
        self.signaller.have_exited(leader_pids)
    }

    fn exit_event(&self, leader_pid: u32) -> Option<OwnedFd> {
        self.signaller.exit_event(leader_pid)
    }
}
