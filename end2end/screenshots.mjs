// Takes every page in both themes, widths and languages: node end2end/screenshots.mjs FOLDER
//
// The server is a fresh one with its examples, so that the pictures can be compared over time.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { chromium as playwright } from "playwright-core";
import { chromium } from "./support/chromium.js";
import { Server } from "./support/server.js";

const [folder] = process.argv.slice(2);
if (!folder) throw new Error("usage: node end2end/screenshots.mjs FOLDER");
mkdirSync(folder, { recursive: true });

const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };
const THEMES = ["light", "dark"];
const LANGUAGES = { en: "en-GB", fr: "fr-FR" };
const EDITOR = ".monaco-editor .view-line";

const BROKEN = `from mecapy import Q


def calculate(force: float = 12.0, section: float = 84.3):
    stress = 1000 * force / sectoin
    return {"Stress": Q(stress, "MPa")}
`;
const SLOW = `import time
from mecapy import progress


def calculate(steps: int = 5000):
    for step in range(steps):
        progress(step / steps, "meshing")
        print("step", step)
        time.sleep(0.1)
    return steps
`;

class Stage {
  constructor(url) {
    this.url = url;
  }

  async json(method, route, body) {
    const response = await fetch(this.url + route, {
      method,
      headers: { "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? undefined : response.json();
  }

  async set() {
    const { items } = await this.json("GET", "/api/tasks?limit=100");
    this.bolt = items.find(({ name }) => /bolted joint/i.test(name)) ?? items[0];
    const ran = [];
    for (const { id } of items) ran.push(await this.json("POST", `/api/tasks/${id}/execute?wait=60`, {}));
    const run = ran[items.indexOf(this.bolt)];
    this.share = await this.json("POST", `/api/runs/${run.run_id ?? run.id}/share`, {});
    this.broken = await this.json("POST", "/api/tasks", { name: "Stress in a bar", code: BROKEN });
    await this.json("POST", `/api/tasks/${this.broken.id}/execute?wait=60`, {});
    this.slow = await this.json("POST", "/api/tasks", { name: "A long run", code: SLOW });
    this.slowRun = await this.json("POST", `/api/tasks/${this.slow.id}/execute`, {});
  }

  /** Name, address, and what must be there before the picture is taken. */
  pages() {
    return [
      ["tasks", "/", "body[data-hydrated]"],
      ["examples", "/examples", "body[data-hydrated]"],
      ["runs", "/runs", "body[data-hydrated]"],
      ["reference", "/reference", "body[data-hydrated]"],
      ["not-found", "/nowhere", "body[data-hydrated]"],
      ["workbench", `/tasks/${this.bolt.id}`, EDITOR],
      ["workbench-error", `/tasks/${this.broken.id}`, EDITOR],
      ["workbench-running", `/tasks/${this.slow.id}`, EDITOR],
      ["shared", new URL(this.share.url).pathname, "main"],
      ["shared-gone", "/r/this-link-never-was-there", "h1"],
    ];
  }
}

async function take(browser, stage, size, theme, language) {
  const context = await browser.newContext({
    viewport: SIZES[size],
    colorScheme: theme,
    locale: LANGUAGES[language],
    timezoneId: "UTC",
  });
  const page = await context.newPage();
  for (const [name, address, ready] of stage.pages()) {
    await page.goto(stage.url + address);
    // On a narrow screen the editor comes with the unfolded code; the page is ready before that.
    const waitFor = size === "narrow" && ready === EDITOR ? "body[data-hydrated]" : ready;
    await page.locator(waitFor).first().waitFor();
    await page.waitForLoadState("networkidle").catch(() => {});
    await page.evaluate(() => document.fonts.ready);
    const file = path.join(folder, `${name}-${size}-${theme}-${language}.png`);
    await page.screenshot({ path: file, fullPage: size === "narrow" || name.startsWith("shared") });
  }
  await context.close();
}

const server = await Server.start();
const browser = await playwright.launch({ ...chromium(), headless: true });
try {
  const stage = new Stage(server.url);
  await stage.set();
  for (const language of Object.keys(LANGUAGES)) {
    for (const theme of THEMES) {
      for (const size of Object.keys(SIZES)) await take(browser, stage, size, theme, language);
    }
  }
} finally {
  await browser.close();
  await server.stop();
}
