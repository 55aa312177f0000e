//! Promise: what numerical Python has no use for, the kernel does not do for it.

use crate::harness::{attack, control, repeated};

/// Number on x86-64 and a harmless first argument of what must be refused.
const REFUSED: &[(&str, u32)] = &[
    ("ptrace", 101),
    ("process_vm_readv", 310),
    ("process_vm_writev", 311),
    ("kcmp", 312),
    ("mount", 165),
    ("umount2", 166),
    ("pivot_root", 155),
    ("chroot", 161),
    ("open_tree", 428),
    ("move_mount", 429),
    ("fsopen", 430),
    ("fsmount", 432),
    ("fspick", 433),
    ("mount_setattr", 442),
    ("unshare", 272),
    ("setns", 308),
    ("keyctl", 250),
    ("add_key", 248),
    ("request_key", 249),
    ("bpf", 321),
    ("perf_event_open", 298),
    ("userfaultfd", 323),
    ("io_uring_setup", 425),
    ("io_uring_enter", 426),
    ("io_uring_register", 427),
    ("memfd_create", 319),
    ("memfd_secret", 447),
    ("shmget", 29),
    ("shmat", 30),
    ("semget", 64),
    ("msgget", 68),
    ("mq_open", 240),
    ("fanotify_init", 300),
    ("inotify_init", 253),
    ("inotify_init1", 294),
    ("name_to_handle_at", 303),
    ("open_by_handle_at", 304),
    ("quotactl", 179),
    ("acct", 163),
    ("swapon", 167),
    ("reboot", 169),
    ("sethostname", 170),
    ("setdomainname", 171),
    ("iopl", 172),
    ("ioperm", 173),
    ("init_module", 175),
    ("finit_module", 313),
    ("delete_module", 176),
    ("kexec_load", 246),
    ("settimeofday", 164),
    ("clock_settime", 227),
    ("adjtimex", 159),
    ("syslog", 103),
    ("personality", 135),
    ("setpriority", 141),
    ("sched_setaffinity", 203),
    ("sched_setscheduler", 144),
    ("ioprio_set", 251),
    ("mlockall", 151),
    ("set_mempolicy", 238),
    ("mbind", 237),
    ("migrate_pages", 256),
    ("move_pages", 279),
    ("setsid", 112),
    ("setpgid", 109),
    ("setuid", 105),
    ("capset", 126),
    ("vhangup", 153),
    ("socket", 41),
    ("connect", 42),
    ("bind", 49),
    ("listen", 50),
    ("accept", 43),
    ("kill", 62),
    ("tkill", 200),
    ("rt_sigqueueinfo", 129),
    ("pidfd_open", 434),
    ("pidfd_send_signal", 424),
    ("pidfd_getfd", 438),
    ("seccomp", 317),
    ("landlock_restrict_self", 446),
    ("execve", 59),
    ("execveat", 322),
    ("fork", 57),
    ("vfork", 58),
    ("wait4", 61),
    ("timer_create", 222),
    ("chown", 92),
    ("fchown", 93),
    ("mknod", 133),
    ("setxattr", 188),
    ("splice", 275),
    ("tee", 276),
    ("vmsplice", 278),
    ("process_madvise", 440),
    ("lookup_dcookie", 212),
    ("modify_ldt", 154),
];

/// Those that an unconfined process can call without ending itself or changing the machine: their
/// arguments are wrong on purpose, so the kernel's answer shows only that it listened.
const HARMLESS: &[&str] = &[
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "kcmp",
    "keyctl",
    "add_key",
    "request_key",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "memfd_create",
    "shmget",
    "shmat",
    "semget",
    "msgget",
    "mq_open",
    "inotify_init",
    "inotify_init1",
    "name_to_handle_at",
    "personality",
    "sched_setaffinity",
    "sched_setscheduler",
    "mbind",
    "move_pages",
    "socket",
    "connect",
    "bind",
    "listen",
    "accept",
    "tkill",
    "rt_sigqueueinfo",
    "pidfd_open",
    "pidfd_send_signal",
    "pidfd_getfd",
    "execve",
    "execveat",
    "wait4",
    "timer_create",
    "chown",
    "fchown",
    "setxattr",
    "splice",
    "tee",
    "vmsplice",
    "modify_ldt",
    "adjtimex",
    "landlock_restrict_self",
];

/// Those that root of a user namespace may call, where nothing filters them.
const NAMESPACED: &[&str] = &[
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "open_tree",
    "move_mount",
    "fsopen",
    "fspick",
    "mount_setattr",
    "unshare",
    "setns",
    "setuid",
    "capset",
    "seccomp",
    "setpriority",
    "ioprio_set",
];

/// The numbers of these names, which all are among [`REFUSED`].
fn numbers(names: &[&str]) -> Vec<u32> {
    let number = |name: &&str| REFUSED.iter().find(|(refused, _)| refused == name);
    let found: Vec<_> = names.iter().filter_map(number).collect();
    assert_eq!(found.len(), names.len());
    found.into_iter().map(|(_, number)| *number).collect()
}

fn calling(numbers: impl Iterator<Item = u32>) -> String {
    let numbers: Vec<_> = numbers.collect();
    format!(
        "def attack(): return [system_call(number, -1, -1, -1, -1, -1, -1) for number in {numbers:?}]"
    )
}

#[test]
#[cfg(target_arch = "x86_64")]
pub fn a_hundred_system_calls_are_refused() {
    let code = calling(REFUSED.iter().map(|(_, number)| *number));
    attack(&code, |seen| {
        for ((name, _), answer) in REFUSED.iter().zip(seen.as_array().expect("answers")) {
            assert_eq!(answer, "EPERM", "{name}");
        }
    });
    let harmless = numbers(HARMLESS);
    let seen = control::unconfined(&calling(harmless.iter().copied()));
    let heard = seen
        .as_array()
        .expect("answers")
        .iter()
        .filter(|one| *one != "EPERM")
        .count();
    assert!(
        heard >= harmless.len() - 5,
        "only {heard} of {}: {seen}",
        harmless.len()
    );
    let seen = control::as_namespace_root(&calling(numbers(NAMESPACED).into_iter()));
    for (name, answer) in NAMESPACED.iter().zip(seen.as_array().expect("answers")) {
        assert_ne!(answer, "EPERM", "{name}");
    }
}

#[test]
#[cfg(target_arch = "x86_64")]
pub fn clone3_hides_its_flags_and_does_not_exist() {
    let code = "def attack(): return system_call(435, 0, 0)";
    attack(code, |seen| assert_eq!(seen, "ENOSYS"));
    assert_eq!(control::unconfined(code), "EINVAL");
}

#[test]
#[cfg(target_arch = "x86_64")]
pub fn a_clone_makes_threads_only() {
    let code = "def attack(): return [system_call(56, flags, 0, 0, 0, 0) for flags in (17, 0x10000000 | 17, 0x20000000, 0x100 | 17)]";
    attack(code, |seen| assert_eq!(seen, &repeated("EPERM", 4)));
    // Those of its flags with which the child has memory of its own to end in.
    let child = r#"
def attack():
    def clone(flags):
        answer = libc.syscall(56, flags, 0, 0, 0, 0)
        if answer == 0: libc._exit(0)
        return "did" if answer > 0 else errno.errorcode[ctypes.get_errno()]
    return [clone(17), clone(0x10000000 | 17)]
"#;
    assert_eq!(control::unconfined(child), repeated("did", 2));
}

#[test]
#[cfg(target_arch = "x86_64")]
pub fn the_x32_table_is_refused() {
    let code =
        "def attack(): return [system_call(0x40000000 | number) for number in (39, 57, 520)]";
    attack(code, |seen| assert_eq!(seen, &repeated("EPERM", 3)));
    assert_eq!(
        control::unconfined("def attack(): return system_call(39)"),
        "did"
    );
}

#[test]
#[cfg(target_arch = "x86_64")]
pub fn requests_to_drivers_are_refused() {
    // TIOCSTI, TIOCSCTTY, FS_IOC_SETFLAGS, and the same with high bits that the kernel ignores.
    let code = "def attack(): return [system_call(16, 1, request, 0) for request in (0x5412, 0x540E, 0x40086602, 0x100005412)]";
    attack(code, |seen| assert_eq!(seen, &repeated("EPERM", 4)));
    let seen = control::unconfined(code);
    assert!(
        seen.as_array()
            .is_some_and(|all| all.iter().any(|one| one != "EPERM")),
        "{seen}"
    );
}
