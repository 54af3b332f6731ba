//! What may be tried where there is no sandbox: nothing that a faulty subject could hurt the machine by.

use super::Need;
use crate::bed::Settings;

/// Why a case must not be tried here; `None` if it may.
///
/// With a sandbox, everything may. Without one, what could hit anybody may not, even on a machine that may be
/// lost: it would end the suite too, and nobody would learn of it. And a subject that is not this project's own
/// may signal whatever pid it is given, or any other, in every case.
pub fn forbidden(needs: &[Need], settings: &Settings) -> Option<String> {
    if settings.sandboxed {
        None
    } else if needs.contains(&Need::Sandbox) {
        Some(format!("needs {}", Need::Sandbox.what()))
    } else if !settings.subject.trusted && !settings.disposable {
        Some("needs a sandbox, since nobody knows what this program signals; or --disposable".to_owned())
    } else {
        None
    }
}
