# A signaller that holds one shell where the groups are: a call is then a line each way, not a new connection. It speaks
# the stdio form and runs on the remote host, in any shell whose own kill takes `-TERM -PG` (not procps's /bin/kill).
#
#     signaller-conformance check --testbed 'docker exec -i my-box' --disposable stdio -- \
#       sh -c 'exec docker exec -i my-box sh -c "$(cat held_shell.sh)"'
#     signaller-conformance check --testbed 'ssh my-host' stdio -- sh -c 'exec ssh my-host "$(cat held_shell.sh)"'
answer() { printf '{"id":%s,%s}\n' "$id" "$1"; }
while IFS= read -r line; do
    id=${line#*\"id\":} leader_pid=${line#*\"leader_pid\":} signal_name=${line#*\"signal_name\":\"}
    id=${id%%[!0-9]*} leader_pid=${leader_pid%%[!0-9]*} signal_name=${signal_name%\"\}}
    case $signal_name in
    SIGTERM | SIGKILL | SIGINT | SIGHUP) ;;
    *) # It is still escaped, as JSON wants it. Escaped once more it can be printed, and goes back into JSON.
        answer "\"err\":\"unknown signal name $(printf %s "$signal_name" | sed 's/[\\"]/\\&/g')\""
        continue
        ;;
    esac
    if [ "${#leader_pid}" -gt 10 ] || [ "$leader_pid" -lt 2 ] || [ "$leader_pid" -gt 2147483647 ]; then
        answer "\"err\":\"$signal_name: no group has the leader pid $leader_pid\""
    else
        # A word of its own says that it was sent: bash goes on with status 0 where no descriptor is left to read what is told.
        told=$(LC_ALL=C kill "-${signal_name#SIG}" "-$leader_pid" 2>&1 && echo sent)
        case $told in
        *sent) answer '"ok":true' ;;
        *"No such process"*) answer '"ok":false' ;;
        *) answer "\"err\":\"$signal_name to $leader_pid was not sent: it may not be signalled here\"" ;;
        esac
    fi
done
