// Takes system calls away from the process that a tap never makes and that whoever got hold of it would want: to start
// programs, look into others, reach the network, change the machine. They fail with EPERM; nothing is killed, since Node
// and its libraries may try things we don't know of, and live with a refusal.
#pragma once

#include "status.h"

namespace pkttap {

enum class Sockets {
  kUnixOnly,  // no other can be made, and none be bound: the devices that are open are all there will be
  kAny,       // devices are to be opened again, or names of hosts be looked up
};

// On all threads, for good. Needs no_new_privs first. Fails where the kernel has no seccomp filters.
Status restrict_system_calls(Sockets sockets);

}  // namespace pkttap
