#include "injector.h"

#include <net/if.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "../core/atomics.h"
#include "linktype.h"

namespace pkttap {

namespace {

// We only send: the least that libpcap takes for what it would receive.
constexpr int kSnaplen = 64;
constexpr int kBufferBytes = 64 << 10;

// A device whose queue is full has room again soon.
constexpr std::chrono::microseconds kQueueFullNap{200};

void count(std::atomic<uint64_t>& counter, uint64_t by = 1) { counter.fetch_add(by, std::memory_order_relaxed); }

// Nothing that arrives at the device is ours.
void receive_nothing(pcap_t* handle) {
  bpf_insn none{BPF_RET | BPF_K, 0, 0, 0};
  bpf_program program{1, &none};
  pcap_setfilter(handle, &program);
}

}  // namespace

std::unique_ptr<Injector> Injector::open(const std::string& device, OpenFailure& failure) {
  failure.device = device;
  char error[PCAP_ERRBUF_SIZE] = "";
  Handle handle(pcap_create(device.c_str(), error), pcap_close);
  const auto fail = [&failure](OpenFailure::Kind kind, int status, std::string detail) {
    refuse(failure, kind, status, std::move(detail));
    return nullptr;
  };
  if (handle == nullptr) return fail(OpenFailure::kOther, PCAP_ERROR, error);
  pcap_set_snaplen(handle.get(), kSnaplen);
  pcap_set_buffer_size(handle.get(), kBufferBytes);
  const int status = pcap_activate(handle.get());
  if (status < 0) return fail(failure_kind(status), status, failure_words(handle.get(), status));
  receive_nothing(handle.get());
  const uint32_t if_index = if_nametoindex(device.c_str());
  if (if_index == 0) return fail(OpenFailure::kOther, PCAP_ERROR, "not a network interface that packets could go to");
  UniqueFd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return fail(OpenFailure::kOther, PCAP_ERROR, "no descriptors left for eventfd");
  return std::unique_ptr<Injector>(new Injector(std::move(handle), if_index, std::move(wake)));
}

Injector::Injector(Handle handle, uint32_t if_index, UniqueFd wake)
    : handle_(std::move(handle)),
      if_index_(if_index),
      linktype_(linktype_of_dlt(pcap_datalink(handle_.get()))),
      wake_(std::move(wake)) {}

Injector::~Injector() {
  stop();
  thread_.join();
}

Status Injector::start(RingWriter& writer, std::function<void(InjectEnd)> on_end) {
  UniqueFd bell, cursor, ring;
  int bells[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, bells) != 0)
    return Status::from_errno("socketpair");
  bell_.reset(bells[0]);
  bell.reset(bells[1]);
  Mapping writers;
  if (auto status = create_cursor(cursor, writers); !status) return status;
  if (auto status = map_cursor(cursor.get(), cursor_); !status) return status;
  if (auto status = share_descriptor(writer.memory().fd, ring); !status) return status;
  if (auto status = map_ring(ring.get(), ring_); !status) return status;
  std::vector<Mapping> cursors;
  cursors.push_back(std::move(writers));
  const auto consumer = std::make_shared<Consumer>(std::move(bell), std::move(cursors), true);
  Attachment attachment;
  writer.attach(consumer, 0, Beginning{}, attachment);
  position_ = attachment.place.position;
  sequence_ = attachment.place.sequence;
  on_end_ = std::move(on_end);
  const Status started = thread_.start("pkttap-inject", [this, &writer, consumer] {
    InjectEnd end = run();
    writer.detach(*consumer);
    on_end_(std::move(end));
  });
  if (!started) writer.detach(*consumer);
  return started;
}

void Injector::finish() {
  finishing_ = true;
  eventfd_write(wake_.get(), 1);
}

void Injector::stop() {
  stopping_ = true;
  eventfd_write(wake_.get(), 1);
}

InjectCounters Injector::counters() const {
  const auto read = [](const std::atomic<uint64_t>& counter) { return counter.load(std::memory_order_relaxed); };
  return {read(injected_), read(truncated_), read(too_long_), read(failed_), read(missed_)};
}

InjectEnd Injector::run() {
  for (;;) {
    // In this order: what was published before finish() is below the tail that is read behind it.
    const bool last = finishing_;
    // ORDERING: acquire, partner: the writer's release of tail. The records below it are whole.
    const uint64_t tail = load_acquire(header().tail);
    if (!put_all(tail)) return end_;
    if (position_ == tail && last) return end_;
    if (position_ == tail) sleep();
  }
}

// False: it is over, and end_ says why.
bool Injector::put_all(uint64_t tail) {
  auto& cursor = *reinterpret_cast<pkttap_cursor*>(cursor_.base());
  const uint8_t* data = ring_.base() + header().data_offset;
  while (position_ < tail && !stopping_) {
    const uint8_t* at = data + (position_ & (header().capacity - 1));
    pkttap_record record;
    std::memcpy(&record, at, sizeof record);
    const uint64_t bytes = lapped() ? 0 : pkttap_record_bytes(&record, at + sizeof record);
    // Overtaken: only a device that took nothing for the stall timeout gets here. On with what comes next.
    if (bytes == 0 || lapped()) {
      position_ = tail;
    } else {
      count(missed_, record.sequence - sequence_);
      sequence_ = record.sequence + 1;
      if (!put(record, at + sizeof record)) return false;
      position_ += bytes;
    }
    // ORDERING: release, partner: the writer's acquire before it overwrites. Our reads of the record come first.
    store_release(cursor.position, position_);
  }
  if (!stopping_) return true;
  end_.outcome = InjectOutcome::kStopped;
  return false;
}

bool Injector::lapped() const {
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  return position_ + header().capacity < load_relaxed(header().tail_intent);
}

// False: it is over, and end_ says why.
bool Injector::put(const pkttap_record& record, const uint8_t* data) {
  const uint32_t linktype = linktype_of(record.interface_and_flags & ((1u << PKTTAP_INTERFACE_BITS) - 1));
  if (linktype != linktype_) {
    end_.outcome = InjectOutcome::kWrongLinktype;
    end_.linktype = linktype;
    return false;
  }
  while (pcap_inject(handle_.get(), data, record.caplen) < 0) {
    const int error = errno;
    if (error == EINTR) continue;
    if ((error != ENOBUFS && error != EAGAIN) || stopping_) return refused(error);
    std::this_thread::sleep_for(kQueueFullNap);
  }
  // Overtaken while it was sent, it may have gone out torn.
  count(lapped() ? missed_ : injected_);
  if (record.caplen < record.origlen) count(truncated_);
  return true;
}

// A packet was not taken. False: none will be any more.
bool Injector::refused(int error) {
  if (error == EMSGSIZE) {
    count(too_long_);
    return true;
  }
  count(failed_);
  end_.last_error = pcap_geterr(handle_.get());
  char name[IF_NAMESIZE];
  if (if_indextoname(if_index_, name) != nullptr) return true;
  end_.outcome = InjectOutcome::kGone;
  return false;
}

// The table only grows, and an interface is in it before the first of its packets is published.
uint32_t Injector::linktype_of(uint32_t interface) {
  while (linktypes_.size() <= interface) {
    pkttap_interface entry;
    std::memcpy(&entry, ring_.base() + header().interfaces_offset + interfaces_read_, sizeof entry);
    linktypes_.push_back(entry.linktype);
    interfaces_read_ += entry.bytes;
  }
  return linktypes_[interface];
}

// Until something is published, or finish() or stop() is called.
void Injector::sleep() {
  auto& cursor = *reinterpret_cast<pkttap_cursor*>(cursor_.base());
  // ORDERING: sequentially consistent, partner: the writer's fence between its tail and its look at this flag. Either we see
  // the new tail, or it sees that we sleep and rings.
  exchange(cursor.sleeping, 1u);
  fence_full();
  if (load_acquire(header().tail) == position_) {
    pollfd items[] = {{bell_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
    poll(items, 2, -1);
  }
  store_relaxed(cursor.sleeping, 0u);
  char bell;
  while (recv(bell_.get(), &bell, sizeof bell, 0) > 0) {
  }
}

}  // namespace pkttap
