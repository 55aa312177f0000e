// Time until a second `make run` is ready, everything being built: node bench/start.mjs
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { line, percentile, root } from "./measure.mjs";

const TIMES = 5;

async function secondsUntilReady(data) {
  const began = performance.now();
  const child = spawn("make", ["run"], {
    cwd: root,
    env: { ...process.env, MECAPY_ADDR: "127.0.0.1:0", MECAPY_DATA_DIR: data, MECAPY_LOG: "warn" },
    stdio: ["ignore", "pipe", "inherit"],
    // A group of its own, so that the server behind make can be stopped with it.
    detached: true,
  });
  for await (const said of createInterface({ input: child.stdout })) {
    if (/ready: http/.test(said)) break;
  }
  const took = (performance.now() - began) / 1000;
  process.kill(-child.pid, "SIGTERM");
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return took;
}

const data = await mkdtemp(path.join(tmpdir(), "mecapy-bench-"));
try {
  await secondsUntilReady(data);
  const times = [];
  for (let n = 0; n < TIMES; n += 1) times.push(await secondsUntilReady(data));
  line("second make run until ready, median", percentile(times, 0.5), "s", `${TIMES} starts`);
} finally {
  await rm(data, { recursive: true, force: true });
}
