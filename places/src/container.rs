use crate::{last_line, missing, output, program};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A first process that never reaps, as many entry points.
pub const NEVER_REAPS: &[&str] = &["sleep", "3600"];

/// An image to make of this machine's busybox, which is linked statically: no image is pulled.
#[derive(Clone, Debug)]
pub struct Image {
    /// What the names of the image and its container begin with. The pid of the test and a number follow.
    pub name: String,
    /// The tools of busybox in it.
    pub tools: &'static [&'static str],
    /// A program to copy to `/bin/program`, with the libraries that it is linked with.
    pub program: Option<PathBuf>,
}

impl Image {
    /// Starts a container whose first process [never reaps](NEVER_REAPS).
    pub fn start(&self) -> Option<Container> {
        self.start_with(&[], NEVER_REAPS)
    }

    /// Starts a container with further options of `docker run`.
    pub fn start_with(&self, options: &[&str], first_process: &[&str]) -> Option<Container> {
        let container = self.make()?;
        let run = ["run", "--detach", "--name", &container.name];
        container.must(&[&run, options, &[&container.name], first_process].concat());
        Some(container)
    }

    /// Starts a container of podman's. It is never a failure that podman does not run containers, since
    /// within a container it seldom does.
    pub fn start_with_podman(&self) -> Option<Container> {
        let not_tried = |why: &str| {
            println!("not tried: {why}");
            None
        };
        let Ok(podman) = which::which("podman") else { return not_tried("podman is not installed") };
        let container = self.make_by(podman)?;
        // Its default runtime, or Docker's, and no limits that a container within a container may not set.
        let runtimes: [&[&str]; 2] = [&[], &["--runtime", "runc"]];
        let limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"];
        for runtime in runtimes {
            let run = [runtime, &["run", "--detach", "--name", &container.name], &limits].concat();
            let started = container.engine(&[&run[..], &[&container.name], NEVER_REAPS].concat());
            if started.status.success() {
                return Some(container);
            }
            println!("podman: {}", last_line(&started.stderr));
            let _ = container.engine(&["rm", "--force", &container.name]);
        }
        not_tried("podman runs no container here")
    }

    /// Makes the image without starting a container.
    pub fn make(&self) -> Option<Container> {
        let docker = program("docker")?;
        // A client alone runs nothing.
        let info = output(Command::new(&docker).args(["info", "--format", "{{.ServerErrors}}"]));
        match info.status.success() {
            true => self.make_by(docker),
            false => missing(&format!("docker does not work here: {}", last_line(&info.stderr))),
        }
    }

    fn make_by(&self, engine: PathBuf) -> Option<Container> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let busybox = program("busybox")?;
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{}-{number}", self.name, std::process::id());
        let root = tempfile::tempdir().expect("a folder can be made");
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
        let copy = |file: &Path, to: &Path| {
            let to = root.path().join(to.strip_prefix("/").unwrap_or(to));
            fs::create_dir_all(to.parent().expect("it is in a folder")).expect("a folder can be made");
            fs::copy(file, to).expect("a file can be copied");
        };
        for folder in ["tmp", "proc", "dev"] {
            fs::create_dir(root.path().join(folder)).expect("a folder can be made");
        }
        copy(&busybox, Path::new("/bin/busybox"));
        for tool in self.tools {
            symlink("busybox", root.path().join("bin").join(tool)).expect("a link can be made");
        }
        if let Some(program) = &self.program {
            copy(program, Path::new("/bin/program"));
            libraries(program).iter().for_each(|library| copy(library, library));
        }
        let container = Container { engine, name };
        let mut tar = Command::new("tar");
        tar.arg("-C").arg(root.path()).args(["-c", "."]).stdout(Stdio::piped());
        let mut tar = tar.spawn().expect("tar(1) is there");
        let archive = tar.stdout.take().expect("it was asked for");
        let mut import = Command::new(&container.engine);
        let import = output(import.args(["import", "-", &container.name]).stdin(archive));
        assert!(import.status.success(), "the image cannot be made: {import:?}");
        assert!(tar.wait().expect("it is a child").success());
        Some(container)
    }
}

/// The shared objects that a program is linked with, its loader among them.
fn libraries(program: &Path) -> Vec<PathBuf> {
    let output = output(Command::new("ldd").arg(program));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().filter(|word| word.starts_with('/')).map(PathBuf::from).collect()
}

/// A container, and its image. Both are removed when it is dropped.
#[derive(Debug)]
pub struct Container {
    /// docker, or podman.
    engine: PathBuf,
    /// The name of both.
    pub name: String,
}

impl Container {
    /// Runs a command of its engine.
    pub fn engine(&self, words: &[&str]) -> Output {
        output(Command::new(&self.engine).args(words))
    }

    /// Runs a command of its engine and returns what it writes.
    ///
    /// # Panics
    /// When it fails.
    pub fn must(&self, words: &[&str]) -> String {
        let output = self.engine(words);
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Its processes, a line each, which begins with `Z` for a process that has exited and is not reaped.
    pub fn processes(&self) -> Vec<String> {
        let columns: &[&str] = match self.engine.ends_with("podman") {
            true => &["state", "pid", "args"],
            false => &["-o", "stat,pid,args"],
        };
        let top = self.must(&[&["top", &self.name], columns].concat());
        top.lines().skip(1).map(str::to_owned).collect()
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = self.engine(&["rm", "--force", &self.name]);
        let _ = self.engine(&["rmi", "--force", &self.name]);
    }
}
