// The worker threads of analyze, seen from the main thread: each with what it says, until it has ended, however that comes.

import { Worker } from 'node:worker_threads';
import { leaveFor } from '../analyzer/state/shared-state.js';
import type { FromWorker, ToWorker, WorkerTask } from './analyze-messages.js';
import { failureOf } from './failure.js';

/** One worker. */
export class CrewMember {
  readonly #worker: Worker;
  readonly #waiting: FromWorker[] = [];
  #hasEnded = false;
  #wake = () => {};

  /** Starts it. */
  constructor(task: WorkerTask) {
    this.#worker = new Worker(new URL('./analyze-worker.js', import.meta.url), { workerData: task });
    this.#worker.on('message', (message: FromWorker) => this.#take(message));
    this.#worker.on('error', (error) => this.#take({ type: 'failed', failure: deathOf(error, task) }));
    this.#worker.once('exit', () => {
      leaveFor(task.memory, task.index);
      this.#hasEnded = true;
      this.#wake();
    });
  }

  /** Does nothing once it has ended. */
  tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  /** What it says, until it has ended. An error that nobody foresaw is the last message. */
  async *[Symbol.asyncIterator](): AsyncGenerator<FromWorker> {
    while (!this.#hasEnded || this.#waiting.length > 0) {
      const message = this.#waiting.shift();
      if (message !== undefined) yield message;
      else await this.#untilSomething();
    }
  }

  #take(message: FromWorker): void {
    this.#waiting.push(message);
    this.#wake();
  }

  #untilSomething(): Promise<void> {
    return new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#hasEnded || this.#waiting.length > 0) resolve();
    });
  }
}

function deathOf(error: unknown, { index, of }: WorkerTask) {
  const { message, exitCode } = failureOf(error);
  return { message: `worker ${index} of ${of} has died: ${message}`, exitCode };
}
