//! What it costs to signal groups in another place: through a signaller that holds a shell there, through a
//! command a group, and what one round trip of that channel costs.
//!
//! The places are a container and a host behind SSH, both made here; where one cannot be made, its lines are
//! missing. The groups ignore SIGHUP, and so live on from sample to sample.
//!
//! ```text
//! cargo bench -p process-groups --bench remote
//! ```

fn main() {
    #[cfg(target_os = "linux")]
    divan::main();
}

#[cfg(target_os = "linux")]
mod linux {
    use divan::Bencher;
    use process_groups::{DockerSignaller, Signaller, SshSignaller};
    use signaller_places::{Image, SshServer};
    use std::ffi::OsStr;
    use std::io::{BufRead, BufReader, Write};
    use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

    const GROUPS: [usize; 4] = [1, 10, 100, 1000];
    /// A command a group takes minutes for more.
    const FEW: [usize; 2] = [1, 10];

    /// Makes groups that ignore SIGHUP and tells their leader pids, as many as its first argument says.
    const MAKE_GROUPS: &str = "i=0; while [ $i -lt $1 ]; do setsid sh -c 'trap \"\" HUP; echo $$; exec sleep \
         3600 >&- 2>&-' & i=$((i + 1)); done";

    /// A place with groups in it.
    struct Place {
        /// The words that run a program there.
        command: Vec<String>,
        /// The words that send SIGHUP to one group, behind the command.
        kill: fn(u32) -> Vec<String>,
        signaller: Box<dyn Signaller>,
        groups: Vec<u32>,
        /// Ends it when dropped.
        _made: Box<dyn std::any::Any>,
    }

    impl Place {
        /// The same with so many groups in it.
        fn grown(mut self, groups: usize) -> Self {
            let mut make = self.run(&["sh", "-s", &groups.to_string()]).spawn().expect("it can be started");
            writeln!(make.stdin.take().expect("it was asked for"), "{MAKE_GROUPS}").expect("it reads");
            let output = make.wait_with_output().expect("it ends");
            let text = String::from_utf8(output.stdout).expect("pids");
            self.groups = text.lines().map(|line| line.parse().expect("a pid")).collect();
            assert_eq!(self.groups.len(), groups);
            self
        }

        fn docker(groups: usize) -> Option<Self> {
            let name = "process-groups".to_owned();
            let container = Image { name, tools: &["sh", "sleep", "setsid"], program: None }.start()?;
            let command = ["docker", "exec", "-i", &container.name].map(str::to_owned).into();
            let signaller = Box::new(DockerSignaller::new(&container.name).expect("it is a name"));
            // No shell stands between.
            let kill = |group| ["sh", "-c", &format!("kill -HUP -{group}")].map(str::to_owned).into();
            let place = Self { command, kill, signaller, groups: Vec::new(), _made: Box::new(container) };
            Some(place.grown(groups))
        }

        fn ssh(groups: usize) -> Option<Self> {
            let server = SshServer::start("")?;
            let config = server.config().display().to_string();
            let command = ["ssh", "-F", &config, "box"].map(str::to_owned).into();
            let signaller = Box::new(SshSignaller::new("box").expect("it is a name").config(server.config()));
            // The login shell runs it.
            let kill = |group| vec![format!("sh -c 'kill -HUP -{group}'")];
            let place = Self { command, kill, signaller, groups: Vec::new(), _made: Box::new(server) };
            Some(place.grown(groups))
        }

        fn run(&self, words: &[impl AsRef<OsStr>]) -> Command {
            let mut command = Command::new(&self.command[0]);
            command.args(&self.command[1..]).args(words).stdin(Stdio::piped()).stdout(Stdio::piped());
            command
        }

        fn through_a_signaller(&self, bencher: Bencher) {
            assert!(
                self.signaller.signal_each(&self.groups, "SIGHUP").iter().all(|answer| *answer == Ok(true))
            );
            bencher.bench_local(|| self.signaller.signal_each(&self.groups, "SIGHUP"));
        }

        fn through_a_command_a_group(&self, bencher: Bencher) {
            bencher.bench_local(|| {
                for group in &self.groups {
                    let output = self.run(&(self.kill)(*group)).output();
                    assert!(output.is_ok_and(|output| output.status.success()));
                }
            });
        }

        fn round_trip(&self, bencher: Bencher) {
            let mut echo = Echo::start(self.run(&["sh"]));
            bencher.bench_local(|| echo.line());
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            self.signaller.signal_each(&self.groups, "SIGKILL");
        }
    }

    /// A shell that sends back each line, once it has read its script to the end.
    const ECHO: &str = "echo ready; while read -r line; do echo \"$line\"; done\n";

    /// Sends back what it is sent.
    struct Echo {
        child: Child,
        input: ChildStdin,
        output: BufReader<ChildStdout>,
    }

    impl Echo {
        fn start(mut command: Command) -> Self {
            let mut child = command.spawn().expect("it can be started");
            let input = child.stdin.take().expect("it was asked for");
            let output = BufReader::new(child.stdout.take().expect("it was asked for"));
            let mut echo = Self { child, input, output };
            echo.send(ECHO);
            echo
        }

        fn line(&mut self) {
            self.send("1 HUP 12345 .\n");
        }

        fn send(&mut self, text: &str) {
            self.input.write_all(text.as_bytes()).expect("it reads");
            let mut line = String::new();
            self.output.read_line(&mut line).expect("it writes");
        }
    }

    impl Drop for Echo {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    macro_rules! benches {
        ($($place:ident),*) => {$(
            mod $place {
                use super::{Bencher, FEW, GROUPS, Place};

                #[divan::bench(args = GROUPS, sample_count = 20, sample_size = 1)]
                fn through_a_signaller(bencher: Bencher, groups: usize) {
                    if let Some(place) = Place::$place(groups) {
                        place.through_a_signaller(bencher);
                    }
                }

                #[divan::bench(args = FEW, sample_count = 3, sample_size = 1)]
                fn through_a_command_a_group(bencher: Bencher, groups: usize) {
                    if let Some(place) = Place::$place(groups) {
                        place.through_a_command_a_group(bencher);
                    }
                }

                #[divan::bench]
                fn round_trip(bencher: Bencher) {
                    if let Some(place) = Place::$place(1) {
                        place.round_trip(bencher);
                    }
                }
            }
        )*};
    }
    benches!(docker, ssh);
}
