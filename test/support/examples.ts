// The examples as their readers run them: TypeScript compiled against the package, and taps that wait for them.

import { join, resolve } from 'node:path';
import { DEMO_PCAPNG, type Running, type TapFolder } from './pkttap.js';
import { compileAsUser } from './user-typescript.js';

/** The folder of examples. */
export const EXAMPLES = resolve(import.meta.dirname, '../../examples');

/** Compiles examples by name into the folder, from which they see the package; what the compiler had to say. */
export function compileExamples(names: readonly string[], folder: string): Promise<string> {
  const sources = names.map((name) => join(EXAMPLES, `${name}.ts`));
  return compileAsUser(folder, sources, EXAMPLES);
}

/** Replays a capture to `consumers`; resolves when it waits for them. */
export async function replayFor(folder: TapFolder, consumers = 1, path = DEMO_PCAPNG): Promise<Running> {
  const replay = folder.start(['replay', '-t', '--tap', 't', '--wait-for', String(consumers), path]);
  await replay.said(`waiting for ${consumers} consumer`);
  return replay;
}
