//! Promise: a run has no privilege and gains none.

use crate::harness::{attack, control, is_full, repeated};
use serde_json::json;

#[test]
pub fn it_has_no_capability() {
    let code = r#"
def attack():
    class Header(ctypes.Structure): _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]
    header, data = Header(0x20080522, 0), (ctypes.c_uint32 * 6)()
    libc.capget(ctypes.byref(header), data)
    bounding = [libc.prctl(23, one, 0, 0, 0) for one in range(41)]
    return [list(data), max(bounding), libc.prctl(39, 0, 0, 0, 0)]
"#;
    attack(code, |seen| {
        assert_eq!(seen[0], json!([0, 0, 0, 0, 0, 0]));
        // Only who has capabilities can shorten the list of those that a program could be given; no
        // new privileges, the last of the three, makes it moot.
        assert!(seen[1] == 0 || !is_full(), "{seen}");
        assert_eq!(seen[2], 1);
    });
    let seen = control::as_namespace_root(code);
    assert_ne!(seen[0], json!([0, 0, 0, 0, 0, 0]));
}

#[test]
pub fn it_cannot_become_somebody_else() {
    let code = "def attack(): return [attempt(os.setuid, 0), attempt(os.setgid, 0), attempt(os.setgroups, []), attempt(os.setresuid, 0, 0, 0)]";
    attack(code, |seen| assert_eq!(seen, &repeated("EPERM", 4)));
    let seen = control::as_namespace_root(
        "def attack(): return [attempt(os.setuid, 0), attempt(os.setgid, 0)]",
    );
    assert_eq!(seen, json!(["did", "did"]));
}

#[test]
pub fn it_cannot_make_namespaces() {
    let code = r#"
def attack():
    flags = [0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x08000000, 0x04000000, 0x02000000]
    return [system_call(272, flag) for flag in flags]
"#;
    attack(code, |seen| assert_eq!(seen, &repeated("EPERM", 7)));
    assert_eq!(
        control::unconfined("def attack(): return system_call(272, 0x10000000)"),
        "did"
    );
}

#[test]
pub fn it_cannot_mount() {
    let code = r#"
def attack():
    attempt(os.makedirs, "/tmp/m")
    mounted = "did" if libc.mount(b"tmpfs", b"/tmp/m", b"tmpfs", 0, None) == 0 else errno.errorcode[ctypes.get_errno()]
    unmounted = "did" if libc.umount2(b"/tmp" if mounted != "did" else b"/tmp/m", 2) == 0 else errno.errorcode[ctypes.get_errno()]
    return [mounted, unmounted]
"#;
    attack(code, |seen| assert_eq!(seen, &json!(["EPERM", "EPERM"])));
    assert_eq!(control::as_namespace_root(code), json!(["did", "did"]));
}

#[test]
pub fn it_cannot_undo_its_filters() {
    let code = r#"
def attack():
    return [libc.prctl(22, 0, 0, 0, 0), libc.prctl(38, 0, 0, 0, 0), libc.prctl(4, 1, 0, 0, 0), system_call(317, 1, 0, 0), system_call(446, 3, 0)]
"#;
    attack(code, |seen| {
        assert_eq!(seen, &json!([-1, -1, -1, "EPERM", "EPERM"]))
    });
    assert_eq!(
        control::unconfined("def attack(): return libc.prctl(4, 1, 0, 0, 0)"),
        0
    );
}
