"""Tying the hands of a process before it reads what nobody vouches for. Standard library only."""

import ctypes
import resource
import signal

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_MAX_OPEN_FILES = 128
# A stand-in for the package, so that its __init__ (Flask, settings, secrets) never runs in there.
BOOT = """
import sys, types
root = sys.argv[1]
sys.path.insert(0, root)
for name in {stubs}:
    package = types.ModuleType(name)
    package.__path__ = [root + "/" + name.replace(".", "/")]
    sys.modules[name] = package
from gis_app.formats import {module}
{module}.main(*sys.argv[2:])
"""


def boot(module: str, *stubs: str) -> str:
    """Return the program that starts `main` of a module of this folder, with empty stand-ins for packages."""
    return BOOT.format(module=module, stubs=repr(stubs))


def tie_hands(*, memory_bytes: int, cpu_s: int, file_bytes: int) -> None:
    """Limit this process for ever: memory, time, size of files, privileges, and no network where the kernel lets us."""
    for what, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_NOFILE, _MAX_OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (value, value))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # Who waits for this process may be killed; nobody wants it then.
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # An empty network namespace; where the kernel refuses, no reader asks for the network anyway.
    if libc.unshare(_CLONE_NEWNET) != 0:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
