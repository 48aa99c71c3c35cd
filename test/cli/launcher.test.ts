// What happens before any command runs.

import { expect, it } from 'vitest';
import { makeTapFolder, PKTTAP } from '../support/pkttap.js';

/** Opens as many files as the process may, and closes one: enough for a module at a time, not for several at once. */
const LEAVE_ONE = `import { closeSync, openSync } from 'node:fs';
const opened = [];
try {
  for (;;) opened.push(openSync('/dev/null'));
} catch {
  closeSync(opened.pop());
}`;

it('says in a line that too few files may be open to start', async () => {
  const preload = `data:text/javascript,${encodeURIComponent(LEAVE_ONE)}`;
  const folder = makeTapFolder();
  const script = 'ulimit -n 64; exec node --import "$1" "$2" list';
  const { status, stdout, stderr } = await folder.spawn('bash', ['-c', script, '-', preload, PKTTAP]).ended;
  expect(stderr).toMatch(/^pkttap: can't start: EMFILE: .*`ulimit -n 1024`\n$/);
  expect([status, stdout.toString()]).toEqual([1, '']);
});
