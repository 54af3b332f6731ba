//! What a signaller and a registry must do, as a pure specification.
//!
//! Written to be read, and obvious rather than fast: plain lists, scanned. It asks the system nothing, and
//! shares no code with the registry, the names or the signallers of this crate, so that a mistake there is
//! not repeated here. Two parts, which know nothing of each other:
//!
//! - [`Registry`]: the entries that a registry holds, and the results that it owes once its signaller has answered.
//! - [`World`]: the groups of an authority and what becomes of their members; for each question to a signaller,
//!   which answers are [`Allowed`] (a set, where platforms differ) and what every member has received afterwards.
//!
//! Both are plain values, `Clone` and `Debug`, so that a property test carries them beside the real thing and
//! compares after each step. Words and requirements are the contract's; [`requirement`] has their names.
//!
//! ```
//! use process_groups::model::{Answer, Disposition, Life, Member, World, requirement};
//!
//! let mut world = World::new();
//! world.spawn(10, vec![Member::new(10, Disposition::Dies), Member::new(11, Disposition::Watches)]);
//! world.exit(10);
//! world.reap(10);
//!
//! // The leader is gone, a survivor is not: the group is live.
//! let allowed = world.allowed(10, "SIGTERM");
//! assert_eq!(allowed.answers, [Answer::Delivered]);
//! assert_eq!(allowed.broken_by(Answer::Exited), Some(requirement::OUTLIVES_THE_LEADER));
//!
//! world.deliver(10, "SIGTERM");
//! let survivor = world.process(11).expect("it watches, and nothing has ended it");
//! assert_eq!((survivor.life(), survivor.received()), (Life::Running, &["SIGTERM"][..]));
//! ```

mod allowed;
mod deliver;
mod member;
mod names;
mod registry;
pub mod requirement;
mod world;

pub use allowed::Allowed;
pub use deliver::{Effect, EffectKind};
pub use member::{Disposition, Life, Member};
pub use names::NAMES;
pub use registry::{Ending, Owed, Registration, Registry, Stop};
pub use world::{Group, World};

use std::fmt;

/// The three things that a signaller can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// `Ok(true)`: delivered to a live group.
    Delivered,
    /// `Ok(false)`: the group has exited, and nothing was done.
    Exited,
    /// `Err`, whatever its message.
    Failed,
}

impl Answer {
    /// What that result of a signaller says.
    pub fn of(result: &Result<bool, String>) -> Self {
        match result {
            Ok(true) => Self::Delivered,
            Ok(false) => Self::Exited,
            Err(_) => Self::Failed,
        }
    }
}

impl fmt::Display for Answer {
    /// As it is written in Rust: `Ok(true)`, `Ok(false)` or `Err`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Delivered => "Ok(true)",
            Self::Exited => "Ok(false)",
            Self::Failed => "Err",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Answer;

    #[test]
    fn each_result_says_one_of_the_three() {
        let said = |result| Answer::of(&result).to_string();
        assert_eq!(said(Ok(true)), "Ok(true)");
        assert_eq!(said(Ok(false)), "Ok(false)");
        assert_eq!(said(Err("refused".to_owned())), "Err");
    }
}
