// What the native savefile reader reports, as errors that name the file, the place in it, and what was expected there.

import { SavefileError, type TapErrorCode } from '../errors.js';
import type { NativeReplayEnd } from '../native/core.js';
import { errnoName } from '../native/failure.js';
import type { SourceEnd } from './packet-source.js';

/** `enum class Outcome` of native/core/savefile/result.h, by number. */
const OUTCOMES = [
  'finished',
  'stopped',
  'not-a-savefile',
  'empty',
  'cut',
  'damaged',
  'read-error',
  'too-many-interfaces',
  'refused',
  'changed',
] as const;

type Outcome = (typeof OUTCOMES)[number];

/** How a replay ended, for a tap. */
export function sourceEndOf(end: NativeReplayEnd): SourceEnd {
  const outcome = OUTCOMES[end.outcome] ?? 'damaged';
  if (outcome === 'finished' || outcome === 'stopped') return { reason: outcome };
  return { reason: 'failed', error: savefileError(outcome, end) };
}

function savefileError(outcome: Outcome, end: NativeReplayEnd): SavefileError {
  const { path, byteOffset, detail } = end;
  const file = path === '-' ? 'standard input' : path;
  const fail = (code: TapErrorCode, message: string) => new SavefileError(code, message, { path, byteOffset });
  switch (outcome) {
    case 'not-a-savefile':
      return fail('ERR_TAP_NOT_A_SAVEFILE', `${file}: not a pcap or pcapng file: ${detail}`);
    case 'empty':
      return fail('ERR_TAP_EMPTY_SAVEFILE', `${file}: the file is empty, not even a file header is in it`);
    case 'cut':
      return fail('ERR_TAP_CUT_SAVEFILE', `${file}: the file is cut short at byte ${byteOffset}: ${detail}`);
    case 'read-error':
      return readError(file, end);
    case 'too-many-interfaces':
      return fail('ERR_TAP_DAMAGED_SAVEFILE', `${file}: more interfaces than a ring can name, at byte ${byteOffset}`);
    case 'changed':
      return fail('ERR_TAP_SAVEFILE_CHANGED', `${file}: the file changed while it was followed: ${detail}`);
    default:
      return fail('ERR_TAP_DAMAGED_SAVEFILE', `${file}: the file is damaged at byte ${byteOffset}: ${detail}`);
  }
}

function readError(file: string, { path, errno, byteOffset }: NativeReplayEnd): SavefileError {
  return readFailure(file, { path, byteOffset, errno: errnoName(errno) });
}

/** A file that can't be opened or read. `file` is what people call it, `errno` the kernel's name for the reason. */
export function readFailure(
  file: string,
  { path, errno, byteOffset }: { path: string; errno: string; byteOffset: number },
): SavefileError {
  if (errno === 'ENOENT') return new SavefileError('ERR_TAP_NO_FILE', `${file}: no such file`, { path, errno });
  if (errno === 'EACCES')
    return new SavefileError('ERR_TAP_PERMISSION', `${file}: no permission to read it`, { path, errno });
  if (errno === 'EMFILE') {
    const message = `${file}: too many files at once: raise the limit (\`ulimit -n\`) or merge fewer`;
    return new SavefileError('ERR_TAP_SYSTEM', message, { path, errno });
  }
  const what = errno === 'EISDIR' ? 'is a directory' : `read failed: ${errno}`;
  return new SavefileError('ERR_TAP_NO_FILE', `${file}: ${what}`, { path, errno, byteOffset });
}
