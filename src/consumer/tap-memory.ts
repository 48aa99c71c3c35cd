// The memory that comes with a tap's welcome, mapped: ring and cursor of each lane, and a share group's. Whatever is not as
// the welcome says is refused, and nothing of it stays behind.

import { markAsUntransferable } from 'node:worker_threads';
import type { WelcomeSession } from '../control/messages.js';
import { ProtocolError } from '../errors.js';
import { core, type NativeMapping } from '../native/core.js';
import { explain } from '../native/failure.js';
import type { Dialed } from './dial.js';

/** One tap's memory. OWNER: whoever has it unmaps it, once nothing looks at it any more. */
export interface TapMemory {
  readonly session: WelcomeSession;
  /** Whole mappings, in the order of the session's lanes. */
  readonly rings: readonly ArrayBuffer[];
  readonly cursors: readonly ArrayBuffer[];
  /** For a member of a share group. */
  readonly shares: ArrayBuffer | undefined;
  unmap(): void;
}

/** Maps what came; the descriptors are closed whatever happens. Throws ERR_TAP_PROTOCOL or ERR_TAP_RING. */
export function mapMemory({ welcome, fds }: Dialed): TapMemory {
  const { session, tap } = welcome;
  const mappings: NativeMapping[] = [];
  const unmap = () => {
    for (const mapping of mappings) mapping.unmap();
  };
  try {
    const wanted = session === undefined ? 0 : 2 * session.lanes.length + (session.share === undefined ? 0 : 1);
    if (session === undefined || fds.length !== wanted) {
      const message = `the tap sent other memory than its welcome says: descriptors=${fds.length}`;
      throw new ProtocolError('ERR_TAP_PROTOCOL', message, { tap });
    }
    for (const [i, fd] of fds.entries()) mappings.push(map(fd, i, session));
    const buffers = mappings.map(({ buffer }) => buffer);
    for (const buffer of buffers) markAsUntransferable(buffer);
    const ofLanes = buffers.slice(0, 2 * session.lanes.length);
    const shares = buffers[ofLanes.length];
    return {
      session,
      rings: ofLanes.filter((_, i) => i % 2 === 0),
      cursors: ofLanes.filter((_, i) => i % 2 === 1),
      shares,
      unmap,
    };
  } catch (error) {
    unmap();
    throw explain(error, 'ERR_TAP_RING', "can't map the tap's memory", { tap });
  } finally {
    for (const fd of fds) core().closeFd(fd);
  }
}

function map(fd: number, index: number, session: WelcomeSession): NativeMapping {
  if (index === 2 * session.lanes.length) return core().mapShares(fd);
  return index % 2 === 0 ? core().mapRing(fd) : core().mapCursor(fd);
}
