// Node.js' process.kill of the negated leader pid: ESRCH is a missing group, all else is an error.
const lines = require("node:readline").createInterface({ input: process.stdin });

lines.on("line", line => {
  const { id, leader_pid, signal_name } = JSON.parse(line);
  let answer;
  try {
    process.kill(-leader_pid, signal_name);
    answer = { id, ok: true };
  } catch (error) {
    answer = error.code === "ESRCH" ? { id, ok: false } : { id, err: JSON.stringify(`${signal_name}: ${error.message}`) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
});
