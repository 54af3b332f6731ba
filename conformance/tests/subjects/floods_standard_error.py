"""Writes to its standard error without end, and answers nothing."""

import os

from honest import questions

for question in questions():
    while True:
        os.write(2, b"retrying\n" * 8192)
