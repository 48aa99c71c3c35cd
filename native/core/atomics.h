// Atomic access to plain fields of shared memory. C++17 has no atomic_ref, and the layout in include/pkttap.h is C, so
// the compilers' own builtins do it. Each name says its memory order; whoever calls names the partner.
#pragma once

namespace pkttap {

template <typename T>
inline T load_relaxed(const T& field) {
  return __atomic_load_n(&field, __ATOMIC_RELAXED);
}

template <typename T>
inline T load_acquire(const T& field) {
  return __atomic_load_n(&field, __ATOMIC_ACQUIRE);
}

template <typename T>
inline void store_relaxed(T& field, T value) {
  __atomic_store_n(&field, value, __ATOMIC_RELAXED);
}

template <typename T>
inline void store_release(T& field, T value) {
  __atomic_store_n(&field, value, __ATOMIC_RELEASE);
}

template <typename T>
inline T exchange(T& field, T value) {
  return __atomic_exchange_n(&field, value, __ATOMIC_SEQ_CST);
}

inline void fence_acquire() { __atomic_thread_fence(__ATOMIC_ACQUIRE); }
inline void fence_release() { __atomic_thread_fence(__ATOMIC_RELEASE); }
inline void fence_full() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

}  // namespace pkttap
