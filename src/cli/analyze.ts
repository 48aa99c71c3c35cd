// pkttap analyze: the Suricata-style analyzer on a tap. Events as EVE JSON on standard output, the summary on standard error.

import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import { Analyzer } from '../analyzer/analyzer.js';
import type { Rule } from '../analyzer/rules/rule.js';
import type { Consumer } from '../consumer/consumer.js';
import { parseAnomalies } from './analyze-anomalies.js';
import { findingsOf, findingsText } from './analyze-findings.js';
import { lossesOf } from './analyze-losses.js';
import type { AnalyzerFlags } from './analyze-messages.js';
import { AnalyzeOutputs, type OutputFlags } from './analyze-outputs.js';
import { analyzeInWorkers } from './analyze-workers.js';
import { addConsumerOptions, attachBy, type ConsumerFlags, failOnLosses, watchLosses } from './consumer-options.js';
import { datasets, saveDatasets } from './dataset-files.js';
import { reportAndExitCode, UsageError } from './failure.js';
import { collect, collectAssignment, parseNumber, parseWorkers } from './options.js';
import { loadAndTell, onRulesReload, type RuleFlags } from './rule-files.js';
import { isStop, onStatisticsSignal } from './signals.js';

interface Flags extends ConsumerFlags, RuleFlags, AnalyzerFlags, OutputFlags {
  readonly workers?: number;
}

const EXAMPLES = `
Events go to standard output, one JSON object a line, with Suricata's names
(alert, anomaly, dns, http, tls, flow, stats ...). The summary goes to standard
error, at the end and on SIGUSR1. SIGUSR2 reads the rules anew, SIGHUP begins
log files anew.

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
    .option('-w, --write <file>', 'where events go; -: to standard output; unix:PATH: to a Unix socket', '-')
    .option('--max-flows <n>', 'flows kept at a time (default: 262144)', parseNumber)
    .option('--workers <n>', 'analyze in so many threads, each with a share of the flows', parseWorkers)
    .option('-S, --rules <file>', "rules in Suricata's language (repeatable; * and ? in the name)", collect)
    .option(
      '--set <name=value>',
      'a variable of the rules, such as HOME_NET=10.0.0.0/8 (repeatable)',
      collectAssignment,
    )
    .option('--classification <file>', 'more classes of rules, as classification.config has them')
    .option('--fast-log <file>', 'alerts as lines of text, too')
    .option('--alert-payload', 'alerts have the bytes that the rule looked at')
    .option(
      '--anomalies <kinds>',
      'told as events, of decode,stream,applayer; or none (default: applayer)',
      parseAnomalies,
    )
    .addHelpText('after', EXAMPLES)
    .action(run);
  addConsumerOptions(command);
}

/** Options that are about rules alone. */
const OF_RULES = ['set', 'classification', 'fastLog', 'alertPayload'] as const;

async function run(tap: string, filter: string[], flags: Flags): Promise<void> {
  if (flags.rules === undefined && OF_RULES.some((name) => flags[name] !== undefined))
    throw new UsageError('--set, --classification, --fast-log and --alert-payload are about rules: -S FILE');
  // Rules may hold expressions that a packet could make run for ever: those go on without backtracking.
  if (flags.rules !== undefined) setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
  // Before anything is attached: what is wrong with the rules is told at once.
  const rules = flags.rules && loadAndTell(flags, flags.quiet === true);
  const outputs = await AnalyzeOutputs.open(flags);
  if ((flags.workers ?? 1) > 1) return await analyzeShares(tap, filter, flags, outputs);
  const consumer = await attachOrClose(tap, filter, flags, outputs);
  if (consumer !== undefined) await analyzeAlone(consumer, flags, outputs, rules);
}

async function analyzeShares(tap: string, filter: string[], flags: Flags, outputs: AnalyzeOutputs): Promise<void> {
  const { workers = 1, share, ...others } = flags;
  if (share !== undefined) throw new UsageError('--workers share the flows themselves: leave out --share');
  await analyzeInWorkers({ tap, filter, flags: others }, workers, outputs);
}

/** Undefined: a signal came first. Without a consumer nothing is left open. */
async function attachOrClose(
  tap: string,
  filter: string[],
  flags: Flags,
  outputs: AnalyzeOutputs,
): Promise<Consumer | undefined> {
  try {
    const { share } = flags;
    const wanted = typeof share === 'object' ? { ...flags, share: { ...share, common: true } } : flags;
    return await attachBy(tap, wanted, filter, 'analyze');
  } catch (error) {
    await outputs.close();
    if (isStop(error)) return undefined;
    throw error;
  }
}

async function analyzeAlone(
  consumer: Consumer,
  flags: Flags,
  outputs: AnalyzeOutputs,
  rules?: readonly Rule[],
): Promise<void> {
  using _attached = consumer;
  const hasLost = watchLosses(consumer);
  const began = consumer.nextSequence;
  const analyzer = makeAnalyzer(flags, outputs, rules);
  const text = () => findingsText([findingsOf(analyzer, consumer, began)], outputs.lossLines());
  onStatisticsSignal(text);
  if (rules !== undefined) onRulesReload(flags, (anew) => analyzer.reload(anew));
  try {
    await analyzeAll(consumer, analyzer, outputs);
  } catch (error) {
    // What was seen before the trouble is reported all the same.
    if (!isStop(error)) process.exitCode = reportAndExitCode(error);
  }
  // What was read counts as delivered from here on.
  consumer.close();
  analyzer.finish(lossesOf(consumer));
  await outputs.close();
  saveDatasets(datasets.saved());
  if (!flags.quiet) process.stderr.write(`${text()}\n`);
  failOnLosses(flags, hasLost());
}

function makeAnalyzer(flags: Flags, outputs: AnalyzeOutputs, rules?: readonly Rule[]): Analyzer {
  const { maxFlows, anomalies, alertPayload, share } = flags;
  const { addEvents, addFastLine } = outputs;
  const inspection = rules && {
    rules,
    ...(addFastLine && { onFastLine: addFastLine }),
    ...(alertPayload && { alertPayload }),
  };
  return new Analyzer({
    onEvents: addEvents,
    ...(typeof share === 'object' && { share }),
    ...(inspection && { inspection }),
    ...(maxFlows !== undefined && { maxFlows }),
    ...(anomalies !== undefined && { anomalies }),
  });
}

async function analyzeAll(consumer: Consumer, analyzer: Analyzer, outputs: AnalyzeOutputs): Promise<void> {
  for await (const batch of consumer) {
    analyzer.addBatch(batch);
    analyzer.flush();
    if (!(await outputs.flush())) return;
  }
}
