//! What `check --help` says below its options.

/// The text.
pub const AFTER_HELP: &str = "\
Subjects:
  local
      this project's LocalSignaller and ProcessGroups
  docker:[UID@]CONTAINER  podman:[UID@]CONTAINER  kubectl:[NAMESPACE/]POD
  ssh:DESTINATION
      this project's signaller of that place. The groups are made there; a
      container is paused and unpaused for what must hold while it cannot be
      asked. With a UID, the signaller acts as that user, and the groups are
      made as root. --authority names the place for a subject of your own.
  stdio -- PROGRAM ARG…
      a program that stays up and reads one JSON object a line:
        {\"id\":7,\"leader_pid\":4242,\"signal_name\":\"SIGTERM\"}
      It answers each with a line, in any order, until its input ends:
        {\"id\":7,\"ok\":true}     delivered to a live group
        {\"id\":7,\"ok\":false}    the group has exited
        {\"id\":7,\"err\":\"why\"}   permission, look-up or other failure
  command -- PROGRAM ARG…
      a program that is run once a call, with {leader_pid} and {signal_name}
      filled in where its words have them. Exit status 0 is delivered, 3 is
      exited, any other an error with standard error as its message. A plain
      kill cannot say exited: it exits with 1 for that and for \"not permitted\".

Everything runs in a sandbox, a PID namespace of its own: whatever the subject
signals, it reaches nothing else on this machine. Where no sandbox is available,
cases that could harm this machine are skipped, and the report says so.

With --testbed only the subject runs in the sandbox; the groups are made on the
remote host that the command reaches. It needs a POSIX sh with cat and chmod,
and a folder for programs; what is copied there is removed at the end. Cases
that could harm others there run with --disposable only.

With --sever and --restore, the suite cuts the subject's link to the groups,
checks what must hold meanwhile, and that calls work again after that. These
cases run alone, after all others. Both commands must leave the groups alive;
each may take as long as an answer, see --timeout. If one fails, the case is
broken, which is no statement about the subject, and shows what it wrote.

Examples:
  signaller-conformance check local
  signaller-conformance check local --filter '^reports-' --verbose
  signaller-conformance check stdio -- python3 my_signaller.py
  signaller-conformance check command -- ./my-kill {leader_pid} {signal_name}
  signaller-conformance check --testbed 'docker exec -i c1' --disposable \
    command -- ./my-docker-kill c1 {leader_pid} {signal_name}
  signaller-conformance check --authority docker:c1 --disposable \
    command -- ./my-docker-kill c1 {leader_pid} {signal_name}
  signaller-conformance check --disposable docker:c1
  signaller-conformance check --format human --format json --output report.json local
  signaller-conformance check --baseline known.toml --deny-skips local
  signaller-conformance check --filter '^delivers-once/' --repeat 50 local

Case statuses:
  passed        tried, and as the contract says
  failed        tried, and a MUST is broken: the subject's fault
  warned        tried, and a SHOULD is broken: never changes the exit status
  skipped       could not be tried here; the report says what is missing
  inapplicable  means nothing for this subject, by its form or what it declares
  broken        the suite's own set-up failed: no statement about the subject

Exit status:
  0  conformant: every MUST case passed; or incomplete: none failed, but some
     could not be tried here
  1  not conformant: a MUST case failed that no baseline excuses, or something
     that --deny-skips or --deny-warnings rules out; with --baseline also when
     an entry of it no longer applies
  2  the command line is wrong; nothing was run
  3  the suite could not do its work: no statement about the subject; or SIGINT
     or SIGTERM stopped the run before it found a failure. What is known by
     then is reported; the second such signal ends the suite at once

What to read next: `signaller-conformance explain NAME` for each requirement
that the report names.";
