// analyze --workers: a thread for each share of the tap's flows, one output, one summary. Events are written in the order
// in which the workers find them.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { mergeStats, mergeSummaries } from '../analyzer/merge.js';
import { renderSummary } from '../analyzer/summary.js';
import type { FromWorker, StatsRecord, ToWorker, WorkerFindings, WorkerTask } from './analyze-messages.js';
import type { EventOutput } from './event-output.js';
import { EXIT_LOST, reportAndExitCode } from './failure.js';
import { stopSignal } from './signals.js';
import { counted } from './text.js';

/** What the workers have in common. */
export type WorkersTask = Omit<WorkerTask, 'index' | 'of'>;

/** Runs so many workers to the tap's end, or until a signal stops them. Sets the exit code. */
export async function analyzeInWorkers(task: WorkersTask, of: number, events: EventOutput): Promise<void> {
  const findings: WorkerFindings[] = [];
  const records: StatsRecord[] = [];
  const workers = Array.from({ length: of }, (_, i) => startWorker({ ...task, index: i + 1, of }));
  const stop = () => {
    for (const worker of workers) worker.postMessage('stop' satisfies ToWorker);
  };
  stopSignal.addEventListener('abort', stop);
  const attend = async (worker: Worker) => {
    for await (const message of messagesOf(worker)) {
      if (message.type === 'events') {
        if (!(await write(events, message.lines))) stop();
        worker.postMessage('written' satisfies ToWorker);
      } else if (message.type === 'failed') {
        process.exitCode = message.exitCode;
        stop();
      } else {
        findings.push(message);
        records.push(message.record);
      }
    }
  };
  await Promise.all(workers.map(attend));
  stopSignal.removeEventListener('abort', stop);
  if (records.length > 0) await write(events, [joined(records)]);
  await events.close();
  tell(findings, task.flags);
}

function startWorker(task: WorkerTask): Worker {
  return new Worker(new URL('./analyze-worker.js', import.meta.url), { workerData: task });
}

/** Until the worker has ended; an error that nobody foresaw is the last message. */
async function* messagesOf(worker: Worker): AsyncGenerator<FromWorker> {
  const waiting: FromWorker[] = [];
  let ended = false;
  let wake = () => {};
  worker.on('message', (message: FromWorker) => {
    waiting.push(message);
    wake();
  });
  worker.on('error', (error) => waiting.push({ type: 'failed', exitCode: reportAndExitCode(error) }));
  const exit = once(worker, 'exit').finally(() => {
    ended = true;
    wake();
  });
  while (!ended || waiting.length > 0) {
    const message = waiting.shift();
    if (message !== undefined) yield message;
    else
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (ended) resolve();
      });
  }
  await exit;
}

/** False: nobody reads any more, or the file can't be written, which was told. */
async function write(events: EventOutput, lines: readonly string[]): Promise<boolean> {
  for (const line of lines) events.add(line);
  try {
    return await events.flush();
  } catch (error) {
    process.exitCode = reportAndExitCode(error);
    return false;
  }
}

function joined(records: readonly StatsRecord[]): string {
  const latest = records
    .map(({ timestamp }) => timestamp)
    .sort()
    .at(-1);
  return JSON.stringify({
    timestamp: latest,
    event_type: 'stats',
    stats: mergeStats(records.map(({ stats }) => stats)),
  });
}

function tell(findings: readonly WorkerFindings[], flags: WorkerTask['flags']): void {
  const sum = (pick: (found: WorkerFindings) => number) => findings.reduce((all, one) => all + pick(one), 0);
  const missed = sum(({ counters }) => counters.missed);
  const received = sum(({ counters }) => counters.delivered);
  if (!flags.quiet && findings.length > 0) {
    const summary = renderSummary(mergeSummaries(findings.map((found) => found.summary)));
    process.stderr.write(`${summary}\n${counted(received, 'packet')} received, ${missed} missed\n`);
  }
  const hasLost = missed + sum(({ counters }) => counters.overwritten) > 0;
  if (flags.failOnDrop && (hasLost || sourceLost(findings))) process.exitCode ??= EXIT_LOST;
}

/** Of the whole tap, the same for all. */
function sourceLost(findings: readonly WorkerFindings[]): boolean {
  const { kernelDropped = 0, interfaceDropped = 0 } = findings[0]?.counters.source ?? {};
  return kernelDropped + interfaceDropped > 0;
}
