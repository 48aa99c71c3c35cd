// DHCP over UDP. Each message is a transaction; like Suricata without its extended mode, only a server's acknowledgement
// is an event: it says which machine has which address.

import type { EveWriter } from '../../eve/eve-writer.js';
import type { AppListener, AppProtocol, DatagramParser, Transaction } from '../app-types.js';
import type { ByteRange } from '../byte-range.js';
import { eveText, hexText, latin1 } from '../text.js';
import { type DhcpMessage, DhcpOption, isDhcp, readDhcp } from './dhcp-message.js';

const ACK = 5;
const TYPES = ['discover', 'offer', 'request', 'decline', 'ack', 'nak', 'release', 'inform'];

const TIMES: Readonly<Record<string, number>> = {
  'dhcp.leasetime': DhcpOption.leaseTime,
  'dhcp.renewal_time': DhcpOption.renewalTime,
  'dhcp.rebinding_time': DhcpOption.rebindingTime,
};

export class DhcpParser implements DatagramParser {
  readonly protocol: AppProtocol = 'dhcp';
  readonly done = false;
  readonly #listener: AppListener;
  #nextId = 0;

  constructor(listener: AppListener) {
    this.#listener = listener;
  }

  data(direction: number, datagram: ByteRange): void {
    if (!isDhcp(datagram)) return;
    const tx = new DhcpTransaction(this.#nextId++, direction, readDhcp(datagram.view()));
    this.#listener.transaction(tx, direction);
    if (tx.message.truncated) this.#listener.anomaly('dhcp', 'truncated_options', direction, tx);
    if (tx.type === ACK) this.#listener.finished(tx);
  }
}

class DhcpTransaction implements Transaction {
  readonly protocol: AppProtocol = 'dhcp';
  readonly id: number;
  readonly sentBy: number;
  readonly message: DhcpMessage;

  constructor(id: number, sentBy: number, message: DhcpMessage) {
    this.id = id;
    this.sentBy = sentBy;
    this.message = message;
  }

  get type(): number | undefined {
    return this.message.options.get(DhcpOption.type)?.[0];
  }

  isComplete(): boolean {
    return true;
  }

  buffers(): readonly Uint8Array[] {
    return [];
  }

  /** `dhcp.leasetime`, `dhcp.renewal_time` and `dhcp.rebinding_time`, in seconds. */
  number(name: string): number | undefined {
    const option = TIMES[name];
    return option === undefined ? undefined : this.#seconds(option);
  }

  writeEve(out: EveWriter): void {
    const { isRequest, id, clientMac, assignedIp, options } = this.message;
    const hostname = options.get(DhcpOption.hostname);
    const renewal = this.#seconds(DhcpOption.renewalTime);
    out.members({
      dhcp: {
        type: isRequest ? 'request' : 'reply',
        id,
        client_mac: hexText(clientMac, ':'),
        assigned_ip: assignedIp.join('.'),
        ...(this.type !== undefined && { dhcp_type: TYPES[this.type - 1] ?? 'unknown' }),
        ...(renewal !== undefined && { renewal_time: renewal }),
        ...(hostname && { hostname: eveText(latin1(hostname)) }),
      },
    });
  }

  #seconds(option: number): number | undefined {
    const bytes = this.message.options.get(option);
    return bytes?.length === 4 ? new DataView(bytes.buffer).getUint32(0) : undefined;
  }
}
