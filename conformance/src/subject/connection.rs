//! Asking a subject that may do anything but what it should, and never waiting for it longer than allowed.

use super::gauge::Gauge;
use super::violation::Violation;
use super::wire::{LARGEST_ID, Parsed, Query, beginning};
use crate::sys::lines::{Line, LineReader, set_nonblocking, wait_for};
use crate::sys::semaphore::Semaphore;
use crate::sys::stderr_tail::StderrTail;
use crate::testbed::SubjectPipes;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};
use std::collections::{HashMap, HashSet};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A subject that takes longer for an answer keeps no processor busy, as far as anybody can see: it is waited
/// for without a permit.
const BUSY: Duration = Duration::from_millis(30);
/// A patient connection begins to look how much of a processor there is after so long, for a subject that most often has
/// answered by then.
const SOON: Duration = Duration::from_millis(250);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(50);
/// It waits so many times the time limit at most.
const PATIENCE: u32 = 12;
/// A subject that answered so many questions may have ended because of their number.
const MANY: usize = 100;
/// How much of a subject's standard error is kept for messages, in bytes.
const LAST_WORDS: usize = 2048;

/// One answer with the time it took.
#[derive(Clone, Debug)]
pub struct Answered<A> {
    /// The line.
    pub line: A,
    /// From the question's writing to its answer.
    pub took: Duration,
    /// A moment before the question was written, and one after the answer was read.
    pub between: (Instant, Instant),
}

/// The suite's end of a subject that speaks the stdio form.
#[derive(Debug)]
pub struct Connection {
    input: Option<OwnedFd>,
    output: LineReader,
    errors: StderrTail,
    next_id: u64,
    /// When the first question was asked.
    first_asked: Option<Instant>,
    answered: HashSet<u64>,
    limit: Duration,
    permits: Arc<Semaphore>,
    /// Whether the time limit is longer on a machine that leaves the subject little of a processor.
    is_patient: bool,
    /// Whether it may end once it has answered.
    may_end: bool,
}

impl Connection {
    /// A connection over `pipes` to a subject that may take `limit` for an answer. Whoever asks over it
    /// occupies one of `permits`.
    ///
    /// # Errors
    /// When the pipes take no flags.
    pub fn new(pipes: SubjectPipes, limit: Duration, permits: Arc<Semaphore>) -> io::Result<Self> {
        set_nonblocking(pipes.input.as_fd())?;
        Ok(Self {
            input: Some(pipes.input),
            output: LineReader::new(pipes.output)?,
            errors: StderrTail::of(pipes.errors, LAST_WORDS)?,
            next_id: 0,
            first_asked: None,
            answered: HashSet::new(),
            limit,
            permits,
            is_patient: false,
            may_end: false,
        })
    }

    /// Numbers the next questions from `id` on.
    pub fn number_from(&mut self, id: u64) {
        self.next_id = id.min(LARGEST_ID);
    }

    /// Asks all of `questions`, whose ids it sets, at most `at_once` of them open at a time. Returns the
    /// answers in the questions' order.
    ///
    /// # Errors
    /// What the subject did instead. The limit counts from its last answer on: many questions at once may
    /// take a subject that answers one after the other a multiple of it.
    pub fn ask_all<Q: Query>(
        &mut self,
        questions: &[Q],
        at_once: usize,
    ) -> Result<Vec<Answered<Q::Reply>>, Violation> {
        let mut answers: Vec<Option<Answered<Q::Reply>>> = vec![None; questions.len()];
        let mut open: HashMap<u64, (usize, Instant, Instant)> = HashMap::new();
        let mut waiting = questions.iter().enumerate();
        let mut unwritten: Vec<u8> = Vec::new();
        let limit = self.limit * questions.iter().map(Q::patience).max().unwrap_or(1);
        let mut deadline = Instant::now() + limit;
        let mut heard = Instant::now();
        self.first_asked.get_or_insert(heard);
        loop {
            while open.len() < at_once
                && let Some((place, question)) = waiting.next()
            {
                let id = self.next_id;
                self.next_id = if id == LARGEST_ID { 0 } else { id + 1 };
                self.answered.remove(&id);
                unwritten.extend_from_slice(question.line(id).as_bytes());
                unwritten.push(b'\n');
                let now = Instant::now();
                open.insert(id, (place, now, now));
            }
            if open.is_empty() {
                return Ok(answers.into_iter().flatten().collect());
            }
            self.write::<Q::Reply>(&mut unwritten)?;
            while let Some(line) = self.output.next_ready()? {
                if self.may_end && open.is_empty() && matches!(line, Line::Closed(_)) {
                    break;
                }
                let line: Q::Reply = self.understand(line, open.len())?;
                let Some((place, asked, since)) = open.remove(&line.id()) else {
                    return Err(self.out_of_turn(line.id()));
                };
                self.answered.insert(line.id());
                let took = heard.saturating_duration_since(since);
                answers[place] = Some(Answered { line, took, between: (asked, Instant::now()) });
                deadline = Instant::now() + limit;
            }
            self.errors.read();
            if open.len() < at_once && waiting.len() > 0 || open.is_empty() {
                heard = Instant::now();
                continue;
            }
            // Whatever it writes without end is no answer.
            let late = Instant::now() >= deadline;
            let something = if late { None } else { self.wait(!unwritten.is_empty(), &mut deadline, limit)? };
            let ready = something.ok_or_else(|| self.silent(limit, open.len()))?;
            // How long there was no permit to read it in is no time of the subject's.
            heard = Instant::now();
            let lost = heard.saturating_duration_since(ready);
            deadline += lost;
            open.values_mut().for_each(|(_, _, since)| *since += lost);
        }
    }

    /// Whatever the subject wrote though nothing was asked: noise, or an answer given twice.
    ///
    /// # Errors
    /// The first such line.
    pub fn expect_silence<A: Parsed>(&mut self) -> Result<(), Violation> {
        self.errors.read();
        match self.output.next_ready()? {
            None | Some(Line::Closed(_)) => Ok(()),
            Some(line) => {
                let line: A = self.understand(line, 0)?;
                Err(self.out_of_turn(line.id()))
            }
        }
    }

    /// Waits for at most `wait` for the first answer, which did not come in time. Returns how long it took, and
    /// how long the answer to `question` takes, which is asked next; `None` if one of them does not come.
    pub fn first_answers<Q: Query>(&mut self, question: Q, wait: Duration) -> Option<[Duration; 2]> {
        let asked = self.first_asked?;
        let Line::Whole(line) = self.output.next_before(Instant::now() + wait).ok()? else { return None };
        self.answered.insert(Q::Reply::parse(&line).ok()?.id());
        let first = asked.elapsed();
        let next = self.ask_all(&[question], 1).ok()?.pop()?;
        Some([first, next.took])
    }

    /// Takes what it answers for good from now on, though it ends right after that.
    pub fn let_end(&mut self) {
        self.may_end = true;
    }

    /// Counts against the subject only as much of the time as it could have had a processor, from now on. To find out takes
    /// some of it, and so is for whoever is alone.
    pub fn be_patient(&mut self) {
        self.is_patient = true;
    }

    /// Reads its standard error no more: whoever writes there from now on is told that nobody will (EPIPE,
    /// write(2)).
    pub fn close_errors(&mut self) {
        self.errors.close();
    }

    /// Closes the pipe of its answers, and asks a question that it cannot answer any more: whoever writes there
    /// is told that nobody will read it (SIGPIPE and EPIPE, write(2)).
    ///
    /// # Errors
    /// When it takes no question.
    pub fn ask_without_reading<Q: Query>(&mut self, question: &Q) -> Result<(), Violation> {
        self.output.close()?;
        let mut unwritten = question.line(self.next_id).into_bytes();
        unwritten.push(b'\n');
        let input = self.input.as_ref().ok_or(Violation::InputClosed)?;
        loop {
            // A question is shorter than what a pipe holds at least (PIPE_BUF, pipe(7)): it is taken whole or not.
            match nix::unistd::write(input, &unwritten) {
                Err(Errno::EINTR) => {}
                // It has ended already, of what was not read.
                Ok(_) | Err(Errno::EPIPE) => return Ok(()),
                Err(cause) => return Err(io::Error::from(cause).into()),
            }
        }
    }

    /// Ends the subject's standard input, which asks it to end.
    pub fn end_input(&mut self) {
        self.input = None;
    }

    /// The end of what the subject wrote to its standard error, as it wrote it; empty if it wrote nothing.
    pub fn errors(&mut self) -> String {
        self.errors.read();
        self.errors.text()
    }

    /// Whether the subject has answered anything.
    pub fn has_answered(&self) -> bool {
        !self.answered.is_empty()
    }

    fn silent(&self, limit: Duration, unanswered: usize) -> Violation {
        let mut rest = self.rest(self.output.unfinished());
        if self.input_is_closed() {
            rest.push_str(", and closed its standard input");
        }
        Violation::Silent { limit, unanswered, rest }
    }

    /// The words for what came before the silence: the answers, where it may be their number that ended them,
    /// and what was written after the last line end.
    fn rest(&self, unfinished: &[u8]) -> String {
        let mut rest = String::new();
        if self.answered.len() >= MANY {
            rest.push_str(&format!(", after {} answers", self.answered.len()));
        }
        if !unfinished.is_empty() {
            rest.push_str(&format!(", after `{}` without a line end", beginning(unfinished)));
        }
        rest
    }

    /// Whether nobody has the other end of the input open: POLLERR at the end one writes to (poll(2)).
    fn input_is_closed(&self) -> bool {
        self.input.as_ref().is_some_and(|input| {
            let mut fds = [PollFd::new(input.as_fd(), PollFlags::empty())];
            wait_for(&mut fds, Instant::now()).unwrap_or(false)
        })
    }

    fn out_of_turn(&self, id: u64) -> Violation {
        if self.answered.contains(&id) { Violation::Twice(id) } else { Violation::UnknownId(id) }
    }

    fn understand<A: Parsed>(&self, line: Line, unanswered: usize) -> Result<A, Violation> {
        match line {
            Line::Whole(bytes) => {
                A::parse(&bytes).map_err(|fault| Violation::Noise { line: beginning(&bytes), fault })
            }
            Line::TooLong(bytes) => Err(Violation::Flood(beginning(&bytes))),
            Line::Closed(bytes) => Err(Violation::Closed { unanswered, rest: self.rest(&bytes) }),
            Line::Late => Err(self.silent(self.limit, unanswered)),
        }
    }

    fn write<A: Parsed>(&mut self, unwritten: &mut Vec<u8>) -> Result<(), Violation> {
        let input = self.input.as_ref().ok_or(Violation::InputClosed)?;
        while !unwritten.is_empty() {
            match nix::unistd::write(input, unwritten) {
                Ok(length) => drop(unwritten.drain(..length)),
                Err(Errno::EAGAIN) => break,
                Err(Errno::EINTR) => {}
                Err(Errno::EPIPE) => {
                    // It may have written something before: that is the better message.
                    unwritten.clear();
                    let line = self.output.next_before(Instant::now() + self.limit)?;
                    return match line {
                        Line::Late => Err(Violation::InputClosed),
                        line => Err(self.understand::<A>(line, 1).err().unwrap_or(Violation::InputClosed)),
                    };
                }
                Err(cause) => return Err(io::Error::from(cause).into()),
            }
        }
        Ok(())
    }

    /// Waits until there is something to read, or room to write if that is wanted. Returns when there was.
    /// Moves the deadline, which was `limit` away, by the time that the machine has left to others.
    fn wait(
        &self,
        to_write: bool,
        deadline: &mut Instant,
        limit: Duration,
    ) -> Result<Option<Instant>, Violation> {
        let mut fds = vec![PollFd::new(self.output.fd(), PollFlags::POLLIN)];
        fds.extend(self.errors.fd().map(|errors| PollFd::new(errors, PollFlags::POLLIN)));
        if let (true, Some(input)) = (to_write, &self.input) {
            fds.push(PollFd::new(input.as_fd(), PollFlags::POLLOUT));
        }
        let mut wait_until = |end| Ok(wait_for(&mut fds, end)?.then(Instant::now));
        let busy = (*deadline).min(Instant::now() + BUSY);
        match wait_until(busy)? {
            // The time is taken before there is a permit again.
            None if self.is_patient => {
                self.permits.release_while(|| self.wait_patiently(deadline, limit, wait_until))
            }
            None => self.permits.release_while(|| wait_until(*deadline)),
            ready => Ok(ready),
        }
    }

    fn wait_patiently(
        &self,
        deadline: &mut Instant,
        limit: Duration,
        mut wait_until: impl FnMut(Instant) -> Result<Option<Instant>, Violation>,
    ) -> Result<Option<Instant>, Violation> {
        let begun = Instant::now();
        let first = wait_until((*deadline).min(begun + SOON))?;
        if first.is_some() {
            return Ok(first);
        }
        // A batch may take as long as many answers, of the processor's time as well.
        let longest = limit.saturating_sub(self.limit) + self.limit * PATIENCE;
        // Where no further process can be started nobody can tell, and all of the time is the subject's.
        let (gauge, since) = (Gauge::start().ok(), Instant::now());
        let share = || gauge.as_ref().map_or(1.0, Gauge::share);
        let least = *deadline;
        loop {
            let ready = wait_until((*deadline).min(Instant::now() + LOOK))?;
            // How much of all the time was others' is known better the longer it is looked at.
            *deadline = least + since.elapsed().mul_f64(1.0 - share());
            if ready.is_some() || Instant::now() >= *deadline {
                return Ok(ready);
            }
            let waited = begun.elapsed();
            if waited >= longest {
                return Err(Violation::Starved { waited });
            }
        }
    }
}

#[cfg(test)]
mod tests;
