//! What may be tried where a faulty subject could hurt somebody: nothing that it could, unless that may be
//! lost.

use super::{Need, Settings};

/// Why a case must not be tried here; `None` if it may.
///
/// With a sandbox, everything may. Without one, what could hit anybody may not, even on a machine that may be
/// lost: it would end the suite too, and nobody would learn of it. And a subject that is not this project's
/// own may signal whatever pid it is given, or any other, in every case.
///
/// Behind a testbed of somebody's own, the groups are there and the subject is here. What could hit anybody
/// there may be tried if there may be lost: the suite is elsewhere. Of this machine `--disposable` says
/// nothing then.
pub fn forbidden(needs: &[Need], settings: &Settings) -> Option<String> {
    let remote = settings.testbed.is_some();
    let dangerous = needs.contains(&Need::Sandbox);
    let expendable = settings.disposable && !remote;
    if dangerous && remote && !settings.disposable {
        Some(format!("needs {}; or a testbed that may be lost, as --disposable says", Need::Sandbox.what()))
    } else if settings.sandboxed {
        None
    } else if dangerous && !remote {
        Some(format!("needs {}", Need::Sandbox.what()))
    } else if !settings.subject.trusted && !expendable {
        let way_out = if remote { "" } else { "; or --disposable" };
        Some(format!("needs a sandbox, since nobody knows what this program signals{way_out}"))
    } else {
        None
    }
}
