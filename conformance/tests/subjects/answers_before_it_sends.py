"""Answers at once, and sends the signal from a timer."""

import os
import threading

from honest import SIGNALS, only_in_the_sandbox, questions, say

only_in_the_sandbox()
for question in questions():
    number = SIGNALS[question["signal_name"]]
    threading.Timer(0.3, os.killpg, [question["leader_pid"], number]).start()
    say({"id": question["id"], "ok": True})
