// The recording of `capture -w`: `pkttap attach -w` on our own tap, an ordinary consumer in a process of its own. Whatever
// becomes of it, a full disk, a slow one, a kill, the capture doesn't feel it.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { TapError } from '../errors.js';
import type { FileConditions } from './file-conditions.js';
import { type SavefileOptionFlags, savefileFlagsOf } from './savefile-options.js';

/** What is to be recorded, and how: options of `attach`. */
export interface Recording {
  /** As people named it; `-`: standard output. */
  readonly target: string;
  readonly words: readonly string[];
  /** Whether its end, with all that it was to have, is the tap's. */
  readonly endsTap: boolean;
}

/** How a recording ended; `failure`: why it isn't all that was wanted, such as `exit status 1` or `killed by SIGKILL`. */
export interface RecordingEnd {
  readonly failure?: string;
}

/** The flags without -w: undefined. Throws UsageError for flags that contradict each other. */
export function recordingOf(flags: SavefileOptionFlags & { readonly quiet?: true }): Recording | undefined {
  if (savefileFlagsOf(flags) === undefined) return undefined;
  const { write: target = '', format, ringBuffer, autostop, compress, captureComment = [], quiet } = flags;
  const words = [
    ['-w', target],
    format === undefined ? [] : ['-F', format],
    ...conditionWords('-b', ringBuffer),
    ...conditionWords('-a', autostop),
    compress === undefined ? [] : ['--compress', compress],
    ...captureComment.map((text) => ['--capture-comment', text]),
    quiet ? ['-q'] : [],
  ];
  return { target, words: words.flat(), endsTap: autostop !== undefined };
}

function conditionWords(letter: string, conditions: FileConditions = {}): string[][] {
  return Object.entries(conditions).map(([kind, value]) => [letter, `${kind}:${value}`]);
}

/** A recording that runs. It ends by itself when the tap has ended and all is written, and is never signalled. */
export class Recorder {
  readonly ended: Promise<RecordingEnd>;
  /** Rejects with ERR_TAP_UNWRITABLE at its end, for those to whom that is an error: no packet has come yet. */
  readonly lost: Promise<never>;

  private constructor(recording: Recording, ended: Promise<RecordingEnd>) {
    this.ended = ended;
    this.lost = ended.then((end) => {
      throw cannotBegin(recording, end);
    });
    this.lost.catch(() => {});
  }

  /**
   * Starts it, and waits until nothing that comes from now on will be missing. Throws ERR_TAP_UNWRITABLE if it ends
   * before that, having said why on standard error; or the signal's reason.
   */
  static async start(socket: string, recording: Recording, signal: AbortSignal): Promise<Recorder> {
    const child = spawnAttach(socket, recording);
    const ended = endOf(child);
    // Later there is nothing to tell it: it may belong to root, and this process no longer.
    const stop = () => child.kill();
    signal.addEventListener('abort', stop);
    try {
      // `attach` sends a message once it is attached and its savefile is open.
      const early = await Promise.race([once(child, 'message').then(() => undefined), ended]);
      signal.throwIfAborted();
      if (early !== undefined) throw cannotBegin(recording, early);
    } finally {
      signal.removeEventListener('abort', stop);
      if (child.connected) child.disconnect();
    }
    return new Recorder(recording, ended);
  }
}

/** In a session of its own: a ^C at the terminal is for the capture, which then lets the recorder read to the end. */
function spawnAttach(socket: string, { target, words }: Recording): ChildProcess {
  const [, program = ''] = process.argv;
  const args = [...process.execArgv, program, 'attach', socket, '--name', 'recorder', ...words];
  return spawn(process.execPath, args, {
    detached: true,
    stdio: ['ignore', target === '-' ? 'inherit' : 'ignore', 'inherit', 'ipc'],
  });
}

async function endOf(child: ChildProcess): Promise<RecordingEnd> {
  const [status, signal] = await once(child, 'exit').catch((error: NodeJS.ErrnoException) => [error.code, null]);
  if (status === 0) return {};
  return { failure: signal === null ? `exit status ${status}` : `killed by ${signal}` };
}

function cannotBegin({ target }: Recording, { failure = 'it ended at once' }: RecordingEnd): TapError {
  return new TapError('ERR_TAP_UNWRITABLE', `can't record to ${target}: ${failure} of the process that writes it`, {
    path: target,
  });
}
