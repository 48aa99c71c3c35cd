// Loaded into a process with --require: at SIGUSR2 it tries what nobody who got hold of the process may do, from within, and
// prints how each went as a line of JSON on standard error.

const { spawnSync } = require('node:child_process');
const { createSocket } = require('node:dgram');
const { closeSync, openSync } = require('node:fs');
const { connect } = require('node:net');

function attempt(work) {
  try {
    return String(work() ?? 'done');
  } catch ({ code }) {
    return code;
  }
}

function outcomeOf(emitter) {
  const outcome = new Promise((resolve) => {
    emitter.on('error', ({ code }) => resolve(code));
    for (const success of ['connect', 'listening']) emitter.on(success, () => resolve('done'));
  });
  // Whatever came of it: an open socket would keep the process from ending.
  return outcome.finally(() => (emitter.destroy ?? emitter.close).call(emitter));
}

process.on('SIGUSR2', async () => {
  const report = {
    'open a file of root': attempt(() => closeSync(openSync('/etc/shadow'))),
    'start a program': attempt(() => spawnSync('true').error?.code),
    'become root': attempt(() => process.setuid(0)),
    'reach the network': await outcomeOf(connect(1, '127.0.0.1')),
    'listen on the network': await outcomeOf(createSocket('udp4').bind(0)),
  };
  process.stderr.write(`tried ${JSON.stringify(report)}\n`);
});
