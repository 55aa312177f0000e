#!/usr/bin/env python3
"""Starts a program in a file tree as a container engine would: deploy/tests/container.py TREE [options] -- PROGRAM...

Namespaces of its own (mounts, processes, IPC, host name; not the network, so that a test reaches it on loopback), the
tree as its read-only root, `/proc`, five harmless devices, an unprivileged user without capabilities and without a way
to new privileges, and optionally a seccomp profile in the form that Docker and Kubernetes read.
"""

import argparse
import ctypes
import json
import os
import signal
import sys
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID = (
    0x00020000,
    0x04000000,
    0x08000000,
    0x10000000,
    0x20000000,
)
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 24, 38
SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}[os.uname().machine]
LAST_CAPABILITY = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
SCMP_ACT_ALLOW, SCMP_ACT_ERRNO = 0x7FFF0000, 0x00050000
DEVICES = ("null", "zero", "full", "random", "urandom")

libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: object) -> int:
    """A function of the C library that answers -1 when it fails."""
    result: int = getattr(libc, name)(*arguments)
    if result == -1:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}{arguments}: {os.strerror(error)}")
    return result


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    call("mount", source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode())


def enter_namespaces(user: int) -> None:
    """As root with the real user numbers; an ordinary user gets a namespace in which it has the wanted one."""
    flags = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID
    if os.geteuid() == 0:
        call("unshare", flags)
        return
    uid, gid = os.geteuid(), os.getegid()
    call("unshare", flags | CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{user} {gid} 1")


def build_root(tree: str, tmpfs: list[str]) -> None:
    mount("none", "/", "", MS_REC | MS_PRIVATE)
    mount(tree, tree, "", MS_BIND | MS_REC)
    mount("proc", f"{tree}/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    mount("tmpfs", f"{tree}/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=64k")
    for device in DEVICES:
        Path(f"{tree}/dev/{device}").touch()
        mount(f"/dev/{device}", f"{tree}/dev/{device}", "", MS_BIND)
    for folder in tmpfs:
        mount("tmpfs", f"{tree}{folder}", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=256m")
    mount("none", tree, "", MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID)
    os.chdir(tree)
    call("syscall", SYS_PIVOT_ROOT, b".", b".")
    call("umount2", b".", MNT_DETACH)
    os.chdir("/")


def drop_privileges(user: int) -> None:
    for capability in range(LAST_CAPABILITY + 1):
        call("prctl", PR_CAPBSET_DROP, capability, 0, 0, 0)
    if os.getuid() == 0:
        os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # A change of user clears it.
    call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class Filter:
    """A seccomp profile, loaded through libseccomp as the container engines do."""

    def __init__(self, profile: dict[str, object]) -> None:
        self.library = ctypes.CDLL("libseccomp.so.2")
        self.library.seccomp_init.restype = ctypes.c_void_p
        assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
        default = SCMP_ACT_ERRNO | int(str(profile.get("defaultErrnoRet", 1)))
        self.context = ctypes.c_void_p(self.library.seccomp_init(ctypes.c_uint32(default)))
        rules = profile["syscalls"]
        assert isinstance(rules, list)
        for rule in rules:
            action = {
                "SCMP_ACT_ALLOW": SCMP_ACT_ALLOW,
                "SCMP_ACT_ERRNO": SCMP_ACT_ERRNO | rule.get("errnoRet", 1),
            }[rule["action"]]
            for name in rule["names"]:
                self.add(action, name)

    def add(self, action: int, name: str) -> None:
        number = self.library.seccomp_syscall_resolve_name(name.encode())
        # Not known to this machine's library, or not on its architecture: nothing to allow, then.
        if number < 0:
            return
        self.check(self.library.seccomp_rule_add_exact_array(self.context, action, number, 0, None))

    def load(self) -> None:
        self.check(self.library.seccomp_load(self.context))

    @staticmethod
    def check(result: int) -> None:
        if result != 0:
            raise OSError(-result, os.strerror(-result))


def wait_for(child: int) -> int:
    """Passes signals on, and gives the exit status of the first process inside."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: os.kill(child, received))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("tree")
    parser.add_argument("--user", type=int, required=True)
    parser.add_argument("--tmpfs", action="append", default=[], metavar="FOLDER")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--seccomp", metavar="PROFILE")
    parser.add_argument("program", nargs="+")
    asked = parser.parse_args()
    environment = dict(pair.split("=", 1) for pair in asked.env)
    seccomp = Filter(json.loads(Path(asked.seccomp).read_text())) if asked.seccomp else None
    enter_namespaces(asked.user)
    child = os.fork()
    if child:
        status = wait_for(child)
        return status if status >= 0 else 128 - status
    call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    build_root(os.path.realpath(asked.tree), asked.tmpfs)
    drop_privileges(asked.user)
    if seccomp:
        seccomp.load()
    os.execve(asked.program[0], asked.program, environment)


if __name__ == "__main__":
    sys.exit(main())
