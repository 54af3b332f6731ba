# Ruby's Process.kill of the negated leader pid: Errno::ESRCH is a missing group, all else is an error.
require "json"

$stdout.sync = true
$stdin.each_line do |line|
  question = JSON.parse(line)
  answer = begin
    Process.kill(question["signal_name"], -question["leader_pid"])
    { id: question["id"], ok: true }
  rescue Errno::ESRCH
    { id: question["id"], ok: false }
  rescue StandardError => error
    { id: question["id"], err: "#{question["signal_name"]}: #{error.message}".inspect }
  end
  puts JSON.generate(answer)
end
