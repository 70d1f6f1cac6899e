#!/usr/bin/env python3
"""Stands between a worker and Postgres, and goes silent when it is told to.

silencer.py HOST PORT prints its port, and obeys lines on its standard input, answering each with ok:
  silence    over the connections that there are nothing passes any more; new ones pass
  deafen     over those that do not listen no answer comes back any more
It ends with its standard input.
"""
import select
import socket
import sys
import threading
import time

to = (sys.argv[1], int(sys.argv[2]))
# Held while data passes: once they are silent, nothing does.
passing = threading.Lock()
pairs, listeners, silent, deaf = [], set(), set(), set()


def pass_on(pair, end):
    data = end.recv(65536)
    if not data:
        raise OSError
    if b"listen " in data.lower():
        listeners.add(pair)
    client, server = pair
    if end is client:
        server.sendall(data)
    elif pair not in deaf:
        client.sendall(data)


def carry(pair):
    try:
        while True:
            ready, _, _ = select.select(pair, [], [], 0.1)
            with passing:
                if pair not in silent:
                    for end in ready:
                        pass_on(pair, end)
                    continue
            time.sleep(0.1)
    except OSError:
        for end in pair:
            end.close()


def accept(listener):
    while True:
        client = listener.accept()[0]
        pair = (client, socket.create_connection(to))
        pairs.append(pair)
        threading.Thread(target=carry, args=(pair,), daemon=True).start()


listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=accept, args=(listener,), daemon=True).start()
print(listener.getsockname()[1], flush=True)
for line in sys.stdin:
    with passing:
        if line.strip() == "silence":
            silent.update(pairs)
        else:
            deaf.update(pair for pair in pairs if pair not in listeners)
    print("ok", flush=True)
