// The parts of the pcap module that have a file of their own; each adds its exports.
#pragma once

#include <napi.h>

namespace pkttap {

void init_capture(Napi::Env env, Napi::Object exports);
void init_injector(Napi::Env env, Napi::Object exports);

}  // namespace pkttap
