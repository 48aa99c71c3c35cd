// The parts of the core module; each adds its exports.
#pragma once

#include <napi.h>

namespace pkttap {

void init_ring(Napi::Env env, Napi::Object exports);
void init_ring_append(Napi::Env env, Napi::Object exports);
void init_replay(Napi::Env env, Napi::Object exports);
void init_compress(Napi::Env env, Napi::Object exports);
void init_selection(Napi::Env env, Napi::Object exports);
void init_socket(Napi::Env env, Napi::Object exports);
void init_process(Napi::Env env, Napi::Object exports);
void init_channel(Napi::Env env, Napi::Object exports);

}  // namespace pkttap
