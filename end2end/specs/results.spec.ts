// Numbers, tables, plots, and taking them away.
import { readFile } from "node:fs/promises";
import type { Download, Page } from "@playwright/test";
import { expect, test } from "../support/test.ts";

const RICH = `import numpy as np
import pandas as pd
from mecapy import Chart, Q

def calculate(force: float = 12.0, length: float = 2.0):
    x = np.linspace(0, length, 41)
    w = force * (length**2 - x**2) / 100
    frame = pd.DataFrame({"case": [f"case {n}" for n in range(150)], "load": np.arange(150) * 1.5})
    frame.loc[0, "case"] = "=1+1"
    return {
        "Largest": Q(w.max(), "mm", headline=True),
        "nested": {"a": 1, "b": [1.5, 2.5]},
        "x": x,
        "w": w,
        "cases": frame,
        "Shape": Chart("Deflection", x=x, x_label="Position", x_unit="m", y_label="Deflection", y_unit="mm").line(w, "steel"),
    }
`;

async function contentOf(download: Download): Promise<string> {
  return readFile(await download.path(), "utf8");
}

async function take(page: Page, menu: string, item: string, nth = 0): Promise<Download> {
  await page.getByRole("button", { name: menu }).click();
  const downloading = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: item, exact: true }).nth(nth).click();
  const download = await downloading;
  await page.keyboard.press("Escape");
  return download;
}

test.beforeEach(async ({ makeTask, workbench }) => {
  await workbench.open(await makeTask(RICH));
  await workbench.runUntil("completed");
});

test("the plot is there, with its axes and units", async ({ workbench }) => {
  const chart = workbench.result.getByRole("img", { name: /Deflection/ }).first();
  await expect(chart).toBeVisible();
  await expect(chart).toContainText("Position");
  await expect(chart).toContainText("mm");
});

test("the chart tells its values under the pointer and by arrow keys", async ({ workbench }) => {
  const area = workbench.result.locator(".chart-area").first();
  const readout = workbench.result.locator(".chart-readout").first();
  await area.hover();
  await expect(readout).toContainText(/\d/);
  await area.focus();
  await workbench.page.keyboard.press("Home");
  await expect(readout).toContainText("0.4800");
  await workbench.page.keyboard.press("End");
  await expect(readout).not.toContainText("0.4800");
});

test("the chart can be zoomed and shown whole again", async ({ page, words, workbench }) => {
  const area = workbench.result.locator(".chart-area").first();
  await area.scrollIntoViewIfNeeded();
  const box = (await area.boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.3);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.7, { steps: 5 });
  await page.mouse.up();
  const whole = workbench.result.getByRole("button", { name: words.of("result.whole_chart") });
  await expect(whole).toBeVisible();
  await whole.click();
  await expect(whole).toHaveCount(0);
});

test("the chart can be zoomed and moved by keys", async ({ page, words, workbench }) => {
  const area = workbench.result.locator(".chart-area").first();
  const readout = workbench.result.locator(".chart-readout").first();
  const whole = workbench.result.getByRole("button", { name: words.of("result.whole_chart") });
  await area.focus();
  await page.keyboard.press("Home");
  await expect(readout).toContainText("0.4800");
  await page.keyboard.press("+");
  await page.keyboard.press("+");
  await expect(whole).toBeVisible();
  // What was read is still read, and the picture follows beyond its edge.
  await expect(readout).toContainText("0.4800");
  for (let step = 0; step < 4; step += 1) await page.keyboard.press("Shift+ArrowRight");
  await expect(readout).toContainText("2.000 m");
  await page.keyboard.press("0");
  await expect(whole).toHaveCount(0);
});

test.describe("on a screen for fingers", () => {
  test.use({ hasTouch: true });

  test("two fingers zoom the chart, one moves it", async ({ context, page, words, workbench }) => {
    const area = workbench.result.locator(".chart-area").first();
    await area.scrollIntoViewIfNeeded();
    const box = (await area.boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const fingers = await context.newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", ...points: [number, number][]) =>
      fingers.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
    const whole = workbench.result.getByRole("button", { name: words.of("result.whole_chart") });
    const picture = () => area.getByRole("img").innerHTML();

    await touch("touchStart", [x - 30, y], [x + 30, y]);
    for (let apart = 40; apart <= 80; apart += 10) await touch("touchMove", [x - apart, y], [x + apart, y]);
    await touch("touchEnd");
    await expect(whole).toBeVisible();

    const zoomed = await picture();
    await touch("touchStart", [x, y]);
    for (let by = 10; by <= 60; by += 10) await touch("touchMove", [x + by, y]);
    await touch("touchEnd");
    await expect.poll(picture).not.toBe(zoomed);

    // The browser takes a tap that comes at once as the stop of the movement before it.
    await expect(async () => {
      await whole.tap();
      await expect(whole).toHaveCount(0, { timeout: 1000 });
    }).toPass();
  });
});

test.describe("on a page that came over plain HTTP", () => {
  test.use({ permissions: ["clipboard-read", "clipboard-write"] });

  test("a value can be copied without the browser's clipboard", async ({ page, words, workbench }) => {
    await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
    const button = workbench.result.getByRole("button", { name: words.of("result.copy_value") }).first();
    await workbench.result.getByRole("rowheader", { name: "Largest" }).hover();
    await button.click();
    await expect(page.locator(".toast")).toHaveText(words.of("common.copied"));
    await workbench.input("Force").fill("");
    await workbench.input("Force").press("ControlOrMeta+v");
    await expect(workbench.input("Force")).toHaveValue("0.48");
  });
});

test("arrays of equal length can be plotted by choice", async ({ page, words, workbench }) => {
  const open = () => workbench.result.getByText(words.of("result.plot"), { exact: true }).first().click();
  await open();
  const builder = workbench.result.locator(".plot-builder");
  const choice = (key: string) => builder.getByLabel(words.of(`result.${key}`), { exact: true });
  const picture = builder.getByRole("img");
  await choice("plot_y").selectOption("w");
  await choice("plot_x").selectOption("x");
  await expect(builder.getByRole("heading")).toHaveText(`w ${words.of("result.plot_over")} x`);
  await expect(picture).toHaveAccessibleName(/w over x/);

  const line = await picture.innerHTML();
  await choice("plot_kind").selectOption({ label: words.of("result.plot_scatter") });
  await expect.poll(() => picture.innerHTML()).not.toBe(line);
  const points = await picture.innerHTML();
  await choice("plot_log_x").check();
  await expect.poll(() => picture.innerHTML()).not.toBe(points);

  // The choice is remembered for the task.
  await page.reload();
  await workbench.ready();
  await open();
  await expect(choice("plot_x")).toHaveValue("x");
  await expect(choice("plot_log_x")).toBeChecked();
});

test("a long table is paged", async ({ words, workbench }) => {
  const pages = workbench.result.getByRole("navigation", { name: words.of("result.pages") }).first();
  await pages.scrollIntoViewIfNeeded();
  await expect(workbench.result).toContainText("case 99");
  await pages.getByRole("button", { name: words.of("result.next_page") }).click();
  await expect(workbench.result).toContainText("case 149");
});

test("the result can be taken away as JSON and as CSV without living formulas", async ({ page, words }) => {
  const json = JSON.parse(await contentOf(await take(page, words.of("result.export"), "JSON")));
  expect(json.Largest).toMatchObject({ $type: "quantity", value: 0.48, unit: "mm" });
  const csv = await contentOf(await take(page, words.of("result.export"), "CSV"));
  expect(csv).toContain("0.48");
  expect(csv).not.toMatch(/(^|[,;\n])"?=1\+1/);
  expect(csv).toContain("=1+1");
});

test("the plot can be taken away as SVG and as PNG", async ({ page, words }) => {
  const svg = await contentOf(await take(page, words.of("result.export"), "SVG"));
  expect(svg).toContain("<svg");
  expect(svg).toContain("#2152C8");
  const png = await take(page, words.of("result.export"), "PNG");
  expect((await readFile(await png.path())).subarray(1, 4).toString()).toBe("PNG");
});

test("the full value of a number is one pointer away", async ({ makeTask, workbench }) => {
  await workbench.open(await makeTask("def calculate():\n    return {'third': 1 / 3}\n"));
  await workbench.runUntil("completed");
  await expect(workbench.value("third")).toHaveText("0.3333");
  await workbench.result.getByText("third").hover();
  await expect(workbench.result.getByText("0.3333333333333333")).toBeVisible();
});

test("a matplotlib figure is shown as a picture of its own", async ({ makeTask, workbench }) => {
  const code = "import matplotlib.pyplot as plt\n\ndef calculate(n: int = 5):\n    plt.plot(range(n))\n    plt.title('Squares')\n    return {'n': n}\n";
  await workbench.open(await makeTask(code));
  await workbench.runUntil("completed");
  const figure = workbench.result.locator("img").first();
  await expect(figure).toBeVisible();
  await expect.poll(() => figure.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(100);
});
