// What a service manager is told and gives, as sd_notify(3) and sd_listen_fds(3) describe it; systemd, for one.
#pragma once

#include <string>

#include "status.h"

namespace pkttap {

// Sends a datagram to $NOTIFY_SOCKET: a path, or an abstract name behind an @.
Status notify_service_manager(const std::string& address, const std::string& message);

// Makes a listening socket that was inherited fit for us: non-blocking and close-on-exec. `path`: where it listens. Fails
// for anything that isn't a listening SOCK_SEQPACKET socket with a path.
Status adopt_listener(int fd, std::string& path);

}  // namespace pkttap
