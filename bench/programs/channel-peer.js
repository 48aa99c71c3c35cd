// The other process of the channel bench: channel-peer.js PEER ADDRESS. A message's first byte says what becomes of it: 1 is
// answered as it is, 0 is swallowed, 2 is swallowed and ends a series, which is answered with one byte.

import { PEERS } from '../channel/peers.js';

const [peer, address] = process.argv.slice(2);
const link = await PEERS[/** @type {keyof typeof PEERS} */ (peer)].connect(address);
await link.listen((bytes) => {
  if (bytes[0] === 1) void link.send(bytes);
  else if (bytes[0] === 2) void link.send(Uint8Array.of(3));
});
