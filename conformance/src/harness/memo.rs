//! What is found out once a run, for all cases that are about it.

use std::any::Any;
use std::sync::{Arc, OnceLock};

/// What the first case that asks has found out.
#[derive(Clone, Debug, Default)]
pub struct Memo(Arc<OnceLock<Box<dyn Any + Send + Sync>>>);

impl Memo {
    /// What was kept; a default to begin with.
    ///
    /// # Panics
    /// When something of another type was kept: a run has one kind of thing to remember.
    pub fn get<T: Any + Default + Send + Sync>(&self) -> &T {
        let kept = self.0.get_or_init(|| Box::new(T::default()));
        kept.downcast_ref().expect("a run remembers one kind of thing")
    }
}
