//! The model's own list of names.

/// The four names, in the order of their numbers (SIGHUP 1, SIGINT 2, SIGKILL 9, SIGTERM 15: POSIX fixes
/// these for the kill utility), which is the order in which Linux hands out those that are pending together.
pub const NAMES: [&str; 4] = ["SIGHUP", "SIGINT", "SIGKILL", "SIGTERM"];

/// The one of the four that is spelled exactly like that.
pub(super) fn known(text: &str) -> Option<&'static str> {
    NAMES.into_iter().find(|name| *name == text)
}

/// Whether it is another spelling of one of the four: in another case, without `SIG`, as a number, with space
/// around it or a NUL in it.
pub(super) fn is_another_spelling(text: &str) -> bool {
    const OTHERS: [&str; 12] =
        ["SIGHUP", "HUP", "1", "SIGINT", "INT", "2", "SIGKILL", "KILL", "9", "SIGTERM", "TERM", "15"];
    let without_nul = text.replace('\0', "");
    let until_nul = text.split('\0').next().unwrap_or_default();
    let plain = |text: &str| text.trim().to_uppercase();
    known(text).is_none()
        && (OTHERS.contains(&plain(&without_nul).as_str()) || OTHERS.contains(&plain(until_nul).as_str()))
}

#[cfg(test)]
mod tests {
    use super::{NAMES, is_another_spelling, known};

    #[test]
    fn a_name_is_known_when_spelled_exactly() {
        for name in NAMES {
            assert_eq!(known(name), Some(name));
            assert!(!is_another_spelling(name), "{name} is the spelling");
        }
    }

    #[test]
    fn another_spelling_is_not_known() {
        let spellings = [
            "sigterm",
            "SigTerm",
            "TERM",
            "term",
            "15",
            " SIGTERM",
            "SIGTERM\n",
            "SIG\0TERM",
            "SIGTERM\0x",
            "\0HUP",
            "9",
            "ſIGINT",
        ];
        for text in spellings {
            assert_eq!(known(text), None, "{text:?}");
            assert!(is_another_spelling(text), "{text:?}");
        }
    }

    #[test]
    fn what_names_something_else_is_neither() {
        for text in ["", "SIG", "SIGUSR1", "SIGTERMS", "-15", "0", "3", "SIG TERM", "\0"] {
            assert_eq!(known(text), None, "{text:?}");
            assert!(!is_another_spelling(text), "{text:?}");
        }
    }
}
