//! The command line of the conformance suite.
fn main() {
    use signaller_conformance::*;
    let mut args = std::env::args().skip(1);
    let first = args.next().unwrap_or_default();
    if let Some(role) = roles::Role::of(&first) {
        roles::play(role, args.collect());
        return;
    }
    let slots = std::sync::Arc::new(runner::slots::Slots::new(2));
    let settings = bed::Settings {
        subject: subject::Subject::local(),
        registry: None,
        timeout: std::time::Duration::from_secs(5),
        seed: 1,
        sandboxed: true,
        testbed: None,
        slots,
    };
    let cases = cases::catalogue().unwrap();
    let (results, remarks) = runner::run(&cases.iter().collect::<Vec<_>>(), &settings, 2, &|_| ());
    println!("{results:#?} {remarks:#?}");
}
