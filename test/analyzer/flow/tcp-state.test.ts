import { describe, expect, it } from 'vitest';
import { nextTcpState, TcpState, tcpStateName } from '../../../src/analyzer/flow/tcp-state.js';

const FLAGS: Readonly<Record<string, number>> = { S: 2, F: 1, R: 4, A: 16, P: 8 };

/** State names after each step; a step is `>` (from the client) or `<` and its flags. */
function walk(steps: string): string[] {
  let state: number = TcpState.none;
  return steps.split(' ').map((step) => {
    const flags = [...step.slice(1)].reduce((sum, letter) => sum | FLAGS[letter]!, 0);
    state = nextTcpState(state, flags, step[0] === '>');
    return tcpStateName(state);
  });
}

describe('a TCP connection', () => {
  it('opens in three steps', () => {
    expect(walk('>S <SA >A <PA')).toEqual(['syn_sent', 'syn_recv', 'established', 'established']);
  });

  it('stays where it is when its opening steps are repeated', () => {
    expect(walk('>S >S <SA >S <SA >A <SA')).toEqual([
      ...['syn_sent', 'syn_sent', 'syn_recv', 'syn_recv', 'syn_recv'],
      ...['established', 'established'],
    ]);
  });

  it('has no state when its beginning was not seen, whatever comes but a SYN', () => {
    expect(walk('>PA <A <SA >FA <R')).toEqual(['none', 'none', 'none', 'none', 'none']);
    expect(walk('<A >S')).toEqual(['none', 'syn_sent']);
  });

  it('closes when the client begins', () => {
    expect(walk('>S <SA >A >FA <A <FA >A').slice(3)).toEqual(['close_wait', 'close_wait', 'last_ack', 'closed']);
  });

  it('closes when the server begins', () => {
    expect(walk('>S <SA >A <FA >A >FA <A').slice(3)).toEqual(['fin_wait1', 'fin_wait2', 'time_wait', 'time_wait']);
  });

  it('closes when the client answers with its own FIN at once', () => {
    expect(walk('>S <SA >A <FA >FA <A').slice(3)).toEqual(['fin_wait1', 'closing', 'time_wait']);
  });

  it('is closed by a reset from anywhere, and stays so', () => {
    expect(walk('>S <RA')).toEqual(['syn_sent', 'closed']);
    expect(walk('>S <SA >A >R <PA <FA').slice(2)).toEqual(['established', 'closed', 'closed', 'closed']);
  });
});
