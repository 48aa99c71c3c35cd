#include "lanes.h"

#include <utility>

namespace pkttap {

uint32_t Lanes::attach(UniqueFd socket, std::vector<Mapping> cursors, Start start, bool lossless,
                       std::vector<Attachment>& begins) {
  const auto consumer = std::make_shared<Consumer>(std::move(socket), std::move(cursors), lossless);
  for (size_t lane = 0; lane < size(); ++lane) begins.push_back(writers_[lane]->attach(consumer, lane, start));
  consumers_[next_id_] = consumer;
  return next_id_++;
}

void Lanes::detach(uint32_t id) {
  const auto found = consumers_.find(id);
  if (found == consumers_.end()) return;
  for (const auto& writer : writers_) writer->detach(*found->second);
  consumers_.erase(found);
}

bool Lanes::consumer_state(uint32_t id, ConsumerState& state) const {
  const auto found = consumers_.find(id);
  if (found == consumers_.end()) return false;
  state.lossless = found->second->lossless();
  for (const auto& writer : writers_) {
    const SessionState one = writer->session_state(*found->second);
    state.delivered += one.delivered;
    state.missed += one.missed;
    state.filtered += one.filtered;
    if (state.fault == SessionFault::kNone) state.fault = one.fault;
  }
  return true;
}

void Lanes::on_session_change(const std::function<void()>& notify) {
  for (const auto& writer : writers_) writer->on_session_change(notify);
}

void Lanes::end(uint32_t reason, const std::string& message) {
  for (const auto& writer : writers_) writer->end(reason, message);
}

void Lanes::release() {
  for (const auto& writer : writers_) writer->release();
  consumers_.clear();
}

}  // namespace pkttap
