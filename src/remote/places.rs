//! The signallers of the places that people have, each a [`ShellSignaller`] with the right words.

use super::place::{InvalidName, checked};
use super::{RemoteError, ShellSignaller};
use crate::Signaller;
use std::ffi::OsString;
use std::time::Duration;

/// What all of them have from the [`ShellSignaller`] in them.
macro_rules! through_a_shell {
    ($($place:ident),*) => {$(
        impl $place {
            /// As [`ShellSignaller::connect`].
            ///
            /// # Errors
            /// When the place cannot be asked.
            pub fn connect(&self) -> Result<(), RemoteError> {
                self.0.connect()
            }

            /// As [`ShellSignaller::reset`].
            ///
            /// # Errors
            /// When other threads' calls take the whole time limit.
            pub fn reset(&self) -> Result<(), RemoteError> {
                self.0.reset()
            }

            /// The shell's words there, instead of `sh`: `["busybox", "sh"]`.
            #[must_use]
            pub fn shell<W: Into<OsString>>(self, words: impl IntoIterator<Item = W>) -> Self {
                Self(self.0.shell(words))
            }

            /// The program to run instead of the one of that name in `PATH`.
            #[must_use]
            pub fn program(mut self, program: impl Into<OsString>) -> Self {
                self.0.words_mut()[0] = program.into();
                self
            }

            /// Puts option words in front of those that come after the first `kept`.
            fn option<const N: usize>(mut self, kept: usize, words: [OsString; N]) -> Self {
                self.0.words_mut().splice(kept..kept, words);
                self
            }
        }

        impl Signaller for $place {
            fn signal(&self, leader_pid: u32, signal_name: &str) -> Result<bool, String> {
                self.0.signal(leader_pid, signal_name)
            }

            fn signal_each(&self, leader_pids: &[u32], signal_name: &str) -> Vec<Result<bool, String>> {
                self.0.signal_each(leader_pids, signal_name)
            }

            fn have_exited(&self, leader_pids: &[u32]) -> Vec<Option<bool>> {
                self.0.have_exited(leader_pids)
            }
        }
    )*};
}
through_a_shell!(DockerSignaller, PodmanSignaller, KubectlSignaller, SshSignaller);

/// The longest that a call may take, for those whose command need not know.
macro_rules! limited {
    ($($place:ident),*) => {$(
        impl $place {
            /// As [`ShellSignaller::timeout`].
            #[must_use]
            pub fn timeout(self, limit: Duration) -> Self {
                Self(self.0.timeout(limit))
            }
        }
    )*};
}
limited!(DockerSignaller, PodmanSignaller, KubectlSignaller);

/// The user as whom signals are sent in a container, for the two that have the same option.
macro_rules! has_users {
    ($($place:ident),*) => {$(
        impl $place {
            /// Signals as this user of the container (a name or a number), not as the one of its image.
            ///
            /// # Errors
            /// When it could be taken for an option.
            pub fn user(self, user: &str) -> Result<Self, InvalidName> {
                let user = checked("user", user)?;
                Ok(self.option(2, ["--user".into(), user.into()]))
            }
        }
    )*};
}
has_users!(DockerSignaller, PodmanSignaller);

/// Signals process groups in a Docker container, through `docker exec -i CONTAINER sh`. The ids are those
/// that the container's own processes see.
#[derive(Debug)]
pub struct DockerSignaller(ShellSignaller);

impl DockerSignaller {
    /// One for the container of that name or id. Nothing is started yet.
    ///
    /// # Errors
    /// When the name could be taken for an option.
    pub fn new(container: &str) -> Result<Self, InvalidName> {
        let words = ["docker", "exec", "-i", &checked("container", container)?].map(OsString::from);
        Ok(Self(
            ShellSignaller::behind(words).advice(
                "look with `docker ps --all` whether the container is there, running, and not paused",
            ),
        ))
    }
}

/// Signals process groups in a Podman container, through `podman exec -i CONTAINER sh`.
#[derive(Debug)]
pub struct PodmanSignaller(ShellSignaller);

impl PodmanSignaller {
    /// One for the container of that name or id. Nothing is started yet.
    ///
    /// # Errors
    /// When the name could be taken for an option.
    pub fn new(container: &str) -> Result<Self, InvalidName> {
        let words = ["podman", "exec", "-i", &checked("container", container)?].map(OsString::from);
        Ok(Self(
            ShellSignaller::behind(words).advice(
                "look with `podman ps --all` whether the container is there, running, and not paused",
            ),
        ))
    }
}

/// Signals process groups in a container of a pod, through `kubectl exec -i POD -- sh`.
#[derive(Debug)]
pub struct KubectlSignaller(ShellSignaller);

impl KubectlSignaller {
    /// One for the pod of that name, in kubectl's current namespace and the pod's default container. Nothing
    /// is started yet.
    ///
    /// # Errors
    /// When the name could be taken for an option.
    pub fn new(pod: &str) -> Result<Self, InvalidName> {
        let words = ["kubectl", "exec", "-i", &checked("pod", pod)?, "--"].map(OsString::from);
        Ok(Self(ShellSignaller::behind(words).advice(
            "look with `kubectl describe pod` whether the container is there and running, and whether you may exec",
        )))
    }

    /// The pod is in this namespace.
    ///
    /// # Errors
    /// When the name could be taken for an option.
    pub fn namespace(self, namespace: &str) -> Result<Self, InvalidName> {
        let namespace = checked("namespace", namespace)?;
        Ok(self.option(3, ["-n".into(), namespace.into()]))
    }

    /// The groups are in this container of the pod.
    ///
    /// # Errors
    /// When the name could be taken for an option.
    pub fn container(self, container: &str) -> Result<Self, InvalidName> {
        let container = checked("container", container)?;
        Ok(self.option(3, ["-c".into(), container.into()]))
    }
}

/// Signals process groups of another machine, through `ssh DESTINATION sh`.
///
/// The user's own configuration holds, with these exceptions: ssh asks nobody (`BatchMode`), gives up
/// connecting after the time limit (`ConnectTimeout`), has no terminal, forwards no ports, and runs no
/// `RemoteCommand` of the configuration. A connection that is shared (`ControlMaster`) is used if it is
/// there, and none is made: the end of this one would be the end of others.
#[derive(Debug)]
pub struct SshSignaller(ShellSignaller);

impl SshSignaller {
    /// One for a host, `user@host`, `ssh://user@host:port`, or a name from ssh's configuration. Nothing is
    /// started yet.
    ///
    /// # Errors
    /// When the destination could be taken for an option.
    pub fn new(destination: &str) -> Result<Self, InvalidName> {
        let destination = checked("destination", destination)?;
        let mut words: Vec<OsString> = ["ssh", "-T"].map(OsString::from).into();
        for option in ["BatchMode=yes", "ControlMaster=no", "ClearAllForwardings=yes", "RemoteCommand=none"] {
            words.extend(["-o".into(), option.into()]);
        }
        words.extend(["--".into(), destination.into()]);
        let shell = ShellSignaller::behind(words).advice(
            "try `ssh -o BatchMode=yes` with the same destination by hand: it must log in without asking, and run `sh`",
        );
        let limit = shell.limit();
        Ok(Self(shell).option(2, connect_timeout(limit)))
    }

    /// As [`ShellSignaller::timeout`]; ssh gives up connecting after that time, too, in whole seconds.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.0.words_mut().splice(2..4, connect_timeout(limit));
        Self(self.0.timeout(limit))
    }

    /// The configuration file to use instead of the user's (`ssh -F`).
    #[must_use]
    pub fn config(self, file: impl Into<OsString>) -> Self {
        self.option(4, ["-F".into(), file.into()])
    }
}

/// Rounded up: 0 would be no limit.
fn connect_timeout(limit: Duration) -> [OsString; 2] {
    let seconds = limit.as_secs().saturating_add(1).min(86_400);
    ["-o".into(), format!("ConnectTimeout={seconds}").into()]
}

#[cfg(test)]
mod tests {
    use super::{DockerSignaller, KubectlSignaller, PodmanSignaller, SshSignaller};
    use std::time::Duration;

    #[test]
    fn the_words_are_those_that_each_command_takes() {
        let docker = DockerSignaller::new("box").and_then(|docker| docker.user("1000")).expect("valid names");
        let told = format!("{:?}", docker.shell(["busybox", "sh"]));
        assert!(told.contains("\"docker exec --user 1000 -i box busybox sh\""), "{told}");
        let told = format!("{:?}", PodmanSignaller::new("box").expect("a valid name").program("/opt/podman"));
        assert!(told.contains("\"/opt/podman exec -i box sh\""), "{told}");
        let pod = KubectlSignaller::new("pod").and_then(|pod| pod.container("main")).expect("valid names");
        let told = format!("{:?}", pod.namespace("space").expect("a valid name"));
        assert!(told.contains("\"kubectl exec -i -n space -c main pod -- sh\""), "{told}");
        let ssh = SshSignaller::new("me@host").expect("a valid name").config("/a/config");
        let told = format!("{:?}", ssh.timeout(Duration::from_millis(2500)));
        assert!(
            told.contains(
                "\"ssh -T -o ConnectTimeout=3 -F /a/config -o BatchMode=yes -o ControlMaster=no -o \
                 ClearAllForwardings=yes -o RemoteCommand=none -- me@host sh\""
            ),
            "{told}"
        );
    }

    #[test]
    fn a_name_that_looks_like_an_option_is_refused_wherever_one_is_given() {
        assert!(DockerSignaller::new("--privileged").is_err());
        assert!(DockerSignaller::new("box").is_ok_and(|docker| docker.user("-u").is_err()));
        assert!(PodmanSignaller::new("-l").is_err());
        assert!(PodmanSignaller::new("box").is_ok_and(|podman| podman.user("").is_err()));
        assert!(KubectlSignaller::new("-f").is_err());
        assert!(KubectlSignaller::new("pod").is_ok_and(|pod| pod.namespace("-A").is_err()));
        assert!(KubectlSignaller::new("pod").is_ok_and(|pod| pod.container("--").is_err()));
        assert!(SshSignaller::new("-oProxyCommand=x").is_err());
    }
}
