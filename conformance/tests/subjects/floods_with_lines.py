"""Writes lines without end."""

from honest import questions, write

for question in questions():
    while True:
        write(b"working\n" * 8192)
