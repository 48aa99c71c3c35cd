// A rule as the engine has it: read once, never changed.

import type { AddressSet } from './address-set.js';
import type { PacketFacts } from './packet-facts.js';
import type { PortSet } from './port-set.js';
import type { Chain } from './steps.js';

/** What a rule does. All but `pass` report; nothing is dropped or rejected, this is a listener. */
export type Action = 'pass' | 'drop' | 'reject' | 'alert';

/** A condition on a packet and its flow. */
export type PacketTest = (packet: PacketFacts) => boolean;

/** A condition on a number of a transaction; the packet tells the time. */
export type NumberTest = (value: number, packet: PacketFacts) => boolean;

/** Who, from where, to where. */
export interface RuleHeader {
  /** Whether packets of this IP version and protocol are meant. */
  readonly carries: (ipVersion: number, protocol: number) => boolean;
  /** The protocol above, by Suricata's name; undefined: any. */
  readonly appProtocol: string | undefined;
  readonly source: AddressSet;
  readonly sourcePorts: PortSet;
  readonly dest: AddressSet;
  readonly destPorts: PortSet;
  /** `<>`: either way. */
  readonly bothWays: boolean;
}

/** flowbits and xbits: what is asked, and what is changed once the rest of the rule matches. */
export interface BitStep {
  /** Of the flow, or of the address of its source or destination. */
  readonly scope: 'flow' | 'ip_src' | 'ip_dst' | 'ip_pair';
  readonly command: 'set' | 'unset' | 'toggle' | 'isset' | 'isnotset';
  /** For isset and isnotset: one of them is enough. */
  readonly names: readonly string[];
  /** Of a bit of an address: for so many seconds. */
  readonly expireSeconds: number;
}

/** flowint: a number of the flow that is asked for, or changed once the rest of the rule matches. 32 bits, without a sign. */
export interface FlowIntStep {
  readonly name: string;
  readonly command: '=' | '+' | '-' | '<' | '>' | '<=' | '>=' | '==' | '!=' | 'isset' | 'isnotset';
  /** A number, or the name of another flowint. */
  readonly value: number | string;
}

/** How often a rule may report. */
export interface Threshold {
  /** `detection`: from the count on, each time (detection_filter). */
  readonly type: 'limit' | 'threshold' | 'both' | 'detection';
  readonly track: 'by_src' | 'by_dst' | 'by_rule' | 'by_both' | 'by_flow';
  readonly count: number;
  readonly seconds: number;
}

/** Which payload is looked at. */
export interface PayloadWay {
  readonly packet: boolean;
  readonly stream: boolean;
}

/** A rule. */
export interface Rule {
  readonly action: Action;
  readonly header: RuleHeader;
  readonly sid: number;
  readonly gid: number;
  readonly rev: number;
  readonly msg: string;
  /** The class's short name, as in the rule; undefined: none. */
  readonly classtype: string | undefined;
  /** What alerts call the class; empty: none. */
  readonly category: string;
  /** 1 (most urgent) to 255. */
  readonly priority: number;
  /** `metadata` by key, in order. */
  readonly metadata: Readonly<Record<string, readonly string[]>>;
  readonly references: readonly string[];
  readonly target: 'src_ip' | 'dest_ip' | undefined;
  readonly noalert: boolean;
  /** 0 to the server, 1 to the client; undefined: either. */
  readonly direction: number | undefined;
  /** Only packets are meant that are so established, or not; undefined: either. One of the tests asks for it, too. */
  readonly established: boolean | undefined;
  readonly tests: readonly PacketTest[];
  readonly chains: readonly Chain[];
  /** Conditions on numbers of a transaction, by name. */
  readonly numbers: readonly { readonly name: string; readonly test: NumberTest }[];
  /** Events that it waits for: `ipv4.pkt_too_small`, `dns.malformed_data`. */
  readonly events: readonly string[];
  readonly bits: readonly BitStep[];
  readonly ints: readonly FlowIntStep[];
  readonly thresholds: readonly Threshold[];
  readonly payload: PayloadWay;
  /** It asks for the length of a stream, which nobody follows else. */
  readonly asksStreamSize: boolean;
  /** Nothing is asked that changes from packet to packet: it matches once in each direction of a flow. */
  readonly oncePerDirection: boolean;
  readonly text: string;
  readonly file: string;
  readonly line: number;
}
