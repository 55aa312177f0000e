// Every page and state at every width, light and dark: nothing sticks out, and nobody is shut out.
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { hydrated } from "../pages/hydrated.ts";
import { expect, test } from "../support/test.ts";

const WIDTHS = [360, 390, 768, 840, 1024, 1199, 1440, 1920];
const THEMES = ["light", "dark"] as const;

const CHART = `from mecapy import Chart, Q

def calculate(force: float = 12.0, length: float = 2.0):
    x = [length * n / 50 for n in range(51)]
    w = [force * (length**2 - p**2) / 100 for p in x]
    return {
        "Largest deflection of the free end under its own weight and the load": Q(max(w), "mm", headline=True),
        "Deflection": Chart("Deflection", x=x, x_label="Position", x_unit="m", y_label="Deflection", y_unit="mm").line(w, "steel"),
    }
`;

const WAITING = `import time
from mecapy import progress

def calculate(seconds: float = 600.0):
    progress(0.3, "meshing the part with a great many elements")
    print("under way")
    time.sleep(seconds)
    return seconds
`;

/** Serious or critical violations, each with where it stands. */
async function violations(page: Page): Promise<string[]> {
  const { violations: all } = await new AxeBuilder({ page })
    // The editor is a library's own; its contrast and roles are set where it is made.
    .exclude(".monaco-editor")
    .analyze();
  return all
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.target.join(" ")}`));
}

async function expectNoHorizontalScroll(page: Page, width: number): Promise<void> {
  const overflow = await page.evaluate(() => {
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (wide <= 0) return [];
    return [...document.querySelectorAll("body *")]
      .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
      .slice(0, 5)
      .map((element) => `${element.tagName}.${element.className}`);
  });
  expect(overflow, `what is wider than ${width} px`).toEqual([]);
}

/** Every width, and at a narrow and a wide one everybody. */
async function expectFits(page: Page): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    await expectNoHorizontalScroll(page, width);
    if (width === 390 || width === 1440) expect(await violations(page)).toEqual([]);
  }
}

for (const theme of THEMES) {
  test.describe(`in the ${theme} theme`, () => {
    // What the browser itself says of pages that are a 404, and of a request that was kept from it.
    test.use({ colorScheme: theme, forgiven: /404.*\/(nowhere|r\/)|ERR_FAILED.*\/fn\/runs\/submit/ });

    for (const path of ["/", "/examples", "/runs", "/reference", "/nowhere"]) {
      test(`${path} fits every screen and everybody can use it`, async ({ page }) => {
        await page.goto(path);
        await hydrated(page);
        await expectFits(page);
      });
    }

    test("the workbench with a result fits every screen and everybody can use it", async ({ makeTask, page, workbench }) => {
      await workbench.open(await makeTask(CHART, { name: "A cantilever with quite a long name that has to be cut somewhere" }));
      await workbench.runUntil("completed");
      await expect(workbench.result.getByRole("img").first()).toBeVisible();
      await expectFits(page);
    });

    test("the workbench while it runs fits every screen and everybody can use it", async ({ makeTask, page, workbench }) => {
      await workbench.open(await makeTask(WAITING));
      await workbench.run.click();
      await workbench.expectState("running");
      await expect(workbench.result).toContainText("under way");
      await expectFits(page);
      await page.setViewportSize({ width: 1440, height: 900 });
      await workbench.cancel.click();
      await workbench.expectState("cancelled");
    });

    test("the workbench with an error fits every screen and everybody can use it", async ({ makeTask, page, workbench }) => {
      await workbench.open(await makeTask(CHART.replace("max(w)", "max(v_of_a_name_that_is_rather_long)")));
      await workbench.runUntil("failed");
      await expectFits(page);
    });

    test("the reason why Run did nothing fits every screen", async ({ makeTask, page, words, workbench }) => {
      await workbench.open(await makeTask(CHART, { name: "A cantilever with quite a long name that has to be cut somewhere" }));
      await page.route("**/fn/runs/submit", (route) => route.abort());
      await workbench.run.click();
      const reason = page.getByRole("alert").filter({ hasText: words.of("common.problem_connection") });
      await expect(reason).toBeVisible();
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        await expectNoHorizontalScroll(page, width);
        const { x, width: wide } = (await reason.boundingBox())!;
        expect(x + wide, `where the reason ends at ${width} px`).toBeLessThanOrEqual(width);
      }
      // Where the bar has no room it is told in full.
      await page.setViewportSize({ width: 360, height: 800 });
      const cut = await reason.locator("span").evaluate((text) => text.scrollWidth > text.clientWidth);
      expect(cut).toBe(false);
    });

    test("a shared page, and one that is gone, fit every screen and everybody can read them", async ({ makeTask, page, request, words }) => {
      const { id } = await makeTask(CHART);
      const run = await (await request.post(`/api/tasks/${id}/execute?wait=60`, { data: {} })).json();
      const { url } = await (await request.post(`/api/runs/${run.run_id ?? run.id}/share`, { data: {} })).json();
      await page.goto(new URL(url).pathname);
      await expect(page.getByRole("img").filter({ visible: true }).first()).toBeVisible();
      await expectFits(page);
      await page.goto("/r/this-link-never-was-there");
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(words.of("share.gone_title"));
      await expectFits(page);
    });

    test("the dialog that shares fits every screen and everybody can use it", async ({ makeTask, page, words, workbench }) => {
      await workbench.open(await makeTask(CHART));
      await workbench.runUntil("completed");
      await workbench.share.click();
      await expect(page.getByRole("dialog").getByLabel(words.of("share.link"), { exact: true })).toHaveValue(/\/r\//);
      await expectFits(page);
    });
  });
}

test.describe("an address that leads nowhere", () => {
  test.use({ forgiven: /404/ });

  test("answers 404 with a page that says so", async ({ page, words }) => {
    const response = await page.goto("/nowhere");
    expect(response?.status()).toBe(404);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(words.of("common.not_found_title"));
  });
});

test.describe("the widths of the panes", () => {
  const dividerBeside = (page: Page, label: string) => page.getByRole("separator", { name: label });

  async function drag(page: Page, divider: ReturnType<typeof dividerBeside>, by: number): Promise<void> {
    const { x, y, height } = (await divider.boundingBox())!;
    await page.mouse.move(x, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + by, y + height / 2, { steps: 4 });
    await page.mouse.up();
  }

  for (const width of [1024, 1440]) {
    test(`can be dragged on a screen of ${width} px, and are remembered`, async ({ makeTask, page, words, workbench }) => {
      await page.setViewportSize({ width, height: 900 });
      await workbench.open(await makeTask(CHART));
      const divider = dividerBeside(page, words.of("workbench.width_code"));
      const widthOfCode = async () => (await workbench.code.boundingBox())!.width;
      const before = await widthOfCode();
      await drag(page, divider, -80);
      await expect.poll(widthOfCode).toBeCloseTo(before - 80, -1);
      expect(Number(await divider.getAttribute("aria-valuenow"))).toBeLessThan(Number(await divider.getAttribute("aria-valuemax")));
      await page.reload();
      await workbench.ready();
      await expect.poll(widthOfCode).toBeCloseTo(before - 80, -1);
    });
  }

  test("from a wide screen leave room for the result on a smaller one", async ({ baseURL, context, makeTask, page, workbench }) => {
    await context.addCookies([{ name: "mecapy_panes", value: "1150-900", url: baseURL! }]);
    await page.setViewportSize({ width: 1280, height: 900 });
    await workbench.open(await makeTask(CHART));
    await expectNoHorizontalScroll(page, 1280);
    const { x, width } = (await workbench.result.boundingBox())!;
    expect(width).toBeGreaterThanOrEqual(399);
    expect(x + width).toBeLessThanOrEqual(1281);
  });

  test("two columns fold the code away and back", async ({ makeTask, page, words, workbench }) => {
    await page.setViewportSize({ width: 1024, height: 900 });
    await workbench.open(await makeTask(CHART));
    const fold = page.getByRole("button", { name: words.of("workbench.code"), exact: true }).filter({ visible: true });
    await fold.click();
    await expect(workbench.code).toBeHidden();
    await expectNoHorizontalScroll(page, 1024);
    expect(await violations(page)).toEqual([]);
    // Whoever asks for the editor gets it back.
    await workbench.input("Force").focus();
    await page.keyboard.press("Shift+F6");
    await expect(workbench.code).toBeVisible();
    await expect(workbench.code.locator("*:focus")).toHaveCount(1);
    await fold.click();
    await expect(workbench.code).toBeHidden();
    await fold.click();
    await expect(workbench.code).toBeVisible();
  });
});
