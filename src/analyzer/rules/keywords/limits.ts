// How often a rule may report: threshold and detection_filter.

import type { Draft } from '../draft.js';
import { RuleProblem } from '../problem.js';
import type { Threshold } from '../rule.js';
import { type Keywords, required, wholeNumber } from './keyword.js';

const TYPES = ['limit', 'threshold', 'both'];
const TRACKS = ['by_src', 'by_dst', 'by_rule', 'by_both', 'by_flow'];

/** threshold and detection_filter. */
export const LIMITS: Keywords = {
  threshold: (draft, value, name) => addThreshold(draft, optionsOf(required(value, name)), name),
  detection_filter: (draft, value, name) =>
    addThreshold(draft, { type: 'detection', ...optionsOf(required(value, name)) }, name),
};

function addThreshold(draft: Draft, options: Readonly<Record<string, string>>, name: string): void {
  const { type = '', track = '' } = options;
  if (type !== 'detection' && !TYPES.includes(type))
    throw new RuleProblem(`${name}: type ${type} is none of ${TYPES.join(', ')}`);
  if (!TRACKS.includes(track)) throw new RuleProblem(`${name}: track ${track} is none of ${TRACKS.join(', ')}`);
  draft.thresholds.push({
    type: type as Threshold['type'],
    track: track as Threshold['track'],
    count: wholeNumber(options.count, `${name}: count`),
    seconds: wholeNumber(options.seconds, `${name}: seconds`),
  });
}

function optionsOf(text: string): Record<string, string> {
  return Object.fromEntries(text.split(',').map((part) => part.trim().split(/\s+/) as [string, string]));
}
