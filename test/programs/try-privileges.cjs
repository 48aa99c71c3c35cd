// Loaded into a process with --require: at SIGUSR2 it tries what nobody who got hold of the process may do, from within, and
// prints how each went as a line of JSON on standard error.

const { spawnSync } = require('node:child_process');
const { createSocket } = require('node:dgram');
const { openSync, writeFileSync } = require('node:fs');
const { connect } = require('node:net');

function attempt(work) {
  try {
    return String(work() ?? 'done');
  } catch ({ code }) {
    return code;
  }
}

function failureOf(emitter) {
  return new Promise((resolve) => {
    emitter.on('error', ({ code }) => resolve(code));
    emitter.on('connect', () => resolve('done'));
    emitter.on('listening', () => resolve('done'));
  });
}

process.on('SIGUSR2', async () => {
  const report = {
    'open a file of root': attempt(() => void openSync('/etc/shadow')),
    'make a file for root': attempt(() => writeFileSync('/etc/pkttap-was-here', '')),
    'start a program': attempt(() => spawnSync('true').error?.code),
    'become root': attempt(() => process.setuid(0)),
    'reach the network': await failureOf(connect(1, '127.0.0.1')),
    'listen on the network': await failureOf(createSocket('udp4').bind(0)),
  };
  process.stderr.write(`tried ${JSON.stringify(report)}\n`);
});
