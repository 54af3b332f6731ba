//! What the kernel and the standard library offer, wrapped once.

pub mod fd_passing;
pub mod folder;
pub mod lines;
pub mod lock;
pub mod notify;
pub mod pidfd;
pub mod proc;
pub mod processor;
pub mod semaphore;
pub mod stderr_tail;
pub mod threads;
