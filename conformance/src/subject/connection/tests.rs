use super::*;
use crate::subject::gauge::Gauge;
use crate::subject::gauge::tests::beside_another;
use crate::subject::wire::Question;
use nix::unistd::{pipe, write};
use std::fs::File;
use std::io::Write;

/// A connection whose other ends are the returned ones: that of its questions and that of its answers.
fn connection(limit: Duration, permits: &Arc<Semaphore>) -> (Connection, OwnedFd, OwnedFd) {
    let [(questions, input), (output, answers), (errors, _)] = [(); 3].map(|()| pipe().unwrap());
    let pipes = SubjectPipes { input, output, errors };
    (Connection::new(pipes, limit, Arc::clone(permits)).unwrap(), questions, answers)
}

#[test]
fn whoever_waits_for_a_slow_subject_leaves_the_slot_to_others() {
    let permits = Arc::new(Semaphore::new(1));
    let limit = Duration::from_secs(60);
    let (mut connection, questions, answers) = connection(limit, &permits);
    let asked = std::thread::scope(|scope| {
        let asked =
            scope.spawn(|| permits.with_permit(|| connection.ask_all(&[Question::new(2, "SIGTERM")], 1)));
        assert!(nix::unistd::read(&questions, &mut [0; 100]).unwrap() > 0);
        // The question was asked in the one permit that there is.
        permits.with_permit(|| write(&answers, b"{\"id\":0,\"ok\":true}\n").unwrap());
        asked.join().unwrap()
    });
    assert!(asked.unwrap()[0].took < limit);
}

#[test]
fn who_ends_after_many_answers_is_told_after_how_many() {
    let limit = Duration::from_secs(60);
    let (mut connection, _questions, answers) = connection(limit, &Arc::new(Semaphore::new(1)));
    let lines: String = (0..MANY).map(|id| format!("{{\"id\":{id},\"ok\":true}}\n")).collect();
    write(&answers, lines.as_bytes()).unwrap();
    drop(answers);
    let questions = vec![Question::new(2, "SIGTERM"); MANY + 1];
    let fault = connection.ask_all(&questions, MANY + 1).unwrap_err();
    assert_eq!(fault.to_string(), "closed its standard output with 1 unanswered, after 100 answers");
}

/// What a patient connection says of a subject that never answers within `limit`.
fn patient(limit: Duration) -> Violation {
    let permits = Arc::new(Semaphore::new(1));
    let (mut connection, _questions, _answers) = connection(limit, &permits);
    connection.be_patient();
    permits.with_permit(|| connection.ask_all(&[Question::new(2, "SIGTERM")], 1)).unwrap_err()
}

#[test]
fn who_never_answers_is_told_so_by_who_is_patient() {
    let gauge = Gauge::start().unwrap();
    let fault = patient(Duration::from_millis(400));
    let share = gauge.share();
    assert!(matches!(fault, Violation::Silent { .. }) || share < 0.2, "{fault} where the share was {share}");
}

#[test]
fn nobody_is_judged_who_gets_no_processor() {
    let (fault, share) = beside_another(|| {
        // The other thread gets 68 times as much (sched(7): 1.25 for each of 19 steps).
        // SAFETY: plain numbers.
        assert_eq!(unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, 19) }, 0);
        let gauge = Gauge::start().unwrap();
        (patient(Duration::from_secs(1)), gauge.share())
    });
    // Whoever is not looked at for 0.3 of the second is judged from a share of 0.06 on: 0.7 seconds of twelve. Where the
    // tests run at a low priority, the other thread has one, too.
    assert!(
        matches!(fault, Violation::Starved { .. }) || share > 0.05,
        "{fault} where the share was {share}"
    );
}

#[test]
fn the_time_until_there_is_a_slot_again_is_not_the_subjects() {
    let permits = Arc::new(Semaphore::new(1));
    let limit = Duration::from_secs(2);
    let (mut connection, questions, answers) = connection(limit, &permits);
    let permits = &permits;
    let asked = std::thread::scope(|scope| {
        let asked = scope
            .spawn(move || permits.with_permit(|| connection.ask_all(&[Question::new(2, "SIGTERM")], 1)));
        assert!(nix::unistd::read(&questions, &mut [0; 100]).unwrap() > 0);
        // A pipe holds no more than the beginning of so long an answer: the rest is written as it is
        // read.
        let answer = format!("{{\"id\":0,\"err\":\"{}\"}}\n", "long".repeat(1 << 16));
        let begun = permits.with_permit(|| {
            let begun = write(&answers, &answer.as_bytes()[..1 << 16]).unwrap();
            std::thread::sleep(limit);
            begun
        });
        // Open until all is read: a subject that closes its output answers nothing more.
        let mut answers = File::from(answers);
        answers.write_all(&answer.as_bytes()[begun..]).unwrap();
        asked.join().unwrap()
    });
    assert!(asked.unwrap()[0].took < limit);
}
