// Every error that pkttap raises on purpose. Match `code`, not the class or the message: codes are stable.
// A caller's mistake (wrong type, out of range) is a TypeError or RangeError instead and never reaches native code.

/** What went wrong. Each code has a test that provokes it; docs/errors.md says what to do about each. */
export type TapErrorCode =
  // capture
  | 'ERR_TAP_NO_DEVICE'
  | 'ERR_TAP_PERMISSION'
  | 'ERR_TAP_BAD_FILTER'
  | 'ERR_TAP_DEVICE_GONE'
  | 'ERR_TAP_CAPTURE'
  | 'ERR_TAP_INJECT'
  // savefiles
  | 'ERR_TAP_NO_FILE'
  | 'ERR_TAP_NOT_A_SAVEFILE'
  | 'ERR_TAP_EMPTY_SAVEFILE'
  | 'ERR_TAP_CUT_SAVEFILE'
  | 'ERR_TAP_DAMAGED_SAVEFILE'
  | 'ERR_TAP_SAVEFILE_CHANGED'
  | 'ERR_TAP_MIXED_LINKTYPES'
  | 'ERR_TAP_UNWRITABLE'
  // sessions
  | 'ERR_TAP_UNKNOWN_TAP'
  | 'ERR_TAP_NAME_IN_USE'
  | 'ERR_TAP_REFUSED'
  | 'ERR_TAP_EVICTED'
  | 'ERR_TAP_DIED'
  | 'ERR_TAP_SOURCE_FAILED'
  | 'ERR_TAP_VERSION'
  | 'ERR_TAP_PROTOCOL'
  | 'ERR_TAP_TIMEOUT'
  | 'ERR_TAP_DISCONNECTED'
  | 'ERR_TAP_NO_SERVER'
  // memory and native code
  | 'ERR_TAP_RING'
  | 'ERR_TAP_CLOSED'
  | 'ERR_TAP_NATIVE'
  | 'ERR_TAP_SYSTEM';

/** The facts behind an error, as far as they apply. */
export interface TapErrorFacts {
  /** The kernel's error name, for example `EACCES`. */
  errno?: string;
  /** The system call that failed, for example `connect`. */
  syscall?: string;
  device?: string;
  path?: string;
  /** Where in the file (or stream) the trouble starts, in bytes from its beginning. */
  byteOffset?: number;
  /** The name of the tap. */
  tap?: string;
}

/** The base of all of pkttap's own errors. The facts given are also properties of the error itself. */
export class TapError extends Error {
  readonly code: TapErrorCode;
  declare readonly errno?: string;
  declare readonly syscall?: string;
  declare readonly device?: string;
  declare readonly path?: string;
  declare readonly byteOffset?: number;
  declare readonly tap?: string;

  constructor(code: TapErrorCode, message: string, facts: TapErrorFacts & ErrorOptions = {}) {
    const { cause, ...rest } = facts;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    Object.assign(this, rest);
  }

  override get name(): string {
    return this.constructor.name;
  }
}

/** The capture source failed: no such device, no permission, a filter that does not compile, a device that went away. */
export class CaptureError extends TapError {}

/** A savefile can't be read or written; `path` and, where it is known, `byteOffset` say where. */
export class SavefileError extends TapError {}

/** The other side of the control socket broke the protocol, refused us, or speaks another version. */
export class ProtocolError extends TapError {}

/** Shared memory is not what it must be: wrong seals, size, magic or version, or a corrupt record. */
export class RingError extends TapError {}

/** Something was used after its close, or its other side is gone for good. */
export class ClosedError extends TapError {}
