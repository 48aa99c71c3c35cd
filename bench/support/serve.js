// The other end of support/worker.js: answers the bench's calls in a program of its own.

/** @param {Record<string, (argument: any) => unknown>} methods */
export function serve(methods) {
  process.on('message', async (message) => {
    const { id, method, argument } = /** @type {{ id: number, method: string, argument: object }} */ (message);
    try {
      process.send?.({ id, result: await methods[method](argument) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? error.stack : String(error) });
    }
  });
}
