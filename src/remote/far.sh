# What the shell at the remote host runs. Two lines that set `a` and `b` stand before it.
#
# Every answer begins with both joined, which nobody sends: an echo of what it was sent is no answer.
#
#   TOKEN ready BOOT LIFE     kill works; which boot of the machine this is, and when its first process began
#   TOKEN unable REASON       it does not
#   request   N NAME PID PID ... .
#   answer    N C:PID C:PID ... .     C is d delivered, x exited, e neither; before it, for each e, N why PID TEXT
if [ -n "${ZSH_VERSION-}" ]; then emulate sh; fi
LC_ALL=C
export LC_ALL
t=$a$b
newline='
'
blanks=" $newline"
IFS=$blanks
# No kernel gives ids as large. It begins with 1 and another digit: procps 4.0.2 reads `-0 -1999999999` as `-0 -1`,
# which succeeds, and is found out so.
nobody=1999999999

unable() {
    echo "$newline$t unable $1"
    exit 1
}

# The kill of ksh93 sends SIGCONT behind the signal, which wakes stopped members. The one in the path does not.
kill=kill
if (eval '[ -n "${.sh.version}" ]') 2>/dev/null; then
    kill=$(whence -p kill) || unable 'its shell is ksh93, whose own kill continues stopped processes, and there is no other'
fi

# No spelling is right for every kill. Signal 0 sends nothing: a spelling works that finds this shell, and does not
# find a group that cannot be.
works() { "$kill" "$@" "$$" && ! "$kill" "$@" "-$nobody"; }
if works -0 -- 2>/dev/null; then
    send() { "$kill" "-$1" -- "-$2"; }
elif works -s 0 -- 2>/dev/null; then
    send() { "$kill" -s "$1" -- "-$2"; } # dash
elif works -0 2>/dev/null; then
    send() { "$kill" "-$1" "-$2"; } # busybox
else
    unable 'no spelling of its kill signals a process group'
fi

# Every kill has status 1 for "no such process" and for "not permitted". Only the words behind the last digit differ,
# from kill to kill: they are compared with those for the group that cannot be.
gone=$(send 0 $nobody 2>&1)
gone=${gone##*[0-9]}
[ -n "$gone" ] || unable 'its kill does not say why it fails'

# /proc is believed when it is that of this PID namespace, and hides nobody.
name_ends=') '
proc= hides=
{
    while read -r device place kind flags rest; do
        case $place:$kind:$flags in
        /proc:*hidepid=*) hides=yes ;;
        /proc:proc:*) proc=yes ;;
        esac
    done </proc/mounts
    read -r stat </proc/self/stat
} 2>/dev/null
case $hides$stat in "$$ "*) ;; *) proc= ;; esac

# What changes when the container, or the machine, is started again.
boot= life=
{
    read -r boot </proc/sys/kernel/random/boot_id
    read -r stat </proc/1/stat && set -- ${stat##*"$name_ends"} && life=${20}
} 2>/dev/null

# Whether the leader of group $1 is there and has not exited.
leads() {
    read -r stat <"/proc/$1/stat" || return 1
    case ${stat##*"$name_ends"} in [ZXx]*) return 1 ;; esac
} 2>/dev/null

# Whether a member of group $1 is found without a look at everybody, which takes a while where there are thousands: one
# that was found before, or a child of the leader, which mostly has one of the next pids.
survivors=' '
survives() {
    known=
    case $survivors in *" $1:"*) known=${survivors#*" $1:"} ;; esac
    for one in ${known%% *} $(($1 + 1)) $(($1 + 2)) $(($1 + 3)) $(($1 + 4)); do
        [ -e "/proc/$one/cwd" ] && read -r stat <"/proc/$one/stat" || continue
        set -- "$1" ${stat##*"$name_ends"}
        case $4:$2 in "$1":[!ZXx]) return 0 ;; esac
    done
    return 1
} 2>/dev/null

# Notes the process of this line of /proc/PID/stat if it is a member of a group in $later.
note() {
    pid=${1%% *}
    set -- ${1##*"$name_ends"}
    case $later in *" $3 "*) ;; *) return ;; esac
    # A first thread that has ended is shown as Z, too: the process lives while another thread does.
    case $1:${18} in
    [ZXx]:[01]) dead="$dead$3:$pid " ;;
    *)
        live="$live$3 "
        case $pid in *[!0-9]*) ;; *) survivors=" $3:$pid$survivors" ;; esac
        ;;
    esac
}

# Looks at every process. One that is there and cannot be read makes it blind. The name of a process may hold anything,
# line ends too; what counts comes behind its last parenthesis.
walk() {
    live=' ' dead=' ' blind=
    [ ${#survivors} -lt 20000 ] || survivors=' '
    # Without blanks at its ends, and with bars between.
    groups=${later# }
    IFS=' '
    set -- $groups
    IFS='|'
    groups="$*"
    lines=$(grep -h -E "[)] [A-Za-z] [0-9]+ ($groups) " /proc/[0-9]*/stat)
    looked=$?
    set -f
    IFS=$newline
    for stat in $lines; do
        IFS=$blanks
        note "$stat"
    done
    IFS=$blanks
    set +f
    case $looked in
    0 | 1) return ;;
    esac
    # Some have gone meanwhile, or cannot be read; or there is no grep, and all are read byte by byte.
    for file in /proc/[0-9]*/stat; do
        case $looked in
        12[67]) read -r stat <"$file" ;;
        *) [ -r "$file" ] ;;
        esac
        case $?:$looked in
        0:12[67]) case $stat in *"$name_ends"?' '*) note "$stat" ;; *) blind=yes ;; esac ;;
        0:*) ;;
        *) [ ! -e "$file" ] || blind=yes ;;
        esac
    done
} 2>/dev/null

# Those of the dead in $2 that belong to group $1.
dead_of() {
    found=
    for one in $2; do
        case $one in "$1":*) found="$found $one" ;; esac
    done
}

answer() { answers="$answers$1:$2 "; }

# Sends $name to group $1; 0 reaches nobody, and fails as the others do. Nothing was sent if that fails, so that it is sent again to have the reason.
deliver() {
    if send "$name" "$1" 2>/dev/null || text=$(send "$name" "$1" 2>&1); then
        return 0
    fi
    if [ "${text##*[0-9]}" = "$gone" ]; then
        answer x "$1"
    else
        # An echo may take a backslash for more than itself.
        case $text in *[\\$newline]*) text='kill says something unreadable' ;; esac
        echo "$newline$t $n why $1 $text"
        answer e "$1"
    fi
    return 1
}

serve() {
    while read -r n name pids; do
        # Part of a line, as a cut connection leaves it, ends the loop. Nothing but these words and digits goes any further.
        case $name in TERM | KILL | INT | HUP | 0) ;; *) exit 1 ;; esac
        case $pids in *[!0-9\ ]*.) exit 1 ;; *' .') pids=${pids% .} ;; *) exit 1 ;; esac
        answers= later=' '
        for pid in $pids; do
            # A process that has exited has no working folder. So one stat(2) finds a leader that lives; shells read a file
            # byte by byte, which takes ten times as long as all the rest.
            case $pid in 0* | 1 | ???????????*) exit 1 ;; esac
            if [ -z "$proc" ] || [ -e "/proc/$pid/cwd" ] || ! send 0 "$pid" 2>/dev/null ||
                leads "$pid" || survives "$pid"; then
                if deliver "$pid"; then answer d "$pid"; fi
            else
                later="$later$pid "
            fi
        done
        # Their leader has exited. A member that has not is found by a look before the signal is sent: afterwards it may
        # have died of it. One that was forked meanwhile, and so missed, is found by a look afterwards, or has exited by
        # then, and then the dead are not the same ones.
        if [ "$later" != ' ' ]; then
            walk
            lived=$live died=$dead unsure=$blind doubtful=
            for pid in $later; do
                deliver "$pid" || continue
                dead_of "$pid" "$died"
                case $lived in *" $pid "*) found= ;; esac
                if [ -n "$found" ] && [ -z "$unsure" ]; then doubtful="$doubtful $pid"; else answer d "$pid"; fi
            done
            [ -z "$doubtful" ] || walk
            for pid in $doubtful; do
                dead_of "$pid" "$died"
                before=$found
                dead_of "$pid" "$dead"
                case $live in *" $pid "*) found= ;; esac
                if [ "$before" = "$found" ] && [ -z "$blind" ]; then answer x "$pid"; else answer d "$pid"; fi
            done
        fi
        echo "$newline$t $n $answers."
    done
}

# Some shells read their script by the block: whoever hears this may send, since the script has been read to its end.
{ echo "$newline$t ready ${boot:--} ${life:--}"; serve; exit; }
