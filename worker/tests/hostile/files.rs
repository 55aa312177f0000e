//! Promise: a run sees no file of the host but what the interpreter needs, and changes none.

use crate::harness::{
    attack, checkout, control, is_full, not_there, parent, python, repeated, workers,
};
use serde_json::json;
use std::{fs, path::Path};

#[test]
pub fn a_file_of_the_host_is_not_there() {
    let folder = std::path::Path::new("/var/tmp").join(format!("mecapy-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let secret = folder.join("plans.txt");
    fs::write(&secret, "secret").expect("a file everybody may read");
    let code = format!(
        "def attack(): return attempt(open, {:?})",
        secret.display().to_string()
    );
    attack(&code, not_there);
    assert_eq!(control::unconfined(&code), "did");
    fs::remove_dir_all(folder).expect("the folder goes away");
}

#[test]
pub fn password_hashes_and_keys_are_not_there() {
    let code = r#"
def attack():
    return [attempt(open, path) for path in ("/etc/shadow", "/etc/hostname", "/etc/hosts", "/root/.ssh", "/home")]
"#;
    attack(code, not_there);
    let seen = control::unconfined(code);
    assert!(
        seen.as_array()
            .is_some_and(|all| all.iter().any(|one| one != "ENOENT")),
        "{seen}"
    );
}

#[test]
pub fn the_process_table_is_not_there() {
    let code = r#"
def attack():
    paths = ["/proc", "/proc/self/environ", "/proc/self/mem", "/proc/1/environ", "/proc/sys/kernel/core_pattern"]
    return [attempt(os.open, path, os.O_RDONLY) for path in paths]
"#;
    attack(code, not_there);
    assert_eq!(control::unconfined(code)[1], "did");
}

#[test]
pub fn the_kernel_s_files_are_not_there() {
    let code = r#"
def attack():
    return [attempt(os.listdir, path) for path in ("/sys", "/sys/fs/cgroup", "/run", "/var", "/boot", "/opt", "/srv")]
"#;
    attack(code, not_there);
    assert_eq!(control::unconfined(code)[0], "did");
}

#[test]
pub fn the_root_holds_only_what_is_needed() {
    let code = "def attack(): return sorted(os.listdir('/'))";
    attack(code, |seen| {
        let names: Vec<_> = seen
            .as_array()
            .expect("names")
            .iter()
            .filter_map(|name| name.as_str())
            .collect();
        for host in ["proc", "sys", "var", "boot", "mnt", "media", "run", "srv"] {
            assert!(!names.contains(&host), "{names:?}");
        }
        assert!(
            names.contains(&"tmp") && names.contains(&"usr"),
            "{names:?}"
        );
    });
    assert!(
        control::unconfined(code)
            .as_array()
            .is_some_and(|all| all.contains(&json!("proc")))
    );
}

#[test]
pub fn no_program_of_the_system_is_there() {
    let code = "def attack(): return [attempt(os.stat, path) for path in ('/bin/sh', '/usr/bin/env', '/usr/bin/python3', '/sbin')]";
    attack(code, |seen| {
        let seen = seen.as_array().expect("outcomes");
        assert!(seen[..2].iter().all(|one| one == "ENOENT"), "{seen:?}");
    });
    assert_eq!(control::unconfined(code)[0], "did");
}

#[test]
pub fn packages_cannot_be_written() {
    let code = r#"
import numpy
def attack():
    package = os.path.dirname(numpy.__file__)
    return [
        attempt(open, package + "/evil.py", "w"),
        attempt(os.rename, package + "/__init__.py", package + "/x.py"),
        attempt(os.chmod, package + "/__init__.py", 0o777),
        attempt(os.unlink, package + "/__init__.py"),
        attempt(os.mkdir, package + "/evil"),
        attempt(os.symlink, "/tmp", package + "/link"),
        attempt(os.truncate, package + "/__init__.py", 0),
    ]
"#;
    attack(code, |seen| {
        for one in seen.as_array().expect("outcomes") {
            assert!(
                ["EROFS", "EACCES", "EPERM"].contains(&one.as_str().unwrap_or_default()),
                "{seen}"
            );
        }
    });
    // The same calls on a package that is not protected.
    let copy = r#"
import tempfile
def attack():
    package = tempfile.mkdtemp()
    open(package + "/__init__.py", "w").close()
    done = [
        attempt(open, package + "/evil.py", "w"),
        attempt(os.chmod, package + "/__init__.py", 0o777),
        attempt(os.symlink, "/tmp", package + "/link"),
        attempt(os.truncate, package + "/__init__.py", 0),
        attempt(os.rename, package + "/__init__.py", package + "/x.py"),
    ]
    __import__("shutil").rmtree(package)
    return done
"#;
    assert_eq!(control::unconfined(copy), repeated("did", 5));
}

#[test]
pub fn nothing_is_written_outside_tmp() {
    let code = r#"
def attack():
    return [attempt(open, path, "w") for path in ("/evil", "/etc/passwd", "/usr/evil", "/dev/evil", "/mecapy/evil")]
"#;
    if !is_full() {
        // Not even there.
        let code = "def attack(): return [attempt(open, path, 'w') for path in ('/tmp/evil', '/var/tmp/evil', '/dev/shm/evil')]";
        attack(code, |seen| assert_eq!(seen, &repeated("EACCES", 3)));
    }
    attack(code, |seen| {
        for one in seen.as_array().expect("outcomes") {
            assert!(
                ["EROFS", "EACCES"].contains(&one.as_str().unwrap_or_default())
                    || !is_full() && one == "ENOENT",
                "{seen}"
            );
        }
    });
    assert_eq!(
        control::unconfined("def attack(): return attempt(open, '/var/tmp/mecapy-control', 'w')"),
        "did"
    );
    let _ = fs::remove_file("/var/tmp/mecapy-control");
}

#[test]
pub fn links_lead_nowhere_else() {
    let code = r#"
import tempfile
def attack():
    folder = tempfile.mkdtemp()
    os.symlink("/etc/shadow", folder + "/shadow")
    os.symlink("../" * 20 + "proc/self/environ", folder + "/up")
    return [
        attempt(open, folder + "/shadow"),
        attempt(open, folder + "/up"),
        attempt(os.link, os.__file__, folder + "/hard"),
    ]
"#;
    attack(code, |seen| {
        assert_eq!(seen[0], "ENOENT");
        assert_eq!(seen[1], "ENOENT");
        assert!(
            ["EXDEV", "EACCES", "EPERM"].contains(&seen[2].as_str().unwrap_or_default()),
            "{seen}"
        );
    });
    assert_eq!(control::unconfined(code)[1], "did");
}

#[test]
pub fn the_root_cannot_be_changed() {
    let code = r#"
def attack():
    attempt(os.makedirs, "/tmp/x")
    return [attempt(os.chroot, "/tmp/x"), system_call(155, 0, 0), system_call(161, 0)]
"#;
    attack(code, |seen| {
        assert_eq!(seen, &json!(["EPERM", "EPERM", "EPERM"]))
    });
    assert_eq!(control::as_namespace_root(code)[0], "did");
}

#[test]
pub fn devices_that_reach_hardware_are_not_there() {
    let code = r#"
import stat
def names():
    try: return sorted(os.listdir("/dev"))
    except OSError as problem: return errno.errorcode[problem.errno]
def attack():
    return {
        "names": names(),
        "open": [attempt(os.open, "/dev/" + name, os.O_RDWR) for name in ("kvm", "mem", "kmsg", "vda", "tty", "fuse", "ptmx")],
        "mknod": attempt(os.mknod, "/tmp/device", 0o600 | stat.S_IFCHR, os.makedev(1, 1)),
    }
"#;
    attack(code, |seen| {
        if is_full() {
            let harmless = json!(["full", "null", "random", "shm", "urandom", "zero"]);
            assert_eq!(seen["names"], harmless);
        } else {
            assert_eq!(seen["names"], "EACCES");
        }
        not_there(&seen["open"]);
        assert_eq!(seen["mknod"], "EPERM");
    });
    let seen = control::unconfined(code);
    assert!(
        seen["open"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one != "ENOENT")),
        "{seen}"
    );
}

#[test]
pub fn a_mount_in_the_jail_stays_there() {
    for worker in workers() {
        let zygotes: Vec<_> = worker.runs().into_iter().filter_map(parent).collect();
        assert!(!zygotes.is_empty());
        for zygote in zygotes {
            let Ok(mounts) = fs::read_to_string(format!("/proc/{zygote}/mountinfo")) else {
                continue;
            };
            for tie in [" shared:", " master:"] {
                assert!(!mounts.contains(tie), "{:?}: {mounts}", worker.user);
            }
        }
        // The control: around the worker they are tied to each other.
        if rustix::process::geteuid().is_root() {
            let around = fs::read_to_string(format!("/proc/{}/mountinfo", worker.pid));
            assert!(around.expect("a list of mounts").contains(" shared:"));
        }
    }
}

#[test]
pub fn the_host_s_paths_are_not_told() {
    let checkout = checkout().display().to_string();
    // The stack keeps the environment a program was started with, whatever it cleared later.
    let code = format!(
        r#"
def attack():
    libc.getauxval.restype = ctypes.c_ulong
    at = libc.getauxval(31)
    page = at & ~4095
    return {checkout:?}.encode() in ctypes.string_at(page - 4096, at - page + 4096)
"#
    );
    attack(&code, |seen| assert_eq!(seen, false));
    assert_eq!(control::unconfined(&code), true);
}

#[test]
pub fn nothing_of_the_environment_names_the_host() {
    // What tells where an environment lies: its configuration, its scripts, the lists of what was
    // installed and from where, and what the interpreter makes of them.
    let code = r#"
import json, sysconfig
def told(top):
    for folder, _, names in os.walk(top):
        for name in names:
            if name.endswith((".cfg", ".pth", "direct_url.json", "RECORD", "METADATA", "stamp")) or folder.endswith("bin"):
                path = os.path.join(folder, name)
                if os.path.isfile(path): yield path + " " + open(path, errors="replace").read()
def attack():
    words = [*sys.path, sys.prefix, sys.exec_prefix, sys.executable, sys._base_executable, *sys.orig_argv, *sysconfig.get_paths().values()]
    words += [str(getattr(one, "__file__", "")) for one in sys.modules.values()]
    words += told(sys.prefix)
    return [[name in word for word in words].count(True) for name in NAMES] + [len(words) > 100]
"#;
    let environment = python().parent().and_then(Path::parent).map(Path::to_owned);
    let environment = environment
        .expect("an environment")
        .canonicalize()
        .expect("it is there");
    let names = [checkout(), environment].map(|path| path.display().to_string());
    let code = code.replace("NAMES", &format!("{names:?}"));
    attack(&code, |seen| assert_eq!(seen, &json!([0, 0, true])));
    let seen = control::unconfined(&code.replace(
        "import json, sysconfig",
        "import json, sysconfig, numpy, pandas",
    ));
    assert!(seen[1].as_u64().is_some_and(|told| told > 0), "{seen}");
}
