// The receiving side of the packet-ipc bench: reads the first byte of each packet.

import { Client } from 'pkttap/packet-ipc';
import { nowNs } from '../support/clock.js';
import { serve } from '../support/serve.js';

/** @type {Client} */
let client;

serve({
  async connect({ name }) {
    client = await Client.connect(name);
  },
  async read({ packets }) {
    let read = 0;
    let sum = 0;
    while (read < packets) {
      const batch = await client.receivePackets(packets - read);
      if (batch === null) throw new Error('the stream ended');
      for (const packet of batch) {
        sum += packet.u8(0);
        read++;
      }
    }
    if (sum !== packets) throw new Error(`read something else: sum=${sum}`);
    return { endNs: nowNs() };
  },
});
