// Keywords about the flow: its direction and state, its bits, its application layer.

import type { Draft } from '../draft.js';
import { RuleProblem } from '../problem.js';
import type { BitStep } from '../rule.js';
import { type Keywords, required, wholeNumber } from './keyword.js';

const COMMANDS = ['set', 'unset', 'toggle', 'isset', 'isnotset'];
const STATES = ['established', 'not_established', 'stateless'];
const SCOPES = ['ip_src', 'ip_dst', 'ip_pair'];
const HOST_SCOPES: Readonly<Record<string, BitStep['scope']>> = { src: 'ip_src', dst: 'ip_dst' };
const DEFAULT_EXPIRE_SECONDS = 60;
const HOSTBITS_EXPIRE_SECONDS = 300;

/** Protocols whose events and buffers there are. */
export const APP_PROTOCOLS = ['dns', 'http', 'tls', 'ssh', 'smtp', 'dhcp', 'quic'];

/** flow, flowbits, xbits, hostbits and app-layer-protocol. */
export const FLOW: Keywords = {
  flow: (draft, value, name) => {
    const options = required(value, name)
      .split(',')
      .map((option) => option.trim());
    const state = options.filter((option) => STATES.includes(option));
    if (state.length > 1) throw new RuleProblem(`flow: ${state.join(' and ')} contradict each other`);
    for (const option of options) addFlowOption(draft, option);
    draft.hasKeywords = true;
  },
  flowbits: (draft, value, name) => {
    const [command = '', names = ''] = required(value, name)
      .split(',')
      .map((part) => part.trim());
    if (command === 'noalert') draft.noalert = true;
    else
      addBits(draft, {
        scope: 'flow',
        command: commandOf(command, name),
        names: namesOf(names, name),
        expireSeconds: 0,
      });
  },
  xbits: (draft, value, name) => {
    const [command = '', names = '', ...options] = required(value, name)
      .split(',')
      .map((part) => part.trim());
    addBits(draft, { command: commandOf(command, name), names: namesOf(names, name), ...hostOptions(options) });
  },
  hostbits: (draft, value, name) => {
    const [command = '', bit = '', end = 'src', ...rest] = required(value, name)
      .split(',')
      .map((part) => part.trim());
    const scope = HOST_SCOPES[end];
    if (bit === '') throw new RuleProblem('hostbits without a name');
    if (scope === undefined || rest.length > 1) throw new RuleProblem(`hostbits: ${end} is neither src nor dst`);
    const expireSeconds = rest[0] === undefined ? HOSTBITS_EXPIRE_SECONDS : wholeNumber(rest[0], 'hostbits: expire');
    addBits(draft, { scope, command: commandOf(command, name), names: [bit], expireSeconds });
  },
  'app-layer-protocol': (draft, value, name) => {
    const text = required(value, name);
    const wanted = text.replace(/^!/, '').trim();
    if (!APP_PROTOCOLS.includes(wanted) && wanted !== 'failed')
      throw new RuleProblem(`app-layer-protocol: ${wanted} is not parsed here`);
    draft.asksProtocol = true;
    draft.tests.push(
      ({ appProtocol }) => appProtocol !== undefined && (appProtocol === wanted) !== text.startsWith('!'),
    );
  },
};

function addFlowOption(draft: Draft, option: string): void {
  switch (option) {
    case 'to_server':
    case 'from_client':
      setDirection(draft, 0);
      break;
    case 'to_client':
    case 'from_server':
      setDirection(draft, 1);
      break;
    case 'established':
      draft.established = true;
      draft.tests.push(({ established }) => established);
      break;
    case 'not_established':
      draft.established = false;
      draft.tests.push(({ flow, established }) => flow >= 0 && !established);
      break;
    case 'stateless':
      draft.tests.push(({ flow }) => flow >= 0);
      break;
    case 'only_stream':
      draft.onlyStream = true;
      break;
    case 'no_stream':
      draft.noStream = true;
      break;
    case 'only_frag':
    case 'no_frag':
      draft.tests.push(({ flow, isRebuilt }) => flow >= 0 && isRebuilt === (option === 'only_frag'));
      break;
    default:
      throw new RuleProblem(`flow: ${option} is no option`);
  }
}

function setDirection(draft: Draft, direction: number): void {
  if (draft.direction !== undefined) throw new RuleProblem('flow: more than one direction');
  draft.direction = direction;
}

function addBits(draft: Draft, step: BitStep): void {
  draft.bits.push(step);
  if (!isOnlyChanged(step)) draft.hasKeywords = true;
}

/** It is no condition: a rule with nothing else is asked once in each direction of a flow, as in Suricata. */
function isOnlyChanged({ scope, command }: BitStep): boolean {
  return command === 'set' || (scope !== 'flow' && (command === 'unset' || command === 'toggle'));
}

function commandOf(text: string, name: string): BitStep['command'] {
  if (!COMMANDS.includes(text)) throw new RuleProblem(`${name}: ${text} is no command`);
  return text as BitStep['command'];
}

function namesOf(text: string, name: string): string[] {
  const names = text.split('|').map((part) => part.trim());
  if (names.includes('')) throw new RuleProblem(`${name} without a name`);
  return names;
}

/** `track ip_src` and `expire 60`. */
function hostOptions(options: readonly string[]): Pick<BitStep, 'scope' | 'expireSeconds'> {
  const pairs = Object.fromEntries(options.map((option) => option.split(/\s+/) as [string, string]));
  const scope = pairs.track ?? '';
  if (!SCOPES.includes(scope)) throw new RuleProblem(`xbits: track ${scope} is none of ${SCOPES.join(', ')}`);
  const expire = pairs.expire;
  const expireSeconds = expire === undefined ? DEFAULT_EXPIRE_SECONDS : wholeNumber(expire, 'xbits: expire');
  return { scope: scope as BitStep['scope'], expireSeconds };
}
