// What the machine allows at best: floor.c, compiled where there is a compiler.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Microseconds there and back, as text: by a socket between processes that sleep, and by memory between processes that don't.
 *
 * @param {readonly number[]} sizes in bytes
 * @returns {{ socket: string, memory: string }[] | undefined} undefined without a compiler
 */
export function measureFloor(sizes) {
  const folder = mkdtempSync(join(tmpdir(), 'pkttap-bench-'));
  const program = join(folder, 'floor');
  try {
    execFileSync('cc', ['-O2', '-o', program, fileURLToPath(new URL('floor.c', import.meta.url))]);
    return sizes.map((size) => {
      const [socket, memory] = execFileSync(program, [String(size)], { encoding: 'utf8' })
        .trim()
        .split('\n');
      return { socket, memory };
    });
  } catch (error) {
    process.stderr.write(`bench: channel: no floor: ${error}\n`);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
