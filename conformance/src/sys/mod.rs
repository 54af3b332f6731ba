//! What the kernel and the standard library offer, wrapped once.

pub mod lines;
pub mod pidfd;
pub mod semaphore;
pub mod threads;
