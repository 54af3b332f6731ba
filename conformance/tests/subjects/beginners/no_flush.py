"""Right in all but one: print() keeps what it writes in a buffer, since standard output is a pipe."""

import json
import os
import signal
import sys

SIGNALS = {name: signal.Signals[name] for name in ("SIGTERM", "SIGKILL", "SIGINT", "SIGHUP")}

for line in sys.stdin:
    question = json.loads(line)
    name, leader_pid = question["signal_name"], question["leader_pid"]
    answer = {"id": question["id"]}
    try:
        if name not in SIGNALS or not 2 <= leader_pid < 2**31:
            raise ValueError(f"cannot send {name!r} to {leader_pid}")
        os.killpg(leader_pid, SIGNALS[name])
        answer["ok"] = True
    except ProcessLookupError:
        answer["ok"] = False
    except (OSError, ValueError) as cause:
        answer["err"] = str(cause)
    print(json.dumps(answer))
