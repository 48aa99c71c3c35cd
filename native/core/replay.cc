#include "replay.h"

#include <fcntl.h>
#include <sys/prctl.h>

#include <algorithm>
#include <utility>

namespace pkttap {

namespace {

// Not blocking, so that the open of a FIFO without a writer doesn't wait where no stop can reach it.
UniqueFd open_file(const std::string& path) {
  if (path == "-") return UniqueFd(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
  return UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

// on_packet() gives up when the limit is reached and when it was told to stop.
Result settle(Result result) {
  if (result.outcome == Outcome::kRefused) result = {Outcome::kStopped, 0, {}, 0};
  return result;
}

void publish_before_waiting(void* writer) { static_cast<RingWriter*>(writer)->publish(); }

}  // namespace

Replay::Replay(ReplayOptions options)
    : options_(std::move(options)),
      pacer_(options_.pace),
      restamper_(options_.timestamps),
      interfaces_(options_.paths.size()),
      next_interface_(options_.paths.size()) {}

Replay::~Replay() {
  stop();
  thread_.join();
}

Status Replay::start(RingWriter& writer, ReplayEvents events) {
  writer_ = &writer;
  events_ = std::move(events);
  return thread_.start("pkttap-replay", [this] {
    prctl(PR_SET_TIMERSLACK, 1000);  // ns: the default of 50 µs would be most of a short wait
    ReplayEnd end = run();
    writer_->publish();
    ended_ = true;
    events_.on_end(std::move(end));
  });
}

void Replay::stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  gate_.stop();
  if (writer_ != nullptr && !ended_) writer_->stop();
}

ReplayEnd Replay::run() {
  ReplayEnd end;
  while (options_.loops == 0 || end.loops < options_.loops) {
    const uint64_t before = published_;
    end.result = options_.merge ? replay_merged(end) : replay_in_turn(end);
    end.packets = packets_;
    if (!end.result.finished()) return end;
    ++end.loops;
    // Looping over files without a packet, or without one that passes the filter, would spin for ever.
    if (published_ == before) break;
    delay_loop();
  }
  return end;
}

Result Replay::replay_in_turn(ReplayEnd& end) {
  for (size_t file = 0; file < options_.paths.size(); ++file) {
    const uint64_t before = packets_;
    end.path = options_.paths[file];
    if (Result result = replay_file(file); !result.finished()) return result;
    if (packets_ == before && end.loops == 0) end.without_packets.push_back(end.path);
  }
  return {};
}

Result Replay::replay_file(size_t file) {
  auto input = open_input(file, InputOptions{}.chunk_bytes);
  if (input == nullptr) return {Outcome::kReadError, 0, {}, errno};
  file_ = file;
  section_base_ = next_section_;
  pacer_.start_file();
  restamper_.start_file();
  Result result;
  const auto reader = open_savefile(*input, result);
  if (reader == nullptr) return result;
  reader->read_all(*this);
  return settle(reader->result());
}

Result Replay::replay_merged(ReplayEnd& end) {
  const size_t files = options_.paths.size();
  pacer_.start_file();
  restamper_.start_file();
  Merge merge(*this);
  Result result;
  for (size_t file = 0; file < files && result.finished(); ++file) {
    end.path = options_.paths[file];
    auto input = open_input(file, Merge::chunk_bytes(files));
    if (input == nullptr) return {Outcome::kReadError, 0, {}, errno};
    result = merge.add(std::move(input));
  }
  if (result.finished()) {
    result = merge.run();
    end.path = options_.paths[merge.file()];
    for (size_t file = 0; file < files && end.loops == 0 && result.finished(); ++file)
      if (merge.packets(file) == 0) end.without_packets.push_back(options_.paths[file]);
  }
  return settle(std::move(result));
}

// Null: it can't be opened, and errno says why.
std::unique_ptr<Input> Replay::open_input(size_t file, size_t chunk_bytes) {
  const std::string& path = options_.paths[file];
  UniqueFd fd = open_file(path);
  if (!fd) return nullptr;
  next_interface_[file] = 0;
  const bool followed = options_.follow && file + 1 == options_.paths.size();
  auto input = std::make_unique<Input>(std::move(fd), stopped_, InputOptions{chunk_bytes, followed ? path : ""});
  input->on_wait(publish_before_waiting, writer_);
  return input;
}

int64_t Replay::on_interface_of(size_t file, const Interface& interface) {
  std::vector<uint32_t>& known = interfaces_[file];
  size_t& next = next_interface_[file];
  next_section_ = std::max(next_section_, section_base_ + interface.section + 1);
  if (next < known.size()) return known[next++];
  Interface numbered = interface;
  // A section's interfaces stand together in the table, and those of merged files come as they come: all are one section.
  numbered.section = options_.merge ? 0 : section_base_ + interface.section;
  if (restamper_.is_now()) numbered.timestamp_source = PKTTAP_TS_USERSPACE;
  const int64_t index = writer_->add_interface(numbered);
  if (index < 0) return index;
  known.push_back(static_cast<uint32_t>(index));
  ++next;
  return index;
}

bool Replay::on_packet(const Packet& packet) {
  ++packets_;
  ++writer_->counters.received;
  if (options_.filtered) {
    if (packet.linktype != filter_linktype_ && !select_filter(packet.linktype)) return false;
    if (!filter_->matches(packet.data, packet.caplen, packet.origlen)) return true;
  }
  const uint64_t due_ns = pacer_.due(packet.ts_ns, packet.origlen);
  // Who steps through a replay has its time.
  if (!gate_.paused() && pacer_.is_over(due_ns)) return false;
  if (!wait_for_turn(due_ns) || !append(packet)) return false;
  ++published_;
  return options_.limit == 0 || published_ < options_.limit;
}

// Sleeps until the packet is due, and while the replay is paused, with everything before it published. False: stopped.
bool Replay::wait_for_turn(uint64_t due_ns) {
  if (gate_.is_open(due_ns)) return true;
  writer_->publish();
  int64_t shift_ns = 0;
  if (!gate_.pass(due_ns, shift_ns)) return false;
  pacer_.shift(shift_ns);
  return true;
}

bool Replay::append(const Packet& packet) {
  if (!restamper_.changes()) return writer_->append(packet);
  Packet restamped = packet;
  restamped.ts_ns = restamper_.stamp(packet.ts_ns);
  return writer_->append(restamped);
}

void Replay::delay_loop() {
  pacer_.delay(options_.loop_delay_ns);
  restamper_.delay(options_.loop_delay_ns);
}

void Replay::set_filter(uint32_t linktype, std::vector<BpfInstruction> program) {
  {
    std::lock_guard lock(mutex_);
    filters_.emplace(linktype, BpfProgram(std::move(program)));
  }
  wake_.notify_all();
}

// libpcap lives in another module: JavaScript compiles the filter once for each link type that turns up. False: stopped.
bool Replay::select_filter(uint32_t linktype) {
  std::unique_lock lock(mutex_);
  if (filters_.count(linktype) == 0) {
    lock.unlock();
    writer_->publish();
    events_.on_linktype(linktype);
    lock.lock();
    wake_.wait(lock, [&] { return stopped_ || filters_.count(linktype) != 0; });
    if (stopped_) return false;
  }
  filter_ = &filters_.at(linktype);
  filter_linktype_ = linktype;
  return true;
}

}  // namespace pkttap
