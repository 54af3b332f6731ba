"""The first process of a PID namespace: makes groups as it is told, a line each way, and reaps nobody unless told.

Members block the signals that are sent, so that what each has received stays pending and can be read from /proc."""

import ctypes
import os
import signal
import sys
import threading

SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCONT]
GET_OUT = {"x86_64": 60, "aarch64": 93}.get(os.uname().machine)


def fork(group, uid, lives):
    """A child of that user in that group, or the leader of a new one for group 0, once it is as it shall be."""
    ready, say = os.pipe()
    pid = os.fork()
    if pid:
        os.close(say)
        assert os.read(ready, 1), "the child is not ready"
        os.close(ready)
        return pid
    os.setpgid(0, group)
    if uid:
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    lives(lambda: os.write(say, b"."))


def waits(ready):
    ready()
    while True:
        signal.pause()


def waits_in_a_second_thread(ready):
    first = os.getpid()

    def second():
        while True:
            with open(f"/proc/self/task/{first}/stat") as stat:
                if stat.read().rpartition(")")[2].split()[0] == "Z":
                    break
        waits(ready)

    threading.Thread(target=second).start()
    ctypes.CDLL(None).syscall(GET_OUT, 0)


def state(pid):
    try:
        with open(f"/proc/{pid}/status") as status:
            fields = dict(line.rstrip("\n").split(":\t", 1) for line in status)
    except FileNotFoundError:
        return "gone"
    letter = fields["State"][0]
    if letter in "ZX" and fields["Threads"] == "1":
        return "dead"
    pending = int(fields["SigPnd"], 16) | int(fields["ShdPnd"], 16)
    names = [s.name for s in signal.Signals if pending >> (s - 1) & 1]
    return " ".join(["stopped" if letter == "T" else "lives", *names])


def obey(word, numbers):
    if word == "leader":
        return fork(0, numbers[0], waits)
    if word == "member":
        return fork(numbers[0], numbers[1], waits)
    if word == "threads":
        return fork(0, numbers[0], waits_in_a_second_thread)
    if word == "next":
        with open("/proc/sys/kernel/ns_last_pid", "w") as last:
            last.write(str(numbers[0] - 1))
        return "ok"
    pid = numbers[0]
    if word == "state":
        return state(pid)
    if word == "exit":
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    elif word == "reap":
        os.waitpid(pid, 0)
    elif word == "stop":
        os.kill(pid, signal.SIGSTOP)
        os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)
    return "ok"


signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
# As unshared, its group lies outside.
os.setsid()
print("ready", flush=True)
for line in sys.stdin:
    word, *numbers = line.split()
    print(obey(word, [int(number) for number in numbers]), flush=True)
