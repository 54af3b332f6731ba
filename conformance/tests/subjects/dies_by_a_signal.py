"""Is ended by a signal in the midst of an answer."""

import os
import signal

from honest import questions, write

for question in questions():
    write(b'{"id":%d,' % question["id"])
    os.kill(os.getpid(), signal.SIGABRT)
