// A rule while it is read: what its keywords have said so far.

import type { DatasetOptions } from '../datasets/datasets.js';
import { RuleProblem } from './problem.js';
import type { BitStep, FlowIntStep, NumberTest, PacketTest, Threshold } from './rule.js';
import type { Base64Step, ContentStep, Step, Transform, ValueSet } from './steps.js';

/** A chain that still grows. */
export interface OpenChain {
  buffer: string;
  transforms: Transform[];
  steps: Step[];
}

/** A content whose modifiers may still come. */
export type OpenContent = { -readonly [K in keyof ContentStep]: ContentStep[K] };

/** Name of the chain on the payload. */
export const PAYLOAD = '';

/** Finds or makes a dataset for the rule. Throws a RuleProblem. */
export type OpenDataset = (options: DatasetOptions) => ValueSet;

/** Filled keyword by keyword. */
export class Draft {
  readonly openDataset: OpenDataset;
  sid = 0;
  gid = 1;
  rev = 0;
  msg = '';
  classtype: string | undefined;
  priority: number | undefined;
  readonly metadata: Record<string, string[]> = {};
  readonly references: string[] = [];
  target: 'src_ip' | 'dest_ip' | undefined;
  noalert = false;
  direction: number | undefined;
  established: boolean | undefined;
  asksStreamSize = false;
  readonly tests: PacketTest[] = [];
  readonly chains: OpenChain[] = [];
  readonly numbers: { name: string; test: NumberTest }[] = [];
  readonly events: string[] = [];
  readonly bits: BitStep[] = [];
  readonly ints: FlowIntStep[] = [];
  readonly thresholds: Threshold[] = [];
  /** Keywords that only a single packet can answer. */
  needsPacket = false;
  /** Contents are looked for in packets, too, not in the stream alone. */
  alsoPacket = false;
  onlyStream = false;
  noStream = false;
  /** app-layer-protocol: once it is known it stays so. */
  asksProtocol = false;
  /** Something that may differ from packet to packet of a flow was asked. */
  hasKeywords = false;
  /** Protocols that the buffers belong to, if any was named. */
  protocols: readonly string[] | undefined;
  #current: OpenChain = { buffer: PAYLOAD, transforms: [], steps: [] };
  /** What follows is asked of what this chain's last step decoded. */
  #decoded: OpenChain | undefined;
  #lastContent: { step: OpenContent; chain: OpenChain } | undefined;
  readonly #variables = new Set<string>();

  constructor(openDataset: OpenDataset) {
    this.openDataset = openDataset;
  }

  /** What contents are looked for in. */
  get buffer(): string {
    return this.#decoded?.buffer ?? this.#current.buffer;
  }

  /** From here on, contents are looked for in this buffer. */
  enter(buffer: string): void {
    this.#current = { buffer, transforms: [], steps: [] };
    this.#decoded = undefined;
  }

  /** From here on, contents are looked for in what the last base64_decode gives. */
  enterDecoded(): void {
    const all = this.chains.flatMap(({ steps }) => steps);
    const step = all.findLast((one): one is Base64Step => one.kind === 'base64_decode');
    if (step === undefined) throw new RuleProblem('base64_data without base64_decode before it');
    this.#decoded = { buffer: 'base64_data', transforms: [], steps: step.steps };
  }

  addTransform(transform: Transform): void {
    if (this.#current.buffer === PAYLOAD || this.#decoded !== undefined)
      throw new RuleProblem(`${transform.id} without a sticky buffer before it`);
    this.#current.transforms.push(transform);
  }

  addStep(step: Step): void {
    const { buffer, transforms } = this.#current;
    this.#add(step, this.#decoded ?? this.#chainFor(buffer, transforms));
  }

  addTest(test: PacketTest): void {
    this.tests.push(test);
    this.hasKeywords = true;
  }

  /** The content that a modifier means: the last one, whatever was asked since. Throws a RuleProblem if there is none. */
  lastContent(keyword: string): OpenContent {
    if (this.#lastContent === undefined) throw new RuleProblem(`${keyword} without a content before it`);
    return this.#lastContent.step;
  }

  /** The older way to name a buffer: behind the content. */
  moveLast(buffer: string, keyword: string): void {
    const step = this.lastContent(keyword);
    const { chain } = this.#lastContent!;
    if (chain.buffer !== PAYLOAD) throw new RuleProblem(`${keyword} behind a content of a buffer`);
    chain.steps.splice(chain.steps.indexOf(step), 1);
    if (chain.steps.length === 0) this.chains.splice(this.chains.indexOf(chain), 1);
    this.addStepIn(buffer, step);
  }

  addStepIn(buffer: string, step: Step): void {
    this.#add(step, this.#chainFor(buffer, []));
  }

  /** A number, or the name of a variable that is known by now. Throws a RuleProblem. */
  amount(text: string): number | string {
    if (/^-?\d+$/.test(text)) return Number(text);
    if (/^0x[0-9a-f]+$/i.test(text)) return Number(text);
    if (this.#variables.has(text)) return text;
    throw new RuleProblem(`${text} is neither a number nor a variable`);
  }

  addVariable(name: string): void {
    this.#variables.add(name);
  }

  #add(step: Step, chain: OpenChain): void {
    chain.steps.push(step);
    if (step.kind === 'content') this.#lastContent = { step, chain };
  }

  /** Steps on the same buffer, transformed alike, are one chain. */
  #chainFor(buffer: string, transforms: Transform[]): OpenChain {
    const ids = transforms.map(({ id }) => id).join();
    const found = this.chains.find(
      (chain) => chain.buffer === buffer && chain.transforms.map(({ id }) => id).join() === ids,
    );
    if (found !== undefined) return found;
    const chain = { buffer, transforms, steps: [] };
    this.chains.push(chain);
    return chain;
  }
}

/** A rule's buffers and numbers must have a protocol in common. Throws a RuleProblem. */
export function narrowTo(draft: Draft, protocols: readonly string[]): void {
  const common = draft.protocols?.filter((protocol) => protocols.includes(protocol)) ?? protocols;
  if (common.length === 0) throw new RuleProblem('buffers of different protocols');
  draft.protocols = common;
}
