//! The situations that several requirements share, each made in one place.

use super::runner::room_for_crowd;
use super::shape::{Session, Shape};
use super::{Abort, Context, Group, Moment, Need, Result, unexpected};
use crate::report::timeline::{Became, Event};
use crate::testbed::make::{Make, ProcView};
use crate::testbed::protocol::{Disposition, Fork, Place, Program, Reply, Request};
use std::ffi::CStr;

/// How many processes a crowd has where nobody knows how much room is left for it.
const FEW: usize = 100;

/// In whose group a process is that leads none yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// The subject's own.
    Subject,
    /// That of a window, whose job it becomes.
    Window,
}

impl Context {
    /// A live process that leads no group yet, as a child is between fork(2) and setpgid(2). Starts the
    /// subject.
    ///
    /// # Errors
    /// Aborts when it cannot be forked.
    pub fn not_yet_a_group(&mut self, host: Host) -> Result<u32> {
        self.start()?;
        if let (Host::Subject, Some(subject), false) = (host, self.subject_pid(), self.is_remote()) {
            let what = "a process that leads no group yet, in the subject's own";
            match self.bystander(what, None, Place::Of(subject), None) {
                // A subject that has exited already leaves no group to join; asking it will tell.
                Err(Abort::Broken(_)) if !self.agent_is_lost => {}
                made => return made,
            }
        }
        let what = "a window: parent of leaders, and leader of their session";
        let window = self.bystander(what, None, Place::OwnSession, None)?;
        let what = "a process that leads no group yet, in its window's";
        self.bystander(what, Some(window), Place::Parents, None)
    }

    /// Lets a process lead a group of its own from now on.
    ///
    /// # Errors
    /// Aborts when it cannot.
    pub fn lead(&mut self, pid: u32) -> Result<Group> {
        self.agent(&Request::SetGroup { pid, group: pid })?;
        self.note(format!("process {pid} moved to a group of its own, which it leads"));
        Ok(Group {
            id: pid,
            members: vec![pid],
            session: Session::Callers,
            window: None,
            make: Make::Plain,
            dispositions: vec![Disposition::Watches],
        })
    }

    /// Lets a process move to a group of its session, and counts it as a member.
    ///
    /// # Errors
    /// Aborts when it cannot.
    pub fn move_to(&mut self, group: &mut Group, pid: u32) -> Result {
        self.agent(&Request::SetGroup { pid, group: group.id })?;
        self.note(format!("process {pid} moved to group {}", group.id));
        group.add(pid, Disposition::Watches);
        Ok(())
    }

    /// Gives a process another name for its command.
    ///
    /// # Errors
    /// Aborts when it cannot be.
    pub fn rename(&mut self, pid: u32, name: &CStr) -> Result {
        self.agent(&Request::Rename { pid, name: name.to_owned() })?;
        self.note(format!("process {pid} has the command name {name:?} from now on"));
        Ok(())
    }

    /// Lets a process trace a child of its and keep that stopped, as a debugger does.
    ///
    /// # Errors
    /// [`Abort::Lacks`] when it may not.
    pub fn trace(&mut self, pid: u32, tracer: u32) -> Result {
        match self.agent(&Request::Trace { pid, tracer })? {
            Reply::Done => {}
            Reply::Unseen { reason } => return Err(Abort::Lacks(Need::Tracing, reason)),
            reply => return Err(unexpected(&reply)),
        }
        let moment = Moment::new(
            format!("process {tracer} traces its child {pid} and keeps it stopped, as a debugger does"),
            vec![Event::Became { pid, state: Became::Stopped }],
        );
        self.timeline.record(moment);
        Ok(())
    }

    /// Moves a process to a cgroup of its own, which is not frozen.
    ///
    /// # Errors
    /// Aborts when it cannot be.
    pub fn move_to_cgroup(&mut self, pid: u32) -> Result {
        self.agent(&Request::MoveToCgroup { pids: vec![pid], frozen: false })?;
        self.note(format!("moved process {pid} to a cgroup of its own"));
        Ok(())
    }

    /// A group of so many generations, each the only child of the one before.
    ///
    /// # Errors
    /// Aborts when a process cannot be forked.
    pub fn line_of_descent(&mut self, generations: usize) -> Result<Group> {
        let mut group = self.group(&Shape::alone())?;
        for generation in 2..=generations {
            let parent = group.members.last().copied();
            let how = Fork { parent, ..Fork::plain() };
            let pid =
                self.fork(&format!("generation {generation}, the only child of the one before"), how)?;
            group.add(pid, Disposition::Watches);
        }
        self.note(format!(
            "group {} has {generations} generations, each the only child of the one before",
            group.id
        ));
        Ok(group)
    }

    /// Freezes a group with a cgroup of its own, and waits until it is frozen.
    ///
    /// # Errors
    /// Aborts when it cannot be.
    pub fn freeze(&mut self, group: &Group) -> Result {
        self.freeze_beside(group, &[])
    }

    /// Freezes a group and others with one cgroup, and waits until it is frozen.
    ///
    /// # Errors
    /// Aborts when it cannot be.
    pub fn freeze_beside(&mut self, group: &Group, others: &[u32]) -> Result {
        let pids = [group.members.as_slice(), others].concat();
        let became = pids.iter().map(|&pid| Event::Became { pid, state: Became::Stopped }).collect();
        self.agent(&Request::MoveToCgroup { pids, frozen: true })?;
        let what = format!("froze the cgroup of group {}", group.id);
        self.timeline.record(Moment::new(what, became));
        Ok(())
    }

    /// A process in the PID namespace whose first process is `first`, with the pid `id` there, in a group of
    /// its own. Its parent is outside of the namespace.
    ///
    /// # Errors
    /// Aborts when it cannot be forked.
    pub fn bystander_below(&mut self, first: u32, id: Option<u32>) -> Result<u32> {
        let host =
            self.bystander("a process that forks into a PID namespace below", None, Place::Own, None)?;
        let inner = id.map_or_else(String::new, |id| format!(", where its pid is {id}"));
        let what = format!("a process in the PID namespace below{inner}");
        let how = Fork { parent: Some(host), id, group: Place::Own, below: Some(first), ..Fork::plain() };
        let pid = self.fork(&what, how)?;
        self.note(format!("made process {pid}: {what}"));
        Ok(pid)
    }

    /// A group that SIGKILL does not end at once: its leader, the first process of a PID namespace below,
    /// stays until a child that somebody outside forked into that is reaped (pid_namespaces(7)).
    ///
    /// # Errors
    /// Aborts when it cannot be made.
    pub fn group_that_ends_late(&mut self) -> Result<Group> {
        let group = self.group(&Shape::alone().of_make(Make::NamespaceInit))?;
        self.bystander_below(group.id, None)?;
        Ok(group)
    }

    /// Puts the group of that id into the foreground of its window's terminal.
    ///
    /// # Errors
    /// Aborts when it has none, or it cannot be.
    pub fn put_in_foreground(&mut self, window: Option<u32>, group: u32) -> Result {
        let leader = window.ok_or_else(|| Abort::Broken(format!("group {group} has no window")))?;
        self.agent(&Request::Foreground { group, leader })?;
        self.note(format!("put group {group} into the foreground of its terminal"));
        Ok(())
    }

    /// Adds a crowd to a member's group: up to `most` of its children that share its memory, as far as there is room
    /// for them. Returns how many there are.
    ///
    /// # Errors
    /// Aborts when the member has exited.
    pub fn gather(&mut self, pid: u32, most: usize) -> Result<usize> {
        let count = self.crowd(pid, most, false)?.len();
        self.note(format!("made {count} children of process {pid} in its group, which share its memory"));
        Ok(count)
    }

    /// Adds a crowd to a member, each the only process of a group of its own: up to `most`, as far as there is room for
    /// them. Returns the groups' ids, which are the leaders' pids.
    ///
    /// # Errors
    /// Aborts when the member has exited.
    pub fn gather_leaders(&mut self, pid: u32, most: usize) -> Result<Vec<u32>> {
        let ids = self.crowd(pid, most, true)?;
        let count = ids.len();
        self.note(format!(
            "made {count} groups of one member each, which share the memory of their parent {pid}"
        ));
        Ok(ids)
    }

    fn crowd(&mut self, pid: u32, most: usize, leading: bool) -> Result<Vec<u32>> {
        // Of another machine nobody knows how many it has room for.
        let count = if self.is_remote() { most.min(FEW) } else { most.min(room_for_crowd()) };
        match self.agent(&Request::Gather { pid, count, leading })? {
            Reply::Members { pids } => Ok(pids),
            reply => Err(unexpected(&reply)),
        }
    }

    /// The pids of those of a member's crowd to whom the signal was not sent.
    ///
    /// # Errors
    /// Aborts when the member has exited.
    pub fn missed_in_crowd(&mut self, pid: u32, signal: i32) -> Result<Vec<u32>> {
        match self.agent(&Request::MissedInCrowd { pid, signal })? {
            Reply::Members { pids } => Ok(pids),
            reply => Err(unexpected(&reply)),
        }
    }

    /// Ends and reaps a member's crowd.
    ///
    /// # Errors
    /// Aborts when the member has exited.
    pub fn disperse(&mut self, pid: u32) -> Result {
        self.agent(&Request::Disperse { pid })?;
        Ok(())
    }

    /// The id of the second thread of a process that has two.
    ///
    /// # Errors
    /// Aborts when it has none.
    pub fn second_thread(&mut self, pid: u32) -> Result<u32> {
        match self.agent(&Request::Threads { pid })? {
            Reply::Members { pids } => {
                let second = pids.into_iter().find(|id| *id != pid);
                second.ok_or_else(|| Abort::Broken(format!("process {pid} has no second thread")))
            }
            reply => Err(unexpected(&reply)),
        }
    }

    /// Starts the subject where /proc hides processes from it: those of other users, and those that are not
    /// dumpable. kill(2) finds them all the same. Otherwise it is held as `held` says.
    ///
    /// # Errors
    /// Aborts when it cannot be started so.
    pub fn start_where_proc_hides(&mut self, held: Program) -> Result {
        self.note("the subject starts with a /proc that hides processes (hidepid)".to_owned());
        self.start_with(Program { proc_view: ProcView::Hiding, ..held })
    }

    /// Reaps members that a signal has ended, and counts them as members no longer.
    ///
    /// # Errors
    /// Aborts when one has not exited.
    pub fn reap_ended(&mut self, group: &mut Group) -> Result {
        let snapshot = self.snapshot()?;
        let (live, ended): (Vec<_>, Vec<_>) =
            group.iter().partition(|(pid, _)| snapshot.state(*pid).is_live());
        // Children first: whoever has exited cannot be told to reap.
        for (pid, _) in ended.into_iter().rev() {
            self.reap(pid)?;
        }
        (group.members, group.dispositions) = live.into_iter().unzip();
        Ok(())
    }
}
