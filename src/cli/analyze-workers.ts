// analyze --workers: a thread for each share of the tap's flows, one output, one summary. Events are written in the order
// in which the workers find them.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { mergeStats, mergeSummaries } from '../analyzer/merge.js';
import { leaveFor, makeSharedMemory } from '../analyzer/state/shared-state.js';
import { renderSummary } from '../analyzer/summary.js';
import type { FromWorker, StatsRecord, ToWorker, WorkerFindings, WorkerTask } from './analyze-messages.js';
import type { EventOutput } from './event-output.js';
import { EXIT_LOST, type Failure, failureOf, reportAndExitCode } from './failure.js';
import { loadAndTell } from './rule-files.js';
import { onReloadSignal, stopSignal } from './signals.js';
import { counted } from './text.js';

/** What the workers have in common. */
export type WorkersTask = Omit<WorkerTask, 'index' | 'of' | 'memory'>;

/** Where events go, and alerts as text. */
export interface Outputs {
  readonly events: EventOutput;
  readonly fastLog: EventOutput | undefined;
}

/** Runs so many workers to the tap's end, or until a signal stops them. Sets the exit code. */
export async function analyzeInWorkers(task: WorkersTask, of: number, outputs: Outputs): Promise<void> {
  const { events, fastLog } = outputs;
  const findings: WorkerFindings[] = [];
  const records: StatsRecord[] = [];
  const report = reporter();
  const memory = makeSharedMemory(of);
  const workers = Array.from({ length: of }, (_, i) => startWorker({ ...task, index: i + 1, of, memory }));
  const tellAll = (message: ToWorker) => {
    for (const worker of workers) worker.postMessage(message);
  };
  const stop = () => tellAll('stop');
  if (task.flags.rules !== undefined) reloadOnSignal(task.flags, () => tellAll('reload'));
  stopSignal.addEventListener('abort', stop);
  const attend = async (worker: Worker) => {
    for await (const message of messagesOf(worker)) {
      if (message.type === 'events') {
        if (!(await write(events, message.lines)) || !(await write(fastLog, message.fastLines))) stop();
        worker.postMessage('written' satisfies ToWorker);
      } else if (message.type === 'failed') {
        report(message.failure);
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
  await fastLog?.close();
  tell(findings, task.flags);
}

/** Files that can't be read now leave the rules as they are. */
function reloadOnSignal(flags: WorkerTask['flags'], reload: () => void): void {
  onReloadSignal(() => {
    try {
      loadAndTell(flags, flags.quiet === true);
      reload();
    } catch (error) {
      process.stderr.write(`pkttap: the rules stay as they were: ${(error as Error).message}\n`);
    }
  });
}

/** Tells of a failure, once: workers mostly meet the same one. */
function reporter(): (failure: Failure) => void {
  const told = new Set<string | undefined>();
  return ({ message, exitCode }) => {
    process.exitCode = exitCode;
    if (!told.has(message)) process.stderr.write(`pkttap: ${message}\n`);
    told.add(message);
  };
}

function startWorker(task: WorkerTask): Worker {
  const worker = new Worker(new URL('./analyze-worker.js', import.meta.url), { workerData: task });
  worker.once('exit', () => leaveFor(task.memory, task.index));
  return worker;
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
  worker.on('error', (error) => waiting.push({ type: 'failed', failure: failureOf(error) }));
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
async function write(events: EventOutput | undefined, lines: readonly string[]): Promise<boolean> {
  if (events === undefined) return true;
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
