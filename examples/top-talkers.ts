// Who sends the most: the ten addresses with the most bytes on the wire, once a second and at the end.
//
//   node top-talkers.js eth0

import { attach, formatIPv4, formatIPv6, Layers, type PacketView } from 'pkttap';

const SHOWN = 10;

const bytesOf = new Map<string, number>();
// One object, used for packet after packet: decoding allocates nothing.
const layers = new Layers();

function source(packet: PacketView): string | undefined {
  layers.decode(packet);
  // The source address stands at byte 12 of an IPv4 header, and at byte 8 of an IPv6 header.
  if (layers.ipVersion === 4) return formatIPv4(packet, layers.l3Offset + 12);
  if (layers.ipVersion === 6) return formatIPv6(packet, layers.l3Offset + 8);
  return undefined;
}

function count(packet: PacketView): void {
  const address = source(packet);
  if (address !== undefined) bytesOf.set(address, (bytesOf.get(address) ?? 0) + packet.origlen);
}

function report(): void {
  const largest = [...bytesOf].sort(([, one], [, other]) => other - one).slice(0, SHOWN);
  console.log(`--- ${bytesOf.size} addresses`);
  for (const [address, bytes] of largest) console.log(`${String(bytes).padStart(12)} ${address}`);
}

await using consumer = await attach(process.argv[2] ?? 'eth0', { wait: true, name: 'top-talkers' });
const timer = setInterval(report, 1000);
try {
  // A batch is what has come since the last one. The loop ends when the tap does.
  for await (const batch of consumer) for (const packet of batch) count(packet);
} finally {
  clearInterval(timer);
}
report();
