"""HTTP by hand, for servers that break what they are told to."""

import os
import socket
import ssl
import struct
import subprocess
import threading
import time


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def flipped(body):
    return body[:-1] + bytes([body[-1] ^ 1]) if body else body


def head(connection, buffer):
    """A request's method, path and headers, and what came behind them; None: the client has gone."""
    while b"\r\n\r\n" not in buffer:
        piece = connection.recv(65536)
        if not piece:
            return None
        buffer += piece
    raw, buffer = buffer.split(b"\r\n\r\n", 1)
    lines = raw.decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ")
    return method, path, [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]], buffer


def answer(connection, status, headers, body, send_body=True):
    dropped = ("connection", "transfer-encoding", "keep-alive")
    lines = ["HTTP/1.1 %d Relayed" % status]
    lines += ["%s: %s" % item for item in headers if item[0].lower() not in dropped]
    if not any(name.lower() == "content-length" for name, _ in headers):
        lines.append("Content-Length: %d" % len(body))
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (body if send_body else b""))


def s3_error(code):
    return ("<Error><Code>%s</Code><Message>made up</Message><RequestId>r1</RequestId></Error>" % code).encode()


def _guarded(serve, connection, context):
    try:
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        serve(connection)
    except OSError:
        pass
    finally:
        connection.close()


def _accept(listener, serve, context):
    try:
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_guarded, args=(serve, connection, context), daemon=True).start()
    except OSError:
        pass


def listen(serve, context=None, listener=None):
    """Serves each connection by a thread; returns the listening socket: a new one, or the one that was kept."""
    listener = listener or socket.create_server(("127.0.0.1", 0))
    listener.listen(256)
    threading.Thread(target=_accept, args=(listener, serve, context), daemon=True).start()
    return listener


def deaf(listener):
    """Closes it; returns a socket that keeps its port from others, and on which nobody listens."""
    address = listener.getsockname()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    while True:
        try:
            kept.bind(address)
            return kept
        except OSError:
            # Until the thread that accepts has let go of it.
            time.sleep(0.01)


def port_of(listener):
    return listener.getsockname()[1]


def certificate(directory, *names):
    """A certificate that vouches for itself: its path, and what TLS needs to show it."""
    cert, key = os.path.join(directory, "cert.pem"), os.path.join(directory, "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=" + ",".join(names), "-keyout", key, "-out", cert],
        check=True, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, context
