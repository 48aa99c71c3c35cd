// Runs a program to its end and gives what it wrote: the one way tests call tshark, capinfos, tcpdump and their like.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface RunResult {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: Uint8Array;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Whatever the exit status is. Rejects only when the program can't be started. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const child = spawn(command, args, { cwd: options.cwd, env: { ...process.env, ...options.env } });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A program may stop reading before the input ends; its status says what that means.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
}

/** The program's standard output; throws with its standard error when it fails. */
export async function output(command: string, args: readonly string[], options: RunOptions = {}): Promise<Buffer> {
  const { status, stdout, stderr } = await run(command, args, options);
  if (status !== 0) throw new Error(`${command} failed: status=${status} ${stderr}`);
  return stdout;
}

/** As {@link output}, with a real pipe for standard input: Node gives its children a socket, which tshark refuses. */
export function outputThroughPipe(command: string, args: readonly string[], options: RunOptions): Promise<Buffer> {
  return output('sh', ['-c', 'cat | "$@"', 'sh', command, ...args], options);
}
