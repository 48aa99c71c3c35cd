// analyze --workers: a thread for each share of the tap's flows, one output, one summary. Events are written in the order
// in which the workers find them.

import type { SavedSet } from '../analyzer/datasets/datasets.js';
import { mergeStats, mergeSummaries } from '../analyzer/merge.js';
import { makeSharedMemory } from '../analyzer/state/shared-state.js';
import { CrewMember } from './analyze-crew.js';
import { type Findings, findingsText, missedOf } from './analyze-findings.js';
import type { FromWorker, StatsRecord, ToWorker, WorkerTask } from './analyze-messages.js';
import type { AnalyzeOutputs } from './analyze-outputs.js';
import { failOnLosses } from './consumer-options.js';
import { saveDatasets } from './dataset-files.js';
import type { Failure } from './failure.js';
import { onRulesReload } from './rule-files.js';
import { onStatisticsSignal, stopSignal } from './signals.js';

/** What the workers have in common. */
export type WorkersTask = Omit<WorkerTask, 'index' | 'of' | 'memory'>;

/** Runs so many workers to the tap's end, or until a signal stops them. Sets the exit code. */
export async function analyzeInWorkers(task: WorkersTask, of: number, outputs: AnalyzeOutputs): Promise<void> {
  const memory = makeSharedMemory(of);
  const crew = Array.from({ length: of }, (_, i) => new CrewMember({ ...task, index: i + 1, of, memory }));
  await new Analysis(task, crew, outputs).run();
}

/** The crew at work. */
class Analysis {
  readonly #task: WorkersTask;
  readonly #crew: readonly CrewMember[];
  readonly #atWork: Set<CrewMember>;
  readonly #outputs: AnalyzeOutputs;
  readonly #records: StatsRecord[] = [];
  readonly #told = new Set<string | undefined>();
  /** The last that each worker told, and for whom somebody waits. */
  readonly #findings = new Map<CrewMember, Findings>();
  readonly #awaited = new Map<CrewMember, () => void>();
  readonly #sets: SavedSet[] = [];
  #hasLost = false;

  constructor(task: WorkersTask, crew: readonly CrewMember[], outputs: AnalyzeOutputs) {
    this.#task = task;
    this.#crew = crew;
    this.#atWork = new Set(crew);
    this.#outputs = outputs;
  }

  async run(): Promise<void> {
    const { flags } = this.#task;
    const stop = () => this.#tellAll('stop');
    if (flags.rules !== undefined) onRulesReload(flags, () => this.#tellAll('reload'));
    onStatisticsSignal(() => this.#summarize());
    stopSignal.addEventListener('abort', stop);
    if (stopSignal.aborted) stop();
    await Promise.all(this.#crew.map((member) => this.#attend(member)));
    stopSignal.removeEventListener('abort', stop);
    await this.#end();
  }

  async #attend(member: CrewMember): Promise<void> {
    for await (const message of member) await this.#hear(member, message);
    this.#atWork.delete(member);
    this.#awaited.get(member)?.();
  }

  async #hear(member: CrewMember, message: FromWorker): Promise<void> {
    switch (message.type) {
      case 'events':
        if (!(await this.#write(message))) this.#tellAll('stop');
        member.tell('written');
        return;
      case 'failed':
        this.#report(message.failure);
        this.#tellAll('stop');
        return;
      case 'found':
        if (message.findings !== undefined) this.#findings.set(member, message.findings);
        this.#awaited.get(member)?.();
        return;
      case 'done':
        this.#findings.set(member, message.findings);
        this.#records.push(message.record);
        this.#hasLost ||= message.hasLost;
        this.#sets.push(...message.sets);
    }
  }

  async #write({ events, fastLines }: Extract<FromWorker, { type: 'events' }>): Promise<boolean> {
    for (const { bytes, count } of events) this.#outputs.addEvents(bytes, count);
    for (const line of fastLines) this.#outputs.addFastLine?.(line);
    return await this.#outputs.flush();
  }

  /** Tells of a failure, once: workers mostly meet the same one. */
  #report({ message, exitCode, code = message }: Failure): void {
    process.exitCode = exitCode;
    if (!this.#told.has(code)) process.stderr.write(`pkttap: ${message}\n`);
    this.#told.add(code);
  }

  #tellAll(message: ToWorker): void {
    for (const member of this.#crew) member.tell(message);
  }

  /** Asks all that are at work; those that have ended have told. */
  async #summarize(): Promise<string> {
    const answers = [...this.#atWork].map(
      (member) => new Promise<void>((resolve) => this.#awaited.set(member, resolve)),
    );
    this.#tellAll('tell');
    await Promise.all(answers);
    return this.#text();
  }

  #text(): string {
    if (this.#findings.size === 0) return 'pkttap: nothing yet';
    return findingsText([...this.#findings.values()], this.#outputs.lossLines());
  }

  async #end(): Promise<void> {
    if (this.#records.length > 0) this.#outputs.addEvents(Buffer.from(`${this.#joined()}\n`), 1);
    await this.#outputs.close();
    saveDatasets(this.#sets);
    if (!this.#task.flags.quiet && this.#findings.size > 0) process.stderr.write(`${this.#text()}\n`);
    failOnLosses(this.#task.flags, this.#hasLost);
  }

  #joined(): string {
    const times = this.#records.map(({ timestamp }) => timestamp).sort();
    const stats = mergeStats(this.#records.map((record) => record.stats));
    const { first, last } = mergeSummaries([...this.#findings.values()].map(({ summary }) => summary));
    stats.uptime = Math.max(0, (last?.sec ?? 0) - (first?.sec ?? 0));
    if (typeof stats.pkttap === 'object') stats.pkttap.missed = missedOf([...this.#findings.values()]);
    return JSON.stringify({ timestamp: times.at(-1), event_type: 'stats', stats });
  }
}
