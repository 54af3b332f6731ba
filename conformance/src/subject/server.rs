//! A Rust signaller as a process that speaks the stdio form: the caller, in the contract's words.

use super::caller::Caller;
use super::channel;
use super::wire::{AnswerLine, Question};
use crate::sys::lock::lock;
use nix::errno::Errno;
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};
use process_groups::Signaller;
use std::io::{self, BufRead};
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, mpsc};
use std::thread::Builder;

/// How a server exits that cannot do its own part of an answer, for want of processes, descriptors or memory:
/// that says nothing of the subject. It is what sysexits.h calls a failure for now.
pub const RAN_SHORT: i32 = 75;

/// Serves `signaller` in the stdio form, over standard input and output, until the input ends: for a program of
/// your own that is checked by `signaller-conformance check stdio -- PROGRAM`. Each question that is under way
/// has a thread of its own.
///
/// A panic of the signaller ends the process, with the panic's message on standard error: a caller that does
/// not expect it would end too, and no answer is made up for it.
///
/// # Errors
/// When the input cannot be read.
pub fn serve(signaller: Arc<dyn Signaller>) -> io::Result<()> {
    end_on_panic();
    // Its children are wanted by few questions.
    let caller: LazyLock<io::Result<Caller>> = LazyLock::new(Caller::new);
    serve_each(move |questions: &[Question]| match questions {
        [question] if question.batch == 0 => vec![answer(&*signaller, question, &caller)],
        batch => answer_each(&*signaller, batch),
    })
}

/// The answer to one question. Only where it is to be watched is `caller` made.
fn answer(
    signaller: &dyn Signaller,
    question: &Question,
    caller: &LazyLock<io::Result<Caller>>,
) -> AnswerLine {
    let mut changed = Vec::new();
    let ask = || signaller.signal(question.leader_pid, &question.signal_name);
    let answer = if question.describe {
        Err(format!("{signaller:?}"))
    } else if question.watch_caller {
        match &**caller {
            Ok(caller) => {
                let (answer, changes) = caller.watch(ask);
                changed = changes;
                answer
            }
            Err(cause) => {
                end_if_short(cause);
                panic!("the caller cannot be watched: {cause}")
            }
        }
    } else {
        ask()
    };
    AnswerLine { id: question.id, answer, changed }
}

/// The answers to questions that are asked in one batch. Nobody can say whose is whose among too few or too
/// many: then there is none.
fn answer_each(signaller: &dyn Signaller, batch: &[Question]) -> Vec<AnswerLine> {
    let leader_pids: Vec<_> = batch.iter().map(|question| question.leader_pid).collect();
    let signal_name = batch.first().map_or("", |question| &question.signal_name);
    let mut answers = signaller.signal_each(&leader_pids, signal_name);
    if answers.len() != batch.len() {
        let wrong = format!("signal_each gave {} answers for {} leader pids", answers.len(), batch.len());
        answers = vec![Err(wrong); batch.len()];
    }
    let lines = batch.iter().zip(answers);
    lines.map(|(question, answer)| AnswerLine { id: question.id, answer, changed: Vec::new() }).collect()
}

/// Answers each question of the [channel], or each batch of them, with `answer`, on as many threads as there
/// are under way at once, or as there may be: where there may be none, or address space is limited, on the
/// calling one. A thread is kept for the questions to come: most subjects are asked one at a time, and a thread
/// costs more than an answer.
///
/// # Errors
/// When the input cannot be read.
pub fn serve_each(answer: impl Fn(&[Question]) -> Vec<AnswerLine> + Send + Sync + 'static) -> io::Result<()> {
    let (ask, asked) = mpsc::channel::<Vec<Question>>();
    let shared = Arc::new((answer, Mutex::new(asked), AtomicUsize::new(0)));
    // A thread that was started may still find no room for its signal stack, and the standard library then
    // panics.
    let may_start = getrlimit(Resource::RLIMIT_AS).is_ok_and(|(soft, _)| soft == RLIM_INFINITY);
    let mut threads = 0;
    let mut batch = Vec::<Question>::new();
    for line in channel::input().lines() {
        batch.push(serde_json::from_str(&line?)?);
        if batch.len() < batch[0].batch {
            continue;
        }
        let questions = mem::take(&mut batch);
        let (_, _, unanswered) = &*shared;
        if unanswered.fetch_add(1, Ordering::Relaxed) >= threads && may_start {
            let shared = Arc::clone(&shared);
            let started = Builder::new().spawn(move || {
                let (answer, asked, unanswered) = &*shared;
                // Waited for by one thread at a time, and answered by as many as there are.
                let next = || lock(asked).recv();
                while let Ok(questions) = next() {
                    let lines = to_lines(&answer(&questions));
                    // Before the answer is there: whoever waits for it before the next question needs no more
                    // threads.
                    unanswered.fetch_sub(1, Ordering::Relaxed);
                    channel::write_text(&lines);
                }
            });
            threads += usize::from(started.is_ok());
        }
        if threads == 0 {
            let (answer, _, unanswered) = &*shared;
            channel::write_text(&to_lines(&answer(&questions)));
            unanswered.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        // The threads' end of the channel is shared by this one, and so open.
        let _ = ask.send(questions);
    }
    Ok(())
}

fn to_lines(answers: &[AnswerLine]) -> String {
    answers.iter().map(AnswerLine::to_line).collect()
}

/// Ends this server with [`RAN_SHORT`] if `cause` is that a process, a descriptor or memory could not be had.
pub fn end_if_short(cause: &io::Error) {
    let errno = cause.raw_os_error().map(Errno::from_raw);
    if let Some(Errno::EAGAIN | Errno::ENOMEM | Errno::EMFILE | Errno::ENFILE) = errno {
        eprintln!("the subject's server has run short of processes, descriptors or memory: {cause}");
        std::process::exit(RAN_SHORT);
    }
}

/// Lets a panic on any thread end the process, after its message.
pub fn end_on_panic() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tell(panic);
        std::process::abort();
    }));
}
