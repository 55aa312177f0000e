//! The libraries whole: parts that are imported late, files in /tmp, time zones, linear algebra.

use crate::harness::{Request, on_every_worker};
use serde_json::json;

#[track_caller]
fn gives(code: &str, expected: serde_json::Value) {
    on_every_worker(&Request::new(code), |run| {
        assert_eq!(run.result(), expected)
    });
}

#[test]
fn three_names_are_bound_without_an_import() {
    let code = "def calculate():\n    return [int(numpy.sum([1, 2])), float(scipy.special.gamma(4)), int(pandas.Series([1, 2]).sum())]";
    gives(code, json!([3, 6.0, 3]));
}

#[test]
fn rare_parts_of_scipy_are_imported_late() {
    let code = r#"
def calculate():
    import scipy.cluster.vq, scipy.fftpack, scipy.io, scipy.ndimage, scipy.spatial.transform
    return round(float(scipy.ndimage.gaussian_filter([[0.0, 1.0], [0.0, 0.0]], 1).sum()), 6)
"#;
    gives(code, json!(1.0));
}

#[test]
fn rare_parts_of_pandas_are_imported_late() {
    let code = r#"
import io
def calculate():
    frame = pandas.read_csv(io.StringIO("a;b\n1;2\n3;4\n"), sep=";")
    frame.to_csv("/tmp/out.csv", index=False)
    again = pandas.read_csv("/tmp/out.csv")
    return [again.groupby("a").b.sum().tolist(), frame.describe().loc["mean", "b"]]
"#;
    gives(code, json!([[2, 4], 3.0]));
}

#[test]
fn the_whole_standard_library_is_there() {
    let code = r#"
def calculate():
    import bz2, concurrent.futures, configparser, contextlib, copy, ctypes.util, decimal, difflib, email, fractions, glob
    import gzip, hashlib, heapq, html.parser, http.client, importlib.resources, inspect, lzma, pickle, platform, queue
    import secrets, shelve, sqlite3, statistics, string, struct, tempfile, unittest, uuid, xml.etree.ElementTree, zipfile
    base = sqlite3.connect(":memory:")
    return base.execute("select 6 * 7").fetchone()[0]
"#;
    gives(code, 42.into());
}

#[test]
fn time_zones_are_known() {
    let code = r#"
from datetime import datetime
from zoneinfo import ZoneInfo
def calculate():
    there = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Paris"))
    stamp = pandas.Timestamp("2026-01-01", tz="America/New_York")
    return [there.utcoffset().total_seconds(), stamp.utcoffset().total_seconds(), len(__import__("zoneinfo").available_timezones()) > 300]
"#;
    gives(code, json!([7200.0, -18000.0, true]));
}

#[test]
fn large_linear_algebra_runs() {
    let code = r#"
def calculate():
    a = numpy.random.default_rng(1).random((600, 600))
    x = numpy.linalg.solve(a, numpy.ones(600))
    return [bool(numpy.allclose(a @ x, 1)), bool(numpy.linalg.svd(a)[1][0] > 290), len(scipy.linalg.eigvalsh(a + a.T))]
"#;
    gives(code, json!([true, true, 600]));
}

#[test]
fn a_large_array_comes_back() {
    let code = "def calculate():\n    return numpy.arange(200_000.0)";
    on_every_worker(&Request::new(code), |run| {
        let values = run.result();
        let values = values.as_array().expect("a list");
        assert_eq!(
            (values.len(), values[199_999].as_f64()),
            (200_000, Some(199_999.0))
        );
    });
}

#[test]
fn large_inputs_arrive() {
    let code = "def calculate(values: list[float]):\n    return sum(values)";
    let values: Vec<f64> = (0..300_000).map(f64::from).collect();
    let request = Request::new(code).with("inputs", json!({ "values": values }));
    on_every_worker(&request, |run| {
        assert_eq!(run.result().as_f64(), Some(44_999_850_000.0))
    });
}

#[test]
fn files_in_tmp_can_be_mapped() {
    let code = r#"
def calculate():
    a = numpy.memmap("/tmp/a.dat", dtype="f8", mode="w+", shape=(1000,))
    a[:] = 2; a.flush()
    numpy.savez("/tmp/a.npz", a=a)
    return float(numpy.load("/tmp/a.npz")["a"].sum())
"#;
    gives(code, json!(2000.0));
}

#[test]
fn files_in_tmp_can_be_copied_packed_and_queried() {
    let code = r#"
import os, shutil, sqlite3, tarfile
def calculate():
    os.makedirs("/tmp/a/b"); open("/tmp/a/b/c.txt", "w").write("bolt")
    shutil.copy2("/tmp/a/b/c.txt", "/tmp/copied.txt")
    shutil.copytree("/tmp/a", "/tmp/tree")
    shutil.move("/tmp/tree", "/tmp/moved")
    with tarfile.open("/tmp/a.tar.gz", "w:gz") as archive: archive.add("/tmp/moved", "moved")
    with tarfile.open("/tmp/a.tar.gz") as archive: archive.extractall("/tmp/unpacked")
    base = sqlite3.connect("/tmp/base.db")
    base.execute("create table bolts (d)"); base.executemany("insert into bolts values (?)", [(8,), (12,)]); base.commit()
    read = [open(path).read() for path in ("/tmp/copied.txt", "/tmp/moved/b/c.txt", "/tmp/unpacked/moved/b/c.txt")]
    return [read, base.execute("select max(d) from bolts").fetchone()[0]]
"#;
    gives(code, json!([["bolt", "bolt", "bolt"], 12]));
}
