"""What a subject of this folder does rightly, beside the one thing that it does wrong."""

import json
import os
import signal
import sys

SIGNALS = {
    "SIGTERM": signal.SIGTERM,
    "SIGKILL": signal.SIGKILL,
    "SIGINT": signal.SIGINT,
    "SIGHUP": signal.SIGHUP,
}


def questions():
    """Each question, as it is asked."""
    for line in sys.stdin.buffer:
        yield json.loads(line)


def answer(question):
    """The right answer to a question about a leader pid that is valid, after the signal was sent."""
    number = SIGNALS.get(question["signal_name"])
    if number is None:
        return {"id": question["id"], "err": "unknown signal name " + ascii(question["signal_name"])}
    try:
        os.killpg(question["leader_pid"], number)
    except ProcessLookupError:
        return {"id": question["id"], "ok": False}
    return {"id": question["id"], "ok": True}


def say(line):
    """Writes a line: of bytes, of text, or an answer."""
    if isinstance(line, dict):
        line = json.dumps(line)
    if isinstance(line, str):
        line = line.encode()
    write(line + b"\n")


def write(data):
    """Writes bytes, all of them, at once."""
    while data:
        data = data[os.write(1, data):]


def only_in_the_sandbox():
    """Ends the program unless the first process here is the suite's own: nothing in there reaches out."""
    with open("/proc/1/cmdline", "rb") as words:
        if words.read().split(b"\0")[1:2] != [b"__sandbox"]:
            sys.exit("this subject signals processes that are not its own: it runs in the suite's sandbox only")
