"""Writes a byte at a time, and never comes to an end."""

import time

from honest import questions, write

for question in questions():
    write(b'{"id":')
    while True:
        write(b" ")
        time.sleep(0.005)
