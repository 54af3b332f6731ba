# Perl's kill of the negated leader pid: nobody signalled is a missing group by errno ESRCH, all else is an error.
use strict;
use warnings;
use Errno qw(ESRCH);
use JSON::PP;

$| = 1;
my $json = JSON::PP->new->utf8->allow_nonref;
while (my $line = <STDIN>) {
    my $question = $json->decode($line);
    my ($id, $pid, $name) = @$question{qw(id leader_pid signal_name)};
    my $sent = eval { kill $name, -$pid };
    my $error = $@ || "$!";
    my $answer =
          $sent                         ? { id => $id, ok  => JSON::PP::true }
        : (defined $sent && $! == ESRCH) ? { id => $id, ok  => JSON::PP::false }
        :                                 { id => $id, err => "$name: $error" =~ s/[^ -~]/?/gr };
    print $json->encode($answer), "\n";
}
