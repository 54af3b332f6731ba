#!/bin/sh
# A signaller as a shell command, run once a call: status 0 says delivered, 3 says exited, any other is an error
# with its message on standard error. Right in dash, bash, busybox, mksh, zsh, yash, ksh93, and in shells that
# run toybox's, util-linux's or procps's kill.
#
#     signaller-conformance check command -- sh signaller.sh '{leader_pid}' '{signal_name}'
leader_pid=$1
signal_name=$2

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

# The name comes first: after the look-up of the group a misspelt name would come out as "exited". And it goes no
# further than this: kill is given one of these four words, not the argument.
case $signal_name in
SIGTERM) name=TERM ;;
SIGKILL) name=KILL ;;
SIGINT) name=INT ;;
SIGHUP) name=HUP ;;
*) fail "unknown signal name '$(printf %s "$signal_name" | LC_ALL=C tr -c ' -~' '?')'" ;;
esac

# 2 to 2147483647, digit by digit: mksh reckons with 32 bits, where 4294967297 is 1. -0 would be this script's own
# group, -1 every process, and so is -01.
case $leader_pid in
'' | *[!0-9]* | 0* | 1 | ???????????*) valid=no ;;
1????????? | 20???????? | 21[0-3]??????? | 214[0-6]?????? | 2147[0-3]????? | 21474[0-7]???? | 214748[0-2]???) valid=yes ;;
2147483[0-5]?? | 21474836[0-3]? | 214748364[0-7]) valid=yes ;;
??????????) valid=no ;;
*) valid=yes ;;
esac
[ $valid = yes ] || fail "no group for $signal_name has the leader pid '$leader_pid'"

# The kill of ksh93 sends SIGCONT behind the signal, which wakes stopped members. The one in the path does not.
case ${KSH_VERSION-} in
*93*) run_kill() { env kill "$@"; } ;;
*) run_kill() { kill "$@"; } ;;
esac

# No spelling is right for every kill; procps's takes -TERM -12345 for -TERM -1, which is everybody. A trial on this
# shell itself with signal 0, which sends nothing, tells which spelling is right.
if run_kill -0 -- $$ 2>/dev/null; then
    signal_group() { run_kill "-$1" -- "-$2"; }
elif run_kill -s 0 -- $$ 2>/dev/null; then
    signal_group() { run_kill -s "$1" -- "-$2"; } # dash
elif run_kill -0 $$ 2>/dev/null; then
    signal_group() { run_kill "-$1" "-$2"; } # busybox
else
    fail "could not send $signal_name to group $leader_pid: there is no kill here"
fi

told=$(signal_group $name "$leader_pid" 2>&1) && exit 0

# Every kill has status 1 for "no such process" and for "not permitted". Only the words behind the last number
# differ, and these differ from kill to kill and from language to language: so they are compared with what this
# kill says of a group that cannot be, since no kernel gives ids above 4194304.
nobody=$(signal_group 0 2147483647 2>&1)
[ "${told##*[0-9]}" = "${nobody##*[0-9]}" ] && exit 3
fail "could not send $signal_name to group $leader_pid: $told"
