// Keeps the last packets in memory, and saves them when something happens, so that a savefile shows what led to it. Here:
// a TCP connection is reset.
//
//   node save-on-trigger.js eth0 reset 1000      writes reset-1.pcapng, reset-2.pcapng …

import { attach, FileSink, IpProtocol, Layers, type PacketView } from 'pkttap';

const [tap = 'eth0', prefix = 'reset', most = '1000'] = process.argv.slice(2);
const MOST = Number(most);
const RST = 4;

const layers = new Layers();

function isTrigger(packet: PacketView): boolean {
  layers.decode(packet);
  return layers.protocol === IpProtocol.tcp && (layers.tcpFlags & RST) !== 0;
}

await using consumer = await attach(tap, { wait: true, name: 'save-on-trigger' });
const kept: PacketView[] = [];
let files = 0;

async function save(): Promise<void> {
  const target = `${prefix}-${++files}.pcapng`;
  const sink = await FileSink.open({ target, interfaces: consumer.interfaces });
  await sink.write(kept.splice(0));
  await sink.close();
  console.log(`${target}: ${sink.written} packets`);
}

for await (const batch of consumer) {
  for (const packet of batch) {
    // A packet of a batch is one object that moves on: to be kept, it has to be copied. On a tap that waits for nobody, a
    // packet may have been overwritten while it was copied, and then it says so.
    const copy = packet.copy();
    if (!packet.isIntact()) continue;
    kept.push(copy);
    if (kept.length > MOST) kept.shift();
    // The batch is valid until the next one is asked for, so there is time to write a file in the middle of it.
    if (isTrigger(copy)) await save();
  }
}
