//! Which interpreter runs the calculations, and what of the host it needs to see.

use crate::config::Config;
use anyhow::{Context, bail, ensure};
use mecapy_jail::settings::{JailSettings, LIBRARY_VARIABLE, SETTINGS_VARIABLE};
use sandbox::{
    Jail, Layers,
    jail::{Bind, Written},
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Who runs become when the worker runs as root: nobody else's number.
const JOB_UID: u32 = 61_616;
/// The library for the interpreter, as cargo names it.
const LIBRARY: &str = "libmecapy_jail.so";
/// Where our own files appear in the jail.
const OURS: &str = "/mecapy";
/// What the jail shows of a virtual environment. The rest names the host: its scripts, and the
/// command that made it in `pyvenv.cfg`, of which the jail has one of its own.
const SHOWN: [&str; 3] = ["lib", "lib64", FONTS];
/// Where whoever made the environment left matplotlib's list of the system's fonts.
const FONTS: &str = "share/matplotlib";
/// The lock file that whoever made the environment left in it.
const LOCK: &str = "requirements.lock";

/// Shared libraries, time zones and fonts; those that a system does not have are left out.
const SYSTEM: [&str; 11] = [
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/zoneinfo",
    "/usr/share/fonts",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/ssl/openssl.cnf",
];

/// What every interpreter is started with. One thread for linear algebra and a fixed hash seed make
/// the same calculation give the same result; two arenas keep threads from eating address space.
const ENVIRONMENT: [&str; 13] = [
    "HOME=/tmp",
    "LANG=C.UTF-8",
    "TZ=UTC",
    "PATH=",
    "PYTHONHASHSEED=0",
    "PYTHONDONTWRITEBYTECODE=1",
    "PYTHONNOUSERSITE=1",
    "PYTHONMALLOC=malloc",
    "MALLOC_ARENA_MAX=2",
    "OPENBLAS_NUM_THREADS=1",
    "OMP_NUM_THREADS=1",
    "MPLBACKEND=Agg",
    "XDG_CACHE_HOME=/tmp/cache",
];

/// Everything about the interpreter that does not change while the worker lives.
#[derive(Clone, Debug)]
pub struct Environment {
    pub jail: Jail,
    /// SHA-256 of the lock file, hexadecimal; empty without one.
    pub packages_hash: String,
}

/// What the interpreter says of itself.
#[derive(Deserialize)]
struct Layout {
    program: PathBuf,
    prefix: PathBuf,
    base: PathBuf,
    /// Whether `prefix` is a virtual environment's.
    r#virtual: bool,
    stdlib: PathBuf,
    /// Of the interpreter that the virtual environment was made from.
    home: PathBuf,
}

const ASK: &str = "import json, os, sys, sysconfig; print(json.dumps({\
    'program': os.path.realpath(sys.executable), 'prefix': os.path.realpath(sys.prefix), \
    'base': sys.base_prefix, 'virtual': sys.prefix != sys.base_prefix, \
    'home': os.path.dirname(sys._base_executable), 'stdlib': sysconfig.get_path('stdlib')}))";

impl Environment {
    pub fn find(config: &Config) -> anyhow::Result<Self> {
        let python = std::path::absolute(&config.python)?;
        let layout = ask(&python)?;
        let library = library()?;
        let mut binds: Vec<Bind> = SYSTEM.map(|path| Bind::same(path).optional()).into();
        for folder in [&layout.base.join("lib"), &layout.stdlib] {
            add(&mut binds, folder);
        }
        let mut files = Vec::new();
        let mut program_inside = text(&python);
        if !layout.r#virtual {
            add(&mut binds, &layout.prefix);
        } else {
            // A virtual environment may lie below /tmp, which is empty in the jail.
            let inside = format!("{OURS}/environment");
            if config.level.layers().namespaces {
                program_inside = format!("{inside}/bin/python");
                files.push(Written {
                    inside: format!("{inside}/pyvenv.cfg"),
                    text: configuration(&layout),
                });
            }
            binds.extend(SHOWN.map(|part| Bind {
                host: text(&layout.prefix.join(part)),
                inside: format!("{inside}/{part}"),
                optional: part != "lib",
            }));
        }
        binds.push(Bind::same(text(&layout.program)));
        let mut python_path = Vec::new();
        for (n, folder) in config.python_path.iter().enumerate() {
            let inside = format!("{OURS}/python{n}");
            binds.push(Bind {
                host: text(folder),
                inside: inside.clone(),
                optional: false,
            });
            python_path.push(inside);
        }
        let library_inside = format!("{OURS}/{LIBRARY}");
        binds.push(Bind {
            host: text(&library),
            inside: library_inside.clone(),
            optional: false,
        });
        let layers = config.level.layers();
        if !layers.namespaces {
            python_path = config
                .python_path
                .iter()
                .map(|folder| text(folder))
                .collect();
        }
        // With a root of its own a run may read all of it, and learns nothing of the host's paths.
        let readable = if layers.namespaces {
            Vec::new()
        } else {
            binds.iter().map(|bind| bind.host.clone()).collect()
        };
        let settings = JailSettings { layers, readable };
        let mut environment: Vec<String> = ENVIRONMENT.map(str::to_owned).into();
        environment.push(format!("PYTHONPATH={}", python_path.join(":")));
        environment.push(format!("MPLCONFIGDIR={}", fonts(&layout, layers)));
        environment.push(format!(
            "{SETTINGS_VARIABLE}={}",
            serde_json::to_string(&settings)?
        ));
        let seen = if layers.namespaces {
            library_inside
        } else {
            text(&library)
        };
        environment.push(format!("{LIBRARY_VARIABLE}={seen}"));
        Ok(Self {
            jail: Jail {
                layers,
                job_uid: JOB_UID,
                binds,
                files,
                program: text(&layout.program),
                arguments: [&program_inside, "-P", "-s", "-m", "mecapy_runner.zygote"]
                    .map(str::to_owned)
                    .into(),
                environment,
            },
            packages_hash: packages_hash(&layout.prefix),
        })
    }
}

/// What an interpreter reads to know that it is a virtual environment's, and where its own library is.
fn configuration(layout: &Layout) -> String {
    format!(
        "home = {}\ninclude-system-site-packages = false\n",
        layout.home.display()
    )
}

/// The folder of matplotlib's list of fonts as the interpreter sees it, or one for it to make.
fn fonts(layout: &Layout, layers: Layers) -> String {
    let made = layout.prefix.join(FONTS);
    if !made.is_dir() {
        "/tmp/matplotlib".to_owned()
    } else if layers.namespaces && layout.r#virtual {
        format!("{OURS}/environment/{FONTS}")
    } else {
        text(&made)
    }
}

fn ask(python: &Path) -> anyhow::Result<Layout> {
    let shown = python.display();
    let output = Command::new(python)
        .args(["-I", "-c", ASK])
        .env_clear()
        .output()
        .with_context(|| {
            format!(
                "{shown} cannot be started. Set MECAPY_WORKER_PYTHON to a Python 3.11 or later."
            )
        })?;
    ensure!(
        output.status.success(),
        "{shown} does not answer: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).with_context(|| format!("{shown} answers nonsense."))
}

/// The library beside this program, or where cargo leaves that of a dependency.
fn library() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let Some(folder) = program.parent() else {
        bail!("{} has no folder.", program.display());
    };
    [folder.join(LIBRARY), folder.join("deps").join(LIBRARY)]
        .into_iter()
        .find(|path| path.exists())
        .with_context(|| {
            format!(
                "{LIBRARY} is missing. It belongs beside {}.",
                program.display()
            )
        })
}

/// Unless it is part of a folder that is there already.
fn add(binds: &mut Vec<Bind>, folder: &Path) {
    let covered = |bind: &Bind| folder.starts_with(&bind.host) && Path::new(&bind.host).is_dir();
    if !binds.iter().any(covered) {
        binds.push(Bind::same(text(folder)).optional());
    }
}

fn packages_hash(prefix: &Path) -> String {
    match fs::read(prefix.join(LOCK)) {
        Ok(lock) => hex::encode(Sha256::digest(lock)),
        Err(error) => {
            tracing::warn!(%error, "{LOCK} is missing in {}; results name no packages hash", prefix.display());
            String::new()
        }
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
