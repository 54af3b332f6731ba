//! What holds for every case of a run.

use super::runner::{self, Schedule, Turns};
use super::{Memo, Spent};
use crate::declared::Declared;
use crate::partition::Partition;
use crate::subject::Subject;
use crate::sys::folder::Folder;
use crate::sys::semaphore::Semaphore;
use crate::testbed::protocol::Abilities;
use crate::testbed::{Kernel, Testbed};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How random histories are tried.
#[derive(Clone, Debug)]
pub struct Histories {
    /// How many there are.
    pub count: NonZeroU32,
    /// Where those that fail are saved.
    pub saves: Folder,
    /// A folder in which all processes of one run find what came of them, so that they are tried once.
    pub shared: Option<PathBuf>,
}

impl Histories {
    /// So many, of which none is saved.
    pub fn new(count: NonZeroU32) -> Self {
        Self { count, saves: Folder::Nowhere, shared: None }
    }
}

/// A registry under test.
#[derive(Clone, Debug)]
pub struct TestedRegistry {
    /// The program that serves it.
    pub program: Vec<String>,
    /// Whether it says of itself that it fences reused pids.
    pub fences: bool,
    /// Whether it says of itself that it stops its groups.
    pub stops: bool,
    /// Whether its signaller is known to pin what is registered.
    pub pins: bool,
}

/// What holds for every case of a run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The signaller under test.
    pub subject: Subject,
    /// The registry under test, if there is one.
    pub registry: Option<TestedRegistry>,
    /// How long the subject may take for an answer.
    pub timeout: Duration,
    /// How long it might before it was known to wait, if that was longer.
    pub shortened_from: Option<Duration>,
    /// Where random choices come from.
    pub seed: u64,
    /// The random histories.
    pub histories: Histories,
    /// What came of them: they are tried once, for all cases that are about them.
    pub memo: Memo,
    /// Whether the subject, and the groups unless they are behind [`testbed`](Self::testbed), are in a
    /// sandbox.
    pub sandboxed: bool,
    /// Where the groups are, if that is elsewhere.
    pub testbed: Option<Arc<Testbed>>,
    /// Whose answers the subject's calls of kill(2) get.
    pub kernel: Kernel,
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
    /// What the case at hand spends its time on.
    pub spent: Spent,
    /// Whether no other case is under way.
    pub alone: bool,
    /// Whether the subject's system calls are left alone.
    pub unwatched: bool,
    /// Whether all cases are tried though the first ones show that the subject answers nothing.
    pub keep_going: bool,
}

impl Settings {
    /// Seeds are below this: reports hold them as JSON numbers, which are exact so far (RFC 8259, section 6).
    pub const SEEDS: u64 = 1 << 53;
    /// How long a subject may take for an answer by default.
    pub const TIMEOUT: Duration = Duration::from_secs(5);
    /// How long a subject may be allowed for an answer.
    pub const LONGEST_TIMEOUT: Duration = Duration::from_secs(3600);
    /// How many histories are tried by default.
    pub const HISTORIES: NonZeroU32 = NonZeroU32::new(256).unwrap();

    /// For that subject in a sandbox of this machine, without a registry, with the same seed each time.
    pub fn of(subject: Subject) -> Self {
        let jobs = runner::default_jobs();
        Self {
            subject,
            registry: None,
            timeout: Self::TIMEOUT,
            shortened_from: None,
            seed: 0,
            histories: Histories::new(Self::HISTORIES),
            memo: Memo::default(),
            sandboxed: true,
            testbed: None,
            kernel: Kernel::Linux,
            disposable: false,
            cut: None,
            declared: Declared::default(),
            permits: Arc::new(Semaphore::new(jobs)),
            schedule: Arc::new(Schedule::new(runner::most_under_way(jobs), Self::TIMEOUT, Turns::default())),
            spent: Spent::default(),
            alone: false,
            unwatched: false,
            keep_going: false,
        }
    }

    /// What cases can count on where an agent of these abilities makes their groups. A subject elsewhere is
    /// not watched, and nothing is taken from it; one that declares its user has no privilege to begin with, and
    /// its groups' processes, which are that user's, have none to make others with chosen pids.
    pub fn abilities(&self, of_agent: Abilities) -> Abilities {
        let of_agent = match self.declared.user() {
            Some(_) => Abilities {
                drop_cap_kill: of_agent.other_uid,
                chosen_ids: false,
                namespaces: false,
                ..of_agent
            },
            None if self.testbed.is_some() => Abilities { drop_cap_kill: false, ..of_agent },
            None => of_agent,
        };
        match self.testbed {
            None if self.unwatched => Abilities { watch: false, ..of_agent },
            Some(_) => Abilities { watch: false, other_proc: false, landlock: false, ..of_agent },
            None => of_agent,
        }
    }

    /// Whether the subject may signal what an agent of these abilities makes.
    ///
    /// # Errors
    /// When they would be another user's than the subject says that it is.
    pub fn can_be_signalled(&self, of_agent: Abilities) -> Result<(), String> {
        let agent = of_agent.uid;
        match self.declared.user().filter(|user| !of_agent.any_uid && *user != agent) {
            Some(user) => {
                let advice = if self.testbed.is_some() { "make them as root there" } else { "run as root" };
                Err(format!(
                    "the groups would be those of user {agent}, and the subject acts as user {user}: {advice}, \
                     or as user {user}"
                ))
            }
            None => Ok(()),
        }
    }

    /// Whether there is a registry under test that fences reused pids, by what it says of itself or by what
    /// is declared.
    pub fn fences(&self) -> bool {
        self.registry.as_ref().is_some_and(|registry| registry.fences || self.declared.fencing())
    }

    /// Whether there is a registry under test that stops its groups, by what it says of itself or by what is
    /// declared.
    pub fn stops(&self) -> bool {
        self.registry.as_ref().is_some_and(|registry| registry.stops || self.declared.stopping())
    }

    /// Whether there is a registry under test whose signaller pins what is registered.
    pub fn pins(&self) -> bool {
        self.registry.as_ref().is_some_and(|registry| registry.pins || self.declared.pinning())
    }

    /// The same for another run, of which nothing is known yet, on a subject that may take `timeout` for an
    /// answer.
    #[must_use]
    pub fn anew(&self, timeout: Duration) -> Self {
        // Other processes of this run know nothing of another one's histories.
        let histories = Histories { shared: None, ..self.histories.clone() };
        let schedule = Arc::new(self.schedule.anew(timeout));
        Self { timeout, histories, memo: Memo::default(), schedule, ..self.clone() }
    }
}
