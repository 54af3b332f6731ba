//! The worked examples: each conforms, and with one line broken it fails under the requirement that the line
//! is for.

mod support;

use rstest::rstest;
use signaller_places::{all_is_required, is_left_out, program};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use support::crates::OwnCrate;
use support::{Run, python, source};
use tempfile::TempDir;

/// How long an answer may take on a busy machine.
const PATIENT: &str = "60";
/// How long an answer of a broken example may take, which may never come.
const IMPATIENT: &str = "5";

/// What runs an example.
#[derive(Clone, Copy, Debug)]
enum Language {
    Python,
    Node,
    Perl,
    C,
    Rust,
    /// The words that start the shell.
    Shell(&'static [&'static str]),
}
use Language::{C, Node, Perl, Python, Rust, Shell};

const DASH: Language = Shell(&["dash"]);
const BUSYBOX: Language = Shell(&["busybox", "sh"]);
const KSH: Language = Shell(&["ksh93"]);

/// A line of an example that is changed, and the requirement that is broken by it.
struct Broken(&'static str, &'static str, &'static str);

/// The Rust example with one line broken each, which are built together.
const RUST: [Broken; 5] = [
    Broken("rejects-leader-one", "Ok(pid @ 2..)", "Ok(pid @ 1..)"),
    Broken("names-are-exact", "signal_name.parse()", "signal_name.trim().parse()"),
    Broken("refused-is-an-error", "Err(Errno::ESRCH) =>", "Err(Errno::ESRCH | Errno::EPERM) =>"),
    Broken("delivers-to-every-member", "Pid::from_raw(-first.as_raw())", "first"),
    Broken("delivers-the-named-signal", "=> Signal::SIGHUP,", "=> Signal::SIGTERM,"),
];

impl Language {
    fn file(self) -> &'static str {
        match self {
            Python => "signaller.py",
            Node => "signaller.js",
            Perl => "signaller.pl",
            C => "signaller.c",
            Rust => "own_trait.rs",
            Shell(_) => "signaller.sh",
        }
    }

    /// The subject and its program for the example in `script`, which may write to `folder`. `None` where
    /// what it needs is not installed.
    fn words(self, script: &Path, folder: &Path) -> Option<Vec<String>> {
        let stdio = |program: PathBuf, arguments: &[&Path]| {
            let words = ["stdio".into(), "--".into(), program.display().to_string()].into_iter();
            Some(words.chain(arguments.iter().map(|word| word.display().to_string())).collect())
        };
        match self {
            Python => stdio(python()?, &[script]),
            Node => stdio(program("node")?, &[script]),
            Perl => stdio(program("perl")?, &[script]),
            C => {
                let compiled = folder.join("signaller");
                let mut compiler = Command::new(program("cc")?);
                compiler.args(["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror", "-o"]);
                let output = compiler.args([&compiled, script]).output().expect("the compiler starts");
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                stdio(compiled, &[])
            }
            Rust => stdio(rust_program(script.file_stem()?.to_str()?), &[]),
            Shell(shell) => {
                program(shell[0])?;
                let before = ["command", "--"].iter().chain(shell).map(ToString::to_string);
                let script = script.display().to_string();
                Some(before.chain([script, "{leader_pid}".into(), "{signal_name}".into()]).collect())
            }
        }
    }
}

/// A program built of the Rust example: `own_trait`, or a broken one by its requirement.
fn rust_program(name: &str) -> PathBuf {
    static BUILT: LazyLock<PathBuf> = LazyLock::new(|| {
        let example = read(Rust.file());
        let mut files = vec![
            ("Cargo.toml".to_owned(), include_str!("own_trait/Cargo.toml").to_owned()),
            ("src/bin/own_trait.rs".to_owned(), example.clone()),
        ];
        let broken = RUST.iter().map(|line| (format!("src/bin/{}.rs", line.0), line.applied_to(&example)));
        files.extend(broken);
        let output = OwnCrate::of("own_trait", &files).cargo(&["build", "--quiet", "--bins"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        OwnCrate::programs()
    });
    BUILT.join(name)
}

fn read(file: &str) -> String {
    fs::read_to_string(source("examples").join(file)).expect("the example is there")
}

impl Broken {
    /// The example with this line broken.
    fn applied_to(&self, example: &str) -> String {
        let Self(requirement, right, wrong) = self;
        assert_eq!(
            example.matches(right).count(),
            1,
            "{requirement}: `{right}` stands not once in the example"
        );
        example.replace(right, wrong)
    }
}

fn check(options: &[&str], words: &[String]) -> Run {
    Run::check(options, &words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Each language and dash try all cases where all is required, and otherwise share them. Runs of the script take half
/// a minute for each shell: the others try half of the cases each, or share them.
#[rstest]
#[case::python(Python, "1/6")]
#[case::node(Node, "2/6")]
#[case::perl(Perl, "3/6")]
#[case::c(C, "4/6")]
#[case::rust(Rust, "5/6")]
#[case::dash(DASH, "6/6")]
#[case::bash(Shell(&["bash"]), "1/7")]
#[case::bash_as_sh(Shell(&["bash", "--posix"]), "2/7")]
#[case::busybox(BUSYBOX, "3/7")]
#[case::mksh(Shell(&["mksh"]), "4/7")]
#[case::zsh(Shell(&["zsh"]), "5/7")]
#[case::yash(Shell(&["yash"]), "6/7")]
#[case::ksh93(KSH, "7/7")]
fn every_example_conforms(#[case] language: Language, #[case] share: &str) {
    let folder = TempDir::new().expect("a folder can be made");
    let script = source("examples").join(language.file());
    let Some(words) = language.words(&script, folder.path()) else { return };
    let share = match share {
        share if !all_is_required() => share,
        share if share.ends_with("/6") => "1/1",
        "1/7" | "3/7" | "5/7" | "7/7" => "1/2",
        _ => "2/2",
    };
    let run = check(&["--timeout", PATIENT, "--shard", share], &words);
    for status in ["failed", "warned", "broken"] {
        let cases = run.with_status(status);
        assert!(cases.is_empty(), "{status}: {cases:#?}");
    }
    assert_eq!(run.status, Some(0), "{}", run.told);
    // An ordinary user may have no second uid to be refused with.
    let verdicts =
        if nix::unistd::geteuid().is_root() { &["conformant"][..] } else { &["conformant", "incomplete"] };
    assert!(verdicts.contains(&run.verdict()), "{}: {:#?}", run.verdict(), run.with_status("skipped"));
}

#[rstest]
#[case::python(Python, Broken("rejects-leader-one", "if not 2 <= leader_pid", "if not 1 <= leader_pid"))]
#[case::python(Python, Broken("rejects-leader-zero", "if not 2 <= leader_pid", "if not 0 <= leader_pid"))]
#[case::python(
    Python,
    Broken("rejects-leader-out-of-range", "LARGEST_PID = 2**31 - 1", "LARGEST_PID = 2**32 - 1")
)]
#[case::python(Python, Broken("refused-is-an-error", "except ProcessLookupError:", "except OSError:"))]
#[case::python(Python, Broken("delivers-to-every-member", "os.killpg(leader_pid,", "os.kill(leader_pid,"))]
#[case::python(Python, Broken("delivers-the-named-signal", "signal.SIGINT,", "signal.SIGTERM,"))]
#[case::python(
    Python,
    Broken("names-are-exact", "if signal_name not in", "if (signal_name := signal_name.strip()) not in")
)]
#[case::python(Python, Broken("reports-delivered", "flush=True", "flush=False"))]
#[case::node(Node, Broken("rejects-leader-one", "leaderPid >= 2", "leaderPid >= 1"))]
#[case::node(
    Node,
    Broken("refused-is-an-error", "if (cause.code === 'ESRCH') return false;", "return false;")
)]
#[case::node(Node, Broken("outlives-the-leader", "process.kill(-leaderPid,", "process.kill(leaderPid,"))]
#[case::node(
    Node,
    Broken("names-are-exact", "SIGNALS.has(signalName)", "SIGNALS.has((signalName = signalName.trim()))")
)]
#[case::node(
    Node,
    Broken(
        "name-comes-first",
        "throw new Error(`unknown signal name ${printable(signalName)}`);",
        "return false;"
    )
)]
#[case::perl(Perl, Broken("rejects-leader-one", "$leader_pid < 2", "$leader_pid < 1"))]
#[case::perl(Perl, Broken("refused-is-an-error", "false if $!{ESRCH};", "false;"))]
#[case::perl(Perl, Broken("member-is-not-leader", "-$leader_pid;", "$leader_pid;"))]
#[case::perl(Perl, Broken("names-are-exact", "!$KNOWN{$signal_name}", "$signal_name =~ /[^ A-Z]/"))]
#[case::perl(Perl, Broken("reports-delivered", "$| = 1;", "$| = 0;"))]
#[case::c(C, Broken("rejects-leader-one", "question.leader_pid < 2", "question.leader_pid < 1"))]
#[case::c(C, Broken("rejects-leader-out-of-range", " || question.leader_pid > LARGEST_PID", ""))]
#[case::c(C, Broken("refused-is-an-error", "errno == ESRCH", "errno != 0"))]
#[case::c(C, Broken("outlives-the-leader", "kill(-(pid_t)", "kill((pid_t)"))]
#[case::c(
    C,
    Broken(
        "names-are-exact",
        "text.length == strlen(word) && memcmp(text.bytes, word, text.length) == 0",
        "strncmp(text.bytes, word, strlen(word)) == 0"
    )
)]
#[case::c(C, Broken("reports-delivered", "    fflush(stdout);\n", ""))]
#[case::dash(DASH, Broken("rejects-leader-one", "0* | 1 | ", "0* | "))]
#[case::dash(DASH, Broken("rejects-leader-zero", "0* | 1 | ", "1 | "))]
#[case::busybox(BUSYBOX, Broken("rejects-leader-out-of-range", "?) valid=no", "?) valid=yes"))]
#[case::dash(
    DASH,
    Broken("refused-is-an-error", r#"[ "${told##*[0-9]}" = "${nobody##*[0-9]}" ] && exit 3"#, "exit 3")
)]
#[case::dash(DASH, Broken("names-are-exact", "SIGTERM) name=TERM", "SIGTERM | TERM) name=TERM"))]
#[case::dash(DASH, Broken("delivers-the-named-signal", "name=HUP", "name=INT"))]
#[case::ksh93(KSH, Broken("reaches-stopped-members", r#"env kill "$@""#, r#"kill "$@""#))]
#[case::bash(Shell(&["bash"]), Broken("delivers-to-every-member", r#"run_kill "-$1" -- "-$2""#, r#"run_kill "-$1" -- "$2""#))]
fn an_example_with_a_broken_line_fails_under_its_requirement(
    #[case] language: Language,
    #[case] line: Broken,
) {
    if is_left_out("examples with a broken line") {
        return;
    }
    let folder = TempDir::new().expect("a folder can be made");
    let script = folder.path().join(language.file());
    fs::write(&script, line.applied_to(&read(language.file()))).expect("a file can be written");
    let Some(words) = language.words(&script, folder.path()) else { return };
    assert_fails(line.0, &words);
}

/// procps's kill takes `-TERM -12345` for `-TERM -1`. Shells without a kill of their own run it.
#[test]
fn the_spelling_that_procps_takes_for_everybody_is_caught() {
    let Some(kill) = program("kill") else { return };
    let version = Command::new(kill).arg("--version").output().expect("kill starts");
    if !String::from_utf8_lossy(&version.stdout).contains("procps") {
        println!("not tried: the kill that is installed is not procps's");
        return;
    }
    let spelling = Broken("spares-other-groups", r#"run_kill "-$1" -- "-$2""#, r#"run_kill "-$1" "-$2""#);
    an_example_with_a_broken_line_fails_under_its_requirement(KSH, spelling);
}

#[test]
fn the_rust_example_with_a_broken_line_fails_under_its_requirement() {
    if is_left_out("examples with a broken line") {
        return;
    }
    for line in RUST {
        assert_fails(line.0, &["stdio".into(), "--".into(), rust_program(line.0).display().to_string()]);
    }
}

#[track_caller]
fn assert_fails(requirement: &str, words: &[String]) {
    // Random histories, which find it too, take longer to be made short than all the others take.
    let cases = format!("^{requirement}/([^h]|h[^i])");
    let run = check(&["--filter", &cases, "--timeout", IMPATIENT, "--fail-fast"], words);
    assert_eq!((run.status, run.verdict()), (Some(1), "nonconformant"), "{run:#?}");
    assert!(!run.with_status("failed").is_empty(), "{run:#?}");
    assert!(run.with_status("broken").is_empty(), "{run:#?}");
}
