# An external kill, named by its words before the placeholders: tool.sh PGID NAME KILL… is KILL… -TERM -- -PGID, which
# is how its manual spells a group. A missing group is told by the words of the error, in the C locale.
LC_ALL=C
export LC_ALL
leader_pid=$1 signal_name=$2
shift 2
told=$("$@" "-${signal_name#SIG}" -- "-$leader_pid" 2>&1) && exit 0
case $told in
*[Nn]'o such process'*) exit 3 ;;
esac
printf '%s (%s)' "$told" "$signal_name" | tr -c ' -~' '?' >&2
exit 1
