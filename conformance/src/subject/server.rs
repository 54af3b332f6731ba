//! A Rust signaller as a process that speaks the stdio form: the caller, in the contract's words.

use super::caller::Caller;
use super::wire::{AnswerLine, Question};
use process_groups::Signaller;
use std::io::{self, BufRead, Write};
use std::sync::{Arc, LazyLock};

/// Serves `signaller` over standard input and output until the input ends. Each question is asked on a thread
/// of its own, so that as many are under way as were asked at once.
///
/// A panic of the signaller ends the process, with the panic's message on standard error: a caller that does not
/// expect it would end too, and no answer is made up for it.
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
                Err(cause) => panic!("the caller cannot be watched: {cause}"),
            }
        } else {
            ask()
        };
        AnswerLine { id: question.id, answer, changed }
    })
}

/// Answers each question of standard input with `answer`, on a thread of its own.
///
/// # Errors
/// When the input cannot be read.
pub fn serve_each(answer: impl Fn(&Question) -> AnswerLine + Send + Sync + 'static) -> io::Result<()> {
    let answer = Arc::new(answer);
    for line in io::stdin().lock().lines() {
        let question: Question = serde_json::from_str(&line?)?;
        let answer = Arc::clone(&answer);
        std::thread::spawn(move || say(&answer(&question).to_line()));
    }
    Ok(())
}

/// Writes one whole line to standard output. Nobody listening is no fault: the suite has ended.
pub fn say(line: &str) {
    let mut output = io::stdout().lock();
    let _ = output.write_all(line.as_bytes()).and_then(|()| output.flush());
}

/// Lets a panic on any thread end the process, after its message.
pub fn end_on_panic() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tell(panic);
        std::process::abort();
    }));
}
