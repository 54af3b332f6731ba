//! A cgroup of their own for processes, which may be frozen with it (cgroups(7), version 2).

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::poll::{PollFd, PollFlags};
use nix::unistd::{AccessFlags, access};
use std::fs::{self, File};
use std::os::fd::{AsFd, IntoRawFd};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// How long freezing may take: it is a matter of microseconds.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long an end waits until nobody is in it any more, who ends with the sandbox otherwise.
const LAST_PATIENCE: Duration = Duration::from_secs(1);

/// What the name of each such cgroup begins with; the time at which it was made follows.
const PREFIX: &str = "signaller-conformance-";
/// How long another run's cgroup is left alone. It is empty between two calls of the agent that makes it,
/// and after the death of one that had no time to remove it.
const OTHERS: Duration = Duration::from_secs(60);

/// A cgroup with processes in it. It is removed when this is dropped; whoever is in it has ended by
/// then.
#[derive(Debug)]
pub struct Freezer {
    folder: PathBuf,
}

impl Freezer {
    /// Moves the processes to a new cgroup.
    ///
    /// # Errors
    /// What was tried and what the system said.
    pub fn hold(pids: &[u32]) -> Result<Self, String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let parent = parent().ok_or("there is no cgroup to make another in")?;
        // The agent's pid is 1 in every sandbox.
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        remove_abandoned(parent, now);
        let name = format!("{PREFIX}{}-{}", now.as_nanos(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = parent.join(name);
        fs::create_dir(&folder).map_err(|cause| fault("make", cause))?;
        let freezer = Self { folder };
        for pid in pids {
            fs::write(freezer.folder.join("cgroup.procs"), pid.to_string())
                .map_err(|cause| fault("fill", cause))?;
        }
        Ok(freezer)
    }

    /// Freezes them, and waits until they are frozen.
    ///
    /// # Errors
    /// What was tried and what the system said.
    pub fn freeze(&self) -> Result<(), String> {
        fs::write(self.folder.join("cgroup.freeze"), "1").map_err(|cause| fault("freeze", cause))?;
        match self.comes_to(PATIENCE, || self.is_frozen()) {
            true => Ok(()),
            false => Err("the cgroup does not freeze".to_owned()),
        }
    }

    /// Waits until it is so, which is looked at whenever the kernel says that the cgroup has changed. Returns
    /// whether it is so in time.
    fn comes_to(&self, patience: Duration, is_so: impl Fn() -> bool) -> bool {
        let deadline = Instant::now() + patience;
        loop {
            if is_so() {
                return true;
            }
            let Ok(events) = File::open(self.folder.join("cgroup.events")) else { return false };
            if Instant::now() > deadline {
                return false;
            }
            // The file says POLLPRI when it changes after it was read; that it has before is looked at above.
            let mut fds = [PollFd::new(events.as_fd(), PollFlags::POLLPRI)];
            let _ = crate::sys::lines::wait_for(&mut fds, Instant::now() + Duration::from_millis(1));
        }
    }

    /// Whether the kernel says so: nobody has thawed it.
    pub fn is_frozen(&self) -> bool {
        let events = fs::read_to_string(self.folder.join("cgroup.events")).unwrap_or_default();
        events.lines().any(|line| line == "frozen 1")
    }
}

fn fault(what: &str, cause: std::io::Error) -> String {
    format!("cannot {what} a cgroup: {cause}")
}

impl Drop for Freezer {
    fn drop(&mut self) {
        // The kernel may count one for a moment longer that was reaped.
        self.comes_to(LAST_PATIENCE, || fs::remove_dir(&self.folder).is_ok());
    }
}

/// Removes the cgroups of agents that were killed before they could. The kernel keeps those with somebody in
/// them.
fn remove_abandoned(parent: &Path, now: Duration) {
    for folder in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = folder.file_name();
        let made = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next()?.parse().ok());
        if made.is_some_and(|made| now.saturating_sub(Duration::from_nanos(made)) > OTHERS) {
            let _ = fs::remove_dir(folder.path());
        }
    }
}

/// Whether processes can be frozen here: the agent's cgroup is of version 2, and others can be made in it.
pub fn is_here() -> bool {
    parent().is_some()
}

/// The folder of this process's cgroup of version 2, in which others can be made.
fn parent() -> Option<&'static Path> {
    static PARENT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let find = || {
        let own = fs::read_to_string("/proc/self/cgroup").ok()?;
        let own = own.lines().find_map(|line| line.strip_prefix("0::/"))?;
        let in_mount = |mount: PathBuf| Some(mount.join(own)).filter(|folder| takes_others(folder));
        // A container is shown its cgroups read-only.
        mounted().and_then(in_mount).or_else(|| own_mount().and_then(in_mount))
    };
    PARENT.get_or_init(find).as_deref()
}

fn takes_others(folder: &Path) -> bool {
    folder.join("cgroup.procs").exists() && access(folder, AccessFlags::W_OK).is_ok()
}

/// Where cgroups of version 2 are mounted.
fn mounted() -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let fields = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let mut of_version_2 = fields.filter(|fields| fields.get(2) == Some(&"cgroup2"));
    of_version_2.find_map(|fields| fields.get(1).map(PathBuf::from))
}

/// A mount of them that this process alone knows the way to. It is in the way of /proc for a moment: this
/// process has one thread, and nobody else is in the sandbox yet.
fn own_mount() -> Option<PathBuf> {
    const PLACE: &str = "/proc";
    let nothing: Option<&str> = None;
    mount(nothing, PLACE, Some("cgroup2"), MsFlags::empty(), nothing).ok()?;
    let root = File::open(PLACE);
    umount2(PLACE, MntFlags::MNT_DETACH).ok()?;
    // Open as long as this process: what is mounted is unmounted with its last descriptor.
    Some(PathBuf::from(format!("/proc/self/fd/{}", root.ok()?.into_raw_fd())))
}
