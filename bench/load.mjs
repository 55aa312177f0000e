// One machine under load, in both profiles: node bench/load.mjs [embedded|production...]
//
// In the production profile, PostgreSQL, Redis and S3 are real servers on this machine too, and a web server, a
// dispatcher and a worker are processes of their own.
import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import path from "node:path";
import { Server, root } from "../end2end/support/server.js";
import { STRESS, line, percentile, target } from "./measure.mjs";

const ALONE = 200;
const AT_ONCE = 8;
const LOAD_S = 20;
const USERS = 25;
const QUEUED = 20_000;
const SLOTS = 4;
const WORKER_TOKEN = "the worker of the measurement";

const program = (name) => path.join(target, "release", name);
process.env.END2END_SERVER = program("mecapy-server");
const common = { MECAPY_SITE_DIR: path.join(root, "target", "site"), MECAPY_WORKER_BIN: program("mecapy-worker") };
const ending = [];
const ended = async () => {
  while (ending.length > 0) await ending.pop()();
};

async function request(url, method, body, token) {
  const headers = { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const response = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.json();
}

async function embedded() {
  const server = await Server.start(common);
  ending.push(() => server.stop());
  return { url: server.url };
}

/** A program whose lines are read until one says that it is ready. */
async function started(name, args, env, ready) {
  const child = spawn(program(name), args, { cwd: root, env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "inherit"] });
  ending.push(() => new Promise((resolve) => {
    child.once("exit", resolve);
    child.stdin.end();
    child.kill("SIGTERM");
  }));
  const lines = [];
  for await (const text of createInterface({ input: child.stdout })) {
    lines.push(text);
    if (ready(text)) break;
  }
  child.stdout.resume();
  return { child, lines };
}

async function production() {
  const { lines } = await started("mecapy-testbed", [], {}, (text) => text === "ready");
  const services = Object.fromEntries(lines.slice(0, -1).map((text) => text.split(/=(.*)/s).slice(0, 2)));
  const port = 20_000 + (process.pid % 10_000);
  const worker = `http://127.0.0.1:${port}`;
  const digest = createHash("sha256").update(WORKER_TOKEN).digest("hex");
  const child = spawn(program("mecapy-worker"), [], {
    cwd: root,
    env: { ...process.env, MECAPY_ADDR: `127.0.0.1:${port}`, MECAPY_WORKER_SLOTS: String(SLOTS), MECAPY_WORKER_TOKEN_SHA256: digest, MECAPY_LOG: "warn" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  ending.push(() => child.kill("SIGTERM"));
  for (let ready = false; !ready; ) {
    ready = await fetch(`${worker}/readyz`).then(({ ok }) => ok, () => false);
    if (!ready) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const settings = { ...common, ...services, MECAPY_WORKER_URL: worker, MECAPY_WORKER_TOKEN: WORKER_TOKEN };
  const dispatcher = await Server.start(settings, ["serve", "--role", "dispatcher"]);
  ending.push(() => dispatcher.stop());
  const web = await Server.start(settings, ["serve", "--role", "web"]);
  ending.push(() => web.stop());
  return { url: web.url, database: services.DATABASE_URL };
}

async function alone(url, profile) {
  const task = await request(`${url}/api/tasks`, "POST", { name: "Stress", code: STRESS });
  const execute = async (force) => {
    const run = await request(`${url}/api/tasks/${task.id}/execute?wait=30`, "POST", { inputs: { force, section: 10 } });
    if (run.status !== "completed") throw new Error(`A run ended as ${run.status}`);
  };
  for (let n = 0; n < 20; n += 1) await execute(n);
  const times = [];
  for (let n = 0; n < ALONE; n += 1) {
    const began = performance.now();
    await execute(n);
    times.push(performance.now() - began);
  }
  line(`${profile}: execute to result, p50`, percentile(times, 0.5), "ms", `${ALONE} runs`);
  line(`${profile}: execute to result, p95`, percentile(times, 0.95), "ms", `${ALONE} runs`);
  const ends = performance.now() + LOAD_S * 1000;
  let runs = 0;
  const client = async () => {
    for (let n = 0; performance.now() < ends; n += 1) {
      await execute(n);
      runs += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  line(`${profile}: trivial runs, ${AT_ONCE} at a time`, runs / LOAD_S, "/s", `${LOAD_S} s`);
}

function psql(database, sql) {
  return new Promise((resolve, reject) => {
    const child = spawn("psql", ["--quiet", "--no-align", "--tuples-only", "--dbname", database, "--command", sql]);
    let said = "";
    child.stdout.on("data", (chunk) => (said += chunk));
    child.stderr.on("data", (chunk) => (said += chunk));
    child.once("exit", (code) => (code === 0 ? resolve(said.trim()) : reject(new Error(said))));
  });
}

/** Users who have signed in nowhere, each with a token that the database knows. */
async function users(database) {
  const now = Date.now();
  const made = Array.from({ length: USERS }, (_, n) => ({ id: randomUUID(), token: `mcp_${"x".repeat(30)}${n}`, token_id: randomUUID() }));
  const rows = (of) => made.map(of).join(", ");
  await psql(database, `INSERT INTO users (id, subject, name, created_at) VALUES ${rows(({ id }, n) => `('${id}', 'bench-${n}', 'User ${n}', ${now})`)};
    INSERT INTO api_tokens (id, user_id, name, scope, token_sha256, start, created_at, expires_at) VALUES ${rows(
      ({ id, token, token_id }) =>
        `('${token_id}', '${id}', 'bench', 'write', '${createHash("sha256").update(token).digest("hex")}', 'mcp_', ${now}, ${now + 3_600_000})`,
    )}`);
  return made.map(({ token }) => token);
}

async function queue(url, database) {
  const tokens = await users(database);
  const tasks = await Promise.all(tokens.map((token) => request(`${url}/api/tasks`, "POST", { name: "Stress", code: STRESS }, token)));
  const times = [];
  const each = QUEUED / USERS;
  const began = performance.now();
  const client = async (token, user) => {
    for (let n = 0; n < each; n += 1) {
      const sent = performance.now();
      await request(`${url}/api/tasks/${tasks[user].id}/execute`, "POST", { inputs: { force: n, section: 10 } }, token);
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(tokens.map(client));
  const accepted = (performance.now() - began) / 1000;
  line(`production: accepting ${QUEUED} runs of ${USERS} users`, QUEUED / accepted, "/s", `${USERS} at a time`);
  line("production: until one is accepted, p50", percentile(times, 0.5), "ms");
  line("production: until one is accepted, p99", percentile(times, 0.99), "ms");
  for (;;) {
    const left = Number(await psql(database, "SELECT COUNT(*) FROM runs WHERE finished_at IS NULL"));
    if (left === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  const drained = (performance.now() - began) / 1000;
  const wrong = Number(await psql(database, "SELECT COUNT(*) FROM runs WHERE status <> 'completed'"));
  line("production: all of them drained after", drained, "s");
  line("production: of them lost or failed", wrong, "");
}

const profiles = process.argv.slice(2);
for (const profile of profiles.length > 0 ? profiles : ["embedded", "production"]) {
  try {
    const { url, database } = await { embedded, production }[profile]();
    await alone(url, profile);
    if (database) await queue(url, database);
  } finally {
    await ended();
  }
}
