#include "record_batch.h"

#include <cstring>
#include <string>

namespace pkttap {

namespace {

constexpr uint32_t kInterface = (1u << PKTTAP_INTERFACE_BITS) - 1;

// Reads the record at `at`, of which `left` bytes are there, and says how long it is with its padding.
Status read_record(const RingWriter& writer, const uint8_t* at, size_t left, Packet& packet, size_t& length) {
  pkttap_record record;
  if (left < sizeof record) return Status::invalid("a record of " + std::to_string(left) + " bytes");
  std::memcpy(&record, at, sizeof record);
  length = (sizeof record + size_t{record.caplen} + PKTTAP_RECORD_ALIGNMENT - 1) & ~size_t{PKTTAP_RECORD_ALIGNMENT - 1};
  if (record.caplen > PKTTAP_MAX_CAPLEN || length > left)
    return Status::invalid("a record out of bounds: caplen=" + std::to_string(record.caplen));
  packet.interface = record.interface_and_flags & kInterface;
  const int64_t linktype = writer.linktype_of(packet.interface);
  if (linktype < 0) return Status::invalid("a record of no interface: interface=" + std::to_string(packet.interface));
  packet.data = at + sizeof record;
  packet.caplen = record.caplen;
  packet.origlen = record.origlen;
  packet.ts_ns = record.ts_ns;
  packet.linktype = static_cast<uint32_t>(linktype);
  packet.flags = (record.interface_and_flags >> PKTTAP_INTERFACE_BITS) & ~PKTTAP_FLAG_TRUNCATED;
  return Status::ok();
}

}  // namespace

Status append_records(RingWriter& writer, const uint8_t* records, size_t bytes, size_t& taken) {
  Status status;
  taken = 0;
  while (taken < bytes) {
    Packet packet;
    size_t length = 0;
    status = read_record(writer, records + taken, bytes - taken, packet, length);
    if (!status || !writer.try_append(packet)) break;
    ++writer.counters.received;
    taken += length;
  }
  writer.publish();
  return status;
}

}  // namespace pkttap
