#!/usr/bin/env python3
"""A terminal with a program in it, for what is drawn in place.

terminal.py COLUMNSxROWS PROGRAM... prints 0, and obeys lines on its standard input:
  screen     answers with what is drawn now, as a JSON array of lines
  end        types Ctrl-C, and answers with the program's status
It ends with its standard input.
"""
import fcntl
import json
import os
import pty
import signal
import struct
import sys
import termios
import threading

columns, rows = map(int, sys.argv[1].split("x"))
pid, master = pty.fork()
if pid == 0:
    # Not before it has its size.
    sys.stdin.readline()
    os.execv(sys.argv[2], sys.argv[2:])
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
os.write(master, b"\n")
written = bytearray()


def listen():
    while True:
        try:
            written.extend(os.read(master, 65536))
        except OSError:
            return
        # Only the last drawing is of interest.
        del written[:max(0, written.rfind(b"\x1b[H", 0, max(0, written.rfind(b"\x1b[J"))))]


def drawn():
    text = written.decode(errors="replace")
    head, _, frame = text.rpartition("\x1b[H")
    if "\x1b[J" not in frame:
        frame = head.rpartition("\x1b[H")[2]
    return [line.removesuffix("\x1b[K") for line in frame.partition("\x1b[J")[0].split("\r\n")]


listening = threading.Thread(target=listen, daemon=True)
listening.start()
print(0, flush=True)
for line in sys.stdin:
    if line.strip() == "screen":
        print(json.dumps(drawn()), flush=True)
    else:
        os.write(master, b"\x03")
        listening.join(30)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
        break
else:
    os.kill(pid, signal.SIGKILL)
