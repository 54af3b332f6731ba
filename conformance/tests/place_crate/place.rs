//! A signaller of a container, which acts there as an ordinary user. Each case is a test.

use process_groups::DockerSignaller;
use signaller_conformance::Suite;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let container = std::env::var("CONTAINER").expect("the test that starts this names a container");
    let place = format!("docker:1000@{container}");
    Suite::of(move || DockerSignaller::new(&container)?.user("1000"))
        .authority(&place)
        .disposable()
        .timeout(Duration::from_secs(20))
        .main()
}
