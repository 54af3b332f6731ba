#!/bin/sh
# Writes to its standard error without end.
exec yes working >&2
