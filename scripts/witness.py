"""A witness of keyspace events: a bare socket that notes the time of each read and nothing else.

    python3 witness.py PORT FILE

Subscribes to `__keyevent@0__:*` on 127.0.0.1:PORT, prints `ready` once the server has confirmed it, and reads until the
server closes the connection. Nothing is parsed while it listens: each read costs a clock_gettime and a list entry. FILE
then holds, for each read, the time in ns of CLOCK_REALTIME as u64, the length as u32 (both little-endian), and the bytes.
"""

import gc
import socket
import struct
import sys
import time


def main(port: int, file: str) -> None:
    gc.disable()
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(b"PSUBSCRIBE __keyevent@0__:*\r\n")
    clock, realtime, receive = time.clock_gettime_ns, time.CLOCK_REALTIME, connection.recv
    reads = []
    ready = False
    while True:
        try:
            chunk = receive(1 << 16)
        except ConnectionResetError:
            break
        at = clock(realtime)
        if not chunk:
            break
        reads.append((at, chunk))
        if not ready:
            ready = True
            print("ready", flush=True)
    with open(file, "wb") as out:
        for at, chunk in reads:
            out.write(struct.pack("<QI", at, len(chunk)))
            out.write(chunk)


main(int(sys.argv[1]), sys.argv[2])
