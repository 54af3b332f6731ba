# The builtin kill of the shell that runs this, as people write it: kill -TERM -PGID. A careful caller tells a missing
# group by the words of the error, in the C locale; kill itself exits with 1 for everything.
LC_ALL=C
export LC_ALL
told=$(kill "-${2#SIG}" "-$1" 2>&1) && exit 0
case $told in
*[Nn]'o such process'*) exit 3 ;;
esac
printf '%s (%s)' "$told" "$2" | tr -c ' -~' '?' >&2
exit 1
