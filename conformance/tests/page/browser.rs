//! Headless Chromium, driven over its DevTools protocol: one JSON object after the other, each ended by a
//! NUL, on the descriptors 3 and 4 (`--remote-debugging-pipe`).

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A page in a browser of its own.
pub struct Page {
    browser: Child,
    to: std::fs::File,
    from: BufReader<std::fs::File>,
    session: Option<String>,
    id: u64,
    /// What the page logged, threw or asked the network for.
    pub complaints: Vec<String>,
    _profile: TempDir,
}

impl Page {
    /// A browser with an empty page; none where there is no Chromium, which is said.
    ///
    /// # Panics
    /// When Chromium is missing though everything is required, or does not start.
    pub fn start() -> Option<Self> {
        let chromium = signaller_places::program("chromium")?;
        let profile = TempDir::new().unwrap();
        let (their_in, our_out) = nix::unistd::pipe().unwrap();
        let (our_in, their_out) = nix::unistd::pipe().unwrap();
        let mut command = Command::new(chromium);
        command.args(["--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu"]);
        // Root has no sandbox there, and a container may have little shared memory.
        command.args(["--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"]);
        command.arg(format!("--user-data-dir={}", profile.path().display())).arg("about:blank");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let ends = [their_in.as_raw_fd(), their_out.as_raw_fd()];
        for fd in [our_in.as_raw_fd(), our_out.as_raw_fd()] {
            close_on_exec(fd);
        }
        // SAFETY: dup(2) and dup2(2) are async-signal-safe, and nothing else is called.
        unsafe {
            command.pre_exec(move || {
                // Out of the way of 3 and 4 first.
                let moved = ends.map(|fd| libc::fcntl(fd, libc::F_DUPFD, 10));
                let placed = [libc::dup2(moved[0], 3), libc::dup2(moved[1], 4)];
                if placed.contains(&-1) { Err(std::io::Error::last_os_error()) } else { Ok(()) }
            });
        }
        // It ends with its group: a renderer is a process of its own.
        let browser = command.process_group(0).spawn().unwrap();
        drop((their_in, their_out));
        let file = |fd: OwnedFd| std::fs::File::from(fd);
        let (to, from) = (file(our_out), BufReader::new(file(our_in)));
        let mut page =
            Self { browser, to, from, session: None, id: 0, complaints: Vec::new(), _profile: profile };
        let target = page.ask("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        page.session =
            Some(page.ask("Target.attachToTarget", attach)["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            page.ask(&format!("{domain}.enable"), json!({}));
        }
        Some(page)
    }

    /// Asks the browser, and returns its result. What it says meanwhile of the page is kept.
    ///
    /// # Panics
    /// When it refuses, or is gone.
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        self.id += 1;
        let mut message = json!({"id": self.id, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        write!(self.to, "{message}\0").unwrap();
        loop {
            let answer = self.next();
            if answer["id"] == json!(self.id) {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
        }
    }

    fn next(&mut self) -> Value {
        let mut message = Vec::new();
        self.from.read_until(0, &mut message).unwrap();
        assert_eq!(message.pop(), Some(0), "the browser is gone");
        let message: Value = serde_json::from_slice(&message).unwrap();
        let params = &message["params"];
        match message["method"].as_str().unwrap_or_default() {
            "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Log.entryAdded" => {
                self.complaints.push(params.to_string());
            }
            "Network.requestWillBeSent" => {
                let url = params["request"]["url"].as_str().unwrap_or_default();
                if !url.starts_with("file:") && !url.starts_with("data:") {
                    self.complaints.push(format!("asked the network for {url}"));
                }
            }
            _ => {}
        }
        message
    }

    /// Opens a file, and waits until it is loaded.
    pub fn open(&mut self, path: &std::path::Path) {
        self.ask("Page.navigate", json!({"url": format!("file://{}", path.display())}));
        while self.next()["method"] != "Page.loadEventFired" {}
    }

    /// The value of a JavaScript expression.
    ///
    /// # Panics
    /// When it throws.
    pub fn value(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.ask("Runtime.evaluate", params);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Presses and releases a key.
    pub fn press(&mut self, key: &str, code: u32, text: &str) {
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let params =
                json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text});
            self.ask("Input.dispatchKeyEvent", params);
        }
    }

    /// Shows the page on a screen of that width, light or dark.
    pub fn show_on(&mut self, width: u32, scheme: &str) {
        let metrics = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600});
        self.ask("Emulation.setDeviceMetricsOverride", metrics);
        let feature = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.ask("Emulation.setEmulatedMedia", feature);
    }

    /// A picture of the screen, as a PNG file in base64.
    pub fn screenshot(&mut self) -> String {
        let params = json!({"format": "png", "captureBeyondViewport": false});
        self.ask("Page.captureScreenshot", params)["data"].as_str().unwrap().to_owned()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // The group is the browser's own, and it is not reaped yet.
        let group = nix::unistd::Pid::from_raw(self.browser.id() as i32);
        let _ = nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL);
        let _ = self.browser.wait();
    }
}

fn close_on_exec(fd: i32) {
    use nix::fcntl::{FcntlArg, FdFlag, fcntl};
    // SAFETY: the descriptor is open as long as this call lasts.
    let fd = unsafe { std::os::fd::BorrowedFd::borrow_raw(fd) };
    fcntl(fd, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).unwrap();
}
