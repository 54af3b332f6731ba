"""Closes its standard output and goes on reading."""

import os

from honest import questions

for question in questions():
    os.close(1)
    break
for question in questions():
    pass
