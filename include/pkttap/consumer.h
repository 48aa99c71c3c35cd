/* SPDX-License-Identifier: MIT
 *
 * A consumer of a tap in C11 or C++17, without a library: attach, next, release, detach.
 *
 *   #define PKTTAP_CONSUMER
 *   #include <pkttap.h>
 *
 *   struct pkttap_consumer consumer;
 *   struct pkttap_packet packet;
 *   int got;
 *   if (pkttap_attach(&consumer, "eth0", NULL) != 0) return fprintf(stderr, "%s\n", consumer.error.message), 1;
 *   while ((got = pkttap_next(&consumer, &packet, 1000)) >= 0) {
 *     if (got == 0) continue;
 *     look_at(packet.data, packet.caplen);
 *     pkttap_release(&consumer);
 *   }
 *   pkttap_detach(&consumer);
 *
 * Nothing is allocated, neither per packet nor at all: a consumer is a struct of the caller's. One consumer, one thread; a
 * process may have any number. After fork() the child must not touch it. Nothing the tap says is believed before it is
 * checked, so a broken or hostile tap ends the stream with an error and does no other harm.
 */
#ifndef PKTTAP_CONSUMER_H
#define PKTTAP_CONSUMER_H

#include "../pkttap.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of what the tap does when this consumer is slow. */
#define PKTTAP_POLICY_DEFAULT 0 /* as the tap prefers: lossless for a replay, lossy for a capture */
#define PKTTAP_POLICY_LOSSLESS 1 /* it waits; a tap that waits for nobody refuses this */
#define PKTTAP_POLICY_LOSSY 2    /* it goes on, and packets are missed and counted */

/* How a stream may end, beside what the ring says. */
#define PKTTAP_END_LEFT 4u /* pkttap_leave() was called, and what was ours has been handed out */

/* Of pkttap's own functions: whether a consumer has asked to leave its share group, and was told up to where packets are its. */
#define PKTTAP_DETAIL_STAYING 0
#define PKTTAP_DETAIL_LEAVING 1
#define PKTTAP_DETAIL_LEFT 2

#define PKTTAP_START_NOW 0    /* the next packet that is published */
#define PKTTAP_START_OLDEST 1 /* the oldest that is still in the ring */

/* What is 0 or NULL is the default. */
struct pkttap_options {
  const char *directory; /* of the socket; default: $PKTTAP_DIR, else $XDG_RUNTIME_DIR/pkttap (not for root), then /run/pkttap */
  const char *name;      /* what `pkttap stats` calls us, at most 64 printable characters; default pid:<pid> */
  int policy;            /* PKTTAP_POLICY_* */
  int start;             /* PKTTAP_START_* */
  int timeout_ms;        /* how long the tap may take to answer; default 5000 */
  const char *share;     /* joins the share group of this name: each flow goes to exactly one of its members */
  uint32_t share_index;  /* or a fixed part of the flows: number share_index, from 1, of share_of parts, at most 65535 */
  uint32_t share_of;
};

/* Set by whatever fails. The codes are those of docs/errors.md; the message is one line, with the remedy. */
struct pkttap_error {
  char code[32];
  char message[320];
};

/* A packet, in place. `data` is valid until pkttap_release() for a lossless consumer. The tap waits for no lossy one, and
 * may overwrite the bytes at any moment: ask pkttap_is_intact() after reading and before believing. Writing to them is a fault. */
struct pkttap_packet {
  const uint8_t *data;      /* caplen bytes, as the linktype says */
  uint64_t ts_ns;           /* Unix time, ns */
  uint64_t sequence;        /* number of the packet within its lane */
  uint64_t position;        /* of its record: pkttap_is_intact() asks for it */
  uint32_t caplen;          /* bytes captured */
  uint32_t origlen;         /* bytes on the wire */
  uint32_t interface_index; /* in the tap's interface table */
  uint32_t flow_hash;       /* the same in both directions; 0: not IP */
  uint32_t flags;           /* PKTTAP_FLAG_* */
  uint16_t linktype;        /* LINKTYPE_* */
  uint16_t lane;            /* which of the tap's rings it lies in */
};

/* A ring, and how far it is read. For pkttap's own functions. */
struct pkttap_lane {
  const struct pkttap_ring_header *header; /* OWNER: the consumer, with `mapped` bytes from here */
  struct pkttap_cursor *cursor;            /* OWNER: the consumer */
  size_t mapped;
  const struct pkttap_checkpoint *checkpoints; /* these and the next four: into the mapping, checked once */
  const uint8_t *interfaces;
  const uint8_t *data;
  uint32_t interfaces_bytes;
  uint64_t capacity;
  uint64_t position, sequence; /* of the next packet to hand out */
  uint64_t tail;               /* as last looked at */
  uint64_t delivered, filtered, missed;
  uint64_t released_position, released_delivered, released_filtered; /* as of the last pkttap_release() */
  uint64_t told_position;                         /* what the cursor says */
  uint32_t interface_count;
  uint32_t entry_index, entry_offset; /* the entry of the interface table that was looked at last */
  int has_next;        /* whether `next` is a checked copy of the header at `position` */
  uint64_t next_bytes; /* from there to the record behind it */
  struct pkttap_record next;
};

struct pkttap_consumer {
  struct pkttap_error error; /* why attaching failed, or how the stream ended if that was not in good order */
  uint32_t end;              /* PKTTAP_END_*; NONE as long as more may come */
  int policy;                /* PKTTAP_POLICY_*, as the tap granted it; LOSSY once we stalled for too long */
  /* For pkttap's own functions. */
  int fd; /* OWNER: the consumer */
  int gone, evicted;
  uint32_t share_index, share_of;     /* of a fixed share */
  const struct pkttap_shares *shares; /* OWNER: the consumer; of a share group's member, as are the next */
  uint32_t member;
  uint64_t joined; /* the epoch */
  int leaving;     /* PKTTAP_DETAIL_* */
  uint64_t ends[PKTTAP_MAX_LANES]; /* of what was ours, by lane, once we have left */
  uint32_t lane_count;
  struct pkttap_lane lanes[PKTTAP_MAX_LANES];
};

/* Attaches to a running tap, by name or, with a slash in it, by its socket's path. `options` may be NULL. 0; or -1 with the
 * error set and nothing to detach: ERR_TAP_UNKNOWN_TAP, _PERMISSION, _REFUSED, _VERSION, _TIMEOUT, _DIED, _PROTOCOL, _RING, _SYSTEM. */
static inline int pkttap_attach(struct pkttap_consumer *consumer, const char *tap, const struct pkttap_options *options);

/* The next packet: 1. Waits if there is none, at most timeout_ms (0: not at all, -1: for ever): 0 if none came, or a signal
 * did; the packet is all zeros then. -1 at the end, once all that was published has been handed out: `consumer->end` is PKTTAP_END_FINISHED, _STOPPED or _LEFT,
 * or _FAILED with the error set: ERR_TAP_SOURCE_FAILED, _DIED, _EVICTED, _PROTOCOL, _RING or _SYSTEM. Of several lanes it is the
 * oldest packet of those that are there. */
static inline int pkttap_next(struct pkttap_consumer *consumer, struct pkttap_packet *packet, int timeout_ms);

/* Done with all packets handed out so far: a tap that waits for us may overwrite them. Who never calls this stops a lossless
 * tap after one ringful. It costs next to nothing: the tap is told every 64 KiB and before each wait. */
static inline void pkttap_release(struct pkttap_consumer *consumer);

/* Whether the packet's bytes were still whole just now: 1 or 0. */
static inline int pkttap_is_intact(const struct pkttap_consumer *consumer, const struct pkttap_packet *packet);

/* Packets since we attached: published = delivered + filtered + missed + lag. */
static inline uint64_t pkttap_delivered(const struct pkttap_consumer *consumer); /* handed out */
static inline uint64_t pkttap_filtered(const struct pkttap_consumer *consumer);  /* passed over: other shares' */
static inline uint64_t pkttap_missed(const struct pkttap_consumer *consumer);    /* overwritten before we came to them */
static inline uint64_t pkttap_lag(const struct pkttap_consumer *consumer);       /* not handed out yet */

/* Leaves a share group without leaving packets behind: the tap gives our flows to the other members, and pkttap_next() ends,
 * with PKTTAP_END_LEFT, once it has handed out what was ours. In no share group it ends at once. pkttap_detach() has to follow. */
static inline void pkttap_leave(struct pkttap_consumer *consumer);

/* Leaves the tap and gives the memory back; packets of it must not be touched any more. What a share group's member has not
 * read by then nobody reads, and is counted: pkttap_leave() comes before that. Once for each consumer that attached. */
static inline void pkttap_detach(struct pkttap_consumer *consumer);

#ifdef __cplusplus
}
#endif

#include "detail/error.h"
#include "detail/memory.h"
#include "detail/messages.h"
#include "detail/connection.h"
#include "detail/reader.h"
#include "detail/share.h"
#include "detail/attach.h"
#include "detail/listen.h"
#include "detail/stream.h"

#endif /* PKTTAP_CONSUMER_H */
