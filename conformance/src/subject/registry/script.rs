//! Signallers that answer as a case wants it, and the log of what they were asked.

use crate::subject::wire::Answer;
use process_groups::Signaller;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    pub batch: Option<Vec<Answer>>,
}

/// What a scripted signaller says for one leader pid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Say {
    /// It returns this.
    Answer(Answer),
    /// It panics with this message.
    Panic(String),
}

impl Script {
    /// A script for that signaller: `Ok(true)`, delivered, for every leader pid.
    pub fn new(signaller: u32) -> Self {
        let (says, otherwise) = (HashMap::new(), Say::Answer(Ok(true)));
        Self { signaller, says, otherwise, batch: None }
    }

    /// With this answer for that leader pid.
    pub fn says(mut self, leader_pid: u32, answer: Answer) -> Self {
        self.says.insert(leader_pid, Say::Answer(answer));
        self
    }

    /// With a panic for that leader pid.
    pub fn panics(mut self, leader_pid: u32) -> Self {
        self.says.insert(leader_pid, Say::Panic(format!("no way to signal {leader_pid}")));
        self
    }

    /// With this answer for every leader pid for which nothing else was said.
    pub fn otherwise(self, answer: Answer) -> Self {
        Self { otherwise: Say::Answer(answer), ..self }
    }

    /// With exactly these answers from `signal_each`, however many leader pids it is asked for.
    pub fn batch(self, answers: Vec<Answer>) -> Self {
        Self { batch: Some(answers), ..self }
    }

    fn say(&self, leader_pid: u32) -> &Say {
        self.says.get(&leader_pid).unwrap_or(&self.otherwise)
    }

    /// The answers for these leader pids, asked in one call or for one alone.
    fn answers(&self, leader_pids: &[u32], in_one_call: bool) -> Result<Vec<Answer>, String> {
        if let (true, Some(batch)) = (in_one_call, &self.batch) {
            return Ok(batch.clone());
        }
        let answer = |&leader_pid: &u32| match self.say(leader_pid) {
            Say::Answer(answer) => Ok(answer.clone()),
            Say::Panic(message) => Err(message.clone()),
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
    pub answers: Option<Vec<Answer>>,
}

/// Every call of the signallers that share it, in order.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<Call>>>);

impl Log {
    /// Takes out what was logged so far.
    pub fn take(&self) -> Vec<Call> {
        std::mem::take(&mut *locked(&self.0))
    }

    fn add(&self, call: Call) {
        locked(&self.0).push(call);
    }
}

/// A signaller that follows a script.
#[derive(Debug)]
pub struct Scripted {
    script: Mutex<Script>,
    log: Log,
}

impl Scripted {
    /// One that follows `script` and writes to `log`.
    pub fn new(script: Script, log: Log) -> Self {
        Self { script: Mutex::new(script), log }
    }

    /// Follows `script` from now on.
    pub fn follow(&self, script: Script) {
        *locked(&self.script) = script;
    }

    fn ask(&self, leader_pids: &[u32], signal_name: &str, each: bool) -> Vec<Answer> {
        // No lock of this signaller's may be held when it panics.
        let (signaller, answers) = {
            let script = locked(&self.script);
            (script.signaller, script.answers(leader_pids, each))
        };
        self.log.add(Call {
            signaller,
            leader_pids: leader_pids.to_vec(),
            signal_name: signal_name.to_owned(),
            each,
            answers: answers.clone().ok(),
        });
        // Without the panic hook: this panic is wanted, and a backtrace takes more memory than some limits leave.
        answers.unwrap_or_else(|message| resume_unwind(Box::new(message)))
    }
}

impl Signaller for Scripted {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> Answer {
        self.ask(&[leader_pid], signal_name, false).remove(0)
    }

    fn signal_each(&self, leader_pids: &[u32], signal_name: &str) -> Vec<Answer> {
        self.ask(leader_pids, signal_name, true)
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
}

impl Logged {
    fn add(&self, leader_pids: &[u32], signal_name: &str, each: bool, answers: &[Answer]) {
        self.log.add(Call {
            signaller: self.id,
            leader_pids: leader_pids.to_vec(),
            signal_name: signal_name.to_owned(),
            each,
            answers: Some(answers.to_vec()),
        });
    }
}

impl Signaller for Logged {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> Answer {
        let answer = self.signaller.signal(leader_pid, signal_name);
        self.add(&[leader_pid], signal_name, false, std::slice::from_ref(&answer));
        answer
    }

    fn signal_each(&self, leader_pids: &[u32], signal_name: &str) -> Vec<Answer> {
        let answers = self.signaller.signal_each(leader_pids, signal_name);
        self.add(leader_pids, signal_name, true, &answers);
        answers
    }
}

/// What is behind the lock, also after somebody panicked while holding it.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
