// Where a consumer was, as a string that outlives it: of each lane the ring's generation, and the position and the sequence of
// the next packet. Only taps believe in it, after they have checked that a packet begins there.

import { MAX_LANES, type ResumeLane } from '../control/messages.js';

const LANE = /^([0-9a-f]{1,16})\.([0-9a-f]{1,16})\.([0-9a-f]{1,16})$/;

export function resumeTokenOf(lanes: readonly ResumeLane[]): string {
  const hex = (value: bigint) => value.toString(16);
  return lanes
    .map(({ generation, position, sequence }) => [generation, position, sequence].map(hex).join('.'))
    .join('-');
}

/** Throws RangeError for anything that {@link resumeTokenOf} doesn't give. */
export function parseResumeToken(token: string): ResumeLane[] {
  const matches = token.split('-', MAX_LANES + 1).map((lane) => LANE.exec(lane));
  if (matches.length > MAX_LANES || matches.includes(null))
    throw new RangeError(`not a token to resume by: ${JSON.stringify(token.slice(0, 80))}`);
  return matches.map((match) => {
    const [generation, position, sequence] = match!.slice(1).map((hex) => BigInt(`0x${hex}`));
    return { generation: generation!, position: position!, sequence: sequence! };
  });
}
