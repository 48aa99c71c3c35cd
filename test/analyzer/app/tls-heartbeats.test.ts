// Heartbeats of TLS, in clear and encrypted: what is wrong with them, in whatever pieces they come.

import { describe, expect, it } from 'vitest';
import { talk } from '../../support/app-talk.js';
import { ENCRYPTED, HELLOS, heartbeat, tlsRecord } from '../../support/heartbeats.js';
import type { Said } from '../../support/talks.js';

const SOUND: Said = ['>', heartbeat(1, 16, 32)];
const SECRET = heartbeat(77, 7777, 32);

const CONNECTIONS: readonly [what: string, said: readonly Said[], events: readonly string[]][] = [
  ['that are as they must be', [...HELLOS, SOUND, ['<', heartbeat(2, 16, 32)], SOUND], []],
  ['longer than their record', [...HELLOS, ['>', heartbeat(1, 0x4000, 0)]], ['tls overflow_heartbeat_message']],
  ['without enough padding', [...HELLOS, ['>', heartbeat(1, 17, 32)]], ['tls invalid_heartbeat_message']],
  ['of no known type', [...HELLOS, ['<', heartbeat(3, 16, 32)]], ['tls invalid_heartbeat_message']],
  ['that nobody has answered yet', [...HELLOS, SOUND, SOUND], ['tls invalid_heartbeat_message']],
  ['of less than a head', [...HELLOS, ['>', tlsRecord(24, [1, 0])]], []],
  ['that are encrypted, and as long as their questions', [...ENCRYPTED, ['>', SECRET], ['<', SECRET]], []],
  [
    'that are encrypted, and longer than their questions',
    [...ENCRYPTED, ['>', SECRET], ['<', heartbeat(0, 0, 33)]],
    ['tls dataleak_heartbeat_mismatch'],
  ],
  [
    'of which something has been told',
    [...HELLOS, ['>', heartbeat(1, 0x4000, 0)], ['<', heartbeat(3, 0, 0)]],
    ['tls overflow_heartbeat_message'],
  ],
  ['behind data', [...ENCRYPTED, ['>', tlsRecord(23, [1])], ['>', SECRET], ['<', heartbeat(0, 0, 33)]], []],
];

describe('heartbeats', () => {
  it.each(CONNECTIONS)('%s', (_, said, events) => {
    for (const pieceBytes of [1, 4, 1000]) expect(talk([...said], { pieceBytes }).anomalies).toEqual(events);
  });
});
