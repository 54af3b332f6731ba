# fish has no kill of its own and runs the system's: kill -TERM -PGID.
set -x LC_ALL C
set -l name (string replace -r '^SIG' '' -- $argv[2])
set -l told (kill -$name -$argv[1] 2>&1)
and exit 0
if string match -qi '*no such process*' -- "$told"
    exit 3
end
echo -n "$argv[2]: $told" | tr -c ' -~' '?' >&2
exit 1
