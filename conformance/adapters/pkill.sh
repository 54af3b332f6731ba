# pkill -g: by its manual status 1 says that no process matched, or that none could be signalled, and 2 or 3 an error.
pkill "-${2#SIG}" -g "$1" && exit 0
case $? in
1) exit 3 ;;
esac
printf 'pkill failed with %s' "$2" | LC_ALL=C tr -c ' -~' '?' >&2
exit 1
