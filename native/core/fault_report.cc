#include "fault_report.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <mutex>

namespace pkttap {

namespace {

// Fixed, so that the signal handler can walk it without a lock. A process with more mappings than this still faults, only
// without the explanation.
constexpr size_t kRanges = 64;

struct Range {
  std::atomic<const uint8_t*> base{nullptr};
  std::atomic<size_t> bytes{0};
};

Range ranges[kRanges];
std::mutex registration;
struct sigaction previous_action;

bool is_watched(const uint8_t* address) {
  for (const Range& range : ranges) {
    const uint8_t* base = range.base.load(std::memory_order_acquire);
    if (base != nullptr && address >= base && address < base + range.bytes.load(std::memory_order_relaxed)) return true;
  }
  return false;
}

// Async-signal-safe: write(2), sigaction(2) and nothing else.
void on_fault(int signal, siginfo_t* info, void* context) {
  if (is_watched(static_cast<const uint8_t*>(info->si_addr))) {
    constexpr char kMessage[] =
        "pkttap: write to a packet view: a tap's memory is read-only; change a copy: packet.copy().data\n";
    (void)!write(STDERR_FILENO, kMessage, sizeof kMessage - 1);
  } else if ((previous_action.sa_flags & SA_SIGINFO) != 0 && previous_action.sa_sigaction != nullptr) {
    previous_action.sa_sigaction(signal, info, context);
    return;
  }
  // Returning repeats the fault, now with the default action: the process ends as it would have without us.
  struct sigaction default_action {};
  default_action.sa_handler = SIG_DFL;
  sigaction(signal, &default_action, nullptr);
}

void install_handler() {
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  sigaction(SIGSEGV, &action, &previous_action);
}

}  // namespace

void watch_read_only(const uint8_t* base, size_t bytes) {
  static std::once_flag installed;
  std::call_once(installed, install_handler);
  std::lock_guard lock(registration);
  for (Range& range : ranges) {
    if (range.base.load(std::memory_order_relaxed) != nullptr) continue;
    range.bytes.store(bytes, std::memory_order_relaxed);
    // ORDERING: release, partner: the handler's acquire; it sees the size that belongs to the base.
    range.base.store(base, std::memory_order_release);
    return;
  }
}

void unwatch_read_only(const uint8_t* base) {
  std::lock_guard lock(registration);
  for (Range& range : ranges)
    if (range.base.load(std::memory_order_relaxed) == base) range.base.store(nullptr, std::memory_order_release);
}

}  // namespace pkttap
