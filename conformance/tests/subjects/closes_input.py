"""Closes its standard input and stays."""

import os
import signal

os.close(0)
signal.pause()
