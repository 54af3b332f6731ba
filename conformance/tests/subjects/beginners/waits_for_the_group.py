"""Right in all but one: it returns only when the group has exited."""

import json
import os
import signal
import sys
import time

SIGNALS = {name: signal.Signals[name] for name in ("SIGTERM", "SIGKILL", "SIGINT", "SIGHUP")}


def wait_for_exit(leader_pid):
    while True:
        try:
            os.killpg(leader_pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)


for line in sys.stdin:
    question = json.loads(line)
    name, leader_pid = question["signal_name"], question["leader_pid"]
    answer = {"id": question["id"]}
    try:
        if name not in SIGNALS or not 2 <= leader_pid < 2**31:
            raise ValueError(f"cannot send {name!r} to {leader_pid}")
        os.killpg(leader_pid, SIGNALS[name])
        wait_for_exit(leader_pid)
        answer["ok"] = True
    except ProcessLookupError:
        answer["ok"] = False
    except (OSError, ValueError) as cause:
        answer["err"] = str(cause)
    print(json.dumps(answer), flush=True)
