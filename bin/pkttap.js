#!/usr/bin/env node
// Node opens a command's modules all at once: where few files may be open, it fails before any code of theirs runs.
import { writeSync } from 'node:fs';

try {
  await import('../dist/bundle/cli.js');
} catch (error) {
  if (error?.code !== 'EMFILE' && error?.code !== 'ENFILE') throw error;
  writeSync(2, `pkttap: can't start: ${error.code}: too few files may be open; allow more, as by \`ulimit -n 1024\`\n`);
  process.exitCode = 1;
}
