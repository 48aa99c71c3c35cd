// Receives a descriptor when this process can't have any more: receive-at-limit.js FOLDER. Says as JSON what came of it and
// whether any descriptor stayed open.

import { closeSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { core } from '../../dist/native/core.js';
import { fillTable } from './fill-table.js';

const native = core();
const path = join(process.argv[2], 'a.sock');
const listener = native.listen(path, 0o600);
const sender = native.connect(path);
const receiver = native.accept(listener);
const buffer = new Uint8Array(16);
readdirSync('/proc/self/fd');

const before = readdirSync('/proc/self/fd').length;
native.send(sender, Uint8Array.of(1, 2, 3), [listener]);
native.send(sender, Uint8Array.of(4, 5), []);
const filler = fillTable();
const outcome = {};
try {
  native.receive(receiver, buffer, 2);
} catch ({ errno, syscall }) {
  Object.assign(outcome, { errno, syscall });
}
outcome.next = native.receive(receiver, buffer, 2);
for (const fd of filler) closeSync(fd);
outcome.leaked = readdirSync('/proc/self/fd').length - before;
process.stdout.write(`${JSON.stringify(outcome)}\n`);
