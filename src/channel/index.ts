// `pkttap/channel`: typed channels between processes, with channels, shared memory and descriptors inside messages.

export { Attachable, type ReceiveLimits } from './attachment.js';
export type { BorrowedBytes } from './borrowed-bytes.js';
export { bytesChannel, channel } from './channel.js';
export { IpcFd } from './descriptor.js';
export {
  type ChannelReceiver,
  IpcBytesReceiver,
  IpcReceiver,
  OpaqueIpcReceiver,
  type ReceiveOptions,
} from './receiver.js';
export { IpcReceiverSet, type IpcSelection } from './receiver-set.js';
export { ROUTER, type RouteHandler, Router } from './router.js';
export { type ChannelSender, type ConnectOptions, IpcBytesSender, IpcSender, OpaqueIpcSender } from './sender.js';
export { type IpcClient, IpcOneShotServer, IpcServer, type ServerOptions } from './server.js';
export { IpcSharedMemory } from './shared-memory.js';
export type { WaitOptions } from './socket-end.js';
