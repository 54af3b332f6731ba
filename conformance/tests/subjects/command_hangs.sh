#!/bin/sh
# Never exits.
exec sleep 1000
