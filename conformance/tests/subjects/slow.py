"""A correct signaller that takes its time and serves one call at a time: slow.py ANSWER_MS START_MS."""

import json
import sys
import time

from honest import answer, questions

answer_ms, start_ms = (int(word) for word in sys.argv[1:3])


def right_answer(question):
    try:
        if 2 <= question["leader_pid"] <= 2**31 - 1:
            return answer(question)
        cause = "no group has that leader pid"
    except OSError as error:
        cause = error.strerror
    return {"id": question["id"], "err": f"{ascii(question['signal_name'])} was not sent: {cause}"}


# Slowness is what this subject is for; nothing is waited for here.
time.sleep(start_ms / 1000)
for question in questions():
    time.sleep(answer_ms / 1000)
    print(json.dumps(right_answer(question)), flush=True)
