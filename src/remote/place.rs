//! The names of containers, pods and hosts, before they become words of a command.

use std::fmt;

/// What may stand in a name beside letters and digits. None of it means anything to a shell that ssh's
/// configuration hands a host name to (`ProxyCommand`, `Match exec`).
const MARKS: &str = "._-/@:%[]+~=,";

/// A name that could be taken for an option or for a command, and so is never passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidName {
    what: &'static str,
    printable: String,
}

/// The name, if it can be nothing but a name.
pub(super) fn checked(what: &'static str, name: &str) -> Result<String, InvalidName> {
    let marks_and_letters = name.chars().all(|char| char.is_alphanumeric() || MARKS.contains(char));
    // Also a host behind a user or a scheme is taken out and passed on by ssh.
    let looks_like_option = name.split(['@', '/', ':']).any(|part| part.starts_with('-'));
    if name.is_empty() || !marks_and_letters || looks_like_option {
        let printable = name.chars().take(80).flat_map(char::escape_debug).collect();
        return Err(InvalidName { what, printable });
    }
    Ok(name.to_owned())
}

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, printable } = self;
        write!(
            f,
            "\"{printable}\" cannot be the name of a {what}: it may have letters, digits and any \
             of {MARKS}; no part of it may begin with -"
        )
    }
}

impl std::error::Error for InvalidName {}

#[cfg(test)]
mod tests {
    use super::checked;

    #[test]
    fn names_as_people_have_them_are_taken() {
        for name in
            ["box", "a_b.c-d", "deploy/web", "me@host", "ssh://me@host:22", "me@[fe80::1%eth0]", "söhne"]
        {
            assert_eq!(checked("host", name).as_deref(), Ok(name));
        }
    }

    #[test]
    fn what_could_be_an_option_or_a_command_is_refused() {
        let options = ["", "-", "-i", "--privileged", "me@-oProxyCommand=x", "ssh://-oProxyCommand=x"];
        let commands =
            ["a b", "a;b", "$(a)", "`a`", "a\nb", "a\0b", "a'b", "a\"b", "a|b", "a&b", "a\\b", "{a}"];
        for name in options.into_iter().chain(commands) {
            let message = checked("host", name).expect_err(name).to_string();
            assert!(message.contains("cannot be the name of a host"), "{message}");
        }
    }
}
