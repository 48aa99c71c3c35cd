"""What a consumer could try with what a tap gives it: attack.py SOCKET HELLO, the hello as hexadecimal MessagePack.

Attaches and then tries everything that would change the ring, its size, its protection or another consumer's cursor.
Prints one JSON object: the name of each attempt and the errno it failed with, or "done" where nothing stopped it.
"""

import ctypes
import errno
import fcntl
import json
import mmap
import os
import socket
import struct
import sys

F_ADD_SEALS, F_GET_SEALS, F_SEAL_WRITE = 1033, 1034, 8
FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE = 1, 2
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + 3 * [ctypes.c_int] + [ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


def attempt(work):
    try:
        work()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"


def checked(result):
    if result in (-1, ctypes.c_void_p(-1).value):
        raise OSError(ctypes.get_errno(), "")
    return result


def map_shared(fd, protection):
    return checked(libc.mmap(None, 4096, protection, mmap.MAP_SHARED, fd, 0))


def make_writable_afterwards(fd):
    at = map_shared(fd, mmap.PROT_READ)
    checked(libc.mprotect(at, 4096, mmap.PROT_READ | mmap.PROT_WRITE))


def punch_hole(fd):
    checked(libc.fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, ctypes.c_long(0), ctypes.c_long(4096)))


def reopened(fd):
    """The strongest handle that this user can get: root may open it for writing, for what that is worth."""
    for flags in (os.O_RDWR, os.O_RDONLY):
        try:
            return os.open(f"/proc/self/fd/{fd}", flags)
        except PermissionError:
            continue
    return fd


def attempts_on_ring(ring):
    size = os.fstat(ring).st_size
    both = mmap.PROT_READ | mmap.PROT_WRITE
    return {
        "map writable": attempt(lambda: map_shared(ring, both)),
        "make a read-only mapping writable": attempt(lambda: make_writable_afterwards(ring)),
        "write": attempt(lambda: os.pwrite(ring, b"x", 0)),
        "shrink": attempt(lambda: os.ftruncate(ring, 0)),
        "grow": attempt(lambda: os.ftruncate(ring, size + 4096)),
        "punch a hole": attempt(lambda: punch_hole(ring)),
        "seal further": attempt(lambda: fcntl.fcntl(ring, F_ADD_SEALS, F_SEAL_WRITE)),
    }


def attempts_on_cursor(cursor):
    return {
        "shrink": attempt(lambda: os.ftruncate(cursor, 0)),
        "grow": attempt(lambda: os.ftruncate(cursor, 8192)),
        "seal further": attempt(lambda: fcntl.fcntl(cursor, F_ADD_SEALS, F_SEAL_WRITE)),
    }


tap = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
tap.connect(sys.argv[1])
tap.send(bytes.fromhex(sys.argv[2]))
welcome, fds, _, _ = socket.recv_fds(tap, 16384, 2)
if len(fds) == 2:
    ring, cursor = fds
    (tap_pid,) = struct.unpack("i12x", tap.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12) + b"\0\0\0\0")
    report = {
        "uid": os.getuid(),
        "ring": attempts_on_ring(ring),
        "ring, reopened": attempts_on_ring(reopened(ring)),
        "cursor": attempts_on_cursor(cursor),
        "descriptors of the tap": attempt(lambda: os.listdir(f"/proc/{tap_pid}/fd")),
        "cursor inode": os.fstat(cursor).st_ino,
    }
else:
    report = {"uid": os.getuid(), "refused": welcome.decode("latin1")}
print(json.dumps(report))
