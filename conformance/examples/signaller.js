#!/usr/bin/env node
// A signaller for Node.js that speaks the stdio form: a question a line in, an answer a line out.
//
//     signaller-conformance check stdio -- node signaller.js
'use strict';

// A Set, not an object: an object also has "constructor" and "toString". And process.kill() is not asked, since
// it takes '' for SIGTERM, and numbers.
const SIGNALS = new Set(['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGHUP']);
const LARGEST_PID = 2 ** 31 - 1;

/** The text in quotation marks and plain ASCII: JSON.stringify() leaves DEL and U+202E as they are. */
function printable(text) {
  const escape = (unit) => '\\u' + unit.charCodeAt(0).toString(16).padStart(4, '0');
  return JSON.stringify(text).replace(/[^ -~]/g, escape);
}

/**
 * Returns true when the signal was delivered and false when the group has exited. Throws for everything else, so
 * that whoever asked keeps the group on its list.
 */
function signalGroup(leaderPid, signalName) {
  // The name comes first. After the look-up of the group a misspelt name would come out as "exited".
  if (!SIGNALS.has(signalName)) {
    throw new Error(`unknown signal name ${printable(signalName)}`);
  }
  // -0 is this program's own group, and -1 is every process there is.
  if (!(leaderPid >= 2 && leaderPid <= LARGEST_PID)) {
    throw new Error(`no group for ${signalName} has the leader pid ${leaderPid}`);
  }
  try {
    process.kill(-leaderPid, signalName);
    return true;
  } catch (cause) {
    // ESRCH alone means "exited". EPERM is an error: that group lives.
    if (cause.code === 'ESRCH') return false;
    throw new Error(`could not send ${signalName} to group ${leaderPid}: ${cause.message}`);
  }
}

/** The answer to one question. It bears the question's id, so that answers may come in any order. */
function answer({ id, leader_pid: leaderPid, signal_name: signalName }) {
  try {
    return { id, ok: signalGroup(leaderPid, signalName) };
  } catch (cause) {
    return { id, err: cause.message };
  }
}

// Not the module readline: for it a line also ends at U+2028, which JSON leaves unescaped within a string.
let unfinished = '';
process.stdin.setEncoding('utf8').on('data', (chunk) => {
  const lines = (unfinished + chunk).split('\n');
  unfinished = lines.pop();
  for (const line of lines) {
    process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + '\n');
  }
});
