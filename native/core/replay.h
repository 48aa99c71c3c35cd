// The replay thread: reads savefiles one after the other or merged by time, as often as asked, and appends their packets
// to a ring, at the pace asked for.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "bpf.h"
#include "gate.h"
#include "pacer.h"
#include "restamper.h"
#include "ring_writer.h"
#include "savefile/merge.h"
#include "status.h"
#include "thread.h"

namespace pkttap {

struct ReplayOptions {
  std::vector<std::string> paths;  // "-": standard input
  uint64_t loops = 1;              // 0: until stopped
  uint64_t limit = 0;              // packets published; 0: no limit
  uint64_t loop_delay_ns = 0;      // between two loops
  Pace pace;
  Timestamps timestamps = Timestamps::kOriginal;
  bool filtered = false;           // ask for a program per link type
  bool merge = false;              // by the packets' times, instead of file by file
  bool follow = false;             // wait for more at the end of the last file
};

struct ReplayEnd {
  Result result;
  std::string path;      // the file in which it ended
  uint64_t packets = 0;  // read, in all loops
  uint64_t loops = 0;    // finished
  std::vector<std::string> without_packets;  // files read to their end in the first loop, in which there was nothing
};

// Called from the thread.
struct ReplayEvents {
  // A filter is needed for a link type: the thread waits for set_filter() or stop().
  std::function<void(uint32_t linktype)> on_linktype;
  std::function<void(ReplayEnd)> on_end;  // once, last
};

class Replay final : private MergeHandler {
 public:
  explicit Replay(ReplayOptions options);
  // OWNER: joins the thread; stop() comes first.
  ~Replay();

  // Once. The writer outlives the replay. Not ok: there is no thread to be had, and on_end won't be called.
  Status start(RingWriter& writer, ReplayEvents events);
  void stop();
  // After on_end: the thread is over and gone.
  void join() { thread_.join(); }
  // What pauses and steps the replay; usable before start(), without effect after the end.
  Gate& gate() { return gate_; }
  // The program for a link type that on_linktype asked for; must be valid.
  void set_filter(uint32_t linktype, std::vector<BpfInstruction> program);

 private:
  int64_t on_interface(const Interface& interface) override { return on_interface_of(file_, interface); }
  int64_t on_interface_of(size_t file, const Interface& interface) override;
  bool on_packet(const Packet& packet) override;

  ReplayEnd run();
  Result replay_in_turn(ReplayEnd& end);
  Result replay_merged(ReplayEnd& end);
  Result replay_file(size_t file);
  std::unique_ptr<Input> open_input(size_t file, size_t chunk_bytes);
  bool wait_for_turn(uint64_t due_ns);
  bool append(const Packet& packet);
  void delay_loop();
  bool select_filter(uint32_t linktype);

  const ReplayOptions options_;
  RingWriter* writer_ = nullptr;  // from start() on, as are the next
  ReplayEvents events_;
  Thread thread_;

  // The thread's own.
  Pacer pacer_;
  Restamper restamper_;
  uint64_t packets_ = 0;
  uint64_t published_ = 0;
  uint32_t filter_linktype_ = UINT32_MAX;      // of the packet before
  const BpfProgram* filter_ = nullptr;
  std::vector<std::vector<uint32_t>> interfaces_;  // per file, in the order met: a second loop uses them again
  std::vector<size_t> next_interface_;             // per file, in this loop
  size_t file_ = 0;
  uint32_t next_section_ = 0;  // sections of all files, numbered on
  uint32_t section_base_ = 0;

  Gate gate_;
  std::atomic<bool> stopped_{false};
  std::atomic<bool> ended_{false};  // the writer may belong to another source by now
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<uint32_t, BpfProgram> filters_;  // under mutex_; its entries never move or change
};

}  // namespace pkttap
