// What the consumer in C accepts from a tap: the same as everybody else.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { compileProgram } from '../support/c-compiler.js';
import { expectReasons, offerMemory } from '../support/offered-memory.js';
import { testFolder } from '../support/taps.js';

describe('the consumer in C', () => {
  it('maps memory only if it is sealed and shaped as it must be', async () => {
    const program = await compileProgram('map-memory.c', testFolder(), ['-g', '-fsanitize=address,undefined']);
    const refused = await offerMemory(async (kind, fd) => {
      const child = spawn(program, [kind.split(' ')[0]!], { stdio: ['ignore', 'pipe', 'inherit', fd] });
      let said = '';
      child.stdout!.on('data', (chunk) => {
        said += chunk;
      });
      expect(await once(child, 'close')).toEqual([0, null]);
      return said || undefined;
    });
    expectReasons(refused);
  });
});
