# SPDX-License-Identifier: BSD-2-Clause
"""Machines that run at once: as many as the host has CPUs, for each keeps one busy. What they
measure is instructions, and so the same beside others."""

import contextlib
import os
import threading
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

_free = threading.BoundedSemaphore(os.cpu_count() or 1)
_failed = threading.Event()


class Stopped(Exception):
    """Another machine has failed: this one was not started."""


@contextlib.contextmanager
def slot():
    """A machine runs in it; waits until there is one."""
    with _free:
        if _failed.is_set():
            raise Stopped
        yield


def all_of(tasks):
    """What each of TASKS, functions, returned; they run side by side, and take a slot for each
    machine. After a failure no other machine starts; it is raised when all have ended."""
    with ThreadPoolExecutor(max(len(tasks), 1)) as pool:
        futures = [pool.submit(task) for task in tasks]
        if any(future.exception() for future in wait(futures, return_when=FIRST_EXCEPTION).done):
            _failed.set()
    failures = [future.exception() for future in futures if future.exception()]
    for failure in sorted(failures, key=lambda one: isinstance(one, Stopped)):
        raise failure
    return [future.result() for future in futures]
