// Logs each DNS query over UDP: its time, who asks, and for what.
//
//   node dns-logger.js eth0
//
// The tap compiles the filter, and it runs here, in native code: packets that don't match never reach JavaScript.

import { attach, formatIPv4, formatIPv6, Layers, type PacketView } from 'pkttap';

// RFC 1035, section 4.1.1: a header of twelve bytes, then the question.
const HEADER = 12;
const TYPES = new Map([
  [1, 'A'],
  [2, 'NS'],
  [5, 'CNAME'],
  [12, 'PTR'],
  [15, 'MX'],
  [16, 'TXT'],
  [28, 'AAAA'],
  [33, 'SRV'],
  [65, 'HTTPS'],
]);

const layers = new Layers();

/** The question: a name of labels, each with its length before it, then its type. Undefined for what is cut or malformed. */
function question(packet: PacketView, start: number): { name: string; type: number } | undefined {
  const labels: string[] = [];
  let at = start;
  for (;;) {
    // A packet may end anywhere. Reading beyond what was captured would throw a RangeError.
    if (at >= packet.caplen) return undefined;
    const length = packet.u8(at);
    if (length === 0) break;
    if (length > 63 || at + 1 + length > packet.caplen) return undefined;
    // `data` lies in the tap's memory: toString() makes a copy, which may be kept. Printed, it must not move the cursor.
    labels.push(
      Buffer.from(packet.data.subarray(at + 1, at + 1 + length))
        .toString('latin1')
        .replace(/[^!-~]/g, '?'),
    );
    at += 1 + length;
  }
  if (at + 3 > packet.caplen) return undefined;
  return { name: labels.join('.') || '.', type: packet.u16(at + 1) };
}

function log(packet: PacketView): void {
  layers.decode(packet);
  const { payloadOffset, l3Offset, ipVersion } = layers;
  // Without a payload that holds a header there is nothing to read, and the highest bit of its flags says "answer".
  if (payloadOffset < 0 || payloadOffset + HEADER > packet.caplen || packet.u8(payloadOffset + 2) >= 0x80) return;
  const asked = question(packet, payloadOffset + HEADER);
  if (asked === undefined) return;
  const client = ipVersion === 4 ? formatIPv4(packet, l3Offset + 12) : formatIPv6(packet, l3Offset + 8);
  const time = new Date(Number(packet.tsNs / 1_000_000n)).toISOString();
  console.log(`${time} ${client} ${asked.name} ${TYPES.get(asked.type) ?? `TYPE${asked.type}`}`);
}

await using consumer = await attach(process.argv[2] ?? 'eth0', {
  wait: true,
  name: 'dns-logger',
  filter: 'udp dst port 53',
});
for await (const batch of consumer) for (const packet of batch) log(packet);
