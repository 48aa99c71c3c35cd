// A selection, as an object: new Selection(sample, snaplen), setShare() or join(), addProgram(), decide(), select(). Its results
// lie in one buffer that JavaScript reads: a pass allocates nothing.
#include "../core/selection.h"

#include <napi.h>

#include <cstring>
#include <utility>
#include <vector>

#include "convert.h"
#include "core.h"

namespace pkttap {

namespace {

class SelectionObject final : public Napi::ObjectWrap<SelectionObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Selection",
                       {InstanceMethod<&SelectionObject::add_program>("addProgram"),
                        InstanceMethod<&SelectionObject::decide>("decide"),
                        InstanceMethod<&SelectionObject::set_share>("setShare"),
                        InstanceMethod<&SelectionObject::join>("join"),
                        InstanceMethod<&SelectionObject::select>("select"),
                        InstanceAccessor<&SelectionObject::results>("results")});
  }

  explicit SelectionObject(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<SelectionObject>(info), selection_(u32_of(info[0]), u32_of(info[1])) {
    auto results = Napi::ArrayBuffer::New(info.Env(), sizeof(Pass));
    pass_ = static_cast<Pass*>(results.Data());
    std::memset(pass_, 0, sizeof(Pass));
    results_ = Napi::Persistent(results);
  }

 private:
  Napi::Value results(const Napi::CallbackInfo&) { return results_.Value(); }

  // addProgram(struct bpf_insn after struct bpf_insn) -> number. Attack: a tap that sends a program which reads or jumps
  // out of itself.
  Napi::Value add_program(const Napi::CallbackInfo& info) {
    const auto bytes = info[0].As<Napi::Uint8Array>();
    std::vector<BpfInstruction> program(bytes.ByteLength() / sizeof(BpfInstruction));
    std::memcpy(program.data(), bytes.Data(), program.size() * sizeof(BpfInstruction));
    if (!BpfProgram::valid(program)) throw error_from(info.Env(), Status::invalid("not a valid filter program"));
    return Napi::Number::New(info.Env(), selection_.add_program(std::move(program)));
  }

  void decide(const Napi::CallbackInfo& info) {
    selection_.decide(u32_of(info[0]), u32_of(info[1]), u32_of(info[2]));
  }

  // setShare(index, of, common): from 0.
  void set_share(const Napi::CallbackInfo& info) {
    selection_.set_share(Share::fixed(u32_of(info[0]), u32_of(info[1])), info[2].ToBoolean());
  }

  // join(shares, member, epoch, lane)
  void join(const Napi::CallbackInfo& info) {
    shares_ = Napi::Persistent(info[0].As<Napi::ArrayBuffer>());
    const auto epoch = static_cast<uint64_t>(info[2].As<Napi::Number>().Int64Value());
    selection_.set_share(Share::of_member(u32_of(info[1]), epoch, u32_of(info[3])), false);
  }

  // Throws when its memory has been unmapped.
  void refresh_share(Napi::Env env) {
    auto shares = shares_.Value();
    if (shares.ByteLength() < sizeof(pkttap_shares)) throw Napi::RangeError::New(env, "a share without its group's memory");
    selection_.share().refresh(*static_cast<const pkttap_shares*>(shares.Data()));
  }

  // select(memory, from, softEnd, hardEnd, max): the caller's offsets are multiples of 8.
  void select(const Napi::CallbackInfo& info) {
    auto memory = info[0].As<Napi::ArrayBuffer>();
    const Stretch stretch{u32_of(info[1]), u32_of(info[2]), u32_of(info[3]), u32_of(info[4])};
    const bool fits = stretch.from <= stretch.hard_end && stretch.soft_end <= stretch.hard_end &&
                      stretch.hard_end <= memory.ByteLength() && stretch.max <= kSelectionChunk;
    if (!fits) throw Napi::RangeError::New(info.Env(), "a selection outside of its memory");
    if (selection_.share().in_group()) refresh_share(info.Env());
    selection_.run(static_cast<const uint8_t*>(memory.Data()), stretch, *pass_);
  }

  Selection selection_;
  Pass* pass_;
  Napi::Reference<Napi::ArrayBuffer> shares_;   // of a member of a share group
  Napi::Reference<Napi::ArrayBuffer> results_;  // OWNER: keeps the memory of pass_
};

}  // namespace

void init_selection(Napi::Env env, Napi::Object exports) { exports.Set("Selection", SelectionObject::define(env)); }

}  // namespace pkttap
