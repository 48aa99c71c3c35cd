/* SPDX-License-Identifier: MIT
 *
 * pkttap.h: the layout of a tap's shared memory, version 1. The tap's native code includes this file, src/ring/layout.ts and
 * src/packet/record.ts repeat it in TypeScript, and a test compares them. Everything is little-endian and
 * naturally aligned; no field depends on the compiler or on the size of a pointer.
 *
 * The ring is one sealed memfd. Only the tap has a writable mapping of it.
 *
 *   0             +--------------------------------------+
 *                 | struct pkttap_ring_header            |  one page
 *   checkpoints   +--------------------------------------+
 *                 | struct pkttap_checkpoint per 64 KiB  |
 *   interfaces    +--------------------------------------+
 *                 | struct pkttap_interface, options ... |  append-only
 *   data          +--------------------------------------+
 *                 | records: capacity bytes              |
 *                 +--------------------------------------+
 *                 | the same capacity bytes, mapped again|  so that no record splits at the wrap
 *                 +--------------------------------------+
 *
 * Positions count bytes ever written and only grow; `position & (capacity - 1)` is the offset in the data region.
 *
 *        oldest intact            tail            tail_intent
 *   ----------|--------------------|-------------------|------> position
 *             |   published        |  being written    |
 *             '---------------- capacity --------------'
 *
 * A record at position p may be read while p + capacity >= tail_intent. Reading is: load tail (acquire), read records
 * up to it, then fence (acquire) and load tail_intent; what lies below tail_intent - capacity may have been overwritten.
 * A reader that gates the writer (lossless) can't be overtaken and may skip the last step until told otherwise.
 *
 * With PKTTAP_CONSUMER defined before it is included, this header is a whole consumer as well: see pkttap/consumer.h.
 */
#ifndef PKTTAP_H
#define PKTTAP_H

/* What a consumer needs of libc lies behind this name; it has to be there before libc's first header. */
#if defined(PKTTAP_CONSUMER) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
#define PKTTAP_ASSERT(condition) static_assert(condition, #condition)
extern "C" {
#else
#define PKTTAP_ASSERT(condition) _Static_assert(condition, #condition)
#endif

#define PKTTAP_RING_MAGIC UINT64_C(0x474e495250415400)   /* "\0TAPRING" read as bytes */
#define PKTTAP_CURSOR_MAGIC UINT64_C(0x5253525543415400) /* "\0TACURSR" read as bytes */
#define PKTTAP_SHARES_MAGIC UINT64_C(0x5352414853415400) /* "\0TASHARS" read as bytes */
#define PKTTAP_LAYOUT_VERSION 1u

#define PKTTAP_MIN_CAPACITY (UINT64_C(1) << 20)
#define PKTTAP_MAX_CAPACITY (UINT64_C(1) << 30)
#define PKTTAP_MAX_CAPLEN 262144u
#define PKTTAP_MAX_OPTIONS 131072u /* bytes of options behind one packet: the longest one fits, and others beside it */
#define PKTTAP_RECORD_ALIGNMENT 8u

/* The ring is reserved, published and checkpointed in blocks of this many bytes (as a power of two). */
#define PKTTAP_BLOCK_SHIFT 16u

/* A counter that the source can't give. Never 0: 0 means that none were lost. */
#define PKTTAP_UNKNOWN UINT64_MAX

/* pkttap_record.interface_and_flags: low 20 bits the interface's index, high 12 bits the flags. */
#define PKTTAP_INTERFACE_BITS 20u
#define PKTTAP_FLAG_TRUNCATED 0x001u        /* caplen < origlen */
#define PKTTAP_FLAG_INBOUND 0x002u          /* sent to the capturing host */
#define PKTTAP_FLAG_OUTBOUND 0x004u         /* sent by the capturing host; neither: unknown */
#define PKTTAP_FLAG_CHECKSUM_UNKNOWN 0x008u /* checksums may not have been filled in yet (offload) */
#define PKTTAP_FLAG_ODD 0x010u              /* the savefile's lengths or time contradict themselves; kept as they were */
#define PKTTAP_FLAG_OPTIONS 0x020u          /* options follow the packet's bytes: see struct pkttap_record */
#define PKTTAP_FLAG_OPTIONS_CUT 0x040u      /* some comments are not there: they were more than PKTTAP_MAX_OPTIONS */

/* pkttap_ring_header.state */
#define PKTTAP_STATE_OPEN 0u
#define PKTTAP_STATE_ENDED 1u

/* pkttap_ring_header.end_reason */
#define PKTTAP_END_NONE 0u
#define PKTTAP_END_FINISHED 1u /* the source came to its end */
#define PKTTAP_END_STOPPED 2u  /* the tap was told to stop */
#define PKTTAP_END_FAILED 3u   /* the source failed; end_message says how */

/* pkttap_interface.timestamp_source */
#define PKTTAP_TS_KERNEL 0u
#define PKTTAP_TS_ADAPTER 1u
#define PKTTAP_TS_USERSPACE 2u
#define PKTTAP_TS_SAVEFILE 3u

/* Written by the tap alone. "once": before the first consumer can see it. "block": with each reservation or
 * publication. ORDERING: tail is stored with release after the records, `sequence` and the counters it covers, and
 * loaded with acquire; tail_intent is stored before any byte beyond the old one is written, with a release fence between. */
struct pkttap_ring_header {
  uint64_t magic;              /* once; PKTTAP_RING_MAGIC */
  uint32_t version;            /* once; PKTTAP_LAYOUT_VERSION */
  uint32_t data_offset;        /* once; bytes from the start of the mapping to the data region, a multiple of the page */
  uint64_t capacity;           /* once; bytes of the data region, a power of two */
  uint64_t generation;         /* once; random, never the same for two rings */
  uint64_t created_ns;         /* once; Unix time, ns */
  uint64_t first_position;     /* once; position of the first record ever */
  uint64_t first_sequence;     /* once; its sequence */
  uint32_t checkpoints_offset; /* once; bytes from the start of the mapping */
  uint32_t interfaces_offset;  /* once; bytes from the start of the mapping */
  uint32_t interfaces_bytes;   /* once; size of the interface table */
  uint8_t pad0[128 - 68];

  uint64_t tail_intent; /* block; atomic; a multiple of the block size */
  uint8_t pad1[64 - 8];

  uint64_t tail;     /* block; atomic; records below it are whole */
  uint64_t sequence; /* block; sequence of the next record: first_sequence + packets published */
  uint8_t pad2[64 - 16];

  uint64_t received;          /* block; packets the source has given, filtered out or not */
  uint64_t kernel_dropped;    /* block; or PKTTAP_UNKNOWN */
  uint64_t interface_dropped; /* block; or PKTTAP_UNKNOWN */
  uint64_t bytes;             /* block; sum of published caplen */
  uint8_t pad3[64 - 32];

  uint32_t state;           /* atomic; PKTTAP_STATE_*; stored with release after end_reason and end_message */
  uint32_t end_reason;      /* PKTTAP_END_* */
  uint32_t interface_count; /* atomic; stored with release after the entries it counts */
  uint32_t pad4;
  char end_message[240]; /* UTF-8, NUL-terminated */
  uint8_t pad5[4096 - 576];
};
PKTTAP_ASSERT(offsetof(struct pkttap_ring_header, tail_intent) == 128);
PKTTAP_ASSERT(offsetof(struct pkttap_ring_header, tail) == 192);
PKTTAP_ASSERT(offsetof(struct pkttap_ring_header, received) == 256);
PKTTAP_ASSERT(offsetof(struct pkttap_ring_header, state) == 320);
PKTTAP_ASSERT(sizeof(struct pkttap_ring_header) == 4096);

/* One for each block of the data region, found at (position >> PKTTAP_BLOCK_SHIFT) modulo their number. It is of use
 * only if `position` lies in the block asked for (else no record starts in that block) and is still intact. */
struct pkttap_checkpoint {
  uint64_t position; /* of the first record that starts in the block */
  uint64_t sequence; /* of that record */
};
PKTTAP_ASSERT(sizeof(struct pkttap_checkpoint) == 16);

/* An entry of the interface table, in index order, each at a multiple of 8. Options follow it up to `bytes`: uint16_t
 * code, uint16_t length, then the value padded to 4; codes and values are those of a pcapng Interface Description Block
 * (if_name 2, if_description 3, if_filter 11 without its first byte, if_os 12, if_fcslen 13). */
struct pkttap_interface {
  uint16_t bytes;    /* of the entry with its options, a multiple of 8 */
  uint16_t linktype; /* LINKTYPE_* */
  uint32_t snaplen;  /* bytes; 0: not limited */
  uint32_t section;  /* pcapng section, from 0 */
  uint8_t timestamp_source; /* PKTTAP_TS_* */
  uint8_t reserved[3];
};
PKTTAP_ASSERT(sizeof(struct pkttap_interface) == 16);

/* Before each packet's bytes; records start at multiples of 8. With PKTTAP_FLAG_OPTIONS, behind the packet's bytes, padded to
 * 4: uint32_t, the length of what follows (a multiple of 4, from 4 to PKTTAP_MAX_OPTIONS); then options: uint16_t code,
 * uint16_t length, the value padded to 4. Codes and values are those of a pcapng Enhanced Packet Block (opt_comment 1). */
struct pkttap_record {
  uint32_t caplen;              /* bytes of the packet that follow */
  uint32_t origlen;             /* bytes it had on the wire */
  uint64_t ts_ns;               /* Unix time, ns */
  uint32_t interface_and_flags; /* index | flags << PKTTAP_INTERFACE_BITS */
  uint32_t flow_hash;           /* of addresses, ports and protocol, the same in both directions; 0: not IP */
  uint64_t sequence;            /* number of the packet since the tap began */
};
PKTTAP_ASSERT(offsetof(struct pkttap_record, ts_ns) == 8);
PKTTAP_ASSERT(offsetof(struct pkttap_record, interface_and_flags) == 16);
PKTTAP_ASSERT(offsetof(struct pkttap_record, sequence) == 24);
PKTTAP_ASSERT(sizeof(struct pkttap_record) == 32);

/* Bytes from a record to the next. `record` may be a copy, `data` is where its packet lies in the ring. Who can be overtaken
 * makes sure that the record was intact before, so that caplen is no nonsense, and after, so that the result is none. */
static inline uint64_t pkttap_record_bytes(const struct pkttap_record *record, const uint8_t *data) {
  uint64_t bytes = sizeof *record + (uint64_t)record->caplen;
  if ((record->interface_and_flags >> PKTTAP_INTERFACE_BITS & PKTTAP_FLAG_OPTIONS) != 0) {
    const uint64_t padded = ((uint64_t)record->caplen + 3) & ~UINT64_C(3);
    uint32_t options;
    memcpy(&options, data + padded, sizeof options);
    bytes = sizeof *record + padded + sizeof options + options;
  }
  return (bytes + PKTTAP_RECORD_ALIGNMENT - 1) & ~(uint64_t)(PKTTAP_RECORD_ALIGNMENT - 1);
}

/* A consumer's own memfd of one page, size-sealed, mapped writable by that consumer and the tap. The tap believes
 * nothing in it: a position that goes back or past the tail ends the session. */
struct pkttap_cursor {
  uint64_t magic;   /* tap, once; PKTTAP_CURSOR_MAGIC */
  uint32_t version; /* tap, once */
  uint8_t pad0[64 - 12];
  uint64_t position;  /* consumer; atomic release; everything below it is done with */
  uint64_t delivered; /* consumer; packets handed to its user since it attached */
  uint64_t missed;    /* consumer; packets it was too late for */
  uint64_t filtered;  /* consumer; packets that its filter, sampling or choice of interfaces passed over */
  uint8_t pad1[64 - 32];
  uint32_t sleeping; /* consumer sets 1 and then looks at tail again; the tap clears it and rings. ORDERING: sequentially
                        consistent on both sides, so that either the consumer sees the new tail or the tap sees the 1 */
  uint8_t pad2[4096 - 132];
};
PKTTAP_ASSERT(offsetof(struct pkttap_cursor, position) == 64);
PKTTAP_ASSERT(offsetof(struct pkttap_cursor, sleeping) == 128);
PKTTAP_ASSERT(sizeof(struct pkttap_cursor) == 4096);

/* What shares are made by, instead of the flow hash itself, so that they are independent of other uses of it. Share i of n,
 * from 0, has the flows for which (uint64_t)hash * n >> 32 is i; a share group's slot is hash >> 24. What is not IP, hash 0,
 * is in the first. */
static inline uint32_t pkttap_share_hash(uint32_t flow_hash) { return flow_hash * UINT32_C(0x9e3779b1); }

#define PKTTAP_MAX_LANES 16u
#define PKTTAP_SHARE_SLOTS 256u
#define PKTTAP_EPOCHS 64u

/* From where in a lane an epoch holds. */
struct pkttap_epoch_lane {
  uint64_t position;
  uint64_t sequence;
};

/* Who has which flows, from certain packets on until the next epoch. */
struct pkttap_epoch {
  uint64_t number; /* atomic, stored with release after the rest; from 1. Anything but the one looked for: overwritten */
  struct pkttap_epoch_lane lanes[PKTTAP_MAX_LANES];
  uint32_t owners[PKTTAP_SHARE_SLOTS]; /* a consumer's id; 0: nobody */
};
PKTTAP_ASSERT(offsetof(struct pkttap_epoch, lanes) == 8);
PKTTAP_ASSERT(offsetof(struct pkttap_epoch, owners) == 264);
PKTTAP_ASSERT(sizeof(struct pkttap_epoch) == 1288);

/* A share group's memfd, sealed as the ring is; written by the tap alone, mapped by the group's members. ORDERING: `newest` is
 * stored with release after its epoch, and before any tail beyond that epoch's beginning. So who loads a tail (acquire) and
 * then `newest` (acquire) knows whose each packet below that tail is, and all members say the same. */
struct pkttap_shares {
  uint64_t magic;   /* once; PKTTAP_SHARES_MAGIC */
  uint32_t version; /* once; PKTTAP_LAYOUT_VERSION */
  uint8_t pad0[64 - 12];
  uint64_t newest;            /* atomic; number of the newest epoch */
  uint64_t members;           /* how many there are, without those that read what is left of theirs before they go */
  uint64_t handed_over;       /* packets that members which left had been given, and hadn't read */
  uint64_t hand_over_unknown; /* packets overwritten before it was known whose they were, when a member left */
  uint8_t pad1[4096 - 96];
  struct pkttap_epoch epochs[PKTTAP_EPOCHS]; /* by their number modulo PKTTAP_EPOCHS */
};
PKTTAP_ASSERT(offsetof(struct pkttap_shares, newest) == 64);
PKTTAP_ASSERT(offsetof(struct pkttap_shares, epochs) == 4096);
PKTTAP_ASSERT(sizeof(struct pkttap_shares) == 86528);

#ifdef __cplusplus
}
#endif

#ifdef PKTTAP_CONSUMER
#include "pkttap/consumer.h"
#endif

#endif /* PKTTAP_H */
