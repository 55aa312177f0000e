// What a calculation says is shown and never executed, wherever it says it.
import type { BrowserContext, Page } from "@playwright/test";
import { expectNoViolation, settled, watchPolicy } from "../support/policy.ts";
import { expect, test } from "../support/test.ts";

const MARK = "PWNED";
const HTML = `"><img src=x onerror="console.info('${MARK}')"><script>console.info('${MARK}')</script><i onclick=x>`;
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="200pt" height="100pt" viewBox="0 0 200 100" onload="console.info('${MARK}')">
<script>console.info('${MARK}')</script>
<foreignObject width="200" height="100"><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="console.info('${MARK}')"/></body></foreignObject>
<rect width="200" height="100" fill="teal"/></svg>`;

const CODE = `import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from mecapy import Chart, Q, progress

HTML = ${JSON.stringify(HTML)}
SVG = ${JSON.stringify(SVG)}

class Drawing(Figure):
    def savefig(self, target, **options):
        target.write(SVG.encode())

def calculate(force: float = 1.0):
    progress(0.5, HTML)
    print(HTML)
    figure = plt.figure(FigureClass=Drawing)
    return {
        HTML: HTML,
        "quantity": Q(1.5, "<i onclick=x>"),
        "figure": figure,
        "table": pd.DataFrame({HTML: [HTML, "a"], "load": [1.5, 2.5]}),
        "chart": Chart(HTML, x=[0.0, 1.0], x_label=HTML, x_unit="<i onclick=x>", y_label=HTML).line([1.0, 2.0], HTML),
    }
`;
const RAISES = `def calculate(force: float = 1.0):
    raise ValueError(${JSON.stringify(HTML)})
`;

/** Everything that pages of this context write on their consoles, and every window they open. */
function listen(context: BrowserContext): string[] {
  const said: string[] = [];
  context.on("console", (message) => said.push(message.text()));
  context.on("dialog", (dialog) => void dialog.dismiss().then(() => said.push(MARK)));
  return said;
}

/** The words are there as words: none of their tags became an element. */
async function expectWords(page: Page): Promise<void> {
  await expect(page.getByText(MARK).first()).toBeAttached();
  await expect(page.locator("img[src=x], i[onclick], [onerror], [onload]")).toHaveCount(0);
}

// The browser says of each script that it was blocked.
test.use({ forgiven: /.*/ });

test("the hostile words and drawing do what they are meant to where nothing keeps them", async ({ context, page, server }) => {
  const said = listen(context);
  const control = `${server.url}/control`;
  await page.route(control, (route) => route.fulfill({ contentType: "image/svg+xml", body: SVG }));
  await page.goto(control);
  await expect.poll(() => said.filter((text) => text === MARK).length).toBe(3);
  said.length = 0;
  await page.unroute(control);
  await page.route(control, (route) => route.fulfill({ contentType: "text/html", body: `<p title="${HTML}">` }));
  await page.goto(control);
  await expect.poll(() => said.filter((text) => text === MARK).length).toBe(2);
});

test("a hostile result is shown as words and as a picture", async ({ context, makeTask, page, request, strangersPage, words, workbench }) => {
  const said = listen(context);
  const violations = await watchPolicy(context);
  const task = await makeTask(CODE, { name: HTML.slice(0, 190) });
  await request.patch(`/api/tasks/${task.id}`, { data: { description: HTML } });
  await workbench.open(task);
  await workbench.runUntil("completed");
  const figure = workbench.result.locator("img").first();
  await expect.poll(() => figure.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(100);
  await expectWords(page);
  await workbench.tab("log");
  await expectWords(page);
  await workbench.share.click();
  const link = page.getByRole("dialog").getByLabel(words.of("share.link"), { exact: true });
  await expect(link).toHaveValue(/\/r\//);
  const shared = await link.inputValue();
  for (const path of ["/", "/runs", shared]) {
    await page.goto(path);
    await expectWords(page);
    await expectNoViolation(page, violations);
  }

  const runs = await (await request.get(`/api/runs?task=${task.id}`)).json();
  const run = `/api/runs/${runs.items[0].id}`;
  const alone = [`${run}/figures/0`, `${run}/charts/0.svg`, `${run}/result`, `${run}/logs`];
  // Each is loaded to its end, with whatever in it would have run by then.
  for (const path of [...alone, `${shared}/figures/0`, `${shared}/charts/0.svg`]) {
    const response = await page.goto(path);
    expect(response?.status(), path).toBe(200);
    expect(response?.headers()["x-content-type-options"]).toBe("nosniff");
    expect(response?.headers()["content-type"]).not.toMatch(/html|javascript/);
  }
  expect((await request.get(`${run}/figures/0`)).headers()["content-security-policy"]).toContain("sandbox");

  // The one file, opened from a disk, where no server sends a policy with it.
  const file = test.info().outputPath("exported.html");
  const { writeFile } = await import("node:fs/promises");
  await writeFile(file, await (await request.get(`${run}/export.html`)).body());
  const stranger = await strangersPage();
  const saidThere = listen(stranger.context());
  await stranger.goto(`file://${file}`);
  await expectWords(stranger);
  await settled(stranger);
  expect([...said, ...saidThere].filter((text) => text.includes(MARK) && !text.includes("Blocked"))).toEqual([]);
});

test("a hostile error is shown as words", async ({ context, makeTask, page, workbench }) => {
  const said = listen(context);
  const violations = await watchPolicy(context);
  await workbench.open(await makeTask(RAISES));
  await workbench.runUntil("failed");
  await expectWords(page);
  await expectNoViolation(page, violations);
  expect(said.filter((text) => text.includes(MARK))).toEqual([]);
});
