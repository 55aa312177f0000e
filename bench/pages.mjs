// Bytes over the wire and time until each page is ready, from a browser that was never there before:
// node bench/pages.mjs
//
// Ready is: the first page answers (hydrated), the workbench has its editor, the shared page shows
// its result. Bytes are what the network delivered, headers included, until the page fell silent.
import { STRESS, line, percentile, post, withBrowser, withServer } from "./measure.mjs";

const TIMES = 5;

async function visit(url, ready, { javaScriptEnabled = true } = {}) {
  return withBrowser(async (browser) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, javaScriptEnabled });
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    let bytes = 0;
    await cdp.send("Network.enable");
    cdp.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
    const painted = paintOf(cdp);
    await cdp.send("Page.enable");
    await cdp.send("Page.setLifecycleEventsEnabled", { enabled: true });
    const began = performance.now();
    await page.goto(url, { waitUntil: "commit" });
    const readyMs = await ready(page, began, painted);
    await page.waitForLoadState("networkidle");
    return { bytes, readyMs };
  });
}

/** Milliseconds from the start of the page asked for to the paint of its content, as the browser tells without any script. */
function paintOf(cdp) {
  return new Promise((resolve) => {
    let begins;
    cdp.on("Page.lifecycleEvent", ({ name, timestamp }) => {
      if (name === "init") begins = timestamp;
      if (name === "firstMeaningfulPaint" && begins) resolve((timestamp - begins) * 1000);
    });
  });
}

const untilSeen = (selector) => async (page, began) => {
  await page.locator(selector).first().waitFor();
  return performance.now() - began;
};

/** When the browser itself says it painted the largest thing on the page. */
async function untilPainted(page) {
  await page.waitForLoadState("load");
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime)).observe({
          type: "largest-contentful-paint",
          buffered: true,
        });
      }),
  );
}

async function report(what, url, ready, options) {
  const visits = [];
  for (let n = 0; n < TIMES; n += 1) visits.push(await visit(url, ready, options));
  line(`${what}: over the wire`, percentile(visits.map(({ bytes }) => bytes), 0.5) / 1000, "kB");
  line(`${what}: ready`, percentile(visits.map(({ readyMs }) => readyMs), 0.5), "ms", `median of ${TIMES} cold browsers`);
}

await withServer(async (url) => {
  const task = await post(`${url}/api/tasks`, { name: "Stress", code: STRESS });
  const run = await post(`${url}/api/tasks/${task.id}/execute?wait=30`, {});
  const share = await post(`${url}/api/runs/${run.run_id ?? run.id}/share`, {});
  await report("first page", `${url}/`, untilSeen("body[data-hydrated]"));
  await report("workbench", `${url}/tasks/${task.id}`, untilSeen(".monaco-editor .view-line"));
  await report("shared page", share.url, untilPainted);
  // No script runs there that could be asked.
  await report("shared page without JavaScript", share.url, (_page, _began, painted) => painted, { javaScriptEnabled: false });
});
