//! The places that this project has a signaller for, in a word: `docker:[UID@]CONTAINER`,
//! `podman:[UID@]CONTAINER`, `kubectl:[NAMESPACE/]POD`, `ssh:DESTINATION`.

use crate::declared;
use process_groups::remote::InvalidName;
use process_groups::{DockerSignaller, KubectlSignaller, PodmanSignaller, Signaller, SshSignaller};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use std::{env, fmt};

/// As `SshSignaller` has them: whatever the user's configuration says, each connection is one of its own and runs the
/// shell that it is asked for (ssh_config(5)).
const SSH_OPTIONS: [&str; 4] =
    ["BatchMode=yes", "ControlMaster=no", "ClearAllForwardings=yes", "RemoteCommand=none"];

/// A place where groups live, and how to get there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authority {
    /// A container of that engine.
    Container(Engine, Container),
    /// A pod, in a namespace if one is given.
    Kubectl(Option<String>, String),
    /// What ssh(1) takes as its destination.
    Ssh(String),
}

/// What runs containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Docker.
    Docker,
    /// Podman.
    Podman,
}

/// A container, and as whom its groups are signalled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Its name or id.
    name: String,
    /// The user who signals, if that is not the one of the container's image.
    user: Option<u32>,
}

impl Authority {
    /// The kinds, as they stand before the colon.
    pub const KINDS: [&str; 4] = ["docker", "podman", "kubectl", "ssh"];
    /// How each is written.
    pub const WORDS: &str =
        "docker:[UID@]CONTAINER, podman:[UID@]CONTAINER, kubectl:[NAMESPACE/]POD, ssh:DESTINATION";

    /// This project's signaller of the place, which answers within `limit`.
    ///
    /// # Errors
    /// When a name could be taken for an option.
    pub fn signaller(&self, limit: Duration) -> Result<Arc<dyn Signaller>, InvalidName> {
        Ok(match self {
            Self::Container(Engine::Docker, Container { name, user }) => {
                let signaller = DockerSignaller::new(name)?.timeout(limit);
                match user {
                    Some(uid) => Arc::new(signaller.user(&uid.to_string())?),
                    None => Arc::new(signaller),
                }
            }
            Self::Container(Engine::Podman, Container { name, user }) => {
                let signaller = PodmanSignaller::new(name)?.timeout(limit);
                match user {
                    Some(uid) => Arc::new(signaller.user(&uid.to_string())?),
                    None => Arc::new(signaller),
                }
            }
            Self::Kubectl(None, pod) => Arc::new(KubectlSignaller::new(pod)?.timeout(limit)),
            Self::Kubectl(Some(namespace), pod) => {
                Arc::new(KubectlSignaller::new(pod)?.namespace(namespace)?.timeout(limit))
            }
            Self::Ssh(destination) => Arc::new(SshSignaller::new(destination)?.timeout(limit)),
        })
    }

    /// The command that runs a program there, without the program: as root where the signaller is another
    /// user, so that there can be groups that it may not signal.
    pub fn command(&self) -> Vec<String> {
        let words: Vec<&str> = match self {
            Self::Container(engine, container) => container.exec(engine.program()),
            Self::Kubectl(None, pod) => vec!["kubectl", "exec", "-i", pod, "--"],
            Self::Kubectl(Some(namespace), pod) => vec!["kubectl", "exec", "-i", "-n", namespace, pod, "--"],
            Self::Ssh(destination) => {
                let options = SSH_OPTIONS.into_iter().flat_map(|option| ["-o", option]);
                ["ssh", "-T"].into_iter().chain(options).chain(["--", destination]).collect()
            }
        };
        words.into_iter().map(str::to_owned).collect()
    }

    /// The user as whom its signaller acts there, if that is known.
    pub fn user(&self) -> Option<u32> {
        match self {
            Self::Container(_, container) => container.user,
            Self::Kubectl(..) | Self::Ssh(_) => None,
        }
    }

    /// Whether whoever asks there must see the processes of this machine: podman has no daemon, and looks for
    /// the container's first process by its pid here.
    pub fn needs_own_processes(&self) -> bool {
        matches!(self, Self::Container(Engine::Podman, _))
    }

    /// Whether an implementer's signaller can ask there from within the sandbox.
    ///
    /// # Errors
    /// What it lacks.
    pub fn reachable_from_a_sandbox(&self) -> Result<(), String> {
        match self.needs_own_processes() && env::var_os("CONTAINER_HOST").is_none() {
            true => Err(format!(
                "`{self}`: podman has no daemon, and finds no container from within the sandbox in which your \
                 signaller runs: start `podman system service`, and name its socket in CONTAINER_HOST"
            )),
            false => Ok(()),
        }
    }

    /// The commands that make the place unreachable and reachable again, if it has some that leave its groups
    /// alive.
    pub fn partition(&self) -> Option<[Vec<String>; 2]> {
        let Self::Container(engine, container) = self else { return None };
        let words = |verb| [engine.program(), verb, &container.name].map(str::to_owned).to_vec();
        Some(["pause", "unpause"].map(words))
    }
}

impl Engine {
    /// Its command, which is also its kind of authority.
    fn program(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
        }
    }
}

impl Container {
    /// The command that runs a program in it, by that engine.
    fn exec<'a>(&'a self, engine: &'a str) -> Vec<&'a str> {
        match self.user {
            Some(_) => vec![engine, "exec", "-i", "--user", "0", &self.name],
            None => vec![engine, "exec", "-i", &self.name],
        }
    }
}

impl FromStr for Container {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (user, name) = match text.split_once('@') {
            Some((user, name)) => (Some(user), name),
            None => (None, text),
        };
        Ok(Self { name: name.to_owned(), user: user.map(declared::ordinary_user).transpose()? })
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.user {
            Some(user) => write!(f, "{user}@{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl FromStr for Authority {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let (kind, place) = word.split_once(':').unwrap_or((word, ""));
        let whole = Self::WORDS.split(", ").find(|whole| whole.split(':').next() == Some(kind));
        if let Some(whole) = whole.filter(|_| place.is_empty()) {
            return Err(format!("`{kind}` needs a place after it: {whole}"));
        }
        let authority = match kind {
            "docker" => Self::Container(Engine::Docker, place.parse()?),
            "podman" => Self::Container(Engine::Podman, place.parse()?),
            "kubectl" => match place.split_once('/') {
                Some((namespace, pod)) => Self::Kubectl(Some(namespace.to_owned()), pod.to_owned()),
                None => Self::Kubectl(None, place.to_owned()),
            },
            "ssh" => Self::Ssh(place.to_owned()),
            _ => {
                return Err(format!("unknown authority `{word}`; authorities are {}", Self::WORDS));
            }
        };
        match authority.signaller(Duration::from_secs(1)) {
            Ok(_) => Ok(authority),
            Err(invalid) => Err(format!("`{word}`: {invalid}")),
        }
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Container(engine, container) => write!(f, "{}:{container}", engine.program()),
            Self::Kubectl(None, pod) => write!(f, "kubectl:{pod}"),
            Self::Kubectl(Some(namespace), pod) => write!(f, "kubectl:{namespace}/{pod}"),
            Self::Ssh(destination) => write!(f, "ssh:{destination}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Authority;

    #[test]
    fn an_authority_is_written_as_it_is_read() {
        for word in [
            "docker:box",
            "docker:1000@box",
            "podman:box",
            "kubectl:pod",
            "kubectl:space/pod",
            "ssh:me@host",
            "ssh:ssh://host:22",
        ] {
            assert_eq!(word.parse::<Authority>().map(|authority| authority.to_string()).as_deref(), Ok(word));
        }
    }

    #[test]
    fn what_is_no_authority_says_what_would_be() {
        for word in [
            "docker",
            "docker:",
            "docker:-i",
            "docker:me@box",
            "docker:0@box",
            "docker:1000@-i",
            "kubectl:/pod",
            "kubectl:space/",
            "ssh:",
            "ssh:-oX=y",
            "lxc:box",
            "",
        ] {
            let message = word.parse::<Authority>().expect_err(word);
            assert!(
                ["authorities are", "needs a place after it", "cannot be the name", "no ordinary user's"]
                    .iter()
                    .any(|words| message.contains(words)),
                "{message}"
            );
        }
    }
}
