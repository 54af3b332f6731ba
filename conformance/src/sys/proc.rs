//! Files of /proc (proc(5)).

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

/// A process, or one thread of it, by its line in `/proc/PID/stat` (proc_pid_stat(5)).
#[derive(Clone, Debug)]
pub struct Stat {
    /// The command's name, at most 15 bytes.
    pub name: String,
    /// The letter of its state: that of the first thread, which may have left while another lives.
    pub letter: char,
    /// Its parent's pid.
    pub parent: u32,
    /// The id of its process group.
    pub group: u32,
    /// The id of its session.
    pub session: u32,
    /// The number of its controlling terminal; 0 if it has none.
    pub terminal: i32,
    /// The id of the group in the foreground of that; -1 if it has none.
    pub foreground: i32,
    /// How many threads it has.
    pub threads: usize,
    /// When it began, in clock ticks since the system did.
    pub start: u64,
    /// Where its arguments are in its memory: their first byte, and the one behind their last; 0 where /proc does not
    /// tell.
    pub arguments: (usize, usize),
    /// Its wait status, as far as it is shown.
    pub wait_status: i32,
}

impl Stat {
    /// The process `pid`; `None` when there is none.
    pub fn of(pid: u32) -> Option<Self> {
        Self::read(&format!("/proc/{pid}/stat"))
    }

    /// That thread of the process `pid`; `None` when there is none.
    pub fn of_thread(pid: u32, thread: u32) -> Option<Self> {
        Self::read(&format!("/proc/{pid}/task/{thread}/stat"))
    }

    /// What that file says, wherever /proc is; `None` when it is not there.
    pub fn read(path: &str) -> Option<Self> {
        Self::parse(&read(path)?)
    }

    fn parse(line: &str) -> Option<Self> {
        // The name may hold spaces and parentheses: the fields are counted from after its end.
        let (head, tail) = line.rsplit_once(')')?;
        let fields: Vec<&str> = tail.split_whitespace().collect();
        Some(Self {
            name: head.split_once('(')?.1.to_owned(),
            letter: fields.first()?.chars().next()?,
            parent: fields.get(1)?.parse().ok()?,
            group: fields.get(2)?.parse().ok()?,
            session: fields.get(3)?.parse().ok()?,
            terminal: fields.get(4)?.parse().ok()?,
            foreground: fields.get(5)?.parse().ok()?,
            threads: fields.get(17)?.parse().ok()?,
            start: fields.get(19)?.parse().ok()?,
            arguments: (fields.get(45)?.parse().ok()?, fields.get(46)?.parse().ok()?),
            wait_status: fields.get(49)?.parse().ok()?,
        })
    }

    /// Whether the letter of its state says that it has exited.
    pub fn shows_exited(&self) -> bool {
        matches!(self.letter, 'Z' | 'X')
    }

    /// Whether the letter of its state says that it is stopped, by a signal or a tracer.
    pub fn shows_stopped(&self) -> bool {
        matches!(self.letter, 'T' | 't')
    }

    /// Whether it has exited and is not reaped: it says so, and no other thread lives.
    pub fn is_zombie(&self) -> bool {
        self.shows_exited() && self.threads <= 1
    }

    /// Whether its first thread has left, and another lives on.
    pub fn has_lost_first_thread(&self) -> bool {
        self.shows_exited() && self.threads > 1
    }

    /// Whether its first thread waits for an event or is stopped, and so neither runs nor is about to.
    pub fn waits(&self) -> bool {
        self.letter == 'S' || self.shows_stopped()
    }

    /// Whether its first thread sleeps in the kernel, where only SIGKILL wakes it.
    pub fn sleeps_in_kernel(&self) -> bool {
        self.letter == 'D'
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_what_ends_names() {
        let behind: String = (4..=52).map(|field| format!(" {field}")).collect();
        let stat = Stat::parse(&format!("7 (a) S 9 (b)) T{behind}\n")).unwrap();
        assert_eq!((stat.name.as_str(), stat.letter, stat.parent), ("a) S 9 (b)", 'T', 4));
        assert_eq!((stat.threads, stat.start, stat.arguments, stat.wait_status), (20, 22, (48, 49), 52));
    }
}
