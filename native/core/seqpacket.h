// SOCK_SEQPACKET Unix sockets: whole messages, in order, with file descriptors beside them. Every socket here is
// non-blocking and close-on-exec. A message that arrives cut, or with descriptors lost, is an error, never half a message.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "status.h"
#include "unique_fd.h"

namespace pkttap {

// The most descriptors the kernel takes in one message (SCM_MAX_FD).
constexpr size_t kMaxFds = 253;

struct PeerCredentials {
  int32_t pid = 0;
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::vector<uint32_t> groups;  // supplementary
};

// Binds and listens. The socket file has exactly `mode` by then, and never more.
Status listen_at(const std::string& path, uint32_t mode, UniqueFd& fd);
Status connect_to(const std::string& path, UniqueFd& fd);
// errno EAGAIN in the status: nobody waits.
Status accept_from(int listener, UniqueFd& fd);

// Two ends of one connection that has no name.
Status make_pair(UniqueFd& one, UniqueFd& other);

// Whether the descriptor is such a socket, connected or not, and not just any descriptor.
bool is_seqpacket(int fd);

// Blocks until the descriptor is ready for one of the poll(2) events, or has failed, or the time is up (-1: no limit).
Status wait_until_ready(int fd, short events, int timeout_ms, bool& ready);

// Whether a message of no bytes was the end of the connection: nothing is left to read, and nobody to write.
bool has_ended(int fd);

// One message of two parts, whole or not at all. EAGAIN: the peer's queue is full.
Status send_parts(int fd, const iovec (&parts)[2], const std::vector<int>& fds);

// One message, whole or not at all. EAGAIN: the peer's queue is full.
Status send_message(int fd, const uint8_t* data, size_t bytes, const std::vector<int>& fds);

struct Message {
  size_t bytes = 0;  // 0 without fds: the peer has closed
  std::vector<UniqueFd> fds;
};
// Receives one message into `buffer`. Descriptors are accepted only up to `max_fds`; more, or a cut message, is an error
// and whatever came is closed.
Status receive_message(int fd, uint8_t* buffer, size_t capacity, size_t max_fds, Message& message);

// Who is at the other end, as the kernel saw it at connect(2) or listen(2).
Status peer_credentials(int fd, PeerCredentials& peer);

}  // namespace pkttap
