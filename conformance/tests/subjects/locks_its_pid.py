"""Right, but for a line on its output where another program that runs has its pid: the JVM warns like that of its own files."""

import fcntl
import os
import runpy
import sys

folder, example = sys.argv[1:]
lock = open(os.path.join(folder, str(os.getpid())), "w")
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    print(f"warning: the file of pid {os.getpid()} is in use", flush=True)
runpy.run_path(example, run_name="__main__")
