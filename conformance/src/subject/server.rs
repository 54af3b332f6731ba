//! A Rust signaller as a process that speaks the stdio form: the caller, in the contract's words.

use super::caller::Caller;
use super::channel;
use super::wire::{AnswerLine, Question};
use nix::errno::Errno;
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};
use process_groups::Signaller;
use std::io::{self, BufRead};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, mpsc};
use std::thread::Builder;

/// How a server exits that cannot do its own part of an answer, for want of processes, descriptors or memory:
/// that says nothing of the subject. It is what sysexits.h calls a failure for now.
pub const RAN_SHORT: i32 = 75;

/// Serves `signaller` over the [channel] until its input ends. As many questions are under way as
/// were asked at once, each on a thread of its own.
///
/// A panic of the signaller ends the process, with the panic's message on standard error: a caller that does
/// not expect it would end too, and no answer is made up for it.
///
/// # Errors
/// When the input cannot be read.
pub fn serve(signaller: Arc<dyn Signaller>) -> io::Result<()> {
    end_on_panic();
    // Its children are wanted by few questions.
    let caller = LazyLock::new(Caller::new);
    serve_each(move |question: &Question| {
        let mut changed = Vec::new();
        let ask = || signaller.signal(question.leader_pid, &question.signal_name);
        let answer = if question.describe {
            Err(format!("{signaller:?}"))
        } else if question.watch_caller {
            match &*caller {
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
    })
}

/// Answers each question of the [channel] with `answer`, on as many threads as there are questions under way
/// at once, or as there may be: where there may be none, or address space is limited, on the calling one. A
/// thread is kept for the questions to come: most subjects are asked one at a time, and a thread costs more
/// than an answer.
///
/// # Errors
/// When the input cannot be read.
pub fn serve_each(answer: impl Fn(&Question) -> AnswerLine + Send + Sync + 'static) -> io::Result<()> {
    let (ask, asked) = mpsc::channel::<Question>();
    let shared = Arc::new((answer, Mutex::new(asked), AtomicUsize::new(0)));
    // A thread that was started may still find no room for its signal stack, and the standard library then
    // panics.
    let may_start = getrlimit(Resource::RLIMIT_AS).is_ok_and(|(soft, _)| soft == RLIM_INFINITY);
    let mut threads = 0;
    for line in channel::input().lines() {
        let question = serde_json::from_str(&line?)?;
        let (_, _, unanswered) = &*shared;
        if unanswered.fetch_add(1, Ordering::Relaxed) >= threads && may_start {
            let shared = Arc::clone(&shared);
            let started = Builder::new().spawn(move || {
                let (answer, asked, unanswered) = &*shared;
                // Waited for by one thread at a time, and answered by as many as there are.
                let next = || asked.lock().unwrap_or_else(PoisonError::into_inner).recv();
                while let Ok(question) = next() {
                    let line = answer(&question).to_line();
                    // Before the answer is there: whoever waits for it before the next question needs no more
                    // threads.
                    unanswered.fetch_sub(1, Ordering::Relaxed);
                    channel::say(&line);
                }
            });
            threads += usize::from(started.is_ok());
        }
        if threads == 0 {
            let (answer, _, unanswered) = &*shared;
            channel::say(&answer(&question).to_line());
            unanswered.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        // The threads' end of the channel is shared by this one, and so open.
        let _ = ask.send(question);
    }
    Ok(())
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
