"""Sends SIGKILL to the group it is in."""

import os
import signal

from honest import only_in_the_sandbox, questions

only_in_the_sandbox()
for question in questions():
    os.kill(0, signal.SIGKILL)
