// Standard output for text: waits for whoever reads it, and takes a reader that has gone for a reason to finish, not for an error.

let readerGone = false;

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  readerGone = true;
});

/** Writes text and waits until it is on its way. False: nobody reads any more. */
export async function print(text: string): Promise<boolean> {
  if (readerGone) return false;
  if (!process.stdout.write(text)) {
    await new Promise<void>((resolve) => {
      process.stdout.once('drain', resolve);
      process.stdout.once('close', resolve);
      process.stdout.once('error', () => resolve());
    });
  }
  return !readerGone;
}
