# SPDX-License-Identifier: BSD-2-Clause
"""The host's end of the network tests: a TCP server on 127.0.0.1, which QEMU's user network shows
to guests as 10.0.2.2. One request a connection, in one line:
  get BYTES SEED   the server sends BYTES pseudo-random bytes
  put BYTES        the client sends BYTES bytes, the server answers with their SHA-256
"""

import hashlib
import random
import socketserver
import threading


def blob(size, seed):
    return random.Random(seed).randbytes(size)


def digest(data):
    return hashlib.sha256(data).hexdigest()


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        words = self.rfile.readline().decode("ascii", "replace").split()
        if words[:1] == ["get"] and len(words) == 3:
            self.wfile.write(blob(int(words[1]), int(words[2])))
        elif words[:1] == ["put"] and len(words) == 2:
            data = self.rfile.read(int(words[1]))
            self.wfile.write((digest(data) + "\n").encode())


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]
