// Keeps a server busy and checks that every run ends as it must and that nothing grows:
// node bench/soak.mjs MINUTES
import { readFileSync, readdirSync } from "node:fs";
import { STRESS, line, post, withServer } from "./measure.mjs";

const AT_ONCE = 4;
/** Memory may settle during the first part; after it, it may grow by this share at most. */
const WARM_UP_SHARE = 0.2;
const GROWTH = 1.25;

const minutes = Number(process.argv[2] ?? 10);
if (!(minutes > 0)) throw new Error("usage: node bench/soak.mjs MINUTES");

/** Each kind of run with the state it must end in. */
const KINDS = [
  { code: STRESS, inputs: { force: 5000 }, end: "completed" },
  { code: "import numpy as np\ndef calculate(n: int = 200):\n    return {'x': np.linalg.norm(np.ones((n, n)))}\n", end: "completed" },
  { code: "def calculate(n: int = 3000):\n    for i in range(n):\n        print(i)\n    return n\n", end: "completed" },
  { code: "def calculate(a: float = 1.0):\n    return a / 0\n", end: "failed" },
  { code: "import os\ndef calculate():\n    os._exit(3)\n", end: "failed" },
  { code: "def calculate():\n    while True:\n        pass\n", limits: { wall_s: 1 }, end: "failed" },
  { code: "import time\ndef calculate():\n    time.sleep(60)\n", cancel: true, end: "cancelled" },
];

async function oneRun(url, task, kind) {
  const { inputs = {}, limits, cancel } = kind;
  const started = await post(`${url}/api/tasks/${task}/execute`, { inputs, limits });
  if (cancel) await post(`${url}/api/runs/${started.run_id}/cancel`, {});
  for (;;) {
    const response = await fetch(`${url}/api/runs/${started.run_id}`);
    const run = await response.json();
    if (["completed", "failed", "cancelled"].includes(run.status)) return run.status;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Resident memory of a process and of all that it started, MB, and how many they are. */
function family(pid) {
  const parents = new Map();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(`/proc/${entry}/status`, "utf8");
      const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
      parents.set(Number(entry), { parent: field("PPid"), megabytes: field("RssAnon") / 1024 });
    } catch {
      // It ended between the listing and the look.
    }
  }
  const belongs = (process) => process === pid || (parents.has(process) && process > 1 && belongs(parents.get(process).parent));
  const members = [...parents.keys()].filter(belongs);
  return { count: members.length, megabytes: members.reduce((sum, member) => sum + parents.get(member).megabytes, 0) };
}

await withServer(async (url, pid) => {
  const tasks = await Promise.all(
    KINDS.map(({ code }, n) => post(`${url}/api/tasks`, { name: `Soak ${n}`, code }).then(({ id }) => id)),
  );
  const ends = Date.now() + minutes * 60_000;
  const settled = Date.now() + minutes * 60_000 * WARM_UP_SHARE;
  let runs = 0;
  let baseline;
  const wrong = [];
  const client = async (first) => {
    for (let n = first; Date.now() < ends; n += 1) {
      const kind = n % KINDS.length;
      const end = await oneRun(url, tasks[kind], KINDS[kind]);
      runs += 1;
      if (end !== KINDS[kind].end) wrong.push(`${KINDS[kind].code}ended as ${end}, not ${KINDS[kind].end}`);
      if (!baseline && Date.now() > settled) baseline = family(pid);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => client(n * 2)));
  const last = family(pid);
  line("runs", runs, "", `${minutes} min, ${AT_ONCE} at once`);
  line("runs that ended otherwise than they must", wrong.length, "");
  line("memory after warming up", baseline.megabytes, "MB", `${baseline.count} processes`);
  line("memory at the end", last.megabytes, "MB", `${last.count} processes`);
  if (wrong.length > 0) throw new Error(wrong.slice(0, 5).join("\n"));
  if (last.megabytes > baseline.megabytes * GROWTH) throw new Error("Memory grew.");
  if (last.count > baseline.count + AT_ONCE) throw new Error("Processes were left over.");
});
