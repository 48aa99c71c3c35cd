// The savefile reader under the sanitizers: savefile_fuzz TIMES SEED FILE... reads each file as it is, and then TIMES
// spoilt copies of files in turn, alone and merged with the one before. It ends with 0 if nothing was touched that mustn't
// be, and each result was one that a reader may give. Nothing is random: a failure's seed and number repeat it.
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "../core/savefile/merge.h"
#include "mutate.h"

namespace {

using namespace pkttap;
using fuzz::Bytes;

// Touches every byte it is given, so that the address sanitizer sees each.
class Sink final : public MergeHandler {
 public:
  int64_t on_interface(const Interface& interface) override { return on_interface_of(0, interface); }
  int64_t on_interface_of(size_t, const Interface& interface) override {
    sum_ += interface.name.size() + interface.description.size() + interface.filter.size() + interface.os.size();
    return ++interfaces_ < kMostInterfaces ? interfaces_ : -1;
  }
  bool on_packet(const Packet& packet) override {
    if (packet.caplen > PKTTAP_MAX_CAPLEN || packet.interface > interfaces_) std::abort();
    if (packet.options_bytes > PKTTAP_MAX_OPTIONS || packet.options_bytes % 4 != 0) std::abort();
    for (uint32_t i = 0; i < packet.caplen; ++i) sum_ += packet.data[i];
    for (uint32_t i = 0; i < packet.options_bytes; ++i) sum_ += packet.options[i];
    return ++packets_ < kMostPackets;
  }
  uint64_t packets() const { return packets_; }
  uint64_t sum() const { return sum_; }

 private:
  static constexpr uint32_t kMostInterfaces = 1u << 16;
  static constexpr uint64_t kMostPackets = 100'000;
  uint32_t interfaces_ = 0;
  uint64_t packets_ = 0;
  volatile uint64_t sum_ = 0;
};

std::atomic<bool> stopped{false};

std::unique_ptr<Input> input_of(const Bytes& bytes, size_t chunk_bytes) {
  UniqueFd fd(memfd_create("fuzz", MFD_CLOEXEC));
  if (!fd || write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
  lseek(fd.get(), 0, SEEK_SET);
  return std::make_unique<Input>(std::move(fd), stopped, InputOptions{chunk_bytes, {}});
}

// A place that an error names lies within what was read.
void check(const Result& result, const Input& input, size_t bytes) {
  if (result.outcome == Outcome::kReadError || result.outcome == Outcome::kStopped) std::abort();
  if (!input.compressed() && result.byte_offset > bytes) std::abort();
  if (!result.finished() && result.outcome != Outcome::kRefused && result.outcome != Outcome::kEmpty &&
      result.outcome != Outcome::kTooManyInterfaces && result.detail.empty())
    std::abort();
}

uint64_t read_alone(const Bytes& bytes, size_t chunk_bytes) {
  Sink sink;
  const auto input = input_of(bytes, chunk_bytes);
  Result result;
  if (const auto reader = open_savefile(*input, result)) {
    reader->read_all(sink);
    result = reader->result();
  }
  check(result, *input, bytes.size());
  return sink.packets();
}

uint64_t read_merged(const Bytes& one, const Bytes& other) {
  Sink sink;
  Merge merge(sink);
  if (merge.add(input_of(one, 16u << 10)).finished() && merge.add(input_of(other, 16u << 10)).finished()) merge.run();
  return sink.packets();
}

Bytes contents(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: savefile_fuzz TIMES SEED FILE...\n");
    return 2;
  }
  const uint64_t times = std::strtoull(argv[1], nullptr, 10);
  std::vector<Bytes> files;
  uint64_t packets = 0;
  for (int i = 3; i < argc; ++i) {
    files.push_back(contents(argv[i]));
    packets += read_alone(files.back(), 256u << 10);
  }
  fuzz::Mutator mutator(std::strtoull(argv[2], nullptr, 10));
  Bytes before = files.front();
  for (uint64_t i = 0; i < times; ++i) {
    const Bytes spoilt = mutator.mutate(files[i % files.size()]);
    // Small chunks, so that records lie across their ends.
    packets += read_alone(spoilt, i % 2 == 0 ? 4096 : 64);
    if (i % 8 == 0) packets += read_merged(spoilt, before);
    before = spoilt;
  }
  std::printf("%zu files, %llu spoilt copies, %llu packets\n", files.size(), static_cast<unsigned long long>(times),
              static_cast<unsigned long long>(packets));
  return 0;
}
