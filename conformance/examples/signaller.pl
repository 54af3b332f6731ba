#!/usr/bin/env perl
# A signaller in Perl that speaks the stdio form: a question a line in, an answer a line out.
#
#     signaller-conformance check stdio -- perl signaller.pl
use strict;
use warnings;
use JSON::PP ();

# kill() is not asked whether it knows a name: it takes '' and ' SIGTERM' for signal 0, and sends nothing.
my %KNOWN = map { $_ => 1 } qw(SIGTERM SIGKILL SIGINT SIGHUP);
my $LARGEST_PID = 2**31 - 1;

# True when the signal was delivered and false when the group has exited. Dies for everything else, so that
# whoever asked keeps the group on its list.
sub signal_group {
    my ($leader_pid, $signal_name) = @_;

    # The name comes first. After the look-up of the group a misspelt name would come out as "exited".
    if (!$KNOWN{$signal_name}) {
        # Without control characters: the message may be printed on a terminal.
        my $printable = $signal_name =~ s/([^ -~])/sprintf '\\x{%x}', ord $1/ger;
        die "unknown signal name '$printable'\n";
    }

    # -0 is this program's own group, and -1 is every process there is.
    if ($leader_pid < 2 || $leader_pid > $LARGEST_PID) {
        die "no group for $signal_name has the leader pid $leader_pid\n";
    }

    # The name stays positive and the pid becomes negative; "kill -15, $pid" is the other way to say it.
    return JSON::PP::true if kill $signal_name, -$leader_pid;

    # ESRCH alone means "exited". EPERM is an error: that group lives.
    return JSON::PP::false if $!{ESRCH};
    die "could not send $signal_name to group $leader_pid: $!\n";
}

# The answer to one question. It bears the question's id, so that answers may come in any order.
sub answer {
    my ($question) = @_;
    my $ok = eval { signal_group($question->{leader_pid}, $question->{signal_name}) };
    return { id => $question->{id}, ok => $ok } if defined $ok;
    return { id => $question->{id}, err => $@ =~ s/\n\z//r };
}

# The JSON module reads and writes UTF-8 itself, whatever PERL_UNICODE says.
binmode $_ for *STDIN, *STDOUT;
# Each answer is written at once, or it stays in a buffer while whoever asked waits for it.
$| = 1;

while (my $line = <STDIN>) {
    print JSON::PP::encode_json(answer(JSON::PP::decode_json($line))), "\n";
}
