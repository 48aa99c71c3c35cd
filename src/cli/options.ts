// Parsers of option values that several commands have. Each refuses with what was expected.

import { InvalidArgumentError, Option } from 'commander';
import type { FixedShare } from '../consumer/selection.js';
import { isTapName } from '../control/address.js';
import { MAX_LANES } from '../control/messages.js';
import { MAX_CAPLEN } from '../packet/record.js';
import { MAX_CAPACITY, MIN_CAPACITY } from '../ring/layout.js';

const SIZE = /^(\d+)([kmg]?)(i?b)?$/i;
const FACTORS: Readonly<Record<string, number>> = { '': 1, k: 1 << 10, m: 1 << 20, g: 1 << 30 };
const MIN_BUFFER_BYTES = 4096;
const MAX_BUFFER_BYTES = 2 ** 31 - 1;

/** Beyond what machines have processors for, each thread only costs memory, and time until it is there. */
const MAX_WORKERS = 64;

/** The most that a timer of Node's can wait, in seconds, and a round number. */
export const MAX_SECONDS = 2_000_000;

/** `NAME=VALUE`, gathered. */
export function collectAssignment(text: string, before: string[] = []): string[] {
  if (/^[A-Za-z_]\w*=./.test(text)) return [...before, text];
  throw new InvalidArgumentError('NAME=VALUE is expected.');
}

/** A whole number from 0. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('a whole number is expected.');
}

/** A whole number from 1. */
export function parseNumber(text: string): number {
  const value = parseCount(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('a whole number from 1 is expected.');
}

/** `2/4`, or a share group's name. */
export function parseShare(text: string): FixedShare | string {
  const [, index, of] = /^([1-9]\d{0,4})\/([1-9]\d{0,4})$/.exec(text) ?? [];
  if (index !== undefined && Number(index) <= Number(of)) return { index: Number(index), of: Number(of) };
  if (isTapName(text)) return text;
  throw new InvalidArgumentError("a share such as 2/4 is expected, or a group's name.");
}

/** A number greater than 0. */
export function parsePositive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('a number greater than 0 is expected.');
}

/** Threads of a capture. */
export function parseThreads(text: string): number {
  return parseWithin(text, 1, MAX_LANES);
}

/** Threads of an analysis. */
export function parseWorkers(text: string): number {
  return parseWithin(text, 1, MAX_WORKERS);
}

/** Bytes to keep of each packet; 0: the most that can be. */
export function parseSnaplen(text: string): number {
  return parseWithin(text, 0, MAX_CAPLEN);
}

function parseWithin(text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new InvalidArgumentError(`a whole number from ${min} to ${max} is expected.`);
}

/** Seconds; no more than a timer of Node's can wait. */
export function parseSeconds(text: string): number {
  const value = parsePositive(text);
  if (value <= MAX_SECONDS) return value;
  throw new InvalidArgumentError(`a number of seconds up to ${MAX_SECONDS} is expected.`);
}

/** Milliseconds, from 0. */
export function parseMs(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('a number from 0 is expected.');
}

/** The capacity of a ring: bytes, with an optional suffix K, M or G (of 1024). */
export function parseRingSize(text: string): number {
  const bytes = parseSizeIn(text, 1);
  const isPowerOfTwo = Number.isInteger(Math.log2(bytes));
  if (isPowerOfTwo && bytes >= MIN_CAPACITY && bytes <= MAX_CAPACITY) return bytes;
  throw new InvalidArgumentError('a power of two from 1M to 1G is expected.');
}

/** Bytes of the kernel's buffer; a bare number counts KiB, as tcpdump's -B does. */
export function parseBufferSize(text: string): number {
  const bytes = parseSizeIn(text, 1024);
  if (bytes >= MIN_BUFFER_BYTES && bytes <= MAX_BUFFER_BYTES) return bytes;
  throw new InvalidArgumentError('at least 4K and less than 2G is expected.');
}

function parseSizeIn(text: string, bareUnit: number): number {
  const match = SIZE.exec(text);
  if (match === null) throw new InvalidArgumentError('a size is expected, such as 4096, 512K, 64M or 1G.');
  const suffix = match[2]!.toLowerCase();
  return Number(match[1]) * (suffix === '' && match[3] === undefined ? bareUnit : FACTORS[suffix]!);
}

/** What becomes of a consumer that is slower than its source: it is waited for, or it misses packets. */
export type OnSlow = 'wait' | 'drop';

/** What a consumer can do about itself, beside that. */
export type ConsumerOnSlow = OnSlow | 'newest';

/** `--on-slow`: the one word for it, of taps and of consumers. */
export function onSlowOption(description: string, choices: readonly ConsumerOnSlow[] = ['wait', 'drop']): Option {
  return new Option('--on-slow <what>', description).choices(choices);
}

/** The policy that the word stands for. */
export function policyOf<T extends ConsumerOnSlow>(onSlow: T): (typeof POLICIES)[T] {
  return POLICIES[onSlow];
}

const POLICIES = { wait: 'lossless', drop: 'lossy', newest: 'newest' } as const;

/** Collects an option that may be given more than once. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** Counts how often a flag is given. */
export function countFlag(_value: unknown, before: number): number {
  return before + 1;
}
