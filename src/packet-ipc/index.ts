// `pkttap/packet-ipc`: packets from one process to others, through shared memory, with a server, clients and streams.

export type { SendOptions } from '../source/packet-like.js';
export { Client, type ConnectOptions } from './client.js';
export { ConnectedIpc, type StreamAddress, type StreamOptions } from './connection.js';
export { type AsIpcPacket, Packet, type PacketDetails } from './packet.js';
export { type AcceptOptions, Server, type ServerOptions } from './server.js';
export { transferIpc } from './transfer.js';
