# A service manager's ear: hear-notifications.py ADDRESS, a path or @ and an abstract name. Prints each datagram that comes as
# a line of JSON, after a line that says it listens.

import json
import socket
import sys

address = sys.argv[1]
ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
ear.bind("\0" + address[1:] if address.startswith("@") else address)
print("listening", flush=True)
while True:
    print(json.dumps(ear.recv(4096).decode()), flush=True)
