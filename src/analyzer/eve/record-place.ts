// When and where something was found that a record tells of.

import type { CommunityIds } from './community-ids.js';
import type { Fragment } from './fragment.js';
import type { PacketTime } from './time.js';

/** Filled by the analyzer for one record after another: valid while that is written. */
export interface RecordPlace extends PacketTime {
  /** The interface, as {@link deviceMember}. */
  readonly device: Fragment;
  /** The event's source is who was taken for the server. */
  readonly swapped: boolean;
  readonly communityIds: CommunityIds;
}
