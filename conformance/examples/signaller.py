#!/usr/bin/env python3
"""A signaller in Python that speaks the stdio form: a question a line in, an answer a line out.

    signaller-conformance check stdio -- python3 signaller.py
"""

import json
import os
import signal
import sys

# The names are looked up, never computed: getattr(signal, name) would take "SIG_IGN" or "SIGSTOP" as well.
SIGNALS = {
    "SIGTERM": signal.SIGTERM,
    "SIGKILL": signal.SIGKILL,
    "SIGINT": signal.SIGINT,
    "SIGHUP": signal.SIGHUP,
}
LARGEST_PID = 2**31 - 1


def signal_group(leader_pid, signal_name):
    """Returns True when the signal was delivered and False when the group has exited.

    Raises for everything else, so that whoever asked keeps the group on its list.
    """
    # The name comes first. After the look-up of the group a misspelt name would come out as "exited".
    if signal_name not in SIGNALS:
        # ascii() writes control characters as escapes: the message may be printed on a terminal.
        raise ValueError(f"unknown signal name {ascii(signal_name)}")
    # killpg(0) is this program's own group, and killpg(1) is kill(-1): every process there is.
    if not 2 <= leader_pid <= LARGEST_PID:
        raise ValueError(f"no group for {signal_name} has the leader pid {leader_pid}")
    try:
        os.killpg(leader_pid, SIGNALS[signal_name])
    except ProcessLookupError:
        # ESRCH alone means "exited". PermissionError, its sibling, is an error: that group lives.
        return False
    except OSError as cause:
        raise OSError(f"could not send {signal_name} to group {leader_pid}: {cause.strerror}") from cause
    return True


def answer(question):
    """The answer to one question. It bears the question's id, so that answers may come in any order."""
    try:
        return {"id": question["id"], "ok": signal_group(question["leader_pid"], question["signal_name"])}
    except (ValueError, OSError) as cause:
        return {"id": question["id"], "err": str(cause)}


# Bytes, not text: JSON is UTF-8 whatever the locale says, and a line ends at "\n" and nowhere else.
for line in sys.stdin.buffer:
    # Flushed, or the answer stays in a buffer while whoever asked waits for it.
    print(json.dumps(answer(json.loads(line))), flush=True)
