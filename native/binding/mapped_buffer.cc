#include "mapped_buffer.h"

#include <memory>
#include <utility>

#include "../core/fault_report.h"

namespace pkttap {

namespace {

// OWNER: the buffer's finalizer and unmap() share it; whichever comes first unmaps.
struct MappedBuffer {
  Mapping mapping;
  Napi::Reference<Napi::ArrayBuffer> buffer;
};

void unmap(MappedBuffer& mapped) {
  unwatch_read_only(mapped.mapping.base());
  mapped.mapping.unmap();
}

}  // namespace

Napi::Value mapped_buffer(Napi::Env env, Mapping mapping, Writes writes) {
  auto mapped = std::make_shared<MappedBuffer>();
  mapped->mapping = std::move(mapping);
  if (writes == Writes::kFault) watch_read_only(mapped->mapping.base(), mapped->mapping.bytes());
  auto* shared = new std::shared_ptr<MappedBuffer>(mapped);
  auto buffer = Napi::ArrayBuffer::New(
      env, mapped->mapping.base(), mapped->mapping.bytes(),
      [](Napi::Env, void*, std::shared_ptr<MappedBuffer>* last) {
        unmap(**last);
        delete last;
      },
      shared);
  mapped->buffer = Napi::Weak(buffer);
  auto result = Napi::Object::New(env);
  result.Set("buffer", buffer);
  result.Set("unmap", Napi::Function::New(env, [mapped](const Napi::CallbackInfo&) {
               Napi::ArrayBuffer live = mapped->buffer.Value();
               if (!live.IsEmpty() && !live.IsDetached()) live.Detach();
               unmap(*mapped);
             }));
  return result;
}

}  // namespace pkttap
