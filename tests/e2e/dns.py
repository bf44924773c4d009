#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A name server for tests, on 127.0.0.1 over UDP and TCP; in a thread of the test, or by itself:

    dns.py [--port N]      prints {"port": N}, ends when its standard input ends

Names below .test say what is answered, label by label:

    a-127-0-1-1            that address; several such labels: several addresses, in this order
    six-1                  the address ::1; six-ffff-7f00-2 is ::ffff:127.0.0.2
    then-127-0-0-2         that address instead, from the second question on
    ttl-300                the answer's time to live, else 0
    delay-300              after so many ms
    alias-NAME             CNAME of NAME.test
    nx, fail, refuse       NXDOMAIN, SERVFAIL, REFUSED
    empty                  no address
    silent                 no answer
    garbage                bytes that are no answer
    other                  an answer to another question
    many-60                so many addresses 127.0.1.1: too long for UDP
    h1x127-0-10-1          127.0.10.1, for many hosts on few addresses
"""
import asyncio
import ipaddress
import json
import struct
import sys
import threading

A, CNAME, AAAA = 1, 5, 28


def encode(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


def question(query):
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1"))
        at += 1 + query[at]
    return ".".join(labels).lower(), struct.unpack(">H", query[at + 1:at + 3])[0], at + 5


class Dns:
    def __init__(self, port=0):
        self.asked = []  # (name, type), in order
        self.seen = {}
        self.port = port
        started = threading.Event()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.run, args=(started,), daemon=True)
        self.thread.start()
        started.wait()

    def run(self, started):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.listen())
        started.set()
        self.loop.run_forever()

    async def listen(self):
        server = self

        class Udp(asyncio.DatagramProtocol):
            def connection_made(self, transport):
                self.transport = transport

            def datagram_received(self, data, address):
                delay, reply = server.answer(data, 512)
                if reply and delay:
                    asyncio.get_running_loop().call_later(delay, self.transport.sendto, reply, address)
                elif reply:
                    self.transport.sendto(reply, address)

        async def tcp(reader, writer):
            try:
                while True:
                    size = struct.unpack(">H", await reader.readexactly(2))[0]
                    delay, reply = server.answer(await reader.readexactly(size), 65535)
                    await asyncio.sleep(delay)
                    if reply:
                        writer.write(struct.pack(">H", len(reply)) + reply)
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()

        listener = await asyncio.start_server(tcp, "127.0.0.1", self.port)
        self.port = listener.sockets[0].getsockname()[1]
        await self.loop.create_datagram_endpoint(Udp, local_addr=("127.0.0.1", self.port))

    def answer(self, query, room):
        name, kind, end = question(query)
        if room == 512:
            self.asked.append((name, kind))
        labels = name.split(".")
        times = self.seen[name, kind] = self.seen.get((name, kind), 0) + 1
        code, ttl, delay, records, now = 0, 0, 0, [], []
        if labels.pop() != "test":
            code = 3
        for label in labels:
            word, _, rest = label.partition("-")
            if word == "a":
                now.append((A, bytes(map(int, rest.split("-")))))
            elif word == "then" and times > 1:
                now = [(A, bytes(map(int, rest.split("-"))))]
            elif word == "six":
                now.append((AAAA, ipaddress.IPv6Address("::" + rest.replace("-", ":")).packed))
            elif word.startswith("h") and "x127" in word:
                now.append((A, bytes(map(int, label.partition("x")[2].split("-")))))
            elif word == "many":
                now += [(A, bytes([127, 0, 1, 1]))] * int(rest)
            elif word == "ttl":
                ttl = int(rest)
            elif word == "delay":
                delay = int(rest) / 1000
            elif word == "alias":
                records.append((encode(name), CNAME, encode(rest + ".test")))
                name = rest + ".test"
                now.append((A, bytes([127, 0, 1, 1])))
            elif word in ("nx", "fail", "refuse"):
                code = {"nx": 3, "fail": 2, "refuse": 5}[word]
            elif word == "silent":
                return 0, None
            elif word == "garbage":
                return 0, query[:2] + b"\x81\x80\xff\xff\xff\xff" + b"\xc0" * 40
            elif word == "other":
                query = query[:12] + encode("b.test") + query[end - 4:end]
                end, name = len(query), "b.test"
                now.append((A, bytes([127, 0, 1, 1])))
        records += [(encode(name), k, data) for k, data in now if k == kind]
        head = struct.pack(">HHHHHH", struct.unpack(">H", query[:2])[0], 0x8180 | code, 1, len(records), 0, 0)
        reply = head + query[12:end] + b"".join(owner + struct.pack(">HHIH", k, 1, ttl, len(data)) + data
                                               for owner, k, data in records)
        if len(reply) > room:
            reply = head[:2] + struct.pack(">H", 0x8380 | code) + struct.pack(">HHHH", 1, 0, 0, 0) + query[12:end]
        return delay, reply

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


if __name__ == "__main__":
    server = Dns(int(sys.argv[2]) if sys.argv[1:2] == ["--port"] else 0)
    print(json.dumps({"port": server.port}), flush=True)
    sys.stdin.read()
