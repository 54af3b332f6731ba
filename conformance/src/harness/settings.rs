//! What holds for every case of a run.

use crate::declared::Declared;
use crate::harness::runner::{self, Schedule, Turns};
use crate::history::Histories;
use crate::partition::Partition;
use crate::subject::Subject;
use crate::sys::semaphore::Semaphore;
use crate::testbed::Testbed;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// What holds for every case of a run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The signaller under test.
    pub subject: Subject,
    /// The registry under test, if there is one: its program.
    pub registry: Option<Vec<String>>,
    /// How long the subject may take for an answer.
    pub timeout: Duration,
    /// Where random choices come from.
    pub seed: u64,
    /// The random histories: tried once, for all cases that are about them.
    pub histories: Arc<Histories>,
    /// Whether the subject, and the groups unless they are behind [`testbed`](Self::testbed), are in a sandbox.
    pub sandboxed: bool,
    /// Where the groups are, if that is elsewhere.
    pub testbed: Option<Arc<Testbed>>,
    /// Whether the place where the groups are may be lost: this machine, or what is behind
    /// [`testbed`](Self::testbed).
    pub disposable: bool,
    /// How the subject's link to the groups can be cut, if it can.
    pub cut: Option<Arc<Partition>>,
    /// What the subject declares of itself.
    pub declared: Declared,
    /// Who may keep the processors busy.
    pub permits: Arc<Semaphore>,
    /// When each case has its turn.
    pub schedule: Arc<Schedule>,
    /// Whether no other case is under way.
    pub alone: bool,
    /// Whether all cases are tried though the first ones show that the subject answers nothing.
    pub keep_going: bool,
}

impl Settings {
    /// Seeds are below this: reports hold them as JSON numbers, which are exact so far (RFC 8259, section 6).
    pub const SEEDS: u64 = 1 << 53;
    /// How long a subject may take for an answer, unless somebody wants otherwise.
    pub const TIMEOUT: Duration = Duration::from_secs(5);
    /// How many histories are tried, unless somebody wants otherwise.
    pub const HISTORIES: NonZeroU32 = NonZeroU32::new(256).unwrap();

    /// For that subject in a sandbox of this machine, without a registry, with the same seed each time.
    pub fn of(subject: Subject) -> Self {
        let jobs = runner::default_jobs();
        Self {
            subject,
            registry: None,
            timeout: Self::TIMEOUT,
            seed: 0,
            histories: Arc::new(Histories::new(Self::HISTORIES)),
            sandboxed: true,
            testbed: None,
            disposable: false,
            cut: None,
            declared: Declared::default(),
            permits: Arc::new(Semaphore::new(jobs)),
            schedule: Arc::new(Schedule::new(runner::most_under_way(jobs), Self::TIMEOUT, Turns::default())),
            alone: false,
            keep_going: false,
        }
    }

    /// The same for another run, of which nothing is known yet, on a subject that may take `timeout` for an answer.
    #[must_use]
    pub fn anew(&self, timeout: Duration) -> Self {
        let (histories, schedule) = (self.histories.anew(), self.schedule.anew(timeout));
        Self { timeout, histories: Arc::new(histories), schedule: Arc::new(schedule), ..self.clone() }
    }
}
