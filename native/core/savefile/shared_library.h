// A system library loaded when it is first needed, by the name that its ABI has (lib….so.1), so that nothing here is
// linked against what a machine may not have. It stays loaded: threads may be inside it until the process ends.
#pragma once

#include <dlfcn.h>

namespace pkttap {

class SharedLibrary {
 public:
  explicit SharedLibrary(const char* name) : handle_(dlopen(name, RTLD_NOW | RTLD_LOCAL)) {}

  // Sets `function` to the symbol; false if there is no such library or symbol.
  template <typename Function>
  bool find(const char* symbol, Function& function) const {
    function = handle_ == nullptr ? nullptr : reinterpret_cast<Function>(dlsym(handle_, symbol));
    return function != nullptr;
  }

 private:
  void* handle_;
};

}  // namespace pkttap
