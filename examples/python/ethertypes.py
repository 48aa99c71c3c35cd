"""Counts a tap's packets by EtherType, in Python without a package: ethertypes.py TAP [SHIM]

SHIM is the shared object that pkttap_shim.c says how to make; by default libpkttap_shim.so beside this file.
"""

import ctypes
import pathlib
import sys
from collections import Counter

LINKTYPE_ETHERNET = 1


class Packet(ctypes.Structure):
    """struct pkttap_packet of include/pkttap/consumer.h, field by field."""

    _fields_ = [
        ("data", ctypes.c_void_p),
        ("ts_ns", ctypes.c_uint64),
        ("sequence", ctypes.c_uint64),
        ("position", ctypes.c_uint64),
        ("caplen", ctypes.c_uint32),
        ("origlen", ctypes.c_uint32),
        ("interface_index", ctypes.c_uint32),
        ("flow_hash", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("linktype", ctypes.c_uint16),
        ("lane", ctypes.c_uint16),
    ]


def load(path):
    """The shim. Pointers are declared as such: ctypes would cut them to 32 bits."""
    shim = ctypes.CDLL(path)
    shim.shim_attach.restype = ctypes.c_void_p
    shim.shim_attach.argtypes = [ctypes.c_char_p]
    shim.shim_next.argtypes = [ctypes.c_void_p, ctypes.POINTER(Packet), ctypes.c_int]
    shim.shim_release.argtypes = [ctypes.c_void_p]
    shim.shim_missed.restype = ctypes.c_ulonglong
    shim.shim_missed.argtypes = [ctypes.c_void_p]
    shim.shim_error.restype = ctypes.c_char_p
    shim.shim_error.argtypes = [ctypes.c_void_p]
    shim.shim_detach.argtypes = [ctypes.c_void_p]
    return shim


def packets(shim, consumer):
    """The packets, as (Packet, bytes), until the tap ends. The bytes are a copy: they may be kept."""
    packet = Packet()
    # A second at a time, so that Python gets to see ^C.
    while (got := shim.shim_next(consumer, ctypes.byref(packet), 1000)) >= 0:
        if got:
            yield packet, ctypes.string_at(packet.data, packet.caplen)
            # Nothing of it is needed any more: a tap that waits for us may go on.
            shim.shim_release(consumer)


def main(tap, path):
    shim = load(path)
    consumer = shim.shim_attach(tap.encode())
    counts = Counter()
    if not shim.shim_error(consumer):
        for packet, data in packets(shim, consumer):
            if packet.linktype == LINKTYPE_ETHERNET and len(data) >= 14:
                counts[int.from_bytes(data[12:14], "big")] += 1
    for ethertype, count in counts.most_common():
        print(f"0x{ethertype:04x} {count}")
    missed, error = shim.shim_missed(consumer), shim.shim_error(consumer).decode()
    shim.shim_detach(consumer)
    if missed:
        print(f"{missed} packets missed", file=sys.stderr)
    if error:
        sys.exit(error)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    beside = pathlib.Path(__file__).with_name("libpkttap_shim.so")
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else beside)
