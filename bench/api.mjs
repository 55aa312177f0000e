// From `execute` to the result over the API, one after the other: node bench/api.mjs
import { STRESS, line, percentile, post, withServer } from "./measure.mjs";

const TIMES = 200;

await withServer(async (url) => {
  const task = await post(`${url}/api/tasks`, { name: "Stress", code: STRESS });
  const times = [];
  for (let n = 0; n < TIMES + 10; n += 1) {
    const began = performance.now();
    const run = await post(`${url}/api/tasks/${task.id}/execute?wait=30`, { inputs: { force: n + 1, section: 10 } });
    times.push(performance.now() - began);
    if (run.status !== "completed") throw new Error(`A run ended as ${run.status}: ${JSON.stringify(run)}`);
  }
  const measured = times.slice(10);
  line("execute to result over the API, p50", percentile(measured, 0.5), "ms", `${TIMES} runs`);
  line("execute to result over the API, p95", percentile(measured, 0.95), "ms", `${TIMES} runs`);
});
