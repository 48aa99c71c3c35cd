// The seven words at the beginning of a rule.

import { parseAddresses } from './address-set.js';
import { APP_PROTOCOLS } from './keywords/flow.js';
import { parsePorts } from './port-set.js';
import { RuleProblem } from './problem.js';
import type { Action, RuleHeader } from './rule.js';
import type { Variables } from './variables.js';

const ACTIONS = ['alert', 'pass', 'drop', 'reject', 'rejectsrc', 'rejectdst', 'rejectboth'];

type Carries = RuleHeader['carries'];

const anyOf =
  (...protocols: number[]): Carries =>
  (_, protocol) =>
    protocols.includes(protocol);

const TRANSPORTS: Readonly<Record<string, Carries>> = {
  ip: () => true,
  pkthdr: () => true,
  ipv4: (ipVersion) => ipVersion === 4,
  ip4: (ipVersion) => ipVersion === 4,
  ipv6: (ipVersion) => ipVersion === 6,
  ip6: (ipVersion) => ipVersion === 6,
  tcp: anyOf(6),
  'tcp-pkt': anyOf(6),
  'tcp-stream': anyOf(6),
  udp: anyOf(17),
  icmp: anyOf(1, 58),
  icmpv4: anyOf(1),
  icmpv6: anyOf(58),
  sctp: anyOf(132),
};

/** Which transport carries a protocol, where it is one only. */
const CARRIERS: Readonly<Record<string, Carries>> = {
  http: anyOf(6),
  tls: anyOf(6),
  ssh: anyOf(6),
  smtp: anyOf(6),
  dhcp: anyOf(17),
  quic: anyOf(17),
  dns: anyOf(6, 17),
};

const OTHER_NAMES: Readonly<Record<string, string>> = { http1: 'http', ssl: 'tls' };

/** Throws a RuleProblem. */
export function parseHeader(words: readonly string[], variables: Variables): { action: Action; header: RuleHeader } {
  const [action, protocol, source, sourcePorts, arrow, dest, destPorts] = words as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (!ACTIONS.includes(action)) throw new RuleProblem(`${action} is no action`);
  if (arrow !== '->' && arrow !== '<>') throw new RuleProblem(`${arrow} is no direction`);
  return {
    action: action.startsWith('reject') ? 'reject' : (action as Action),
    header: {
      ...protocolOf(protocol),
      source: parseAddresses(source, variables),
      sourcePorts: parsePorts(sourcePorts, variables),
      dest: parseAddresses(dest, variables),
      destPorts: parsePorts(destPorts, variables),
      bothWays: arrow === '<>',
    },
  };
}

function protocolOf(word: string): Pick<RuleHeader, 'carries' | 'appProtocol'> {
  const transport = TRANSPORTS[word];
  if (transport !== undefined) return { carries: transport, appProtocol: undefined };
  const appProtocol = OTHER_NAMES[word] ?? word;
  if (!APP_PROTOCOLS.includes(appProtocol)) throw new RuleProblem(`protocol ${word} is not parsed here`);
  return { carries: CARRIERS[appProtocol]!, appProtocol };
}
