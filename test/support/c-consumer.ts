// test/programs/consume.c, running.

import { expect } from 'vitest';
import { makeTapFolder, type Running } from './pkttap.js';

/** What consume.c says at its end. */
export interface Report {
  readonly digest: number;
  readonly packets: number;
  readonly torn: number;
  readonly first: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly missed: number;
  readonly lag: number;
  /** Descriptors that were open when it had left the tap, and not before it came. */
  readonly leaked: number;
  readonly end: string;
  readonly policy: string;
  readonly code: string;
  readonly message: string;
}

/** consume.c, compiled, with its tap and choices. */
export function consume(program: string, directory: string, ...args: readonly string[]): Running {
  return makeTapFolder().spawn(program, args, { env: { PKTTAP_DIR: directory } });
}

/** Once it has ended, in good order as a program. */
export async function reportOf(running: Running): Promise<Report> {
  const { stdout, stderr, status } = await running.ended;
  expect([stderr, status]).toEqual(['', 0]);
  return JSON.parse(stdout.toString().trim().split('\n').at(-1)!) as Report;
}
