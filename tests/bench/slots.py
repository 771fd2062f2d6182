# SPDX-License-Identifier: BSD-2-Clause
"""Machines that run at once: as many as the host has CPUs, for each keeps one busy. What they
measure is instructions, and so the same beside others."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

free = threading.BoundedSemaphore(os.cpu_count() or 1)


def all_of(tasks):
    """What each of TASKS, functions, returned; they run side by side, and take a slot for each
    machine. The first failure is raised when those have ended that were running."""
    with ThreadPoolExecutor(max(len(tasks), 1)) as pool:
        futures = [pool.submit(task) for task in tasks]
        try:
            return [future.result() for future in futures]
        except Exception:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
