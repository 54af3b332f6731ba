//! Registries that keep their entries in another shape than a plain list. They are right.

use super::plain::{Plain, Results};
use crate::subject::registry::Registry;
use crate::sys::lock::lock;
use process_groups::{LocalSignaller, ProcessGroupEntry as Entry, Signaller};
use std::collections::{BTreeMap, HashMap, LinkedList};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};

/// Entries by the number of their registration.
pub struct Numbered {
    signaller: Arc<dyn Signaller>,
    entries: BTreeMap<u64, Entry>,
    numbers: HashMap<u32, u64>,
    next: u64,
}

impl Registry for Numbered {
    fn new(signaller: Arc<dyn Signaller>) -> Self {
        Self { signaller, entries: BTreeMap::new(), numbers: HashMap::new(), next: 0 }
    }

    fn made_by_default() -> Self {
        Self::new(Arc::new(LocalSignaller))
    }

    fn register(&mut self, leader_pid: u32, label: String) {
        let number = *self.numbers.entry(leader_pid).or_insert(self.next);
        self.next += 1;
        self.entries.insert(number, Entry::new(leader_pid, label, 0));
    }

    fn forget(&mut self, leader_pid: u32) {
        if let Some(number) = self.numbers.remove(&leader_pid) {
            self.entries.remove(&number);
        }
    }

    fn signal_all(&mut self, signal_name: &str) -> Results {
        let entries = self.entries();
        if entries.is_empty() {
            return Vec::new();
        }
        let leader_pids: Vec<u32> = entries.iter().map(|entry| entry.leader_pid).collect();
        let mut answers = self.signaller.signal_each(&leader_pids, signal_name).into_iter();
        let mut results = Vec::new();
        for entry in entries {
            let answer = answers.next().unwrap_or_else(|| Err("no answer came".to_owned()));
            if answer == Ok(false) {
                self.forget(entry.leader_pid);
            }
            results.push((entry, answer));
        }
        results
    }

    fn set_signaller(&mut self, signaller: Arc<dyn Signaller>) {
        self.signaller = signaller;
    }

    fn entries(&self) -> Vec<Entry> {
        self.entries.values().cloned().collect()
    }
}

/// Entries in a linked list.
pub struct Linked {
    signaller: Arc<dyn Signaller>,
    entries: LinkedList<Entry>,
}

impl Registry for Linked {
    fn new(signaller: Arc<dyn Signaller>) -> Self {
        Self { signaller, entries: LinkedList::new() }
    }

    fn made_by_default() -> Self {
        Self::new(Arc::new(LocalSignaller))
    }

    fn register(&mut self, leader_pid: u32, label: String) {
        match self.entries.iter_mut().find(|entry| entry.leader_pid == leader_pid) {
            Some(entry) => entry.label = label,
            None => self.entries.push_back(Entry::new(leader_pid, label, 0)),
        }
    }

    fn forget(&mut self, leader_pid: u32) {
        let entries = std::mem::take(&mut self.entries);
        self.entries = entries.into_iter().filter(|entry| entry.leader_pid != leader_pid).collect();
    }

    fn signal_all(&mut self, signal_name: &str) -> Results {
        // All are asked before the list is touched, so that a panic leaves it whole.
        let ask = |entry: &Entry| (entry.clone(), self.signaller.signal(entry.leader_pid, signal_name));
        let results: Results = self.entries.iter().map(ask).collect();
        let stays = results.iter().filter(|(_, answer)| *answer != Ok(false));
        self.entries = stays.map(|(entry, _)| entry.clone()).collect();
        results
    }

    fn set_signaller(&mut self, signaller: Arc<dyn Signaller>) {
        self.signaller = signaller;
    }

    fn entries(&self) -> Vec<Entry> {
        self.entries.iter().cloned().collect()
    }
}

/// A registry behind a lock.
pub struct Locked(Mutex<Plain>);

impl Locked {
    fn inside(&self) -> MutexGuard<'_, Plain> {
        lock(&self.0)
    }
}

impl Registry for Locked {
    fn new(signaller: Arc<dyn Signaller>) -> Self {
        Self(Mutex::new(Plain::new(signaller)))
    }

    fn made_by_default() -> Self {
        Self(Mutex::new(Plain::made_by_default()))
    }

    fn register(&mut self, leader_pid: u32, label: String) {
        self.inside().register(leader_pid, label);
    }

    fn forget(&mut self, leader_pid: u32) {
        self.inside().forget(leader_pid);
    }

    fn signal_all(&mut self, signal_name: &str) -> Results {
        self.inside().signal_all(signal_name)
    }

    fn set_signaller(&mut self, signaller: Arc<dyn Signaller>) {
        self.inside().set_signaller(signaller);
    }

    fn entries(&self) -> Vec<Entry> {
        self.inside().entries()
    }
}

type Work = Box<dyn FnOnce(&mut Plain) + Send>;

/// A registry on a thread of its own.
pub struct OnAThread(Sender<Work>);

impl OnAThread {
    fn holding(make: impl FnOnce() -> Plain + Send + 'static) -> Self {
        let (sender, receiver) = channel::<Work>();
        std::thread::spawn(move || {
            let mut registry = make();
            receiver.into_iter().for_each(|work| work(&mut registry));
        });
        Self(sender)
    }

    /// Does that on the thread. A panic there is one here, and the thread goes on.
    fn on_it<T: Send + 'static>(&self, work: impl FnOnce(&mut Plain) -> T + Send + 'static) -> T {
        let (sender, receiver) = channel();
        let work = move |registry: &mut Plain| {
            let _ = sender.send(catch_unwind(AssertUnwindSafe(|| work(registry))));
        };
        self.0.send(Box::new(work)).expect("the thread ends after this");
        receiver.recv().expect("the thread answers each").unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl Registry for OnAThread {
    fn new(signaller: Arc<dyn Signaller>) -> Self {
        Self::holding(|| Plain::new(signaller))
    }

    fn made_by_default() -> Self {
        Self::holding(Plain::made_by_default)
    }

    fn register(&mut self, leader_pid: u32, label: String) {
        self.on_it(move |registry| registry.register(leader_pid, label));
    }

    fn forget(&mut self, leader_pid: u32) {
        self.on_it(move |registry| registry.forget(leader_pid));
    }

    fn signal_all(&mut self, signal_name: &str) -> Results {
        let signal_name = signal_name.to_owned();
        self.on_it(move |registry| registry.signal_all(&signal_name))
    }

    fn set_signaller(&mut self, signaller: Arc<dyn Signaller>) {
        self.on_it(move |registry| registry.set_signaller(signaller));
    }

    fn entries(&self) -> Vec<Entry> {
        self.on_it(|registry| registry.entries())
    }
}
