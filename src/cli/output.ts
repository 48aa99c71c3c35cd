// Standard output for text: waits for whoever reads it. A reader that has gone is a reason to finish, not an error; a disk
// that is full is one.

import { TapError } from '../errors.js';

let failure: NodeJS.ErrnoException | undefined;

process.stdout.on('error', (error) => {
  failure ??= error;
});

/** Writes text and waits until it is on its way. False: nobody reads any more. Throws ERR_TAP_UNWRITABLE. */
export async function print(text: string | Uint8Array): Promise<boolean> {
  if (failure === undefined) await written(text);
  if (failure === undefined) return true;
  const { code: errno = '' } = failure;
  // A pipe says EPIPE, a socket either.
  if (errno === 'EPIPE' || errno === 'ECONNRESET') return false;
  const message = `can't write to standard output: write ${errno}`;
  throw new TapError('ERR_TAP_UNWRITABLE', message, { errno, syscall: 'write', cause: failure });
}

function written(text: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, (error) => {
      failure ??= error ?? undefined;
      resolve();
    });
  });
}
