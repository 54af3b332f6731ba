#!/bin/sh
# Says exited, and leaves a process that has its standard error open.
sleep 1000 </dev/null >/dev/null &
exit 3
