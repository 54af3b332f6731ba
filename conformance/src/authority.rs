//! The places that this project has a signaller for, in a word: `docker:CONTAINER`, `podman:CONTAINER`,
//! `kubectl:[NAMESPACE/]POD`, `ssh:DESTINATION`.

use process_groups::remote::InvalidName;
use process_groups::{DockerSignaller, KubectlSignaller, PodmanSignaller, Signaller, SshSignaller};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// A place where groups live, and how to get there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authority {
    /// A Docker container, by name or id.
    Docker(String),
    /// A Podman container, by name or id.
    Podman(String),
    /// A pod, in a namespace if one is given.
    Kubectl(Option<String>, String),
    /// What ssh(1) takes as its destination.
    Ssh(String),
}

impl Authority {
    /// The kinds, as they stand before the colon.
    pub const KINDS: [&str; 4] = ["docker", "podman", "kubectl", "ssh"];

    /// This project's signaller of the place, which answers within `limit`.
    ///
    /// # Errors
    /// When a name could be taken for an option.
    pub fn signaller(&self, limit: Duration) -> Result<Arc<dyn Signaller>, InvalidName> {
        Ok(match self {
            Self::Docker(container) => Arc::new(DockerSignaller::new(container)?.timeout(limit)),
            Self::Podman(container) => Arc::new(PodmanSignaller::new(container)?.timeout(limit)),
            Self::Kubectl(None, pod) => Arc::new(KubectlSignaller::new(pod)?.timeout(limit)),
            Self::Kubectl(Some(namespace), pod) => {
                Arc::new(KubectlSignaller::new(pod)?.namespace(namespace)?.timeout(limit))
            }
            Self::Ssh(destination) => Arc::new(SshSignaller::new(destination)?.timeout(limit)),
        })
    }

    /// The command that runs a program there, without the program.
    pub fn command(&self) -> Vec<String> {
        let words: Vec<&str> = match self {
            Self::Docker(container) => vec!["docker", "exec", "-i", container],
            Self::Podman(container) => vec!["podman", "exec", "-i", container],
            Self::Kubectl(None, pod) => vec!["kubectl", "exec", "-i", pod, "--"],
            Self::Kubectl(Some(namespace), pod) => vec!["kubectl", "exec", "-i", "-n", namespace, pod, "--"],
            Self::Ssh(destination) => vec!["ssh", "-T", "-o", "BatchMode=yes", "--", destination],
        };
        words.into_iter().map(str::to_owned).collect()
    }

    /// The commands that make the place unreachable and reachable again, if it has some that leave its groups
    /// alive.
    pub fn partition(&self) -> Option<[Vec<String>; 2]> {
        let (program, container) = match self {
            Self::Docker(container) => ("docker", container),
            Self::Podman(container) => ("podman", container),
            Self::Kubectl(..) | Self::Ssh(_) => return None,
        };
        Some(["pause", "unpause"].map(|verb| [program, verb, container].map(str::to_owned).to_vec()))
    }
}

impl FromStr for Authority {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let (kind, place) = word.split_once(':').unwrap_or((word, ""));
        let authority = match kind {
            "docker" => Self::Docker(place.to_owned()),
            "podman" => Self::Podman(place.to_owned()),
            "kubectl" => match place.split_once('/') {
                Some((namespace, pod)) => Self::Kubectl(Some(namespace.to_owned()), pod.to_owned()),
                None => Self::Kubectl(None, place.to_owned()),
            },
            "ssh" => Self::Ssh(place.to_owned()),
            _ => {
                return Err(format!(
                    "unknown authority `{word}`; authorities are docker:CONTAINER, podman:CONTAINER, \
                     kubectl:[NAMESPACE/]POD, ssh:DESTINATION"
                ));
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
            Self::Docker(container) => write!(f, "docker:{container}"),
            Self::Podman(container) => write!(f, "podman:{container}"),
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
            "kubectl:/pod",
            "kubectl:space/",
            "ssh:",
            "ssh:-oX=y",
            "lxc:box",
            "",
        ] {
            let message = word.parse::<Authority>().expect_err(word);
            assert!(
                message.contains("authorities are") || message.contains("cannot be the name"),
                "{message}"
            );
        }
    }
}
