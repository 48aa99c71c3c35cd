// Publishes packets of its own making: each line of standard input as a syslog message over UDP (RFC 5426), for whatever
// reads taps. Nobody needs privileges, and no packet is sent anywhere.
//
//   journalctl -f | node publish-lines.js log      and elsewhere: pkttap attach log

import { createInterface } from 'node:readline';
import { IpProtocol, type PacketLike, Tap } from 'pkttap';

const [name = 'lines'] = process.argv.slice(2);
const IP_HEADER = 20;
const UDP_HEADER = 8;
const SYSLOG = 514;
const INFORMATIONAL = '<14>';
const LOCALHOST = 0x7f000001;
/** Packets that begin with an IP header: LINKTYPE_RAW. One object for all packets, as each new one is another interface. */
const STDIN = { name: 'stdin', linktype: 101 };

function syslog(line: string): PacketLike {
  const message = Buffer.from(INFORMATIONAL + line).subarray(0, 1024);
  const data = Buffer.alloc(IP_HEADER + UDP_HEADER + message.length);
  data.writeUInt8(0x45, 0);
  data.writeUInt16BE(data.length, 2);
  data.writeUInt8(64, 8);
  data.writeUInt8(IpProtocol.udp, 9);
  data.writeUInt32BE(LOCALHOST, 12);
  data.writeUInt32BE(LOCALHOST, 16);
  data.writeUInt16BE(checksum(data.subarray(0, IP_HEADER)), 10);
  data.writeUInt16BE(SYSLOG, IP_HEADER);
  data.writeUInt16BE(SYSLOG, IP_HEADER + 2);
  // No checksum, which UDP allows.
  data.writeUInt16BE(UDP_HEADER + message.length, IP_HEADER + 4);
  message.copy(data, IP_HEADER + UDP_HEADER);
  return { data, interface: STDIN };
}

function checksum(header: Buffer): number {
  let sum = 0;
  for (let i = 0; i < header.length; i += 2) sum += header.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

await using tap = Tap.publish({ name, description: 'standard input' });
await tap.waitForConsumers(1);
// Waits whenever a consumer is a whole ring behind, and reads no more lines meanwhile.
for await (const line of createInterface({ input: process.stdin })) await tap.send([syslog(line)]);
await tap.finish();
await tap.drained();
