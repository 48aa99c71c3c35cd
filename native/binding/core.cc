// The core module: its exports are declared, one by one, in src/native/core.ts.
#include "core.h"

namespace {

Napi::Object init(Napi::Env env, Napi::Object exports) {
  pkttap::init_ring(env, exports);
  pkttap::init_ring_append(env, exports);
  pkttap::init_replay(env, exports);
  pkttap::init_compress(env, exports);
  pkttap::init_selection(env, exports);
  pkttap::init_socket(env, exports);
  pkttap::init_process(env, exports);
  pkttap::init_channel(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(core, init)
