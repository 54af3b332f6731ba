"""Python's os.killpg, as it is used: a missing group is ProcessLookupError, all else is an error."""

import json
import os
import signal
import sys

for line in sys.stdin:
    question = json.loads(line)
    answer = {"id": question["id"]}
    try:
        os.killpg(question["leader_pid"], signal.Signals[question["signal_name"]])
        answer["ok"] = True
    except ProcessLookupError:
        answer["ok"] = False
    except Exception as error:
        answer["err"] = f"{question['signal_name']!r}: {error}"
    print(json.dumps(answer), flush=True)
