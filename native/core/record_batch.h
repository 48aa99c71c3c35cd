// Packets from memory into a ring, many at a time: the way of sources that are no native thread. The bytes are laid out as
// in the ring (struct pkttap_record, the packet, its options if there are any, padding to 8), and nothing in them is believed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ring_writer.h"
#include "status.h"

namespace pkttap {

// Appends whole records until they are done or a lossless consumer is behind, publishes them, and says in `taken` how
// many bytes they were. Never waits. flow_hash, sequence and the truncated flag are the writer's to fill in. Fails, with
// the records before it taken, at one that is out of bounds. Called from the source's thread, as append() is.
Status append_records(RingWriter& writer, const uint8_t* records, size_t bytes, size_t& taken);

}  // namespace pkttap
