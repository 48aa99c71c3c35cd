// Compression that Node has none of, on its thread pool.
#include <napi.h>

#include <memory>
#include <vector>

#include "../core/savefile/zstd_writer.h"
#include "convert.h"
#include "core.h"

namespace pkttap {

namespace {

class CompressWorker final : public Napi::AsyncWorker {
 public:
  CompressWorker(Napi::Env env, std::shared_ptr<ZstdWriter> writer, Napi::Uint8Array bytes)
      : Napi::AsyncWorker(env, "pkttap zstd"),
        deferred_(env),
        writer_(std::move(writer)),
        owner_(Napi::Persistent(bytes)),
        bytes_(bytes.Data()),
        length_(bytes.ByteLength()) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

 private:
  void Execute() override { status_ = writer_->compress(bytes_, length_, made_); }

  void OnOK() override {
    if (status_) return deferred_.Resolve(Napi::Buffer<uint8_t>::Copy(Env(), made_.data(), made_.size()));
    deferred_.Reject(error_from(Env(), status_).Value());
  }

  Napi::Promise::Deferred deferred_;
  const std::shared_ptr<ZstdWriter> writer_;  // OWNER: with the object in JavaScript, which may go meanwhile
  Napi::Reference<Napi::Uint8Array> owner_;   // OWNER: keeps the bytes while a thread reads them
  const uint8_t* const bytes_;
  const size_t length_;
  std::vector<uint8_t> made_;
  Status status_;
};

// new Zstd(): compress(bytes) -> promise of what the frame goes on with
class ZstdObject final : public Napi::ObjectWrap<ZstdObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Zstd", {InstanceMethod<&ZstdObject::compress>("compress")});
  }

  explicit ZstdObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ZstdObject>(info) {
    std::string missing;
    writer_ = ZstdWriter::create(missing);
    if (writer_ == nullptr) throw error_from(info.Env(), Status::invalid(missing));
  }

 private:
  Napi::Value compress(const Napi::CallbackInfo& info) {
    auto* worker = new CompressWorker(info.Env(), writer_, info[0].As<Napi::Uint8Array>());
    const Napi::Promise promise = worker->promise();
    // OWNER: the worker, of itself, once it is queued.
    worker->Queue();
    return promise;
  }

  std::shared_ptr<ZstdWriter> writer_;
};

}  // namespace

void init_compress(Napi::Env env, Napi::Object exports) { exports.Set("Zstd", ZstdObject::define(env)); }

}  // namespace pkttap
