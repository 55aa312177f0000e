// From pressing Run to the result on screen, `force / section`, in headless Chromium:
// node bench/press-run.mjs
import { STRESS, line, percentile, post, withBrowser, withServer } from "./measure.mjs";

const TIMES = 30;

/** Presses Run and waits, in the page itself, for the first frame that shows the text. */
async function pressAndSee(page, text) {
  return page.evaluate(
    (wanted) =>
      new Promise((resolve, reject) => {
        const pane = document.getElementById("pane-result");
        const run = [...document.querySelectorAll("button")].find(
          (button) => /^Run/.test(button.textContent.trim()) && button.offsetParent,
        );
        const began = performance.now();
        const late = setTimeout(() => reject(new Error(`${wanted} did not appear`)), 20_000);
        const look = () => {
          if (!pane.textContent.includes(wanted)) return;
          observer.disconnect();
          clearTimeout(late);
          requestAnimationFrame(() => resolve(performance.now() - began));
        };
        const observer = new MutationObserver(look);
        observer.observe(pane, { childList: true, subtree: true, characterData: true });
        run.click();
      }),
    text,
  );
}

await withServer(async (url) => {
  const task = await post(`${url}/api/tasks`, { name: "Stress", code: STRESS });
  const times = await withBrowser(async (browser) => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(`${url}/tasks/${task.id}`);
    await page.locator(".monaco-editor .view-line").first().waitFor();
    const force = page.locator("#pane-inputs").getByLabel("Force");
    const taken = [];
    for (let n = 0; n <= TIMES; n += 1) {
      // Another force each time, so that the text waited for was not there before.
      const stress = 201 + n;
      await force.fill(String(stress * 10));
      taken.push(await pressAndSee(page, `${stress}.0`));
    }
    // The first press also opens connections.
    return taken.slice(1);
  });
  line("Run pressed to result on screen, p50", percentile(times, 0.5), "ms", `${TIMES} runs`);
  line("Run pressed to result on screen, p95", percentile(times, 0.95), "ms", `${TIMES} runs`);
});
