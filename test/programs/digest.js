// What consume.c says of a tap's packets, said in JavaScript: digest.js TAP. A line of JSON.

import { attach } from 'pkttap';

let digest = 0;
let packets = 0;

function mix(state, value) {
  const mixed = Math.imul(state ^ value, 0x01000193);
  return mixed ^ (mixed >>> 15);
}

function digestOf(packet) {
  const { caplen, origlen, tsSec, tsNsec, linktype, interfaceIndex, flowHash, flags, sequence, data } = packet;
  const low = Number(sequence & 0xffffffffn);
  let state = 0x811c9dc5 | 0;
  for (const field of [caplen, origlen, tsSec, tsNsec, linktype, interfaceIndex, flowHash, flags, low])
    state = mix(state, field);
  for (let i = 0; i < caplen; i++) state = mix(state, data[i]);
  return state;
}

const consumer = await attach(process.argv[2]);
for await (const batch of consumer) {
  for (const packet of batch) {
    digest = (digest + digestOf(packet)) >>> 0;
    packets++;
  }
}
console.log(JSON.stringify({ digest, packets, end: consumer.end.reason }));
consumer.close();
