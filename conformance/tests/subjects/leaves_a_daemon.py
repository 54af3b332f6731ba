"""Exits and leaves a daemon that has all of its pipes open and ignores what can be ignored."""

import os
import signal
import sys

from honest import questions

for question in questions():
    if os.fork() == 0:
        os.setsid()
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        while True:
            signal.pause()
    sys.exit(5)
