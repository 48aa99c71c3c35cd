// What analyze writes to: its events, and perhaps alerts as lines of text. A failure is told once, sets the exit code, and is
// a reason to finish.

import { EventOutput } from './event-output.js';
import { reportAndExitCode } from './failure.js';
import { onReopenSignal } from './signals.js';
import { counted } from './text.js';

/** Where to write. */
export interface OutputFlags {
  readonly write: string;
  readonly fastLog?: string;
}

/** Both outputs. */
export class AnalyzeOutputs {
  readonly #events: EventOutput;
  readonly #fastLog: EventOutput | undefined;
  /** Until the next flush: each on its own would be a system call. */
  readonly #fastLines: string[] = [];

  private constructor(events: EventOutput, fastLog: EventOutput | undefined) {
    this.#events = events;
    this.#fastLog = fastLog;
  }

  /** Throws ERR_TAP_UNWRITABLE. From now on SIGHUP begins files anew, if there are any. */
  static async open({ write, fastLog }: OutputFlags): Promise<AnalyzeOutputs> {
    const events = await EventOutput.open(write);
    const outputs = new AnalyzeOutputs(events, fastLog === undefined ? undefined : await EventOutput.open(fastLog));
    if ([write, fastLog].some((path) => path !== undefined && path !== '-')) onReopenSignal(() => outputs.#reopen());
    return outputs;
  }

  /** Events: whole lines, so many. The bytes are needed during the call only. */
  readonly addEvents = (lines: Uint8Array, count: number): void => this.#events.add(lines, count);

  /** An alert's line, where somebody wants those. */
  get addFastLine(): ((line: string) => void) | undefined {
    const fastLog = this.#fastLog;
    return fastLog && ((line) => this.#fastLines.push(line));
  }

  /** Writes what was added. False: it is time to finish. */
  async flush(): Promise<boolean> {
    this.#addFastLines();
    const results = [];
    for (const output of this.#all()) results.push(await attempt(() => output.flush()));
    return results.every(Boolean);
  }

  async close(): Promise<void> {
    this.#addFastLines();
    for (const output of this.#all()) {
      await attempt(async () => {
        await output.close();
        return true;
      });
    }
  }

  /** What nobody got, in a line for each output. */
  lossLines(): string[] {
    return this.#all()
      .filter(({ dropped }) => dropped > 0)
      .map(({ path, dropped }) => `${counted(dropped, 'line')} not written to ${path}`);
  }

  #addFastLines(): void {
    const lines = this.#fastLines.splice(0);
    if (lines.length > 0) this.#fastLog?.add(Buffer.from(`${lines.join('\n')}\n`), lines.length);
  }

  /** What can't be begun anew goes on in the old file. */
  #reopen(): void {
    for (const output of this.#all()) {
      try {
        output.reopen();
      } catch (error) {
        process.stderr.write(`pkttap: goes on in the old file: ${(error as Error).message}\n`);
      }
    }
  }

  #all(): EventOutput[] {
    return this.#fastLog === undefined ? [this.#events] : [this.#events, this.#fastLog];
  }
}

async function attempt(work: () => Promise<boolean>): Promise<boolean> {
  try {
    return await work();
  } catch (error) {
    process.exitCode = reportAndExitCode(error);
    return false;
  }
}
