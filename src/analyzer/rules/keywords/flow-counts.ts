// Keywords that ask how far a flow has come.

import { parseNumberTest } from '../number-test.js';
import type { FlowCounts } from '../packet-facts.js';
import { RuleProblem } from '../problem.js';
import { type Keyword, type Keywords, required } from './keyword.js';

const SERVER = 1;
const CLIENT = 0;

/** flow.age, flow.pkts, flow.bytes and stream_size. */
export const FLOW_COUNTS: Keywords = {
  'flow.age': (draft, value, name) => {
    const test = parseNumberTest(required(value, name));
    draft.addTest(({ flowCounts }) => flowCounts !== undefined && test(flowCounts.ageSeconds));
  },
  'flow.pkts': counted((counts, direction) => counts.packets(direction)),
  'flow.bytes': counted((counts, direction) => counts.bytes(direction)),
  stream_size: (draft, value, name) => {
    const [who = '', ...condition] = parts(value, name);
    const test = parseNumberTest(condition.join(''));
    const isWanted = sides(who, name, { server: SERVER, client: CLIENT });
    draft.alsoPacket = true;
    draft.asksStreamSize = true;
    draft.addTest(({ flowCounts }) =>
      isWanted((direction) => {
        const bytes = flowCounts?.streamBytes(direction);
        return bytes !== undefined && test(bytes);
      }),
    );
  },
};

function counted(count: (counts: FlowCounts, direction: number) => number): Keyword {
  return (draft, value, name) => {
    const [who = '', condition = ''] = parts(value, name);
    const test = parseNumberTest(condition);
    const isWanted = sides(who, name, { toserver: CLIENT, toclient: SERVER });
    draft.addTest(
      ({ flowCounts }) => flowCounts !== undefined && isWanted((direction) => test(count(flowCounts, direction))),
    );
  };
}

function parts(value: string | undefined, name: string): string[] {
  return required(value, name)
    .split(',')
    .map((part) => part.trim());
}

type Fits = (direction: number) => boolean;

/** Whether one side, both or either are as they should be. */
function sides(who: string, name: string, directions: Readonly<Record<string, number>>): (fits: Fits) => boolean {
  if (who === 'both') return (fits) => fits(CLIENT) && fits(SERVER);
  if (who === 'either') return (fits) => fits(CLIENT) || fits(SERVER);
  const direction = Object.hasOwn(directions, who) ? directions[who] : undefined;
  if (direction === undefined)
    throw new RuleProblem(`${name}: ${who} is none of ${Object.keys(directions)}, both, either`);
  return (fits) => fits(direction);
}
