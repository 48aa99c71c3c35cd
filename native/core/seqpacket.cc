#include "seqpacket.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <chrono>
#include <cstring>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

namespace pkttap {

namespace {

// A few waiting connections; a flood of them gets EAGAIN from the kernel instead of our memory.
constexpr int kBacklog = 64;

Status address_of(const std::string& path, sockaddr_un& address) {
  address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return Status::invalid("socket path is longer than " + std::to_string(sizeof address.sun_path - 1) + " bytes");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return Status::ok();
}

UniqueFd new_socket() { return UniqueFd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)); }

// Takes ownership of every descriptor in the control data.
void take_fds(msghdr& header, std::vector<UniqueFd>& fds) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof fd);
      fds.emplace_back(fd);
    }
  }
}

}  // namespace

Status listen_at(const std::string& path, uint32_t mode, UniqueFd& fd) {
  sockaddr_un address{};
  if (auto status = address_of(path, address); !status) return status;
  fd = new_socket();
  if (!fd) return Status::from_errno("socket");
  // bind(2) makes the file with the socket's own mode less the umask: set before, nobody else can connect in between.
  if (fchmod(fd.get(), mode) != 0) return Status::from_errno("fchmod");
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return Status::from_errno("bind");
  // Not through a link: in a folder where others may write, one could have taken the place of the socket by now.
  if (fchmodat(AT_FDCWD, path.c_str(), mode, AT_SYMLINK_NOFOLLOW) != 0) return Status::from_errno("fchmodat");
  if (listen(fd.get(), kBacklog) != 0) return Status::from_errno("listen");
  return Status::ok();
}

Status connect_to(const std::string& path, UniqueFd& fd) {
  sockaddr_un address{};
  if (auto status = address_of(path, address); !status) return status;
  fd = new_socket();
  if (!fd) return Status::from_errno("socket");
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return Status::from_errno("connect");
  return Status::ok();
}

Status accept_from(int listener, UniqueFd& fd) {
  fd.reset(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  return fd ? Status::ok() : Status::from_errno("accept");
}

Status make_pair(UniqueFd& one, UniqueFd& other) {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0)
    return Status::from_errno("socketpair");
  one.reset(fds[0]);
  other.reset(fds[1]);
  return Status::ok();
}

bool is_seqpacket(int fd) {
  int domain = 0, type = 0;
  socklen_t bytes = sizeof domain;
  if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &bytes) != 0) return false;
  bytes = sizeof type;
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &bytes) != 0) return false;
  return domain == AF_UNIX && type == SOCK_SEQPACKET;
}

Status wait_until_ready(int fd, short events, int timeout_ms, bool& ready) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  pollfd watched{fd, events, 0};
  int found, left = timeout_ms;
  while ((found = poll(&watched, 1, left)) < 0 && errno == EINTR) {
    if (timeout_ms < 0) continue;
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    left = rest.count() > 0 ? static_cast<int>(rest.count()) : 0;
  }
  if (found < 0) return Status::from_errno("poll");
  ready = found > 0;
  return Status::ok();
}

bool has_ended(int fd) {
  pollfd watched{fd, POLLHUP, 0};
  int unread = 0;
  return poll(&watched, 1, 0) > 0 && (watched.revents & POLLHUP) != 0 && ioctl(fd, SIOCINQ, &unread) == 0 && unread == 0;
}

Status send_message(int fd, const uint8_t* data, size_t bytes, const std::vector<int>& fds) {
  const iovec parts[2] = {{const_cast<uint8_t*>(data), bytes}, {nullptr, 0}};
  return send_parts(fd, parts, fds);
}

Status send_parts(int fd, const iovec (&parts)[2], const std::vector<int>& fds) {
  msghdr header{};
  header.msg_iov = const_cast<iovec*>(parts);
  header.msg_iovlen = 2;
  std::vector<uint8_t> control;
  if (!fds.empty()) {
    control.resize(CMSG_SPACE(fds.size() * sizeof(int)));
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
    std::memcpy(CMSG_DATA(part), fds.data(), fds.size() * sizeof(int));
  }
  for (;;) {
    if (sendmsg(fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return Status::ok();
    if (errno != EINTR) return Status::from_errno("sendmsg");
  }
}

Status receive_message(int fd, uint8_t* buffer, size_t capacity, size_t max_fds, Message& message) {
  // Room for as many descriptors as the kernel sends at most: with less it would drop some and only set a flag.
  alignas(cmsghdr) uint8_t control[CMSG_SPACE(kMaxFds * sizeof(int))];
  iovec body{buffer, capacity};
  msghdr header{};
  header.msg_iov = &body;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  // A peer that closed without reading all of ours makes the kernel say ECONNRESET, once; its own last words, which say
  // why it closed, are still there behind that.
  ssize_t got;
  do {
    got = recvmsg(fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (got < 0 && (errno == EINTR || errno == ECONNRESET));
  if (got < 0) return Status::from_errno("recvmsg");
  take_fds(header, message.fds);
  message.bytes = static_cast<size_t>(got);
  if (header.msg_flags & MSG_TRUNC)
    return Status::invalid("message longer than " + std::to_string(capacity) + " bytes");
  // Our descriptor table is full: the kernel delivers the message without them and calls it success.
  if (header.msg_flags & MSG_CTRUNC) return Status{EMFILE, "recvmsg", {}};
  if (message.fds.size() > max_fds)
    return Status::invalid("message with " + std::to_string(message.fds.size()) + " file descriptors, at most " +
                           std::to_string(max_fds) + " expected");
  return Status::ok();
}

Status peer_credentials(int fd, PeerCredentials& peer) {
  ucred credentials{};
  socklen_t bytes = sizeof credentials;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &bytes) != 0) return Status::from_errno("getsockopt");
  peer.pid = credentials.pid;
  peer.uid = credentials.uid;
  peer.gid = credentials.gid;
  std::vector<gid_t> groups(64);
  bytes = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
  int result = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &bytes);
  if (result != 0 && errno == ERANGE) {
    groups.resize(bytes / sizeof(gid_t));
    result = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &bytes);
  }
  if (result != 0) return Status::from_errno("getsockopt");
  groups.resize(bytes / sizeof(gid_t));
  peer.groups.assign(groups.begin(), groups.end());
  return Status::ok();
}

}  // namespace pkttap
