// Every page at every width, light and dark: nothing sticks out, and nobody is shut out.
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { hydrated } from "../pages/hydrated.ts";
import { expect, test } from "../support/test.ts";

const WIDTHS = [360, 390, 768, 1440, 1920];
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

for (const theme of THEMES) {
  test.describe(`in the ${theme} theme`, () => {
    // The browser itself says of one of the pages that it is a 404.
    test.use({ colorScheme: theme, forgiven: [/404.*\/nowhere/] });

    for (const path of ["/", "/examples", "/runs", "/reference", "/nowhere"]) {
      test(`${path} fits every screen and everybody can use it`, async ({ page }) => {
        await page.goto(path);
        await hydrated(page);
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          await expectNoHorizontalScroll(page, width);
          if (width === 390 || width === 1440) expect(await violations(page)).toEqual([]);
        }
      });
    }

    test("the workbench with a result fits every screen and everybody can use it", async ({ makeTask, page, workbench }) => {
      await workbench.open(await makeTask(CHART, { name: "A cantilever with quite a long name that has to be cut somewhere" }));
      await workbench.runUntil("completed");
      await expect(workbench.result.getByRole("img").first()).toBeVisible();
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        await expectNoHorizontalScroll(page, width);
        if (width === 390 || width === 1440) expect(await violations(page)).toEqual([]);
      }
    });
  });
}

test.describe("an address that leads nowhere", () => {
  test.use({ forgiven: [/404/] });

  test("answers 404 with a page that says so", async ({ page, words }) => {
    const response = await page.goto("/nowhere");
    expect(response?.status()).toBe(404);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(words.of("common.not_found_title"));
  });
});
