//! Registries that say that they fence reused pids, and let a late signal or exit notice through.

pub mod identity;
pub mod stale;
pub mod targets;
