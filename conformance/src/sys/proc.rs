//! Files of /proc.

use std::fs;

/// What the file says; `None` when it is not there. The name of a command in it can be any bytes: those that are not
/// UTF-8 are replaced.
pub fn read(path: &str) -> Option<String> {
    Some(String::from_utf8_lossy(&fs::read(path).ok()?).into_owned())
}

/// The field `key` of a text of a field a line, such as `Uid` of a process's status (proc_pid_status(5)); `None`
/// without such a line.
pub fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':')).map(str::trim)
}
