//! A cgroup of their own for processes, which may be frozen with it (cgroups(7), version 2).

use nix::poll::{PollFd, PollFlags};
use std::fs::{self, File};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long freezing may take: it is a matter of microseconds.
const PATIENCE: Duration = Duration::from_secs(10);

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
        let parent = own_cgroup().ok_or("there is no cgroup to make another in")?;
        // The agent's pid is 1 in every sandbox.
        let stamp = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos();
        let name = format!("signaller-conformance-{stamp}-{}", COUNT.fetch_add(1, Ordering::Relaxed));
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
        let deadline = Instant::now() + PATIENCE;
        while !self.is_frozen() {
            if Instant::now() > deadline {
                return Err("the cgroup does not freeze".to_owned());
            }
            let events =
                File::open(self.folder.join("cgroup.events")).map_err(|cause| fault("watch", cause))?;
            // The file says POLLPRI when it changes after it was read; that it has before is looked at above.
            let mut fds = [PollFd::new(events.as_fd(), PollFlags::POLLPRI)];
            let _ = crate::sys::lines::wait_for(&mut fds, Instant::now() + Duration::from_millis(1));
        }
        Ok(())
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
        let _ = fs::remove_dir(&self.folder);
    }
}

/// Whether processes can be frozen here: the agent's cgroup is of version 2, and others can be made in it.
pub fn is_here() -> bool {
    use nix::unistd::{AccessFlags, access};
    own_cgroup().is_some_and(|folder| access(&folder, AccessFlags::W_OK).is_ok())
}

/// The folder of this process's cgroup of version 2.
fn own_cgroup() -> Option<PathBuf> {
    let own = fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = own.lines().find_map(|line| line.strip_prefix("0::/"))?.to_owned();
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let fields = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let mount = fields
        .filter(|fields| fields.get(2) == Some(&"cgroup2"))
        .find_map(|fields| fields.get(1).copied())?;
    let folder = Path::new(mount).join(own);
    folder.join("cgroup.procs").exists().then_some(folder)
}
