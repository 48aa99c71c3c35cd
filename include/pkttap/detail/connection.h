/* The socket to a tap: found by name, connected, read one message at a time. It waits for nothing but in
 * pkttap_detail_wait_readable(), and that with a limit. */
#ifndef PKTTAP_DETAIL_CONNECTION_H
#define PKTTAP_DETAIL_CONNECTION_H

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

/* Ring and cursor of each lane, and a share group's memory. */
#define PKTTAP_DETAIL_MAX_FDS (2 * PKTTAP_MAX_LANES + 1)

/* So many the kernel passes at most. */
#define PKTTAP_DETAIL_KERNEL_FDS 253

/* Letters, digits and _.:@-, at most 64, the first a letter or digit. */
static inline int pkttap_detail_is_name(const char *tap) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:@-";
  const size_t length = strlen(tap);
  return length >= 1 && length <= 64 && strspn(tap, letters) == length && strchr("_.:@-", tap[0]) == NULL;
}

/* Connects to one path; -1 with errno. ENAMETOOLONG: no socket can have such a name. */
static inline int pkttap_detail_connect_path(const char *path) {
  struct sockaddr_un address;
  int fd, failure;
  memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  if (strlen(path) >= sizeof address.sun_path) return errno = ENAMETOOLONG, -1;
  memcpy(address.sun_path, path, strlen(path));
  fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  if (connect(fd, (const struct sockaddr *)(const void *)&address, sizeof address) == 0) return fd;
  failure = errno;
  close(fd);
  errno = failure;
  return -1;
}

static inline int pkttap_detail_is_missing(int failure) { return failure == ENOENT || failure == ECONNREFUSED; }

static inline int pkttap_detail_explain_connect(const char *tap, const char *path, struct pkttap_error *error) {
  if (pkttap_detail_is_missing(errno))
    return pkttap_detail_fail(error, "ERR_TAP_UNKNOWN_TAP", "no tap called %s: path=%s; `pkttap list` shows those that run",
                              tap, path);
  if (errno == EACCES)
    return pkttap_detail_fail(error, "ERR_TAP_PERMISSION",
                              "no permission to attach: path=%s; ask for the tap to be started with --group or --allow-user",
                              path);
  return pkttap_detail_fail(error, "ERR_TAP_SYSTEM", "can't connect: path=%s: %s", path, strerror(errno));
}

/* Connects to the tap in the first of the folders that has it. A folder that is closed to us counts only if it is in none. */
static inline int pkttap_detail_connect_in(const char *const *folders, size_t count, const char *tap,
                                           struct pkttap_error *error) {
  struct pkttap_error missing;
  char path[256];
  size_t i;
  memset(&missing, 0, sizeof missing);
  for (i = 0; i < count; i++) {
    int fd;
    snprintf(path, sizeof path, "%s%s%s%s", folders[i], folders[i][0] ? "/" : "", tap, folders[i][0] ? ".sock" : "");
    fd = pkttap_detail_connect_path(path);
    if (fd >= 0) return memset(error, 0, sizeof *error), fd;
    pkttap_detail_explain_connect(tap, path, pkttap_detail_is_missing(errno) ? &missing : error);
  }
  if (error->code[0] == '\0') *error = missing;
  return -1;
}

/* By name where this user's consumers look for taps, or by the socket's path. */
static inline int pkttap_detail_connect(const char *tap, const char *directory, struct pkttap_error *error) {
  const char *runtime = getenv("XDG_RUNTIME_DIR");
  const char *folders[2] = {"/run/pkttap", "/run/pkttap"};
  char own[256];
  if (strchr(tap, '/') != NULL) return folders[0] = "", pkttap_detail_connect_in(folders, 1, tap, error);
  if (!pkttap_detail_is_name(tap))
    return pkttap_detail_fail(error, "ERR_TAP_UNKNOWN_TAP", "not a name for a tap: %.64s (letters, digits, _.:@-)", tap);
  if (directory == NULL || directory[0] == '\0') directory = getenv("PKTTAP_DIR");
  if (directory != NULL && directory[0] != '\0')
    return folders[0] = directory, pkttap_detail_connect_in(folders, 1, tap, error);
  if (geteuid() == 0 || runtime == NULL || runtime[0] == '\0') return pkttap_detail_connect_in(folders, 1, tap, error);
  snprintf(own, sizeof own, "%s/pkttap", runtime);
  folders[0] = own;
  return pkttap_detail_connect_in(folders, 2, tap, error);
}

static inline uint64_t pkttap_detail_now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Waits until something has come: 1; 0 after so many ms (-1: never), or when a signal came. */
static inline int pkttap_detail_wait_readable(int fd, int timeout_ms) {
  struct pollfd watched;
  watched.fd = fd;
  watched.events = POLLIN;
  watched.revents = 0;
  return poll(&watched, 1, timeout_ms) > 0;
}

/* False: it was not sent. The peer has gone, or does not read. */
static inline int pkttap_detail_send(int fd, const struct pkttap_detail_output *message) {
  ssize_t sent;
  do sent = send(fd, message->bytes, message->length, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  return sent >= 0;
}

static inline void pkttap_detail_close_all(const int *fds, size_t count) {
  size_t i;
  for (i = 0; i < count; i++) close(fds[i]);
}

/* Takes the descriptors beside a message, all of them: those beyond the room for them are closed, and counted. */
static inline size_t pkttap_detail_take_fds(struct msghdr *header, int *fds, size_t room) {
  struct cmsghdr *part;
  size_t total = 0, count, i;
  for (part = CMSG_FIRSTHDR(header); part != NULL; part = CMSG_NXTHDR(header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (i = 0; i < count; i++, total++) {
      int fd;
      memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      if (total < room) fds[total] = fd;
      else close(fd);
    }
  }
  return total;
}

/* A datagram as it came. */
struct pkttap_detail_datagram {
  uint8_t bytes[PKTTAP_DETAIL_MESSAGE_BYTES];
  size_t length;
  int fds[PKTTAP_DETAIL_MAX_FDS]; /* OWNER: whoever received it */
  size_t fd_count;
};

/* The next datagram: 1. 0: there is none. -1: the error is set, and no descriptor is left open. One of no bytes is the end. */
static inline int pkttap_detail_receive(int fd, struct pkttap_detail_datagram *datagram, struct pkttap_error *error) {
  union {
    struct cmsghdr aligned;
    /* With less room than the kernel may need it would drop descriptors, and only set a flag. */
    uint8_t bytes[CMSG_SPACE(PKTTAP_DETAIL_KERNEL_FDS * sizeof(int))];
  } control;
  struct iovec body;
  struct msghdr header;
  ssize_t got;
  body.iov_base = datagram->bytes;
  body.iov_len = sizeof datagram->bytes;
  /* A peer that closed without reading all of ours makes the kernel say ECONNRESET, once; its last words are behind that. */
  do {
    memset(&header, 0, sizeof header);
    header.msg_iov = &body;
    header.msg_iovlen = 1;
    header.msg_control = control.bytes;
    header.msg_controllen = sizeof control.bytes;
    got = recvmsg(fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (got < 0 && (errno == EINTR || errno == ECONNRESET));
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return 0;
  if (got < 0) return pkttap_detail_fail_system(error, "recvmsg");
  datagram->length = (size_t)got;
  datagram->fd_count = pkttap_detail_take_fds(&header, datagram->fds, PKTTAP_DETAIL_MAX_FDS);
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 && datagram->fd_count <= PKTTAP_DETAIL_MAX_FDS) return 1;
  pkttap_detail_close_all(datagram->fds,
                          datagram->fd_count < PKTTAP_DETAIL_MAX_FDS ? datagram->fd_count : PKTTAP_DETAIL_MAX_FDS);
  /* Our descriptor table is full: the kernel delivers the message without them and calls it success. */
  if (header.msg_flags & MSG_CTRUNC) return errno = EMFILE, pkttap_detail_fail_system(error, "recvmsg");
  return pkttap_detail_fail(error, "ERR_TAP_PROTOCOL", "bad message from the tap: bytes=%zu descriptors=%zu",
                            datagram->length, datagram->fd_count);
}

#endif /* PKTTAP_DETAIL_CONNECTION_H */
