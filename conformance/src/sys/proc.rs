//! Files of /proc.

use std::fs;

/// What the file says; `None` when it is not there. The name of a command in it can be any bytes: those that are not
/// UTF-8 are replaced.
pub fn read(path: &str) -> Option<String> {
    Some(String::from_utf8_lossy(&fs::read(path).ok()?).into_owned())
}
