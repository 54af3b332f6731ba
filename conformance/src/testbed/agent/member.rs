//! A forked process that the agent commands over a socket: a member of a group, a bystander, a parent.

use super::child;
use super::crowd::Crowd;
use super::fork::{Forked, fork, fork_first};
use super::orders::{Order, Word, receive_message, send_message};
use super::program::{self, Pipes};
use super::set_up::{become_ordinary, exit, keep_only, rename, rename_command_line, set_up};
use super::shortage;
use super::signals::{self, Taker};
use super::terminal;
use super::threads;
use crate::sys::pidfd;
use crate::testbed::make::Make;
use crate::testbed::protocol::{Disposition, Fork, Place, Program, Receipt};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, setns};
use nix::unistd::{Pid, setpgid};
use std::os::fd::{AsFd, OwnedFd};

/// Forks a member as `how` says, commanded over the other end of `socket`. Returns its pid; it says
/// [`Word::Ready`] or [`Word::Failed`] when it is set up.
///
/// # Errors
/// [`fork`]'s.
pub fn fork_member(how: &Fork, socket: OwnedFd) -> Result<u32, Errno> {
    let forked = match (how.make, how.below) {
        (Make::NamespaceInit, _) => fork_first(how.id)?,
        (_, None) => fork(how.id)?,
        (_, Some(first)) => {
            // For whatever is forked from here on; a member that is told so forks nothing else.
            setns(pidfd::open(first).map_err(|_| Errno::ESRCH)?, CloneFlags::CLONE_NEWPID)?;
            fork(how.id)?
        }
    };
    match forked {
        Forked::Parent(pid) => Ok(pid),
        Forked::Child => {
            live(how, socket);
            exit()
        }
    }
}

/// Forks the subject's parent: a watching member in a group of its own, which starts `program` and then lives
/// like any other. Returns its pid; it says [`Word::Started`] or [`Word::Failed`].
///
/// # Errors
/// [`fork`]'s.
pub fn fork_parent(program: &Program, pipes: Pipes, socket: OwnedFd) -> Result<u32, Errno> {
    match fork(None)? {
        Forked::Parent(pid) => Ok(pid),
        Forked::Child => {
            let how = Fork { group: Place::Own, ..Fork::plain() };
            let mounts = if program.proc_can_be_emptied { shortage::separate_mounts() } else { Ok(()) };
            let started = mounts.and_then(|()| set_up(&how)).map_err(|cause| cause.desc().to_owned());
            let started = started.and_then(|()| program::start(program, pipes));
            let socket = keep_only(socket);
            let humble = become_ordinary().map_err(|cause| cause.to_string());
            let word = humble.and(started).map_or_else(Word::Failed, Word::Started);
            serve(socket, how.disposition, word);
            exit()
        }
    }
}

/// The life of a member, from its fork on. Returns when it is told to exit or nobody commands it any more.
fn live(how: &Fork, socket: OwnedFd) {
    let socket = keep_only(socket);
    let ready = become_ordinary()
        .map_err(|cause| cause.to_string())
        .and_then(|()| set_up(how).map_err(|cause| cause.desc().to_owned()));
    let word = ready.map_or_else(Word::Failed, |()| Word::Ready);
    let (make, disposition) = (how.make, how.disposition);
    let has_second = matches!(make, Make::Threads | Make::FirstThreadGone | Make::AsleepInKernel);
    if !has_second || !matches!(word, Word::Ready) {
        return serve(socket, disposition, word);
    }
    // Its own copy, should there be no thread to take the other.
    let spare = socket.try_clone();
    let cause = threads::go_on_in_second(make, move || {
        serve(socket, disposition, Word::Ready);
        exit();
    });
    if let Ok(socket) = spare {
        serve(socket, disposition, Word::Failed(format!("no second thread: {cause}")));
    }
}

/// Says `word`, takes signals as `disposition` says, and obeys. Returns when it is told to exit or nobody
/// commands it any more.
fn serve(socket: OwnedFd, disposition: Disposition, word: Word) {
    let mut taker = match (disposition, &word) {
        (Disposition::Watches | Disposition::PassesOn, Word::Ready | Word::Started(_)) => Taker::new().ok(),
        _ => None,
    };
    if send_message(&socket, &word, None).is_err() {
        return;
    }
    let (mut heirs, mut crowd) = (Heirs::default(), Crowd::default());
    loop {
        let woken = wait(&socket, taker.as_mut());
        if let (Disposition::PassesOn, Some(taker)) = (disposition, &taker) {
            heirs.pass_on(taker.received());
        }
        match woken {
            Woken::Signal => {}
            Woken::Gone => return,
            Woken::Order => match receive_message::<Order>(&socket) {
                Err(_) | Ok((Order::Exit, _)) => return,
                Ok((order, passed)) => {
                    let reaped = if let Order::Reap(pid) = order { Some(pid) } else { None };
                    let word = obey(order, passed, taker.as_mut(), &mut crowd);
                    heirs.learn(reaped, &word);
                    if send_message(&socket, &word, None).is_err() {
                        return;
                    }
                }
            },
        }
    }
}

/// The children to which a member passes signals on, and how many it has passed on.
#[derive(Default)]
struct Heirs {
    children: Vec<u32>,
    passed_on: usize,
}

impl Heirs {
    /// Takes note of a child that was forked or reaped.
    fn learn(&mut self, reaped: Option<u32>, word: &Word) {
        match word {
            Word::Forked(pid) => self.children.push(*pid),
            Word::Done => self.children.retain(|child| Some(*child) != reaped),
            _ => {}
        }
    }

    /// Sends what is new to each child. None of them is reaped, so nobody else is meant.
    fn pass_on(&mut self, received: &[Receipt]) {
        let new = received[self.passed_on..].iter().map(|receipt| receipt.signal);
        let new = new.filter(|signal| [libc::SIGTERM, libc::SIGINT, libc::SIGHUP].contains(signal));
        for signal in new {
            for &child in &self.children {
                // SAFETY: plain numbers.
                unsafe { libc::kill(child as i32, signal) };
            }
        }
        self.passed_on = received.len();
    }
}

/// What a member woke up for.
enum Woken {
    Order,
    Signal,
    Gone,
}

fn wait(socket: &OwnedFd, taker: Option<&mut Taker>) -> Woken {
    let mut fds = vec![PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
    if let Some(taker) = &taker {
        fds.push(PollFd::new(taker.fd.as_fd(), PollFlags::POLLIN));
    }
    match poll(&mut fds, PollTimeout::NONE) {
        Err(Errno::EINTR) => return Woken::Signal,
        Err(_) => return Woken::Gone,
        Ok(_) => {}
    }
    let events = fds[0].revents().unwrap_or(PollFlags::empty());
    if let Some(taker) = taker {
        taker.drain();
    }
    if events.contains(PollFlags::POLLIN) {
        Woken::Order
    } else if events.is_empty() {
        Woken::Signal
    } else {
        Woken::Gone
    }
}

fn obey(order: Order, passed: Option<OwnedFd>, taker: Option<&mut Taker>, crowd: &mut Crowd) -> Word {
    match (order, passed) {
        (Order::Exit, _) => Word::Done,
        (Order::Report, _) => {
            let received = match taker {
                Some(taker) => {
                    taker.drain();
                    taker.received().to_vec()
                }
                None => signals::caught(),
            };
            Word::Received { received, pending: signals::pending() }
        }
        (Order::Fork(how), Some(socket)) => match fork_member(&how, socket) {
            Ok(pid) => Word::Forked(pid),
            Err(cause) => Word::Failed(cause.desc().to_owned()),
        },
        (Order::Fork(_), None) => Word::Failed("no socket came along".to_owned()),
        (Order::HowEnded(pid), _) => match child::how_ended(pid) {
            Ok(state) => Word::Ended(state),
            Err(cause) => Word::Failed(cause.desc().to_owned()),
        },
        (Order::Reap(pid), _) => done(child::reap(pid)),
        (Order::EmptyProc(empty), _) => done(shortage::cover_proc(empty)),
        (Order::Foreground(group), _) => done(terminal::put_in_foreground(group)),
        (Order::Trace(child), _) => done(child::trace(child)),
        (Order::Gather { count, leading }, _) => Word::Crowd(crowd.gather(count, leading)),
        (Order::MissedInCrowd(signal), _) => Word::Crowd(crowd.missed_by(signal)),
        (Order::Disperse, _) => {
            crowd.disperse();
            Word::Done
        }
        (Order::Rename(name), _) => {
            rename_command_line(&name);
            done(rename(&name))
        }
        (Order::SetGroup(id), _) => done(setpgid(Pid::from_raw(0), Pid::from_raw(id as i32))),
    }
}

fn done(result: Result<(), Errno>) -> Word {
    result.map_or_else(|cause| Word::Failed(cause.desc().to_owned()), |()| Word::Done)
}
