// Readers of rings in a worker thread, for the conformance suite. Memory comes as descriptors, or as shared plain memory. Each
// message is a request with an `id`, and is answered with its result.

import { parentPort } from 'node:worker_threads';
import { core } from '../../dist/native/core.js';
import { Cursor } from '../../dist/ring/cursor.js';
import { RingMemory } from '../../dist/ring/ring-memory.js';
import { RingReader } from '../../dist/ring/ring-reader.js';

const readers = new Map();

const actions = {
  open({ reader, ringFd, cursorFd, ring, cursor, position, sequence }) {
    const mappings = ring === undefined ? [core().mapRing(ringFd), core().mapCursor(cursorFd)] : [];
    const [ringBuffer, cursorBuffer] = ring === undefined ? mappings.map(({ buffer }) => buffer) : [ring, cursor];
    const made = new RingReader(new RingMemory(ringBuffer), new Cursor(cursorBuffer), { position, sequence });
    readers.set(reader, { made, mappings });
  },
  read({ reader, max }) {
    const { made } = readers.get(reader);
    const packets = [];
    while (packets.length < max) {
      const batch = made.take(max - packets.length);
      if (batch === undefined) break;
      for (const packet of batch) packets.push(copyOf(packet));
    }
    made.release();
    return packets;
  },
  counters: ({ reader }) => readers.get(reader).made.counters(),
  close({ reader }) {
    const { made, mappings } = readers.get(reader);
    made.close();
    for (const mapping of mappings) mapping.unmap();
    readers.delete(reader);
  },
};

/** What is read at once, or not at all: a packet that was overwritten as it was copied does not count. */
function copyOf(packet) {
  const { origlen, tsNs, sequence, flags, linktype, interfaceIndex, flowHash } = packet;
  const data = packet.data.slice();
  return { data, origlen, tsNs, sequence, flags, linktype, interfaceIndex, flowHash, intact: packet.isIntact() };
}

parentPort.on('message', ({ id, action, ...request }) => {
  parentPort.postMessage({ id, result: actions[action](request) });
});
