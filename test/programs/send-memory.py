"""Memory that no honest tap would send: send-memory.py SOCKET. Sends each kind by name, with its descriptor."""

import fcntl
import os
import socket
import struct
import sys
import tempfile

F_ADD_SEALS = 1033
SEAL, SHRINK, GROW, WRITE, FUTURE_WRITE = 1, 2, 4, 8, 16
SIZE_SEALS = SEAL | SHRINK | GROW
RING_SEALS = SIZE_SEALS | FUTURE_WRITE
RING_MAGIC, CURSOR_MAGIC, SHARES_MAGIC = 0x474E495250415400, 0x5253525543415400, 0x5352414853415400
MIB = 1 << 20
SHARES_BYTES = 86528


def header(magic=RING_MAGIC, version=1, data=8192, capacity=MIB, checkpoints=4096, interfaces=4352, bytes=3840):
    start = struct.pack("<QIIQQQQQIII", magic, version, data, capacity, 1, 1, 0, 0, checkpoints, interfaces, bytes)
    return start.ljust(4096, b"\0")


def memory(seals, content, size):
    fd = os.memfd_create("test", os.MFD_ALLOW_SEALING)
    os.ftruncate(fd, size)
    os.pwrite(fd, content[:size], 0)
    fcntl.fcntl(fd, F_ADD_SEALS, seals)
    return fd


def ring(size=8192 + MIB, seals=RING_SEALS, **fields):
    return memory(seals, header(**fields), size)


def cursor(magic=CURSOR_MAGIC, version=1, size=4096, seals=SIZE_SEALS):
    return memory(seals, struct.pack("<QI", magic, version).ljust(4096, b"\0"), size)


def shares(size=SHARES_BYTES, seals=RING_SEALS, **fields):
    return cursor(**{"magic": SHARES_MAGIC, "size": size, "seals": seals, **fields})


def plain_file():
    with tempfile.TemporaryFile() as file:
        file.write(header().ljust(8192 + MIB, b"\0"))
        file.flush()
        return os.dup(file.fileno())


KINDS = {
    "ring good": lambda: ring(),
    "ring plain file": plain_file,
    "ring unsealed": lambda: ring(seals=0),
    "ring that can shrink": lambda: ring(seals=RING_SEALS & ~SHRINK),
    "ring that can grow": lambda: ring(seals=RING_SEALS & ~GROW),
    "ring that others can write": lambda: ring(seals=SIZE_SEALS),
    "ring whose seals can change": lambda: ring(seals=RING_SEALS & ~SEAL),
    "ring of less than a page": lambda: ring(size=1000),
    "ring larger than it says": lambda: ring(size=8192 + 2 * MIB),
    "ring smaller than it says": lambda: ring(size=8192 + MIB - 4096),
    "ring of another magic": lambda: ring(magic=CURSOR_MAGIC),
    "ring of another version": lambda: ring(version=2),
    "ring of no capacity": lambda: ring(capacity=0, size=8192),
    "ring of odd capacity": lambda: ring(capacity=MIB + 4096, size=8192 + MIB + 4096),
    "ring of small capacity": lambda: ring(capacity=65536, size=8192 + 65536),
    "ring of vast capacity": lambda: ring(capacity=1 << 63),
    "ring with data off the page": lambda: ring(data=8200, size=8200 + MIB),
    "ring with tables in its header": lambda: ring(checkpoints=64),
    "ring with tables that overlap": lambda: ring(interfaces=4200),
    "ring with tables in its data": lambda: ring(bytes=8192),
    "cursor good": lambda: cursor(),
    "cursor unsealed": lambda: cursor(seals=0),
    "cursor of another magic": lambda: cursor(magic=RING_MAGIC),
    "cursor of another version": lambda: cursor(version=2),
    "cursor of two pages": lambda: cursor(size=8192),
    "cursor of half a page": lambda: cursor(size=2048),
    "shares good": lambda: shares(),
    "shares unsealed": lambda: shares(seals=0),
    "shares that can shrink": lambda: shares(seals=RING_SEALS & ~SHRINK),
    "shares that others can write": lambda: shares(seals=SIZE_SEALS),
    "shares of another magic": lambda: shares(magic=CURSOR_MAGIC),
    "shares of another version": lambda: shares(version=2),
    "shares of half an epoch": lambda: shares(size=4096 + 644),
    "shares of more epochs": lambda: shares(size=SHARES_BYTES + 1288),
}

peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
peer.connect(sys.argv[1])
for name, make in KINDS.items():
    socket.send_fds(peer, [name.encode()], [make()])
