//! From the words of the command line to a subject.

use super::values::Words;
use super::{placeholders, suggest};
use clap::Args;
use signaller_conformance::Testbed;
use signaller_conformance::authority::Authority;
use signaller_conformance::declared::Declared;
use signaller_conformance::partition::Partition;
use signaller_conformance::subject::{Subject, command};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

/// The subjects that `check` takes.
const KNOWN: [&str; 3] = ["local", "stdio", "command"];

/// A subject as the command line names it.
#[derive(Args, Debug)]
pub struct Named {
    /// What to check: local, docker:[UID@]CONTAINER, podman:[UID@]CONTAINER, kubectl:[NAMESPACE/]POD,
    /// ssh:DESTINATION, stdio or command
    #[arg(value_name = "SUBJECT")]
    subject: String,

    /// Run a command although no word of it has {leader_pid} or {signal_name}
    #[arg(long)]
    no_placeholders: bool,

    /// Words that stand where none belong: a program without the `--` before it
    #[arg(hide = true)]
    stray: Vec<String>,

    /// The program of a stdio or command subject, and its arguments
    #[arg(last = true, value_name = "PROGRAM ARG")]
    words: Vec<String>,
}

impl Named {
    /// The subject, for which an answer may take `timeout`.
    ///
    /// # Errors
    /// Says what is wrong with the words and what would be right.
    pub fn subject(&self, timeout: Duration) -> Result<Subject, String> {
        let subject = subject(&self.subject, &self.stray, &self.words, timeout)?;
        if !subject.form.stays_up() && !self.no_placeholders {
            placeholders::required(&self.words)?;
        }
        Ok(subject)
    }

    /// The authority that it names, if it does.
    pub fn authority(&self) -> Option<Authority> {
        self.subject.parse().ok()
    }

    /// The words that name it.
    pub fn words(&self) -> impl Iterator<Item = String> {
        let dashes = (!self.words.is_empty()).then(|| "--".to_owned());
        let without = self.no_placeholders.then(|| "--no-placeholders".to_owned());
        without.into_iter().chain([self.subject.clone()]).chain(dashes).chain(self.words.iter().cloned())
    }
}

/// The subject of that name, with the program that stands behind `--`. `stray` is what stands before it.
///
/// # Errors
/// Says what is wrong with the words and what would be right.
pub fn subject(
    name: &str,
    stray: &[String],
    program: &[String],
    timeout: Duration,
) -> Result<Subject, String> {
    let kind = name.split(':').next().unwrap_or_default();
    if Authority::KINDS.contains(&kind) {
        if !stray.is_empty() || !program.is_empty() {
            return Err(format!(
                "the subject `{name}` takes no program; to check one in the same place: --authority {name} \
                 stdio -- PROGRAM ARG…"
            ));
        }
        // It says itself that the time has passed, before the suite does.
        return name.parse().map(|authority| Subject::authority(&authority, timeout * 3 / 5));
    }
    match (name, stray) {
        ("local" | "stdio" | "command", [word, ..]) => Err(format!(
            "unexpected argument `{word}`; a program comes after `--`: stdio -- PROGRAM ARG…, or command \
             -- PROGRAM ARG…"
        )),
        ("local", _) if !program.is_empty() => {
            Err("the subject `local` takes no program; to check one: stdio -- \
                                                    PROGRAM ARG…, or command -- PROGRAM ARG…"
                .to_owned())
        }
        ("local", _) => Ok(Subject::local()),
        ("stdio", _) => {
            runnable(name, program, "./my-signaller --some-option")?;
            Ok(Subject::stdio(program))
        }
        ("command", _) => {
            runnable(name, program, "./my-kill {leader_pid} {signal_name}")?;
            Ok(Subject::command(program))
        }
        _ => Err(unknown(name, stray)),
    }
}

/// The subject that these words name, with the `--` before its program.
///
/// # Errors
/// Says what is wrong with the words and what would be right.
pub fn of_words(words: &[String], timeout: Duration) -> Result<Subject, String> {
    let name = words.first().map_or("", String::as_str);
    let words = words.get(1..).unwrap_or_default();
    match words.split_first() {
        Some((dashes, program)) if dashes == "--" => subject(name, &[], program, timeout),
        _ => subject(name, words, &[], timeout),
    }
}

/// The subject, unless it signals groups of another place than those that are made here: with their ids it
/// would hit others there.
///
/// # Errors
/// Says so.
pub fn of_this_machine(subject: Subject) -> Result<Subject, String> {
    if !subject.form.reaches_this_machine() {
        return Err(format!(
            "`{}` signals groups of another place, and this command makes its groups on this machine: \
             use `check` for it",
            subject.name
        ));
    }
    Ok(subject)
}

/// The testbed behind the command of those words, for `subject`.
///
/// # Errors
/// When the subject cannot reach it, or the command cannot be run.
pub fn testbed(subject: &Subject, Words(words): &Words) -> Result<Testbed, String> {
    if !subject.form.reaches_a_testbed() {
        return Err(cannot_reach(subject, "--testbed", "a program that reaches it, with stdio or command"));
    }
    findable(&words[0]).map_err(|reason| format!("--testbed: {reason}"))?;
    Ok(Testbed::behind(words.iter().cloned()))
}

/// Why the groups of `subject` cannot be made there, and what can be checked instead.
fn cannot_reach(subject: &Subject, option: &str, other: &str) -> String {
    format!(
        "`{}` signals groups of this machine and cannot reach a testbed: leave {option} out, or check {other}",
        subject.name
    )
}

/// The testbed of an authority, and the link there if it can be cut.
///
/// # Errors
/// When the subject cannot reach it, or its command cannot be run.
pub fn place(
    subject: &Subject,
    declared: &Declared,
    authority: &Authority,
) -> Result<(Testbed, Option<Partition>), String> {
    if !subject.form.reaches_a_testbed() {
        let other = format!("this project's signaller of that place: check {authority}");
        return Err(cannot_reach(subject, "--authority", &other));
    }
    let testbed = testbed(subject, &Words(authority.command()))?;
    let can_be_cut = !declared.never_unreachable();
    let cut =
        authority.partition().filter(|_| can_be_cut).map(|[sever, restore]| Partition::by(sever, restore));
    Ok((testbed, cut))
}

/// The way of `subject` that these commands cut and restore.
///
/// # Errors
/// When nothing can come between it and the groups, or a command cannot be run.
pub fn cut(
    subject: &Subject,
    declared: &Declared,
    sever: &Words,
    restore: &Words,
) -> Result<Partition, String> {
    if !subject.form.reaches_a_testbed() {
        return Err(format!(
            "`{}` signals groups of this machine, and nothing can come between: leave --sever and --restore out",
            subject.name
        ));
    }
    if declared.never_unreachable() {
        return Err(
            "--sever cuts the subject's link, and --declare unreachable=never says that nothing can: \
                    leave one of them out"
                .to_owned(),
        );
    }
    for (option, Words(words)) in [("--sever", sever), ("--restore", restore)] {
        findable(&words[0]).map_err(|reason| format!("{option}: {reason}"))?;
    }
    Ok(Partition::by(sever.0.clone(), restore.0.clone()))
}

fn unknown(name: &str, stray: &[String]) -> String {
    if which::which(name).is_ok() || Path::new(name).exists() {
        let program = [&[name.to_owned()], stray].concat().join(" ");
        return format!(
            "`{name}` is a program, and no subject by itself. To check one that stays up: stdio -- {program}; one \
             that is run once per call: command -- {program} {{leader_pid}} {{signal_name}}"
        );
    }
    let meant = suggest::did_you_mean(name, KNOWN);
    let end = if meant.is_empty() { "." } else { "" };
    format!(
        "unknown subject `{name}`{meant}{end} Subjects are local, {}, stdio -- PROGRAM ARG…, \
         command -- PROGRAM ARG…",
        Authority::WORDS
    )
}

/// Finds out whether `words` can be run in that form, before any case tries.
fn runnable(form: &str, words: &[String], example: &str) -> Result<(), String> {
    let Some(program) = words.first() else {
        return Err(format!("`{form}` needs a program after `--`; for example: {form} -- {example}"));
    };
    let is_one_word = words.len() == 1 && program.contains(' ') && !Path::new(program).exists();
    if let Some([_, _, ..]) = shlex::split(program).as_deref().filter(|_| is_one_word) {
        return Err(format!(
            "there is no program `{program}`; give its words one by one: {form} -- {example}"
        ));
    }
    if command::fill(&words[..1], 2, "SIGTERM") != words[..1] {
        // Which program it is changes with the call.
        return Ok(());
    }
    if program.is_empty() {
        return Err(format!("the program after `--` has an empty name; for example: {form} -- {example}"));
    }
    findable(program)
}

/// Finds out whether there is that program, and whether it can be started.
fn findable(program: &str) -> Result<(), String> {
    if let Ok(file) = which::which(program) {
        return startable(&file);
    }
    let path = Path::new(program);
    Err(if !program.contains('/') {
        let here = match path.exists() {
            true => format!(" (there is a file of that name here: write ./{program})"),
            false => String::new(),
        };
        format!("there is no program `{program}` in the folders of PATH{here}; give its path")
    } else if path.is_dir() {
        format!("`{program}` is a folder, not a program")
    } else if path.exists() {
        format!("`{program}` is not executable: chmod +x it, or name its interpreter before it")
    } else {
        format!("there is no program `{program}`: check its path, which starts from the current folder")
    })
}

/// Finds out whether the kernel knows how to start an executable file: a script needs a first line that names
/// its interpreter (execve(2)). What cannot be read is left to the kernel.
fn startable(file: &Path) -> Result<(), String> {
    let mut beginning = Vec::new();
    let read = File::open(file).and_then(|opened| opened.take(256).read_to_end(&mut beginning));
    if read.is_err() {
        return Ok(());
    }
    let shown = file.display();
    match beginning.strip_prefix(b"#!") {
        Some(line) => {
            let line = String::from_utf8_lossy(line.split(|byte| *byte == b'\n').next().unwrap_or_default());
            let line = line.trim_matches([' ', '\t']);
            let interpreter = line.split([' ', '\t']).next().unwrap_or_default();
            match Path::new(interpreter).exists() {
                true => Ok(()),
                false => Err(format!(
                    "the first line of {shown} names the interpreter {interpreter:?}, which does not exist: \
                     correct the path, or install it"
                )),
            }
        }
        // No kind of program is text alone, whichever else the kernel was taught (binfmt_misc).
        None if !beginning.contains(&0) => Err(format!(
            "{shown} has no first line such as `#!/bin/sh` that names its interpreter; add one, or name the \
             interpreter before it"
        )),
        None => Ok(()),
    }
}
