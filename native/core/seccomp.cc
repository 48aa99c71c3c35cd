#include "seccomp.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pkttap {

namespace {

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
// Numbers from here on are the x32 ABI's: the same calls by another name.
constexpr uint32_t kForeignNumbers = 0x4000'0000;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
constexpr uint32_t kForeignNumbers = 0xffff'ffff;
#else
#error "the numbers of system calls are known for x86-64 and arm64"
#endif

constexpr uint32_t kNamespaces =
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

constexpr uint32_t kDenied[] = {
    // other programs, and other processes
    SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp, SYS_pidfd_getfd,
    SYS_process_madvise,
    // other views of the file system, and other namespaces
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare, SYS_setns, SYS_open_tree, SYS_move_mount, SYS_fsopen,
    SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_open_by_handle_at,
    // large doors into the kernel
    SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup, SYS_keyctl, SYS_add_key, SYS_request_key,
    SYS_fanotify_init, SYS_personality,
    // the machine
    SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_kexec_file_load, SYS_reboot, SYS_swapon,
    SYS_swapoff, SYS_acct, SYS_quotactl, SYS_syslog, SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex,
    SYS_sethostname, SYS_setdomainname,
#if defined(__x86_64__)
    SYS_iopl, SYS_ioperm, SYS_modify_ldt,
#endif
};

class Program {
 public:
  explicit Program(Sockets sockets) {
    load(offsetof(seccomp_data, arch));
    unless_equal(kArchitecture, EPERM);
    load(offsetof(seccomp_data, nr));
    if_at_least(kForeignNumbers, ENOSYS);
    // Its flags are in memory, where a filter can't look: libc then takes clone(2), which is looked at.
    if_equal(SYS_clone3, ENOSYS);
    for (const uint32_t number : kDenied) if_equal(number, EPERM);
    if (sockets == Sockets::kUnixOnly) {
      if_equal(SYS_bind, EPERM);
      for_call(SYS_socket, [this] { unless_equal(AF_UNIX, EPERM); });
    }
    for_call(SYS_clone, [this] { if_any_bit(kNamespaces, EPERM); });
    code_.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }

  Status install() {
    const sock_fprog program{static_cast<unsigned short>(code_.size()), code_.data()};
    const long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
    if (result < 0) return Status::from_errno("seccomp");
    return result == 0 ? Status::ok() : Status::invalid("seccomp: a thread has a filter of its own");
  }

 private:
  void load(uint32_t offset) { code_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)); }
  void fail(uint32_t error) { code_.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error)); }
  void jump(uint16_t test, uint32_t value, uint8_t if_true, uint8_t if_false) {
    code_.push_back(BPF_JUMP(static_cast<uint16_t>(BPF_JMP | test | BPF_K), value, if_true, if_false));
  }
  void if_equal(uint32_t value, uint32_t error) { jump(BPF_JEQ, value, 0, 1), fail(error); }
  void unless_equal(uint32_t value, uint32_t error) { jump(BPF_JEQ, value, 1, 0), fail(error); }
  void if_at_least(uint32_t value, uint32_t error) { jump(BPF_JGE, value, 0, 1), fail(error); }
  void if_any_bit(uint32_t bits, uint32_t error) { jump(BPF_JSET, bits, 0, 1), fail(error); }

  // What `test` adds looks at the lower half of the first argument, on a little-endian machine, and is for this call only.
  template <typename Test>
  void for_call(uint32_t number, Test test) {
    const size_t at = code_.size();
    jump(BPF_JEQ, number, 0, 0);
    load(offsetof(seccomp_data, args));
    test();
    load(offsetof(seccomp_data, nr));
    code_[at].jf = static_cast<uint8_t>(code_.size() - at - 1);
  }

  std::vector<sock_filter> code_;
};

}  // namespace

Status restrict_system_calls(Sockets sockets) { return Program(sockets).install(); }

}  // namespace pkttap
