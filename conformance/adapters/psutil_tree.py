"""The recipe of psutil's documentation, "Kill process tree": the leader and its children, one by one."""

import json
import signal
import sys

import psutil


def kill_proc_tree(pid, sig):
    parent = psutil.Process(pid)
    children = parent.children(recursive=True)
    children.append(parent)
    for process in children:
        try:
            process.send_signal(sig)
        except psutil.NoSuchProcess:
            pass


for line in sys.stdin:
    question = json.loads(line)
    answer = {"id": question["id"]}
    try:
        kill_proc_tree(question["leader_pid"], signal.Signals[question["signal_name"]])
        answer["ok"] = True
    except psutil.NoSuchProcess:
        answer["ok"] = False
    except Exception as error:
        answer["err"] = f"{question['signal_name']!r}: {error}"
    print(json.dumps(answer), flush=True)
