# An external kill in the everyday spelling, without --: bare_tool.sh PGID NAME KILL… is KILL… -TERM -PGID.
LC_ALL=C
export LC_ALL
leader_pid=$1 signal_name=$2
shift 2
told=$("$@" "-${signal_name#SIG}" "-$leader_pid" 2>&1) && exit 0
case $told in
*[Nn]'o such process'*) exit 3 ;;
esac
printf '%s (%s)' "$told" "$signal_name" | tr -c ' -~' '?' >&2
exit 1
