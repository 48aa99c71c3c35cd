#include "service_manager.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

#include "unique_fd.h"

namespace pkttap {

namespace {

int option_of(int fd, int option) {
  int value = -1;
  socklen_t bytes = sizeof value;
  return getsockopt(fd, SOL_SOCKET, option, &value, &bytes) == 0 ? value : -1;
}

bool add_flag(int fd, int get, int set, int flag) {
  const int flags = fcntl(fd, get);
  return flags >= 0 && fcntl(fd, set, flags | flag) == 0;
}

}  // namespace

Status notify_service_manager(const std::string& address, const std::string& message) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (address.empty() || address.size() >= sizeof to.sun_path) return Status::invalid("not a socket's address: " + address);
  std::memcpy(to.sun_path, address.data(), address.size());
  if (address[0] == '@') to.sun_path[0] = '\0';
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return Status::from_errno("socket");
  const auto bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
  // A manager that doesn't read must not hold us up; it will find out by itself what it wasn't told.
  const auto flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  const ssize_t sent =
      sendto(socket.get(), message.data(), message.size(), flags, reinterpret_cast<const sockaddr*>(&to), bytes);
  return sent >= 0 ? Status::ok() : Status::from_errno("sendto");
}

Status adopt_listener(int fd, std::string& path) {
  sockaddr_un at{};
  socklen_t bytes = sizeof at;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&at), &bytes) != 0) return Status::from_errno("getsockname");
  const bool named = at.sun_family == AF_UNIX && bytes > offsetof(sockaddr_un, sun_path) && at.sun_path[0] != '\0';
  if (!named || option_of(fd, SO_TYPE) != SOCK_SEQPACKET || option_of(fd, SO_ACCEPTCONN) != 1)
    return Status::invalid("not a listening SOCK_SEQPACKET socket with a path");
  if (!add_flag(fd, F_GETFD, F_SETFD, FD_CLOEXEC) || !add_flag(fd, F_GETFL, F_SETFL, O_NONBLOCK))
    return Status::from_errno("fcntl");
  path.assign(at.sun_path, strnlen(at.sun_path, bytes - offsetof(sockaddr_un, sun_path)));
  return Status::ok();
}

}  // namespace pkttap
