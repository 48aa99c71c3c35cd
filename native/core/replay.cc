#include "replay.h"

#include <fcntl.h>
#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace pkttap {

namespace {

// A sleep this short costs more than it delays; the packets due within it go out together.
constexpr uint64_t kWorthSleepingNs = 20'000;

UniqueFd open_input(const std::string& path) {
  if (path == "-") return UniqueFd(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
  return UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

void publish_before_waiting(void* writer) { static_cast<RingWriter*>(writer)->publish(); }

}  // namespace

Replay::Replay(RingWriter& writer, ReplayOptions options, std::function<void(ReplayEnd)> on_end,
               std::function<void(uint32_t)> on_linktype)
    : writer_(writer),
      options_(std::move(options)),
      on_end_(std::move(on_end)),
      on_linktype_(std::move(on_linktype)),
      pacer_(options_.pace),
      interfaces_(options_.paths.size()) {}

Replay::~Replay() {
  stop();
  if (thread_.joinable()) thread_.join();
}

void Replay::start() {
  thread_ = std::thread([this] {
    prctl(PR_SET_NAME, "pkttap-replay");
    prctl(PR_SET_TIMERSLACK, 1000);  // ns: the default of 50 µs would be most of a short wait
    ReplayEnd end = run();
    writer_.publish();
    ended_ = true;
    on_end_(std::move(end));
  });
}

void Replay::stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  if (!ended_) writer_.stop();
}

ReplayEnd Replay::run() {
  ReplayEnd end;
  while (options_.loops == 0 || end.loops < options_.loops) {
    const uint64_t before = packets_;
    for (size_t file = 0; file < options_.paths.size(); ++file) {
      end.path = options_.paths[file];
      end.result = replay_file(file);
      end.packets = packets_;
      if (!end.result.finished()) return end;
    }
    ++end.loops;
    // Looping over files without a packet would spin for ever.
    if (packets_ == before) break;
  }
  return end;
}

Result Replay::replay_file(size_t file) {
  UniqueFd fd = open_input(options_.paths[file]);
  if (!fd) return {Outcome::kReadError, 0, {}, errno};
  file_ = file;
  next_interface_ = 0;
  section_base_ = next_section_;
  pacer_.start_file();
  Input input(std::move(fd), stopped_);
  input.on_wait(publish_before_waiting, &writer_);
  Result result = read_savefile(input, *this);
  // on_packet() gives up when the limit is reached and when it was told to stop.
  if (result.outcome == Outcome::kRefused) result = {Outcome::kStopped, 0, {}, 0};
  return result;
}

int64_t Replay::on_interface(const Interface& interface) {
  std::vector<uint32_t>& known = interfaces_[file_];
  next_section_ = std::max(next_section_, section_base_ + interface.section + 1);
  if (next_interface_ < known.size()) return known[next_interface_++];
  Interface numbered = interface;
  numbered.section = section_base_ + interface.section;
  const int64_t index = writer_.add_interface(numbered);
  if (index < 0) return index;
  known.push_back(static_cast<uint32_t>(index));
  ++next_interface_;
  return index;
}

bool Replay::on_packet(const Packet& packet) {
  ++packets_;
  ++writer_.counters.received;
  if (options_.filtered) {
    if (packet.linktype != filter_linktype_ && !select_filter(packet.linktype)) return false;
    if (!filter_->matches(packet.data, packet.caplen, packet.origlen)) return true;
  }
  const uint64_t due_ns = pacer_.due(packet.ts_ns, packet.origlen);
  if (due_ns != 0 && !wait_until(due_ns)) return false;
  if (!writer_.append(packet)) return false;
  ++published_;
  return !reached_limit();
}

// Sleeps until the packet is due, with everything before it published. False: stopped meanwhile.
bool Replay::wait_until(uint64_t due_ns) {
  if (due_ns <= monotonic_ns() + kWorthSleepingNs) return true;
  writer_.publish();
  // steady_clock is CLOCK_MONOTONIC in libstdc++ and libc++ on Linux.
  const std::chrono::steady_clock::time_point due{std::chrono::nanoseconds(due_ns)};
  std::unique_lock lock(mutex_);
  return !wake_.wait_until(lock, due, [this] { return stopped_.load(); });
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
    writer_.publish();
    on_linktype_(linktype);
    lock.lock();
    wake_.wait(lock, [&] { return stopped_ || filters_.count(linktype) != 0; });
    if (stopped_) return false;
  }
  filter_ = &filters_.at(linktype);
  filter_linktype_ = linktype;
  return true;
}

}  // namespace pkttap
