// `pkttap/duplex`: queues in shared memory, one way and both ways.

export type { WaitOptions } from '../socket-end.js';
export type { Interface } from './interface.js';
export { connectInterface, type InterfaceOptions, InterfaceServer } from './link.js';
export { type Element, RingBuffer } from './ring-buffer.js';
