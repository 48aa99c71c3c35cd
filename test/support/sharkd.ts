// What tshark's dissectors see in many files, by one process: sharkd, which takes file after file. To start a tshark for each
// would take four times as long.

import { spawnSync } from 'node:child_process';
import { output } from './run.js';

/** Why there is none; undefined: there is. */
export const sharkdMissing: string | undefined =
  spawnSync('sharkd', ['--version']).error === undefined ? undefined : 'no sharkd (part of wireshark-common)';
if (sharkdMissing !== undefined) console.warn(`SKIPPED: tests beside tshark's dissectors: ${sharkdMissing}`);

/** Which frames, and which of their fields. */
export interface FrameQuery {
  /** A display filter. */
  readonly filter: string;
  /** A field that a frame has several times is one text, with commas between. */
  readonly fields: readonly string[];
}

/** For each file the fields of the frames that match, in order; undefined where the file can't be read. */
export async function framesBySharkd(
  paths: readonly string[],
  { filter, fields }: FrameQuery,
): Promise<(string[][] | undefined)[]> {
  const columns = Object.fromEntries(fields.map((field, i) => [`column${i}`, `${field}:0`]));
  const requests = paths.flatMap((file, i) => [
    request(2 * i, 'load', { file }),
    // Results are remembered by filter, for the next file as well: each gets a filter of its own.
    request(2 * i + 1, 'frames', { filter: `(${filter}) and frame.number < ${1e9 + i}`, ...columns }),
  ]);
  const text = (await output('sharkd', ['-'], { input: Buffer.from(requests.join('')) })).toString();
  const found: (string[][] | undefined)[] = paths.map(() => undefined);
  const isLoaded = paths.map(() => false);
  for (const { id, result } of text.split('\n').filter(isAnswer).map(parseAnswer)) {
    if (id % 2 === 0) isLoaded[id / 2] = result !== undefined && 'status' in result;
    else if (isLoaded[(id - 1) / 2] && Array.isArray(result)) found[(id - 1) / 2] = result.map(({ c }) => c);
  }
  return found;
}

interface Answer {
  readonly id: number;
  readonly result?: { readonly status: string } | readonly { readonly c: string[] }[];
}

function isAnswer(line: string): boolean {
  return line.startsWith('{');
}

function parseAnswer(line: string): Answer {
  return JSON.parse(line) as Answer;
}

function request(id: number, method: string, params: object): string {
  return `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
}
