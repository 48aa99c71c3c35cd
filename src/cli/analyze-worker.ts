// One worker thread of analyze: attaches to its share of the tap, analyzes it, and hands its events to the main thread,
// which writes them. It ends when the tap does, or when it is told to.

import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Analyzer } from '../analyzer/analyzer.js';
import { SharedState } from '../analyzer/state/shared-state.js';
import { attach } from '../consumer/attach.js';
import type { Consumer } from '../consumer/consumer.js';
import { type Findings, findingsOf } from './analyze-findings.js';
import { lossesOf } from './analyze-losses.js';
import type { FromWorker, ToWorker, WorkerTask } from './analyze-messages.js';
import { attachOptionsOf, watchLosses } from './consumer-options.js';
import { datasets } from './dataset-files.js';
import { failureOf } from './failure.js';
import { LinesToMain } from './lines-to-main.js';
import { loadRules } from './rule-files.js';

const port = parentPort as MessagePort;
const task = workerData as WorkerTask;
const state = new SharedState(task.memory, task.index, task.of);
const stopping = new AbortController();
const lines = new LinesToMain(port);
let analyzer: Analyzer | undefined;
let find: (() => Findings) | undefined;

port.on('message', (message: ToWorker) => {
  if (message === 'written') lines.written();
  else if (message === 'tell') tell({ type: 'found', findings: find?.() });
  else if (message === 'reload') reload();
  else stopping.abort(new Error('stopped'));
});
await work();
port.unref();

async function work(): Promise<void> {
  let consumer: Consumer;
  try {
    consumer = await attach(task.tap, optionsOf(task));
  } catch (error) {
    tellFailure(error);
    return;
  }
  const hasLost = watchLosses(consumer);
  const began = consumer.nextSequence;
  analyzer = makeAnalyzer(task);
  await analyzeAll(consumer, analyzer, () => findingsOf(analyzer!, consumer, began));
  await end(consumer, analyzer, hasLost);
}

async function analyzeAll(consumer: Consumer, analyzer: Analyzer, findings: () => Findings): Promise<void> {
  find = () => portable(findings());
  const progress = () => {
    const { nextSequence, policy } = consumer;
    return { nextSequence, policy, gaps: consumer.counters().gaps };
  };
  void state.turns.answer(progress);
  try {
    for await (const batch of consumer) {
      state.turns.tell(progress());
      analyzer.addBatch(batch);
      analyzer.flush();
      await lines.handOver();
    }
  } catch (error) {
    tellFailure(error);
  }
}

function makeAnalyzer({ flags, index, of }: WorkerTask): Analyzer {
  const { maxFlows, anomalies, fastLog, alertPayload, rules } = flags;
  const inspection = {
    rules: rulesOf(task),
    ...(fastLog !== undefined && { onFastLine: lines.addFastLine }),
    ...(alertPayload && { alertPayload }),
  };
  return new Analyzer({
    onEvents: lines.addEvents,
    share: { index, of, state },
    ...(rules !== undefined && { inspection }),
    ...(anomalies !== undefined && { anomalies }),
    ...(maxFlows !== undefined && { maxFlows: Math.ceil(maxFlows / of) }),
  });
}

/** What can't be loaded was told by the main thread, which had read the files. They may have gone meanwhile. */
function reload(): void {
  try {
    analyzer?.reload(rulesOf(task));
  } catch (error) {
    const { message } = error as Error;
    process.stderr.write(`pkttap: worker ${task.index} of ${task.of}: the rules stay as they were: ${message}\n`);
  }
}

function rulesOf({ flags }: WorkerTask) {
  return loadRules(flags, () => {});
}

/** A rule has functions, which can't go from thread to thread. */
function portable({ summary, ...others }: Findings): Findings {
  const alerts = summary.alerts.map(({ rule: { gid, sid, msg }, count }) => ({ rule: { gid, sid, msg }, count }));
  return { ...others, summary: { ...summary, alerts } };
}

/** The statistics are the last event: they are added up with those of the other workers. */
async function end(consumer: Consumer, analyzer: Analyzer, hasLost: () => boolean): Promise<void> {
  // What was read counts as delivered from here on.
  consumer.close();
  analyzer.finish(lossesOf(consumer));
  const record = lines.takeStats();
  await lines.handOver();
  tell({ type: 'done', record, findings: find!(), hasLost: hasLost(), sets: datasets.saved() });
}

function tell(message: FromWorker): void {
  port.postMessage(message);
}

function tellFailure(error: unknown): void {
  if (error === stopping.signal.reason) return;
  tell({ type: 'failed', failure: failureOf(error) });
}

function optionsOf({ tap: _, filter, flags, index, of }: WorkerTask) {
  const options = attachOptionsOf(flags, filter, 'analyze');
  return { ...options, name: `${options.name}/${index}`, share: { index, of, common: true }, signal: stopping.signal };
}
