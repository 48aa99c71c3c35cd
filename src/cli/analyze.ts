// pkttap analyze: the Suricata-style analyzer on a tap. Events as EVE JSON on standard output, the summary on standard error.

import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import { Analyzer } from '../analyzer/analyzer.js';
import type { Rule } from '../analyzer/rules/rule.js';
import { renderSummary } from '../analyzer/summary.js';
import { attach } from '../consumer/attach.js';
import type { Consumer } from '../consumer/consumer.js';
import { lossesOf } from './analyze-losses.js';
import { analyzeInWorkers } from './analyze-workers.js';
import {
  addConsumerOptions,
  announceStatistics,
  attachOptionsOf,
  type ConsumerFlags,
  countersLine,
  watchLosses,
} from './consumer-options.js';
import { EventOutput } from './event-output.js';
import { reportAndExitCode, UsageError } from './failure.js';
import { collect, collectAssignment, parseCount } from './options.js';
import { loadAndTell, type RuleFlags } from './rule-files.js';
import { isStop, onReloadSignal } from './signals.js';

interface Flags extends ConsumerFlags, RuleFlags {
  readonly write: string;
  readonly maxFlows?: number;
  readonly fastLog?: string;
  readonly alertPayload?: true;
  readonly workers?: number;
}

const EXAMPLES = `
Events go to standard output, one JSON object a line, with Suricata's names
(alert, anomaly, dns, http, tls, flow, stats ...). The summary goes to standard
error at the end. SIGUSR2 reads the rules anew.

Examples:
  pkttap analyze eth0
  pkttap analyze replay --wait -w eve.json
  pkttap analyze eth0 -S 'rules/*.rules' --set 'HOME_NET=[10.0.0.0/8]'
  pkttap analyze eth0 --workers 4 -w eve.json
  pkttap analyze eth0 | jq 'select(.event_type == "flow") | .community_id'`;

export function configure(command: Command): void {
  command
    .description('Analyze the packets of a tap: decode, follow flows, report EVE JSON and a summary.')
    .argument('<tap>', "the tap's name, or the path of its socket")
    .argument('[filter...]', 'as for capture; compiled by the tap, which looks up no names for us')
    .option('-w, --write <file>', 'where events go; -: to standard output', '-')
    .option('--max-flows <n>', 'flows kept at a time (default: 262144)', parseCount)
    .option('--workers <n>', 'analyze in so many threads, each with a share of the flows', parseCount)
    .option('-S, --rules <file>', "rules in Suricata's language (repeatable; * and ? in the name)", collect)
    .option(
      '--set <name=value>',
      'a variable of the rules, such as HOME_NET=10.0.0.0/8 (repeatable)',
      collectAssignment,
    )
    .option('--classification <file>', 'more classes of rules, as classification.config has them')
    .option('--fast-log <file>', 'alerts as lines of text, too')
    .option('--alert-payload', 'alerts have the bytes that the rule looked at')
    .addHelpText('after', EXAMPLES)
    .action(run);
  addConsumerOptions(command);
}

async function run(tap: string, filter: string[], flags: Flags): Promise<void> {
  // Rules may hold expressions that a packet could make run for ever: those go on without backtracking.
  if (flags.rules !== undefined) setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
  // Before anything is attached: what is wrong with the rules is told at once.
  const rules = flags.rules && loadAndTell(flags, flags.quiet === true);
  if ((flags.workers ?? 1) > 1) await analyzeShares(tap, filter, flags);
  else await analyzeHere(await attachOrStop(tap, filter, flags), flags, rules);
}

async function analyzeShares(tap: string, filter: string[], flags: Flags): Promise<void> {
  const { workers = 1, share, ...others } = flags;
  if (share !== undefined) throw new UsageError('--workers share the flows themselves: leave out --share');
  const fastLog = flags.fastLog === undefined ? undefined : new EventOutput(flags.fastLog);
  await analyzeInWorkers({ tap, filter, flags: others }, workers, { events: new EventOutput(flags.write), fastLog });
}

/** Undefined: a signal came first. */
async function attachOrStop(tap: string, filter: string[], flags: Flags): Promise<Consumer | undefined> {
  try {
    return await attach(tap, attachOptionsOf(flags, filter, 'analyze'));
  } catch (error) {
    if (isStop(error)) return undefined;
    throw error;
  }
}

async function analyzeHere(consumer: Consumer | undefined, flags: Flags, rules?: readonly Rule[]): Promise<void> {
  if (consumer === undefined) return;
  using _attached = consumer;
  announceStatistics(consumer);
  const tellLosses = watchLosses(consumer, flags);
  const events = new EventOutput(flags.write);
  const fastLog = flags.fastLog === undefined ? undefined : new EventOutput(flags.fastLog);
  const analyzer = new Analyzer({
    onEvent: (line) => events.add(line),
    ...(rules !== undefined && { inspection: { rules, ...alertOptions(flags, fastLog) } }),
    ...(flags.maxFlows !== undefined && { maxFlows: flags.maxFlows }),
  });
  if (rules !== undefined) reloadOnSignal(analyzer, flags);
  try {
    await analyzeAll(consumer, analyzer, [events, ...(fastLog === undefined ? [] : [fastLog])]);
  } catch (error) {
    // What was seen before the trouble is reported all the same.
    if (!isStop(error)) process.exitCode = reportAndExitCode(error);
  }
  // What was read counts as delivered from here on.
  consumer.close();
  analyzer.finish(lossesOf(consumer));
  await events.close();
  await fastLog?.close();
  if (!flags.quiet) process.stderr.write(`${renderSummary(analyzer.summary())}\n${countersLine(consumer)}\n`);
  tellLosses();
}

function alertOptions({ alertPayload }: Flags, fastLog: EventOutput | undefined) {
  return {
    ...(fastLog !== undefined && { onFastLine: (line: string) => fastLog.add(line) }),
    ...(alertPayload && { alertPayload }),
  };
}

/** Files that can't be read now leave the rules as they are. */
function reloadOnSignal(analyzer: Analyzer, flags: Flags): void {
  onReloadSignal(() => {
    try {
      analyzer.reload(loadAndTell(flags, flags.quiet === true));
    } catch (error) {
      process.stderr.write(`pkttap: the rules stay as they were: ${(error as Error).message}\n`);
    }
  });
}

async function analyzeAll(consumer: Consumer, analyzer: Analyzer, outputs: readonly EventOutput[]): Promise<void> {
  for await (const batch of consumer) {
    for (const packet of batch) analyzer.add(packet);
    for (const output of outputs) if (!(await output.flush())) return;
  }
}
