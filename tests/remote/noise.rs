//! Ways there that are noisy, or lead to no shell: the answer is right, or `Err`, and never a wrong `Ok`.

use super::cats::{Cat, UNTOUCHED, ended_by};
use super::support::{NOBODYS, behind};
use nix::sys::signal::Signal;
use process_groups::remote::RemoteErrorKind;
use process_groups::{ShellSignaller, Signaller};
use rstest::rstest;
use signaller_places::program;
use std::time::Duration;

/// Asserts that it answers rightly for a live group and for one that is not.
fn assert_right(signaller: &ShellSignaller) {
    for _ in 0..3 {
        let (target, bystander) = (Cat::leader(), Cat::leader());
        let answers = signaller.signal_each(&[target.pid(), NOBODYS], "SIGTERM");
        assert_eq!(answers, [Ok(true), Ok(false)], "{signaller:?}");
        assert_eq!((target.release(), bystander.release()), (ended_by(Signal::SIGTERM), UNTOUCHED));
    }
}

#[rstest]
#[case::banner("echo Welcome; exec \"$@\"")]
#[case::prompt_without_line_end("printf 'host$ '; exec \"$@\"")]
#[case::much("yes 'message of the day' | head -n 10000; exec \"$@\"")]
#[case::one_long_line("yes ooo | head -n 100000 | tr -d '\\n'; exec \"$@\"")]
#[case::bytes_that_are_no_text("printf '\\377\\000\\033[2J\\200'; exec \"$@\"")]
#[case::on_standard_error("yes warning | head -n 100000 >&2; exec \"$@\"")]
#[case::echo_of_what_is_sent("{ tee /dev/fd/3 | \"$@\"; } 3>&1")]
#[case::a_word_before_each_line("\"$@\" | while IFS= read -r line; do printf 'tick\\n%s\\n' \"$line\"; done")]
#[case::line_ends_of_a_terminal("\"$@\" | sed -u 's/$/\\r/'")]
#[case::answers_that_nobody_asked_for(
    "for n in 1 2 3; do printf '%064d %s d:2147483647 .\\n' 0 $n; done; exec \"$@\""
)]
#[case::environment("PS1='$(echo no)' ENV=/dev/null IFS=0123456789 POSIXLY_CORRECT=1 exec \"$@\"")]
#[case::a_kill_of_its_own("kill() { echo mine; }; exec \"$@\"")]
#[case::another_language("LC_ALL=de_DE.UTF-8 LANGUAGE=de exec \"$@\"")]
fn noise_is_not_taken_for_an_answer(#[case] script: &str) {
    assert_right(&behind(script));
}

/// A script of the login that goes on writing lines and parts of lines beside the shell.
#[test]
fn what_writes_all_the_time_hides_no_answer() {
    let signaller =
        behind("while sleep 0; do printf 'tick'; echo tock; done & trap \"kill $!\" EXIT; \"$@\"");
    assert_right(&signaller);
}

#[rstest]
#[case("tcsh")]
#[case("fish")]
#[case("zsh")]
#[case("bash")]
#[case("dash")]
fn a_login_shell_that_is_not_a_posix_one_runs_the_shell_that_is(#[case] login: &str) {
    let Some(login) = program(login) else { return };
    // As sshd(8) runs what a client asks for.
    assert_right(&ShellSignaller::behind([login.as_os_str(), "-c".as_ref()]));
}

#[rstest]
#[case::nologin("echo This account is currently not available.; exit 1", "not available")]
#[case::told_on_standard_error("echo no such container >&2; exit 1", "no such container")]
#[case::no_shell("exec no-such-shell", "not found")]
#[case::killed("kill -KILL $$", "it wrote nothing")]
#[case::shell_without_kill(
    "PATH=/nowhere BASH_ENV=/dev/fd/3 exec /bin/bash 3<<X\nenable -n kill\nX\n",
    "no spelling"
)]
fn what_leads_to_no_shell_is_an_error_that_says_what_it_wrote(#[case] script: &str, #[case] told: &str) {
    let signaller = behind(script);
    for leader_pid in [NOBODYS, 4242] {
        let message = signaller.signal(leader_pid, "SIGTERM").expect_err("there is no shell");
        assert!(message.contains(told), "{message}");
        assert!(
            message.contains(&format!("SIGTERM to the process group of leader pid {leader_pid}")),
            "{message}"
        );
    }
}

#[rstest]
#[case::silent("exec sleep 1000")]
#[case::echo_alone("exec cat")]
#[case::flood("exec yes")]
#[case::flood_without_line_end("yes | tr -d '\\n'")]
#[case::reads_nothing_and_floods("exec yes <&-")]
#[case::stopped("kill -STOP $$")]
fn what_never_answers_is_an_error_once_the_time_limit_has_passed(#[case] script: &str) {
    let signaller = behind(script).timeout(Duration::from_millis(300));
    let error = signaller.connect().expect_err("nobody answers");
    assert_eq!(error.kind(), RemoteErrorKind::TimedOut, "{error}");
    let message = signaller.signal(NOBODYS, "SIGTERM").expect_err("nobody answers");
    assert!(message.contains("time limit"), "{message}");
}

/// Answers to the request before: a relay that holds each answer back until the next request has come.
#[test]
fn an_answer_that_comes_late_is_not_taken_for_that_to_the_next_request() {
    let relay = "while IFS= read -r line; do case $line in *' .') [ -z \"$held\" ] || echo \"$held\"; \
                 held=$line ;; *) echo \"$line\" ;; esac; done";
    let signaller = behind(&format!("\"$@\" | {{ held=; {relay}; }}")).timeout(Duration::from_millis(500));
    let target = Cat::leader();
    assert!(signaller.signal(target.pid(), "SIGHUP").is_err(), "its answer was held back");
    assert!(signaller.signal(NOBODYS, "SIGTERM").is_err(), "there was only the answer to another request");
    assert_eq!(target.release(), ended_by(Signal::SIGHUP));
}

/// A line of answers that something else wrote into.
#[test]
fn an_answer_with_noise_in_it_is_none() {
    let signaller = behind("\"$@\" | sed -u 's/ d:/ d:Welcome/; s/ x:/ x:1/'");
    let target = Cat::leader();
    let message = signaller.signal(target.pid(), "SIGTERM").expect_err("the answer is unreadable");
    assert!(message.contains("in the midst of an answer"), "{message}");
    let message = signaller.signal(NOBODYS, "SIGTERM").expect_err("the answer is for another group");
    assert!(message.contains("in the midst of an answer"), "{message}");
}

#[test]
fn names_and_leader_pids_that_are_none_are_refused_before_anything_is_started() {
    let signaller = behind("echo started >&2; exit 1");
    for (leader_pid, name, told) in [
        (NOBODYS, "TERM", "unknown signal name \"TERM\""),
        (NOBODYS, "SIGTERM; touch /tmp/x", "unknown signal name"),
        (1, "TERM", "unknown signal name"),
        (0, "SIGTERM", "leader pid 0"),
        (1, "SIGTERM", "leader pid 1"),
        (1 << 31, "SIGTERM", "leader pid 2147483648"),
        (u32::MAX, "SIGTERM", "leader pid 4294967295"),
    ] {
        let messages =
            [signaller.signal(leader_pid, name), signaller.signal_each(&[leader_pid], name).remove(0)];
        for message in messages.map(|answer| answer.expect_err("it is refused")) {
            assert!(message.contains(told) && !message.contains("started"), "{message}");
        }
    }
    assert_eq!(signaller.signal_each(&[], "SIGTERM"), []);
}

#[test]
fn what_is_refused_in_a_batch_leaves_the_others_their_answers() {
    let signaller = ShellSignaller::behind(["env"]);
    let target = Cat::leader();
    let answers = signaller.signal_each(&[1, target.pid(), 0, NOBODYS, u32::MAX], "SIGTERM");
    assert_eq!((&answers[1], &answers[3]), (&Ok(true), &Ok(false)));
    for place in [0, 2, 4] {
        assert!(answers[place].as_ref().is_err_and(|message| message.contains("refused")), "{answers:?}");
    }
    assert_eq!(target.release(), ended_by(Signal::SIGTERM));
}
