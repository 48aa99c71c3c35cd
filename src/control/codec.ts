// Messages to bytes and back. What comes in is checked field by field: a peer that says anything else gets a
// ProtocolError, which ends its session and nothing more.

import { Packr } from 'msgpackr';
import { ProtocolError, type TapErrorCode } from '../errors.js';
import { isTapName } from './address.js';
import type {
  Bye,
  ControlRequest,
  FromConsumer,
  FromTap,
  Hello,
  ProgramReply,
  ResumeLane,
  StatsReply,
  TapStats,
  Welcome,
  WelcomeLane,
  WelcomeShare,
} from './messages.js';
import {
  CONTROL_ACTIONS,
  isConsumerName,
  MAX_FILTER_LENGTH,
  MAX_LANES,
  MAX_PROGRAM_PART,
  MAX_TEXT_LENGTH,
  POLICIES,
  STARTS,
} from './messages.js';

const packr = new Packr({ useRecords: false, moreTypes: false, int64AsType: 'bigint' });

type Fields = Readonly<Record<string, unknown>>;

/** Encodes a message. Fields that are undefined are left out. */
export function encode(message: FromConsumer | FromTap): Uint8Array {
  return packr.pack(withoutUndefined(message));
}

/** Decodes what a consumer sent. Throws ProtocolError. */
export function decodeFromConsumer(bytes: Uint8Array): FromConsumer {
  const fields = decode(bytes);
  switch (fields.type) {
    case 'hello':
      return hello(fields);
    case 'stats':
      return { type: 'stats' };
    case 'control':
      return control(fields);
    case 'compile':
      return { type: 'compile', filter: text(fields, 'filter', MAX_FILTER_LENGTH), linktype: linktype(fields) };
    case 'leave':
      return { type: 'leave' };
    case 'bye':
      return bye(fields);
    default:
      return refuse('type', fields.type);
  }
}

/** Decodes what a tap sent. Throws ProtocolError. */
export function decodeFromTap(bytes: Uint8Array): FromTap {
  const fields = decode(bytes);
  switch (fields.type) {
    case 'welcome':
      return welcome(fields);
    case 'refuse':
      return {
        type: 'refuse',
        code: text(fields, 'code', 64) as TapErrorCode,
        message: text(fields, 'message', MAX_TEXT_LENGTH),
      };
    case 'stats':
      return statsReply(fields);
    case 'program':
      return program(fields);
    case 'notice':
      return {
        type: 'notice',
        kind: oneOf(fields, 'kind', ['made-lossy']),
        message: text(fields, 'message', MAX_TEXT_LENGTH),
      };
    case 'left':
      return { type: 'left', ends: eachLane(fields, 'ends').map((end) => big({ end }, 'end')) };
    case 'bye':
      return bye(fields);
    default:
      return refuse('type', fields.type);
  }
}

function hello(fields: Fields): Hello {
  const { versions } = fields;
  if (!Array.isArray(versions) || versions.length > 16 || !versions.every(Number.isInteger))
    refuse('versions', versions);
  return {
    type: 'hello',
    versions: versions as number[],
    role: oneOf(fields, 'role', ['consumer', 'observer', 'controller']),
    name: consumerName(fields),
    ...(fields.policy !== undefined && { policy: oneOf(fields, 'policy', POLICIES) }),
    ...(fields.start !== undefined && { start: oneOf(fields, 'start', STARTS) }),
    ...(fields.share !== undefined && { share: shareName(fields) }),
    ...(fields.resume !== undefined && { resume: lanesOf(fields, 'resume', resumeLane) }),
  };
}

function shareName(fields: Fields): string {
  const name = text(fields, 'share', 64);
  if (!isTapName(name)) refuse('share', name);
  return name;
}

function resumeLane(lane: Fields): ResumeLane {
  return { generation: big(lane, 'generation'), position: big(lane, 'position'), sequence: big(lane, 'sequence') };
}

function control(fields: Fields): ControlRequest {
  const action = oneOf(fields, 'action', CONTROL_ACTIONS);
  if (action === 'set-filter') return { type: 'control', action, filter: text(fields, 'filter', MAX_FILTER_LENGTH) };
  if (fields.packets === undefined) return { type: 'control', action };
  const packets = count(fields, 'packets');
  if (!Number.isSafeInteger(packets) || packets < 1) refuse('packets', packets);
  return { type: 'control', action, packets };
}

function linktype(fields: Fields): number {
  const value = count(fields, 'linktype');
  if (!Number.isInteger(value) || value > 0xffff) refuse('linktype', value);
  return value;
}

function program(fields: Fields): ProgramReply {
  const { instructions } = fields;
  if (!(instructions instanceof Uint8Array) || instructions.length > MAX_PROGRAM_PART || instructions.length % 8 !== 0)
    refuse('instructions', instructions);
  return {
    type: 'program',
    instructions: instructions as Uint8Array,
    more: fields.more === true,
    ...(fields.problem !== undefined && { problem: text(fields, 'problem', 8192) }),
  };
}

function welcome(fields: Fields): Welcome {
  return {
    type: 'welcome',
    version: count(fields, 'version'),
    tap: text(fields, 'tap', 256),
    pid: count(fields, 'pid'),
    source: text(fields, 'source', 4096),
    ...(fields.session !== undefined && { session: welcomeSession(record(fields, 'session')) }),
  };
}

function welcomeSession(fields: Fields): NonNullable<Welcome['session']> {
  return {
    policy: oneOf(fields, 'policy', POLICIES),
    stallTimeoutMs: count(fields, 'stallTimeoutMs'),
    lanes: lanesOf(fields, 'lanes', welcomeLane),
    ...(fields.share !== undefined && { share: welcomeShare(record(fields, 'share')) }),
    ...(fields.resumed !== undefined && { resumed: fields.resumed === true }),
  };
}

function welcomeLane(lane: Fields): WelcomeLane {
  const place = { position: big(lane, 'position'), sequence: big(lane, 'sequence') };
  return lane.missed === undefined ? place : { ...place, missed: count(lane, 'missed') };
}

function welcomeShare(fields: Fields): WelcomeShare {
  return { member: count(fields, 'member'), epoch: count(fields, 'epoch') };
}

function lanesOf<T>(fields: Fields, key: string, laneOf: (lane: Fields) => T): T[] {
  return eachLane(fields, key).map((entry) => laneOf(asRecord('lane', entry)));
}

/** 1 to {@link MAX_LANES} of something. */
function eachLane(fields: Fields, key: string): readonly unknown[] {
  const lanes = fields[key];
  if (!Array.isArray(lanes) || lanes.length < 1 || lanes.length > MAX_LANES) refuse(key, lanes);
  return lanes as unknown[];
}

function bye(fields: Fields): Bye {
  const reason = oneOf(fields, 'reason', ['finished', 'stopped', 'failed', 'evicted', 'detached']);
  return { type: 'bye', reason, message: text(fields, 'message', MAX_TEXT_LENGTH) };
}

function statsReply(fields: Fields): StatsReply {
  const stats = record(fields, 'stats');
  if (!Array.isArray(stats.consumers)) refuse('consumers', stats.consumers);
  const consumers = (stats.consumers as unknown[]).map((entry) => consumerStats(asRecord('consumer', entry)));
  return { type: 'stats', stats: { ...tapStats(stats), consumers }, more: fields.more === true };
}

function tapStats(fields: Fields): Omit<TapStats, 'consumers'> {
  return {
    tap: text(fields, 'tap', 256),
    pid: count(fields, 'pid'),
    source: text(fields, 'source', 4096),
    startedMs: count(fields, 'startedMs'),
    state: oneOf(fields, 'state', ['waiting', 'running', 'paused', 'ended']),
    lanes: count(fields, 'lanes'),
    ringBytes: count(fields, 'ringBytes'),
    received: count(fields, 'received'),
    kernelDropped: fields.kernelDropped === undefined ? undefined : count(fields, 'kernelDropped'),
    interfaceDropped: fields.interfaceDropped === undefined ? undefined : count(fields, 'interfaceDropped'),
    published: count(fields, 'published'),
    bytes: count(fields, 'bytes'),
    handedOver: count(fields, 'handedOver'),
    handOverUnknown: count(fields, 'handOverUnknown'),
  };
}

function consumerStats(fields: Fields): TapStats['consumers'][number] {
  return {
    id: count(fields, 'id'),
    name: text(fields, 'name', 64),
    pid: count(fields, 'pid'),
    uid: count(fields, 'uid'),
    policy: oneOf(fields, 'policy', POLICIES),
    ...(fields.share !== undefined && { share: shareName(fields) }),
    delivered: count(fields, 'delivered'),
    filtered: count(fields, 'filtered'),
    missed: count(fields, 'missed'),
    lag: count(fields, 'lag'),
  };
}

// --- the fields' kinds ---

function decode(bytes: Uint8Array): Fields {
  let value: unknown;
  try {
    value = packr.unpack(bytes);
  } catch (cause) {
    throw new ProtocolError('ERR_TAP_PROTOCOL', 'message is not MessagePack', { cause });
  }
  return asRecord('message', value);
}

function asRecord(key: string, value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(key, value);
  return value as Fields;
}

function record(fields: Fields, key: string): Fields {
  return asRecord(key, fields[key]);
}

function text(fields: Fields, key: string, maxLength: number): string {
  const value = fields[key];
  if (typeof value !== 'string' || value.length > maxLength) refuse(key, value);
  return value as string;
}

/** Attack: a name with escape sequences in it would do things to the terminal of whoever looks at the statistics. */
function consumerName(fields: Fields): string {
  const { name } = fields;
  if (typeof name !== 'string' || !isConsumerName(name)) refuse('name', name);
  return name as string;
}

function count(fields: Fields, key: string): number {
  const value = fields[key];
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) refuse(key, value);
  return value as number;
}

function big(fields: Fields, key: string): bigint {
  const value = fields[key];
  if (typeof value !== 'bigint' || value < 0n) refuse(key, value);
  return value as bigint;
}

function oneOf<T extends string>(fields: Fields, key: string, allowed: readonly T[]): T {
  const value = fields[key];
  if (!allowed.includes(value as T)) refuse(key, value);
  return value as T;
}

function refuse(key: string, value: unknown): never {
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : typeof value;
  throw new ProtocolError('ERR_TAP_PROTOCOL', `message with an impossible field: ${key}=${shown}`);
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const kept = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(kept.map(([key, field]) => [key, withoutUndefined(field)]));
}
