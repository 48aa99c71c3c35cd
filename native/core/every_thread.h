// Runs a function on each thread of the process, wherever each is: capabilities, the bounding set and no_new_privs belong
// to a thread, and Node has a dozen of them before the first line of a program runs.
#pragma once

#include "status.h"

namespace pkttap {

// Runs within a signal handler: it may make system calls and nothing else. Returns an errno, 0 for success.
using ThreadWork = int (*)(const void* argument);

// Returns when all threads have done it, those included that were started meanwhile. Fails with the first errno, after
// the others have had their turn. One call at a time.
Status on_every_thread(const char* name, ThreadWork work, const void* argument);

}  // namespace pkttap
