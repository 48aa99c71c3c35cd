// dataset and datarep: whether what a buffer has is in a set, which rules may change.

import type { DatasetOptions } from '../../datasets/datasets.js';
import { VALUE_TYPES, type ValueType } from '../../datasets/value-type.js';
import { PAYLOAD } from '../draft.js';
import { RuleProblem } from '../problem.js';
import type { DatasetStep, ReputationStep } from '../steps.js';
import { type Keywords, required, wholeNumber } from './keyword.js';

const COMMANDS = ['isset', 'isnotset', 'set', 'unset'];
const OPERATORS = ['<', '>', '=='];
const MAX_REPUTATION = 65_535;
const UNITS: Readonly<Record<string, number>> = { '': 1, kb: 1 << 10, mb: 1 << 20, gb: 1 << 30 };

/** dataset and datarep. */
export const DATASETS: Keywords = {
  dataset: (draft, value, name) => {
    const [command = '', set = '', ...options] = parts(value, name);
    if (!COMMANDS.includes(command)) throw new RuleProblem(`dataset: ${command} is none of ${COMMANDS.join(', ')}`);
    if (draft.buffer === PAYLOAD) throw new RuleProblem('dataset without a sticky buffer before it');
    const opened = draft.openDataset(optionsOf(set, options, name));
    draft.addStep({ kind: 'dataset', command: command as DatasetStep['command'], set: opened });
  },
  datarep: (draft, value, name) => {
    const [set = '', operator = '', than, ...options] = parts(value, name);
    if (!OPERATORS.includes(operator)) throw new RuleProblem(`datarep: ${operator} is none of ${OPERATORS.join(', ')}`);
    const reputation = wholeNumber(than, name);
    if (reputation > MAX_REPUTATION) throw new RuleProblem(`datarep: ${reputation} is more than ${MAX_REPUTATION}`);
    if (draft.buffer === PAYLOAD) throw new RuleProblem('datarep without a sticky buffer before it');
    const opened = draft.openDataset(optionsOf(set, options, name));
    draft.addStep({ kind: 'datarep', operator: operator as ReputationStep['operator'], than: reputation, set: opened });
  },
};

function parts(value: string | undefined, name: string): string[] {
  return required(value, name)
    .split(',')
    .map((part) => part.trim());
}

/** `type string, load FILE, memcap 10mb …`. */
function optionsOf(set: string, options: readonly string[], name: string): DatasetOptions {
  if (!/^[\w.-]+$/.test(set)) throw new RuleProblem(`${name}: ${set} is no name`);
  const given = new Map(options.map((option) => option.split(/\s+/, 2) as [string, string]));
  const type = given.get('type');
  if (type !== undefined && !VALUE_TYPES.includes(type))
    throw new RuleProblem(`${name}: type ${type} is none of ${VALUE_TYPES.join(', ')}`);
  const [load, state, save, memcap] = ['load', 'state', 'save', 'memcap'].map((word) => given.get(word));
  if (state !== undefined && (load !== undefined || save !== undefined))
    throw new RuleProblem(`${name}: state together with load or save`);
  for (const known of ['type', 'load', 'state', 'save', 'memcap', 'hashsize']) given.delete(known);
  const [unknown] = given.keys();
  if (unknown !== undefined) throw new RuleProblem(`${name}: ${unknown} is no option`);
  return {
    name: set,
    type: type as ValueType | undefined,
    load,
    state,
    save,
    maxBytes: memcap === undefined ? undefined : bytesOf(memcap, name),
  };
}

function bytesOf(text: string, name: string): number {
  const [, digits, unit = ''] = /^(\d{1,9})\s*(kb|mb|gb)?$/i.exec(text) ?? [];
  if (digits === undefined) throw new RuleProblem(`${name}: memcap ${text}`);
  return Number(digits) * UNITS[unit.toLowerCase()]!;
}
