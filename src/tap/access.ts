// Who may attach. The kernel says who the peer is (SO_PEERCRED, taken at connect(2)); the modes of directory and socket
// keep most strangers out before that, and this check keeps out those that got past a mode that someone widened.

import type { PeerCredentials } from '../native/core.js';

/** Users and groups that may attach, beside root and the tap's own user. Numbers, as the kernel knows them. */
export interface AccessPolicy {
  readonly ownUid: number;
  readonly users: ReadonlySet<number>;
  readonly groups: ReadonlySet<number>;
}

/** Whether this peer may make the tap do things. Those that were let in to read were not let in for that. */
export function mayControl(peer: PeerCredentials, policy: AccessPolicy): boolean {
  return peer.uid === 0 || peer.uid === policy.ownUid;
}

/** Whether this peer may attach. */
export function mayAttach(peer: PeerCredentials, policy: AccessPolicy): boolean {
  if (peer.uid === 0 || peer.uid === policy.ownUid || policy.users.has(peer.uid)) return true;
  return policy.groups.has(peer.gid) || peer.groups.some((gid) => policy.groups.has(gid));
}
