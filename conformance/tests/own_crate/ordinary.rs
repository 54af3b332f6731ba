//! The suite in ordinary tests, several of one program.

use process_groups::{LocalSignaller, ProcessGroups, Signaller, signaller_fn};
use signaller_conformance::Suite;
use std::convert::Infallible;
use std::fs;
use std::path::Path;
use their_signaller::Theirs;

/// The suite for what is right, of which only `requirement` is tried.
fn right(requirement: &'static str) -> Suite {
    let talkative = signaller_fn(|leader_pid, name: &str| {
        println!("{{\"what a signaller prints is no answer\":{leader_pid}}}");
        LocalSignaller.signal(leader_pid, name)
    });
    Suite::of(move || Ok::<_, Infallible>(talkative)).named("right").only(move |case| case.starts_with(requirement))
}

#[test]
fn right_signaller() {
    println!("nor is what the test prints");
    right("reports-").assert();
}

#[test]
fn right_registry() {
    right("register-tracks/").with_registry::<ProcessGroups>().assert();
}

#[test]
fn right_where_it_is_cut_off() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cut-in-an-ordinary-test");
    let (is_cut, cut, restored) = (file.clone(), file.clone(), file);
    let make = move || {
        let is_cut = is_cut.clone();
        Ok::<_, Infallible>(signaller_fn(move |leader_pid, name: &str| match fs::exists(&is_cut) {
            Ok(false) => LocalSignaller.signal(leader_pid, name),
            _ => Err("cut off".to_owned()),
        }))
    };
    Suite::of(make)
        .cut(move || fs::write(&cut, ""), move || fs::remove_file(&restored))
        .only(|case| case.starts_with("unreachable-is-an-error/"))
        .assert();
}

mod within {
    #[test]
    #[ignore = "also what is ignored is found"]
    fn right_in_a_module() {
        super::right("reports-exited/").assert();
    }
}

#[test]
fn wrong_signaller() {
    Suite::of(|| Ok::<_, Infallible>(Theirs)).named("theirs").assert();
}

#[test]
fn wrong_call_of_main() {
    let _ = right("reports-").main();
}

#[test]
fn wrong_second_suite() {
    right("reports-exited/").assert();
    right("reports-delivered/").assert();
}

#[test]
fn wrong_thread() {
    std::thread::spawn(|| right("reports-").assert()).join().unwrap();
}

#[test]
fn wrong_thread_with_a_name() {
    let thread = std::thread::Builder::new().name("worker".to_owned());
    thread.spawn(|| right("reports-").assert()).unwrap().join().unwrap();
}

#[test]
fn wrong_way_to_the_suite() {
    // What a test does before must be the same when it is started again.
    if std::env::args().any(|word| word == "--skip") {
        return;
    }
    right("reports-").assert();
}

#[test]
fn wrong_from_the_beginning() {
    Suite::of(|| Err::<Theirs, _>("the host does not answer")).named("theirs").assert();
}
