"""Writes without end, and never a line end."""

from honest import questions, write

for question in questions():
    while True:
        write(b"." * 65536)
