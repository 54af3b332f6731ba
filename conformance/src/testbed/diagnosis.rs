//! Why a program that was brought to a remote host does not run there.

use super::AgentError;
use super::shell::Shell;
use crate::sys::lines::Line;
use std::fs::File;
use std::io::Read;

/// What is wrong on the remote host where `file` was written and did not become an agent, but did what
/// `ended` says. [`AgentError::NotReady`] when another folder may do.
pub fn of(command: &[String], file: &str, ended: &str) -> AgentError {
    match runs_scripts(command, file) {
        Ok(false) => {
            return AgentError::NotReady("programs in it are not run (is it mounted noexec?)".to_owned());
        }
        Ok(true) => {}
        Err(fault) => return fault,
    }
    let processors = (Processor::there(command), Processor::here());
    if let (Some(there), Some(here)) = processors
        && there != here
    {
        return AgentError::Failed(format!(
            "the processor there is another: its `sh` is for {}, this program for {}; build this program for \
             that processor",
            there.name(),
            here.name()
        ));
    }
    AgentError::NotReady(format!("this program does not run in it: it {ended}"))
}

/// Whether programs run from where `file` is, found out by one that suits every processor: a shell runs what
/// the kernel knows no other way to run as its own script (POSIX, 2.9.1.4).
fn runs_scripts(command: &[String], file: &str) -> Result<bool, AgentError> {
    let mut shell = Shell::run(command, &format!("echo 'exit 42' > {file}; {file}; echo $?\n"))?;
    Ok(shell.receive() == Line::Whole(b"42".into()))
}

/// What the header of a program says of the processor it is for (elf(5)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Processor {
    bits: u8,
    order: u8,
    machine: u16,
}

/// Numbers of `e_machine` with the names that Rust has for them.
const MACHINES: [(u16, &str); 8] = [
    (3, "x86"),
    (8, "mips"),
    (21, "powerpc64"),
    (22, "s390x"),
    (40, "arm"),
    (62, "x86_64"),
    (183, "aarch64"),
    (243, "riscv64"),
];

impl Processor {
    /// The one of this program.
    fn here() -> Option<Self> {
        let mut header = [0; 20];
        File::open("/proc/self/exe").and_then(|mut file| file.read_exact(&mut header)).ok()?;
        Self::of(&header)
    }

    /// The one of the shell on the remote host.
    fn there(command: &[String]) -> Option<Self> {
        let mut shell = Shell::run(command, "exec cat /proc/$$/exe\n").ok()?;
        match shell.receive() {
            Line::Whole(bytes) | Line::TooLong(bytes) | Line::Closed(bytes) => Self::of(&bytes),
            Line::Late => None,
        }
    }

    fn of(header: &[u8]) -> Option<Self> {
        let &[0x7f, b'E', b'L', b'F', bits, order, .., low, high] = header.get(..20)? else { return None };
        let machine =
            if order == 2 { u16::from_be_bytes([low, high]) } else { u16::from_le_bytes([low, high]) };
        Some(Self { bits, order, machine })
    }

    fn name(self) -> String {
        match MACHINES.iter().find(|(machine, _)| *machine == self.machine) {
            Some((_, name)) => (*name).to_owned(),
            None => format!("machine {}", self.machine),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Processor;

    #[test]
    fn this_programs_processor_is_known_by_its_name() {
        assert_eq!(Processor::here().unwrap().name(), std::env::consts::ARCH);
    }

    #[test]
    fn a_header_is_read_in_its_own_order() {
        let mut header = *b"\x7fELF\x02\x02\x01\0\0\0\0\0\0\0\0\0\0\x02\0\x16";
        assert_eq!(Processor::of(&header).unwrap().name(), "s390x");
        header[19] = 99;
        assert_eq!(Processor::of(&header).unwrap().name(), "machine 99");
        assert_eq!(Processor::of(b"#!/bin/sh -e and then something"), None);
        assert_eq!(Processor::of(&header[..19]), None);
    }
}
