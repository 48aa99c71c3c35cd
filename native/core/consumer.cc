#include "consumer.h"

#include <sys/socket.h>

#include "atomics.h"

namespace pkttap {

void Consumer::ring_if_sleeping() {
  pkttap_cursor& first = cursor(0);
  // Whichever lane takes the flag away rings, once.
  if (load_relaxed(first.sleeping) == 0 || exchange(first.sleeping, 0u) == 0) return;
  // A full socket buffer means that it was rung before and hasn't looked yet; a dead peer is the control plane's to see.
  const char bell = 0;
  (void)send(socket_.get(), &bell, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

uint64_t Consumer::progress() const {
  uint64_t sum = 0;
  for (size_t lane = 0; lane < lanes(); ++lane) sum += load_relaxed(cursor(lane).position);
  return sum;
}

}  // namespace pkttap
