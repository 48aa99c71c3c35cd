// pkttap analyze: the Suricata-style analyzer on a tap. Events as EVE JSON on standard output, the summary on standard error.

import type { Command } from 'commander';
import { Analyzer } from '../analyzer/analyzer.js';
import { renderSummary } from '../analyzer/summary.js';
import { attach } from '../consumer/attach.js';
import type { Consumer } from '../consumer/consumer.js';
import {
  addConsumerOptions,
  announceStatistics,
  attachOptionsOf,
  type ConsumerFlags,
  countersLine,
  watchLosses,
} from './consumer-options.js';
import { EventOutput } from './event-output.js';
import { reportAndExitCode } from './failure.js';
import { parseCount } from './options.js';
import { isStop } from './signals.js';

interface Flags extends ConsumerFlags {
  readonly write: string;
  readonly maxFlows?: number;
}

const EXAMPLES = `
Events go to standard output, one JSON object a line, with Suricata's names
(event types: flow, stats). The summary goes to standard error at the end.

Examples:
  pkttap analyze eth0
  pkttap analyze replay --wait -w eve.json
  pkttap analyze eth0 | jq 'select(.event_type == "flow") | .community_id'`;

export function configure(command: Command): void {
  command
    .description('Analyze the packets of a tap: decode, follow flows, report EVE JSON and a summary.')
    .argument('<tap>', "the tap's name, or the path of its socket")
    .argument('[filter...]', 'as for capture; compiled by the tap, which looks up no names for us')
    .option('-w, --write <file>', 'where events go; -: to standard output', '-')
    .option('--max-flows <n>', 'flows kept at a time (default: 262144)', parseCount)
    .addHelpText('after', EXAMPLES)
    .action(run);
  addConsumerOptions(command);
}

async function run(tap: string, filter: string[], flags: Flags): Promise<void> {
  let consumer: Consumer;
  try {
    consumer = await attach(tap, attachOptionsOf(flags, filter, 'analyze'));
  } catch (error) {
    if (isStop(error)) return;
    throw error;
  }
  using _attached = consumer;
  announceStatistics(consumer);
  const tellLosses = watchLosses(consumer, flags);
  const events = new EventOutput(flags.write);
  const analyzer = new Analyzer({
    onEvent: (line) => events.add(line),
    ...(flags.maxFlows !== undefined && { maxFlows: flags.maxFlows }),
  });
  try {
    await analyzeAll(consumer, analyzer, events);
  } catch (error) {
    // What was seen before the trouble is reported all the same.
    if (!isStop(error)) process.exitCode = reportAndExitCode(error);
  }
  // What was read counts as delivered from here on.
  consumer.close();
  analyzer.finish(lossesOf(consumer));
  await events.close();
  if (!flags.quiet) process.stderr.write(`${renderSummary(analyzer.summary())}\n${countersLine(consumer)}\n`);
  tellLosses();
}

async function analyzeAll(consumer: Consumer, analyzer: Analyzer, events: EventOutput): Promise<void> {
  for await (const batch of consumer) {
    for (const packet of batch) analyzer.add(packet);
    if (!(await events.flush())) return;
  }
}

function lossesOf(consumer: Consumer) {
  const { source, missed } = consumer.counters();
  const { received, kernelDropped, interfaceDropped } = source;
  return { received, kernelDropped, interfaceDropped, missed };
}
