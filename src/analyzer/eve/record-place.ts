// When and where something was found that a record tells of.

import type { InterfaceInfo } from '../../index.js';
import type { Flow } from '../flow/flow.js';
import { CommunityIds } from './community-ids.js';
import { deviceMember } from './flow-head.js';
import type { Fragment } from './fragment.js';
import type { PacketTime } from './time.js';

/** What a record takes from the analyzer; the same object for one after another: valid while its record is written. */
export interface RecordPlace extends PacketTime {
  /** The interface, as {@link deviceMember}. */
  readonly device: Fragment;
  /** The event's source is who was taken for the server. */
  readonly swapped: boolean;
  readonly communityIds: CommunityIds;
}

/** One for an analyzer. */
export class RecordPlaces implements PacketTime {
  /** The time of all records: that of the last packet. */
  sec = 0;
  nsec = 0;
  readonly #devices: Fragment[] = [];
  readonly #place = {
    sec: 0,
    nsec: 0,
    device: deviceMember(undefined),
    swapped: false,
    communityIds: new CommunityIds(),
  };

  /** Packets come in through this interface. */
  meet(from: { readonly interfaceIndex: number; readonly interface: InterfaceInfo }): void {
    this.#devices[from.interfaceIndex] ??= deviceMember(from.interface.name);
  }

  /** For an event of a flow: where its first packet came in. */
  of(flow: Flow, swapped = false): RecordPlace {
    return this.at(flow.interfaceIndex, swapped);
  }

  /** For an event of a packet. */
  at(interfaceIndex: number, swapped = false): RecordPlace {
    const place = this.#place;
    place.sec = this.sec;
    place.nsec = this.nsec;
    place.device = this.#devices[interfaceIndex]!;
    place.swapped = swapped;
    return place;
  }
}
