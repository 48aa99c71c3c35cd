#include "every_thread.h"

#include <dirent.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <set>

namespace pkttap {

namespace {

// The signal by which glibc makes setuid(2) reach every thread (nptl(7)). Its own functions never block it, so it comes
// through where a thread has blocked all others, as Node's inspector thread has. Ours only while it is borrowed.
constexpr int kSignal = 33;

// How long to wait before looking whether the thread is still there.
constexpr long kLookAgainNs = 5'000'000;

// As rt_sigaction(2) takes it on x86-64 and arm64.
struct KernelAction {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)();
  uint64_t mask;
};

struct Turn {
  ThreadWork work;
  const void* argument;
  std::atomic<int> error{0};
  sem_t done;
};

std::atomic<Turn*> turn{nullptr};

int take_turn(Turn& mine) {
  const int error = mine.work(mine.argument);
  int none = 0;
  if (error != 0) mine.error.compare_exchange_strong(none, error);
  return error;
}

void on_signal(int) {
  const int before = errno;
  // ORDERING: acquire, partner: on_every_thread's store; what it points to is complete.
  if (Turn* mine = turn.load(std::memory_order_acquire); mine != nullptr) {
    take_turn(*mine);
    sem_post(&mine->done);
  }
  errno = before;
}

int raw_sigaction(int signal, const KernelAction* action, KernelAction* before) {
  return static_cast<int>(syscall(SYS_rt_sigaction, signal, action, before, sizeof action->mask));
}

// libc refuses to set this signal's handler. What the kernel is to be told, the way back from a handler included, is what
// libc tells it for another signal.
bool make_action(KernelAction& action) {
  struct sigaction wanted {}, before {};
  wanted.sa_handler = on_signal;
  wanted.sa_flags = SA_RESTART;
  sigfillset(&wanted.sa_mask);
  if (sigaction(SIGRTMAX, &wanted, &before) != 0) return false;
  const bool made = raw_sigaction(SIGRTMAX, nullptr, &action) == 0;
  return sigaction(SIGRTMAX, &before, nullptr) == 0 && made;
}

bool list_threads(std::set<pid_t>& threads) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir("/proc/self/task"), closedir);
  if (!directory) return false;
  while (const dirent* entry = readdir(directory.get()))
    if (const int thread = std::atoi(entry->d_name); thread > 0) threads.insert(thread);
  return true;
}

bool signal_thread(pid_t thread, int signal) { return syscall(SYS_tgkill, getpid(), thread, signal) == 0; }

// A thread that ends instead has nothing left to do.
void run_on(pid_t thread, Turn& mine) {
  if (!signal_thread(thread, kSignal)) return;
  for (;;) {
    timespec until{};
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += kLookAgainNs;
    until.tv_sec += until.tv_nsec / 1'000'000'000;
    until.tv_nsec %= 1'000'000'000;
    if (sem_timedwait(&mine.done, &until) == 0) return;
    if (errno == ETIMEDOUT && !signal_thread(thread, 0)) return;
  }
}

// A thread started while this goes on may have been started by one that had not had its turn: so look again until no
// thread is new.
bool run_on_all_others(Turn& mine) {
  std::set<pid_t> reached{static_cast<pid_t>(syscall(SYS_gettid))};
  for (;;) {
    std::set<pid_t> threads;
    if (!list_threads(threads)) return false;
    bool found = false;
    for (const pid_t thread : threads) {
      if (!reached.insert(thread).second) continue;
      found = true;
      run_on(thread, mine);
    }
    if (!found) return true;
  }
}

}  // namespace

Status on_every_thread(const char* name, ThreadWork work, const void* argument) {
  KernelAction ours{}, libcs{};
  if (!make_action(ours)) return Status::from_errno("sigaction");
  Turn mine{work, argument, {0}, {}};
  sem_init(&mine.done, 0, 0);
  // ORDERING: release, partner: the handler's acquire.
  turn.store(&mine, std::memory_order_release);
  Status status = Status::ok();
  if (raw_sigaction(kSignal, &ours, &libcs) != 0) {
    status = Status::from_errno("rt_sigaction");
  } else {
    take_turn(mine);
    if (!run_on_all_others(mine)) status = Status::from_errno("opendir");
    raw_sigaction(kSignal, &libcs, nullptr);
  }
  turn.store(nullptr, std::memory_order_release);
  sem_destroy(&mine.done);
  if (status && mine.error != 0) return Status{mine.error, name, {}};
  return status;
}

}  // namespace pkttap
