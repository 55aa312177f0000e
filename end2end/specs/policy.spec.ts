// No page asks for anything that its policy forbids, and the policy forbids what it should.
import type { Page } from "@playwright/test";
import { hydrated } from "../pages/hydrated.ts";
import { type Violation, expectNoViolation, settled, watchPolicy } from "../support/policy.ts";
import { expect, test } from "../support/test.ts";

const RICH = `import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from mecapy import Chart, Q, progress

def calculate(force: float = 12.0, length: float = 2.0):
    """Deflection of a cantilever.

    Args:
        force: Force
    """
    progress(0.5, "half way")
    print("under way")
    x = np.linspace(0, length, 41)
    w = force * (length**2 - x**2) / 100
    figure, axes = plt.subplots()
    axes.plot(x, w)
    return {
        "Largest": Q(w.max(), "mm", headline=True),
        "x": x,
        "w": w,
        "cases": pd.DataFrame({"case": [f"case {n}" for n in range(150)], "load": np.arange(150) * 1.5}),
        "figure": figure,
        "Shape": Chart("Deflection", x=x, x_label="Position", x_unit="m", y_label="Deflection", y_unit="mm").line(w, "steel"),
    }
`;
const WRONG = "def calculate(d: float = 1.0):\n    return {'d': d_2}\n";

const SPOILT = "0197f000-0000-7000-8000-000000000000";

/** Adds an inline script that would leave a mark. */
async function inject(page: Page): Promise<void> {
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "globalThis.injected = true";
    document.body.append(script);
  });
  await settled(page);
}

const wasInjected = (page: Page) => page.evaluate(() => "injected" in globalThis);

for (const language of ["en", "fr"] as const) {
  test.describe(`in ${language}`, () => {
    // What the browser says of the pages that are a 404.
    test.use({ language, forgiven: /404 \(Not Found\)/ });

    let violations: Violation[];
    test.beforeEach(async ({ context }) => {
      violations = await watchPolicy(context);
    });
    test.afterEach(async ({ page }) => expectNoViolation(page, violations));

    test("the lists, the reference and what is not there keep to their policy", async ({ page, words }) => {
      for (const path of ["/", "/examples", "/runs", "/reference", "/nowhere", `/tasks/${SPOILT}`, "/tasks/nonsense"]) {
        await page.goto(path);
        await hydrated(page);
        await expect(page.locator("html")).toHaveAttribute("lang", language);
        await expectNoViolation(page, violations);
      }
      await page.goto("/");
      await hydrated(page);
      for (const theme of ["theme_dark", "theme_light"]) {
        await page.getByRole("button", { name: words.like("common.account") }).click();
        await page.getByRole("menuitemradio", { name: words.of(`common.${theme}`) }).click();
      }
      // The workbench as a page that the one before leads to.
      await page.keyboard.press("n");
      await expect(page).toHaveURL(/\/tasks\//);
    });

    test("the workbench keeps to its policy, with all that its editor and its result can show", async ({ makeTask, page, words, workbench }) => {
      await workbench.open(await makeTask(RICH));
      await workbench.runUntil("completed");
      await expect(workbench.result.getByRole("img").first()).toBeVisible();
      await expect(workbench.result.locator("img").first()).toBeVisible();
      const table = workbench.result.getByRole("navigation", { name: words.of("result.pages") }).first();
      await table.getByRole("button", { name: words.of("result.next_page") }).click();
      await workbench.result.locator(".chart-area").first().hover();
      await workbench.tab("log");
      await workbench.tab("result");
      // The page draws a picture and saves it.
      await workbench.result.getByText(words.of("result.plot"), { exact: true }).first().click();
      const saved = page.waitForEvent("download");
      await workbench.result.getByRole("button", { name: words.of("result.plot_png") }).click();
      expect((await saved).suggestedFilename()).toMatch(/\.png$/);
      await workbench.share.click();
      await expect(page.getByRole("dialog").getByLabel(words.of("share.link"), { exact: true })).toHaveValue(/\/r\//);
      await page.keyboard.press("Escape");

      // The editor's own surfaces, each with styles of its own.
      await workbench.focusEditor();
      await page.keyboard.press("ControlOrMeta+f");
      await expect(workbench.code.locator(".find-widget")).toBeVisible();
      await page.keyboard.press("Escape");
      await workbench.focusEditor();
      await page.keyboard.press("F1");
      await expect(page.locator(".quick-input-widget")).toBeVisible();
      await page.keyboard.press("Escape");
      await workbench.code.locator(".view-lines").click({ button: "right" });
      await expect(page.locator(".monaco-menu").first()).toBeAttached();
      await page.keyboard.press("Escape");
      await workbench.write(WRONG);
      await workbench.runUntil("failed");
      await expect(page.getByRole("contentinfo")).toContainText(words.of("workbench.one_error", { line: 2 }));
    });

    test("the shared page, the page of a closed link and the API's page keep to theirs", async ({ makeTask, page, request, words, workbench }) => {
      await workbench.open(await makeTask(RICH));
      await workbench.runUntil("completed");
      await workbench.share.click();
      const link = page.getByRole("dialog").getByLabel(words.of("share.link"), { exact: true });
      await expect(link).toHaveValue(/\/r\//);
      const url = await link.inputValue();
      for (const path of [url, "/r/never-was-there", "/api/docs"]) {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
        await expectNoViolation(page, violations);
        const policy = (await request.get(path)).headers()["content-security-policy"];
        expect(policy).toContain("default-src 'none'");
        expect(policy).not.toMatch(/script-src[^;]*unsafe|style-src [^;]*unsafe/);
      }
    });
  });
}

test.describe("what is added to a page", () => {
  test.use({ forgiven: /Content Security Policy|MIME type|ERR_BLOCKED|Failed to load resource/ });

  test("as an inline script, a handler or a text to evaluate does not run", async ({ context, makeTask, page, workbench }) => {
    const violations = await watchPolicy(context);
    await workbench.open(await makeTask(RICH));
    await expectNoViolation(page, violations);
    await inject(page);
    expect(await wasInjected(page)).toBe(false);
    expect(violations.map(({ directive }) => directive)).toEqual(["script-src-elem"]);

    await page.evaluate(() => {
      const button = document.createElement("button");
      button.setAttribute("onclick", "globalThis.injected = true");
      document.body.append(button);
      button.click();
    });
    // A text that is evaluated by the page itself, and not by what drives the browser.
    await page.evaluate(
      () =>
        new Promise((resolve) =>
          setTimeout(() => {
            try {
              (0, eval)("globalThis.injected = true");
            } catch {
              resolve(undefined);
            }
            resolve(undefined);
          }),
        ),
    );
    await page.evaluate(() => {
      const style = document.createElement("style");
      style.textContent = "body { display: none }";
      document.body.append(style);
      const base = Object.assign(document.createElement("base"), { href: "https://evil.example/" });
      document.head.prepend(base);
    });
    await settled(page);
    expect(await wasInjected(page)).toBe(false);
    await expect(page.locator("body")).toBeVisible();
    expect(await page.evaluate(() => new URL("x", document.baseURI).host)).toBe(new URL(page.url()).host);
    // The base is looked at again with every address.
    const forbidden = new Set(violations.slice(1).map(({ directive }) => directive));
    expect([...forbidden]).toEqual(["script-src-attr", "script-src", "style-src-elem", "base-uri"]);
  });

  test("runs where no policy forbids it", async ({ context, makeTask, page, workbench }) => {
    const task = await makeTask(RICH);
    const violations = await watchPolicy(context);
    await page.route(`**/tasks/${task.id}`, async (route) => {
      const response = await route.fetch();
      const { "content-security-policy": _, ...headers } = response.headers();
      await route.fulfill({ response, headers });
    });
    await workbench.open(task);
    await inject(page);
    expect(await wasInjected(page)).toBe(true);
    expect(violations).toEqual([]);
  });

  test("as a script from an address that says what users wrote does not run either", async ({ makeTask, page, request, workbench }) => {
    const code = "def calculate():\n    print('globalThis.injected = true')\n    return 'globalThis.injected = true'\n";
    const task = await makeTask(code);
    await workbench.open(task);
    await workbench.runUntil("completed");
    const runs = await (await request.get(`/api/runs?task=${task.id}`)).json();
    const run = runs.items[0].id;
    for (const path of [`/api/runs/${run}/logs`, `/api/runs/${run}/result`, `/api/runs/${run}/result?format=csv`]) {
      expect((await request.get(path)).status(), path).toBe(200);
      const outcome = await page.evaluate(
        (src) =>
          new Promise<string>((resolve) => {
            const script = Object.assign(document.createElement("script"), { src });
            script.addEventListener("load", () => resolve("loaded"));
            script.addEventListener("error", () => resolve("refused"));
            document.body.append(script);
          }),
        path,
      );
      expect(outcome, path).toBe("refused");
    }
    expect(await wasInjected(page)).toBe(false);
  });

  test("the editor's worker asks nobody for anything", async ({ makeTask, page, workbench }) => {
    await workbench.open(await makeTask("def calculate(height: float = 1.0):\n    return height\n"));
    const started = page.waitForEvent("worker");
    // As the editor does when it has something to think about.
    await page.evaluate(() => {
      const { MonacoEnvironment } = globalThis as typeof globalThis & { MonacoEnvironment: { getWorker(): Worker } };
      MonacoEnvironment.getWorker();
    });
    const worker = await started;
    expect(worker.url()).toMatch(/\/editor\/editor\.worker\.js$/);
    const asked = await worker.evaluate(() => fetch("/api/tasks").then(() => "answered", () => "refused"));
    expect(asked).toBe("refused");
    expect(await page.evaluate(() => fetch("/api/tasks").then(() => "answered"))).toBe("answered");
  });
});
