//! The names of the requirements that the model speaks of, as the contract and every report spell them.

macro_rules! names {
    ($($(#[$doc:meta])* $constant:ident = $name:literal;)*) => {
        $($(#[$doc])* pub const $constant: &str = $name;)*

        /// Every name above, in that order.
        pub const ALL: &[&str] = &[$($constant),*];
    };
}

names! {
    /// Reaches every live member.
    DELIVERS_TO_EVERY_MEMBER = "delivers-to-every-member";
    /// Each member receives the signal exactly once a call.
    DELIVERS_ONCE = "delivers-once";
    /// Delivers the signal that was named and no other.
    DELIVERS_THE_NAMED_SIGNAL = "delivers-the-named-signal";
    /// Touches no process outside the group.
    SPARES_OTHER_GROUPS = "spares-other-groups";
    /// A group is live while any member lives, also after its leader was reaped.
    OUTLIVES_THE_LEADER = "outlives-the-leader";
    /// Delivers to a stopped group and continues nobody.
    REACHES_STOPPED_MEMBERS = "reaches-stopped-members";
    /// `Ok(true)` for a live group.
    REPORTS_DELIVERED = "reports-delivered";
    /// `Ok(false)` once the group has exited.
    REPORTS_EXITED = "reports-exited";
    /// `Ok(false)` again, each time.
    EXITED_IS_REPEATABLE = "exited-is-repeatable";
    /// `Ok(false)` for a valid pid that no group has as its id.
    NEVER_EXISTED_IS_EXITED = "never-existed-is-exited";
    /// `Ok(false)` for the pid of a live process that leads no group.
    MEMBER_IS_NOT_LEADER = "member-is-not-leader";
    /// Never `Err` for a group whose members have all exited but are not yet reaped.
    UNREAPED_IS_NOT_AN_ERROR = "unreaped-is-not-an-error";
    /// `Err` when permission is refused for every member.
    REFUSED_IS_AN_ERROR = "refused-is-an-error";
    /// `Ok(true)` when at least one member could be signalled.
    PARTLY_REFUSED_IS_DELIVERED = "partly-refused-is-delivered";
    /// `Err` for any name but the four.
    REJECTS_UNKNOWN_NAMES = "rejects-unknown-names";
    /// No other spelling of the four.
    NAMES_ARE_EXACT = "names-are-exact";
    /// `Err` for an unknown name also when the group has exited.
    NAME_COMES_FIRST = "name-comes-first";
    /// `Err` for leader pid 0.
    REJECTS_LEADER_ZERO = "rejects-leader-zero";
    /// `Err` for leader pid 1.
    REJECTS_LEADER_ONE = "rejects-leader-one";
    /// `Err` for leader pids above `i32::MAX`.
    REJECTS_LEADER_OUT_OF_RANGE = "rejects-leader-out-of-range";
    /// Answers for the group that has the id now.
    SEES_A_REUSED_PID = "sees-a-reused-pid";
}
