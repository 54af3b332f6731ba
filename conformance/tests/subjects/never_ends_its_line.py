"""Answers without a line end."""

import json

from honest import answer, questions, write

for question in questions():
    write(json.dumps(answer(question)).encode())
