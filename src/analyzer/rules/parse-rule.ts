// One rule's text as a Rule.

import { Datasets } from '../datasets/datasets.js';
import { fitLetters } from './buffer-letters.js';
import { isOfTransaction } from './buffers.js';
import { type Classes, DEFAULT_CLASSES } from './classification.js';
import { Draft, PAYLOAD } from './draft.js';
import { parseHeader } from './header.js';
import { BASE64 } from './keywords/base64.js';
import { BUFFER_KEYWORDS } from './keywords/buffers.js';
import { BYTES } from './keywords/bytes.js';
import { CONTENT } from './keywords/content.js';
import { DATASETS } from './keywords/datasets.js';
import { EVENTS } from './keywords/events.js';
import { FILES } from './keywords/files.js';
import { FLOW } from './keywords/flow.js';
import { FLOW_COUNTS } from './keywords/flow-counts.js';
import { FLOW_INTS } from './keywords/flow-ints.js';
import { HEADER_FIELDS } from './keywords/header-fields.js';
import type { Keywords } from './keywords/keyword.js';
import { LIMITS } from './keywords/limits.js';
import { META } from './keywords/meta.js';
import { PACKET } from './keywords/packet.js';
import { otherKeyword, REFUSED } from './keywords/refused.js';
import { requires } from './keywords/requires.js';
import { TLS } from './keywords/tls.js';
import { TRANSACTION_NUMBERS } from './keywords/transaction-numbers.js';
import { RuleProblem } from './problem.js';
import type { PayloadWay, Rule, RuleHeader } from './rule.js';
import { splitRule } from './split-rule.js';
import type { Chain } from './steps.js';
import type { Variables } from './variables.js';

/** What rules are read with. */
export interface RuleSettings {
  readonly variables: Variables;
  readonly classes: Classes;
  readonly datasets: Datasets;
}

/** Where a rule stands. */
export interface RuleOrigin {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Nothing set: variables and classes have their defaults, and datasets no files. */
export const DEFAULT_SETTINGS: RuleSettings = { variables: {}, classes: DEFAULT_CLASSES, datasets: new Datasets() };

const KEYWORDS: Keywords = {
  ...META,
  requires: requires((name) => Object.hasOwn(KEYWORDS, name) && !Object.hasOwn(REFUSED, name)),
  ...CONTENT,
  ...BYTES,
  ...BASE64,
  ...DATASETS,
  ...PACKET,
  ...HEADER_FIELDS,
  ...FLOW,
  ...EVENTS,
  ...FLOW_COUNTS,
  ...FLOW_INTS,
  ...LIMITS,
  ...TRANSACTION_NUMBERS,
  ...TLS,
  ...FILES,
  ...BUFFER_KEYWORDS,
  ...REFUSED,
};

const LEAST_PRIORITY = 3;

/** Throws a RuleProblem that says why the rule can't be loaded. */
export function parseRule(text: string, { variables, classes, datasets }: RuleSettings, origin: RuleOrigin): Rule {
  const { header: words, options } = splitRule(text);
  const { action, header } = parseHeader(words, variables);
  const draft = new Draft((options) => datasets.open(options, origin.file));
  for (const [name, value] of options) {
    const keyword = Object.hasOwn(KEYWORDS, name) ? KEYWORDS[name] : otherKeyword(name);
    if (keyword === undefined) throw new RuleProblem(`keyword ${name} is not known`);
    keyword(draft, value, name);
  }
  if (draft.sid === 0) throw new RuleProblem('no sid');
  if (draft.needsPacket && draft.chains.some(({ buffer }) => isOfTransaction(buffer)))
    throw new RuleProblem('a keyword of single packets together with a buffer of the application layer');
  fitLetters(draft.chains);
  if (draft.chains.some(({ steps }) => steps.some((step) => step.kind === 'base64_decode' && step.steps.length === 0)))
    throw new RuleProblem('base64_decode without base64_data behind it');
  return { ...ruleOf(draft, header, words[1]!), ...classOf(draft, classes), action, text, ...origin };
}

type Fixed = Omit<Rule, 'action' | 'text' | 'file' | 'line' | 'category' | 'priority'>;

function ruleOf(draft: Draft, header: RuleHeader, protocol: string): Fixed {
  const { sid, gid, rev, msg, classtype, metadata, references, target, noalert, direction, established } = draft;
  const { tests, chains, numbers, events, bits, ints, thresholds } = draft;
  const appProtocol = header.appProtocol ?? (draft.protocols?.length === 1 ? draft.protocols[0] : undefined);
  if (header.appProtocol !== undefined && draft.protocols?.includes(header.appProtocol) === false) {
    throw new RuleProblem(`a buffer that ${header.appProtocol} doesn't have`);
  }
  return {
    header: { ...header, appProtocol },
    sid,
    gid,
    rev,
    msg,
    classtype,
    metadata,
    references,
    target,
    noalert,
    direction,
    established,
    tests,
    chains: [...chains].sort((a, b) => changesSets(a) - changesSets(b)),
    numbers,
    events,
    bits,
    ints,
    thresholds,
    payload: payloadWay(draft, protocol),
    asksStreamSize: draft.asksStreamSize,
    oncePerDirection: isOnce(draft, header),
  };
}

/** What changes a set comes last: it is changed only if all the rest matches. */
function changesSets({ steps }: Chain): number {
  return steps.some((step) => step.kind === 'dataset' && /^(?:un)?set$/.test(step.command)) ? 1 : 0;
}

/** Nothing but a header without `!` among its addresses, or the protocol above, which stays what it is: as Suricata has it. */
function isOnce(draft: Draft, header: RuleHeader): boolean {
  if (draft.chains.length > 0 || draft.numbers.length > 0) return false;
  if (header.source.isNegated || header.dest.isNegated) return false;
  return draft.asksProtocol || (!draft.hasKeywords && header.appProtocol === undefined);
}

/**
 * Contents of TCP rules are looked for in the stream, unless the rule asks for something of one packet; with a place given
 * by depth or offset in both.
 */
function payloadWay(draft: Draft, protocol: string): PayloadWay {
  const isTcp = protocol !== 'tcp-pkt' && protocol !== 'udp' && !protocol.startsWith('icmp') && protocol !== 'pkthdr';
  if (!isTcp || draft.noStream) return { packet: true, stream: false };
  if (draft.onlyStream || protocol === 'tcp-stream') return { packet: draft.needsPacket, stream: true };
  if (draft.needsPacket) return { packet: true, stream: false };
  const payload = draft.chains.find(({ buffer }) => buffer === PAYLOAD);
  const isPlaced = payload?.steps.some(
    (step) => step.kind === 'content' && (step.depth !== undefined || step.offset !== undefined),
  );
  return { packet: draft.alsoPacket || isPlaced === true, stream: true };
}

function classOf(draft: Draft, classes: Classes): Pick<Rule, 'category' | 'priority'> {
  const { classtype, priority } = draft;
  const found = classtype === undefined ? undefined : classes.get(classtype);
  if (classtype !== undefined && found === undefined) throw new RuleProblem(`classtype ${classtype} is not known`);
  return { category: found?.description ?? '', priority: priority ?? found?.priority ?? LEAST_PRIORITY };
}
