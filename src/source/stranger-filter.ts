// Filters that come from strangers: consumers have theirs compiled by the tap. libpcap looks names of hosts up, over the network
// and in the tap's name, so an expression is looked at before libpcap sees it: words of the language, numbers and addresses
// pass; a name passes only right behind a word after which libpcap looks no further than the machine's own files.

import { isIPv6 } from 'node:net';
import { TapError } from '../errors.js';
import { compileFilterAsync } from './filter.js';

/** Characters of an expression. libpcap's work grows faster than that: 1,024 take it well below a second. */
const MAX_FILTER_LENGTH = 1024;

/** What the kernel takes: BPF_MAXINSNS. */
const MAX_INSTRUCTIONS = 4096;
const MAX_PROGRAM_BYTES = MAX_INSTRUCTIONS * 8;

/** Words of pcap-filter(7), in libpcap's own spelling: it takes others, such as TCP, for names. */
const WORDS = new Set(
  `aarp action addr1 addr2 addr3 addr4 ah and arp atalk broadcast byte carp clnp csnp decnet dst ele esis esp ether fddi
  geneve greater host icmp icmp6 igmp igrp iih inbound ip ip6 ipx isis iso l1 l2 lat len less link llc lsp moprc mopdl mpls
  multicast net netbeui not or outbound pim port portrange ppp pppoed pppoes proto protochain psnp ra radio rarp sca sctp
  slip snp src stp subtype ta tcp tr type udp vlan vpi vci vrrp wlan xns dir mask
  tcpflags tcp-fin tcp-syn tcp-rst tcp-push tcp-ack tcp-urg tcp-ece tcp-cwr
  icmptype icmpcode icmp-echoreply icmp-unreach icmp-sourcequench icmp-redirect icmp-echo icmp-routeradvert
  icmp-routersolicit icmp-timxceed icmp-paramprob icmp-tstamp icmp-tstampreply icmp-ireq icmp-ireqreply icmp-maskreq
  icmp-maskreply icmp6type icmp6code icmp6-destinationunreach icmp6-packettoobig icmp6-timeexceeded
  icmp6-parameterproblem icmp6-echo icmp6-echoreply icmp6-multicastlistenerquery icmp6-multicastlistenerreportv1
  icmp6-multicastlistenerdone icmp6-routersolicit icmp6-routeradvert icmp6-neighborsolicit icmp6-neighboradvert
  icmp6-redirect icmp6-routerrenum icmp6-nodeinformationquery icmp6-nodeinformationresponse icmp6-multicastlistenerreportv2`.split(
    /\s+/,
  ),
);

/** Behind these, a name is a service's or a protocol's, or a word of the language's that means nothing elsewhere. */
const BEFORE_NAMES = new Set(['port', 'portrange', 'proto', 'protochain', 'type', 'subtype', 'dir']);

/** A backslash makes a name of whatever follows it, up to one of these. */
const TOKEN = /\\[^ !()\n\t]*|[A-Za-z0-9_.:-]+/g;

const NUMBER = /^(0[xX][0-9A-Fa-f]+|[0-9]+)$/;
const IPV4 = /^[0-9]{1,3}(\.[0-9]{1,3}){1,3}$/;
const MAC = /^[0-9A-Fa-f]{1,2}(:[0-9A-Fa-f]{1,2}){5}$/;

/**
 * Compiles filters of strangers, one at a time, whatever they ask for: no more than one thread is ever busy with them. Rejects
 * as compileFilter throws, and with ERR_TAP_BAD_FILTER for an expression that a tap doesn't compile for others.
 */
export class StrangersFilters {
  #last: Promise<unknown> = Promise.resolve();

  async compile(expression: string, linktype: number): Promise<Uint8Array> {
    check(expression);
    const turn = this.#last.then(() => compileFilterAsync(expression, { linktype }));
    this.#last = turn.catch(() => {});
    const program = await turn;
    if (program.length > MAX_PROGRAM_BYTES) refuse(`it compiles to more than ${MAX_INSTRUCTIONS} instructions`);
    return program;
  }
}

function check(expression: string): void {
  if (expression.length > MAX_FILTER_LENGTH)
    refuse(`longer than ${MAX_FILTER_LENGTH} characters, the most for a consumer`);
  let before = '';
  for (const [token] of expression.matchAll(TOKEN)) {
    if (!BEFORE_NAMES.has(before) && !isHarmless(token))
      refuse(`a tap looks up no names for consumers: ${JSON.stringify(token)}; write the address or the number`);
    before = token;
  }
}

function isHarmless(token: string): boolean {
  if (IPV4.test(token) || MAC.test(token) || (isIPv6(token) && !token.includes('.'))) return true;
  // tcp[12:1] has a colon that is no address's.
  const parts = token.replace(/^[:-]+|[:-]+$/g, '').split(':');
  return parts.every((part) => part === '' || WORDS.has(part) || NUMBER.test(part));
}

function refuse(why: string): never {
  throw new TapError('ERR_TAP_BAD_FILTER', `filter refused: ${why}`);
}
