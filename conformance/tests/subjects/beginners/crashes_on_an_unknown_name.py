"""Looks the name up with getattr, which raises AttributeError for a name that the module does not have."""

import json
import os
import signal
import sys

for line in sys.stdin:
    question = json.loads(line)
    answer = {"id": question["id"]}
    try:
        if not 2 <= question["leader_pid"] < 2**31:
            raise OSError("no group has this leader pid")
        os.killpg(question["leader_pid"], getattr(signal, question["signal_name"]))
        answer["ok"] = True
    except ProcessLookupError:
        answer["ok"] = False
    except OSError as cause:
        answer["err"] = str(cause)
    print(json.dumps(answer), flush=True)
