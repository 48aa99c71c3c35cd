// The IP protocols that most packets have, as constants of the analyzer's own: V8 makes those part of its code, and fetches at
// each use what is imported from the library (rolldown.config.ts says more).

import { IpProtocol } from '../index.js';

/** 6 and 17 (https://www.iana.org/assignments/protocol-numbers). */
export const { tcp: TCP, udp: UDP } = IpProtocol;
