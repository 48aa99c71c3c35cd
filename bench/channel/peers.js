// The ways between two processes that are compared.

import * as pkttap from './pkttap.js';
import * as pkttapBorrow from './pkttap-borrow.js';
import * as processSend from './process-send.js';
import * as sharedMemory from './shared-memory.js';
import * as socketMsgpackr from './socket-msgpackr.js';

/**
 * @typedef {object} Link
 * @property {(bytes: Uint8Array) => void} [prepare] what need be done only once for bytes that are sent often
 * @property {(bytes: Uint8Array) => Promise<unknown>} send waits for room
 * @property {(onMessage: (bytes: Uint8Array) => void) => Promise<void>} listen
 * @property {() => void} close
 */

export const PEERS = { pkttap, pkttapBorrow, sharedMemory, processSend, socketMsgpackr };
