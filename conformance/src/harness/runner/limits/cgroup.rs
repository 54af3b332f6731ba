//! What is left under the limits of the control groups that this process is in (cgroups(7)), of either
//! version.

use std::fs;
use std::path::{Path, PathBuf};

/// The least that `left` finds in the groups of `controller`, from this process's own to the outermost that
/// is mounted; `None` when none has a limit, or none can be seen.
pub fn left(controller: &str, left: fn(&Path) -> Option<u64>) -> Option<u64> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let folders = folders(controller, &read("/proc/self/mountinfo"), &read("/proc/self/cgroup"));
    folders.iter().filter_map(|folder| left(folder)).min()
}

/// How many more processes and threads a group may have.
pub fn pids(folder: &Path) -> Option<u64> {
    Some(number(folder, "pids.max")?.saturating_sub(number(folder, "pids.current")?))
}

/// How many more bytes a group may have. What is cached of files goes when something else needs the room.
pub fn memory(folder: &Path) -> Option<u64> {
    let [limit, used] =
        [("memory.max", "memory.limit_in_bytes"), ("memory.current", "memory.usage_in_bytes")]
            .map(|(second, first)| number(folder, second).or_else(|| number(folder, first)));
    let statistics = fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
    let cached = |keys: [&str; 2]| {
        let lines = statistics.lines().filter_map(|line| line.split_once(' '));
        let of_files = lines.filter(|(key, _)| keys.contains(key));
        of_files.filter_map(|(_, bytes)| bytes.parse::<u64>().ok()).sum::<u64>()
    };
    // The first version counts a group's descendants under names of their own.
    let cached = match cached(["total_inactive_file", "total_active_file"]) {
        0 => cached(["inactive_file", "active_file"]),
        cached => cached,
    };
    Some(limit?.saturating_sub(used?.saturating_sub(cached)))
}

/// The number in a file; `None` for `max`, or when there is no such file.
fn number(folder: &Path, file: &str) -> Option<u64> {
    fs::read_to_string(folder.join(file)).ok()?.trim().parse().ok()
}

/// Where the groups of `controller` are mounted that a process is in: its own, the one around that, and so
/// on. `mounts` is its mountinfo (proc_pid_mountinfo(5)), `groups` its list of groups (proc_pid_cgroup(5)).
fn folders(controller: &str, mounts: &str, groups: &str) -> Vec<PathBuf> {
    let group_of = |first_version: bool| {
        groups.lines().find_map(|line| {
            let [number, controllers, path] = *line.splitn(3, ':').collect::<Vec<_>>() else { return None };
            let is_it = match first_version {
                true => controllers.split(',').any(|one| one == controller),
                false => number == "0",
            };
            is_it.then_some(path)
        })
    };
    let of_mount = |line: &str| {
        let (place, kind) = line.split_once(" - ")?;
        let mut place = place.split(' ').skip(3);
        let (root, mounted) = (place.next()?, place.next()?);
        let mut kind = kind.split(' ');
        let group = match (kind.next()?, kind.nth(1)?) {
            ("cgroup", options) if options.split(',').any(|one| one == controller) => group_of(true)?,
            ("cgroup2", _) => group_of(false)?,
            _ => return None,
        };
        // In a container the mount may begin at the group itself.
        let inside = Path::new(group).strip_prefix(root).unwrap_or(Path::new(""));
        let own = Path::new(mounted).join(inside);
        let around = own.ancestors().take_while(|folder| folder.starts_with(mounted));
        Some(around.map(Path::to_owned).collect::<Vec<_>>())
    };
    mounts.lines().filter_map(of_mount).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const FIRST: &str = "33 25 0:28 / /sys/fs/cgroup/pids rw,nosuid shared:9 - cgroup cgroup rw,pids\n";
    const SECOND: &str = "30 25 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
    const IN_CONTAINER: &str =
        "70 60 0:28 /docker/7 /sys/fs/cgroup/pids ro master:9 - cgroup cgroup rw,pids\n";

    #[rstest]
    #[case::first_version(FIRST, "8:pids:/user/a\n0::/b\n", &["/sys/fs/cgroup/pids/user/a", "/sys/fs/cgroup/pids/user",
        "/sys/fs/cgroup/pids"])]
    #[case::second_version(SECOND, "0::/b\n", &["/sys/fs/cgroup/b", "/sys/fs/cgroup"])]
    #[case::from_the_group_on(IN_CONTAINER, "8:pids:/docker/7\n", &["/sys/fs/cgroup/pids"])]
    #[case::another_controller(&FIRST.replace("pids", "memory"), "8:pids:/a\n7:memory:/a\n", &[])]
    #[case::nothing_mounted("", "0::/b\n", &[])]
    fn the_groups_around_a_process_are_found(
        #[case] mounts: &str,
        #[case] groups: &str,
        #[case] found: &[&str],
    ) {
        assert_eq!(folders("pids", mounts, groups), found.iter().map(PathBuf::from).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_left_is_the_limit_without_what_is_used_and_cannot_be_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let write = |file: &str, text: &str| fs::write(folder.path().join(file), text).unwrap();
        assert_eq!((pids(folder.path()), memory(folder.path())), (None, None));
        write("pids.max", "max\n");
        write("pids.current", "7\n");
        assert_eq!(pids(folder.path()), None);
        write("pids.max", "50\n");
        assert_eq!(pids(folder.path()), Some(43));
        write("memory.limit_in_bytes", "1000\n");
        write("memory.usage_in_bytes", "900\n");
        write("memory.stat", "inactive_file 1\ntotal_inactive_file 200\ntotal_active_file 50\n");
        assert_eq!(memory(folder.path()), Some(350));
        write("memory.max", "2000\n");
        write("memory.current", "900\n");
        write("memory.stat", "active_file 100\ninactive_file 200\n");
        assert_eq!(memory(folder.path()), Some(1400));
    }
}
