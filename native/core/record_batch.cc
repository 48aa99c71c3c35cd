#include "record_batch.h"

#include <cstring>
#include <string>

namespace pkttap {

namespace {

constexpr uint32_t kInterface = (1u << PKTTAP_INTERFACE_BITS) - 1;

// Finds the options behind the packet, for which pkttap_record_bytes() takes the tap's word. False: they are out of bounds.
bool find_options(const pkttap_record& record, size_t left, Packet& packet) {
  if ((record.interface_and_flags >> PKTTAP_INTERFACE_BITS & PKTTAP_FLAG_OPTIONS) == 0) return true;
  const size_t before = sizeof record + ((size_t{record.caplen} + 3) & ~size_t{3});
  if (before + sizeof packet.options_bytes > left) return false;
  packet.options = packet.data - sizeof record + before;
  std::memcpy(&packet.options_bytes, packet.options, sizeof packet.options_bytes);
  packet.options += sizeof packet.options_bytes;
  return packet.options_bytes != 0 && packet.options_bytes <= PKTTAP_MAX_OPTIONS && packet.options_bytes % 4 == 0;
}

// Reads the record at `at`, of which `left` bytes are there, and says how long it is with its padding.
Status read_record(const RingWriter& writer, const uint8_t* at, size_t left, Packet& packet, size_t& length) {
  pkttap_record record;
  if (left < sizeof record) return Status::invalid("a record of " + std::to_string(left) + " bytes");
  std::memcpy(&record, at, sizeof record);
  packet.data = at + sizeof record;
  const bool has_bounds = record.caplen <= PKTTAP_MAX_CAPLEN && find_options(record, left, packet);
  length = has_bounds ? pkttap_record_bytes(&record, packet.data) : 0;
  if (!has_bounds || length > left)
    return Status::invalid("a record out of bounds: caplen=" + std::to_string(record.caplen));
  packet.interface = record.interface_and_flags & kInterface;
  const int64_t linktype = writer.linktype_of(packet.interface);
  if (linktype < 0) return Status::invalid("a record of no interface: interface=" + std::to_string(packet.interface));
  packet.caplen = record.caplen;
  packet.origlen = record.origlen;
  packet.ts_ns = record.ts_ns;
  packet.linktype = static_cast<uint32_t>(linktype);
  packet.flags = (record.interface_and_flags >> PKTTAP_INTERFACE_BITS) & ~(PKTTAP_FLAG_TRUNCATED | PKTTAP_FLAG_OPTIONS);
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
