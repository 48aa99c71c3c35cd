# Sends one TCP packet as a network stack hands it to a card that cuts packets up and fills in checksums by itself: whole,
# however long, and without a checksum. Prints it in hexadecimal. usage: send-offloaded.py DEVICE BYTES
import socket, struct, sys

SOL_PACKET, PACKET_VNET_HDR = 263, 15
NEEDS_CHECKSUM, TCP_OVER_IPV6 = 1, 4
ETHERNET, IPV6, TCP = 14, 40, 20
SEGMENT = 1400

device, bytes_wanted = sys.argv[1], int(sys.argv[2])
payload = bytes(i * 7 & 0xFF for i in range(bytes_wanted - ETHERNET - IPV6 - TCP))
# A packet of more than 64 KiB has no length here (RFC 2675).
length = TCP + len(payload) if TCP + len(payload) < 1 << 16 else 0
ethernet = bytes.fromhex("020000000002" "020000000001" "86dd")
ipv6 = struct.pack("!IHBB", 6 << 28, length, socket.IPPROTO_TCP, 64) + bytes(15) + b"\1" + bytes(15) + b"\2"
tcp = struct.pack("!HHIIBBHHH", 5000, 80, 1, 1, 0x50, 0x10, 8192, 0, 0)
packet = ethernet + ipv6 + tcp + payload
# struct virtio_net_hdr of linux/virtio_net.h, in the host's byte order.
offload = struct.pack("=BBHHHH", NEEDS_CHECKSUM, TCP_OVER_IPV6, ETHERNET + IPV6 + TCP, SEGMENT, ETHERNET + IPV6, 16)

with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
    raw.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    raw.bind((device, 0))
    raw.send(offload + packet)
print(packet.hex(), end="")
