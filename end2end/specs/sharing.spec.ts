// Showing a result to somebody else.
import { SharedPage } from "../pages/shared-page.ts";
import { WorkbenchPage } from "../pages/workbench-page.ts";
import { expect, test } from "../support/test.ts";

const BEAM = `from mecapy import Chart, Q

def calculate(force: float = 12.0, length: float = 2.0):
    """Deflection of a cantilever.

    Args:
        force: Force
        length: Length
    """
    x = [length * n / 50 for n in range(51)]
    w = [force * (length**2 - p**2) / 100 for p in x]
    return {
        "Largest deflection": Q(max(w), "mm", headline=True),
        "Shape": Chart("Deflection", x=x, x_label="Position", x_unit="m", y_label="Deflection", y_unit="mm").line(w, "steel"),
    }
`;

/** Opens the dialog on a finished run and reads the link out of it. */
async function linkOf(workbench: WorkbenchPage): Promise<string> {
  await workbench.share.click();
  const link = workbench.page.getByRole("dialog").getByLabel(workbench.words.of("share.link"), { exact: true });
  await expect(link).toHaveValue(/\/r\//);
  return link.inputValue();
}

test.describe("a shared result", () => {
  let url: string;
  test.beforeEach(async ({ makeTask, workbench }) => {
    await workbench.open(await makeTask(BEAM, { name: "Cantilever under its end load" }));
    await workbench.runUntil("completed");
    url = await linkOf(workbench);
  });

  test("is read by a fresh browser without cookies, and sets none", async ({ strangersPage, words }) => {
    const page = await strangersPage();
    const shared = new SharedPage(page, words);
    await shared.open(url);
    await expect(shared.title).toHaveText("Cantilever under its end load");
    await expect(shared.main).toContainText("0.4800");
    await expect(shared.main).toContainText("def calculate");
    await expect(page.getByText("Claire Morel").filter({ visible: true }).first()).toBeVisible();
    await expect(page.getByRole("img", { name: /Deflection/ }).first()).toBeVisible();
    expect(await page.context().cookies()).toEqual([]);
  });

  test("reads with JavaScript off, and loads no WebAssembly", async ({ strangersPage, words }) => {
    const page = await strangersPage({ javaScriptEnabled: false });
    const loaded: string[] = [];
    page.on("request", (request) => loaded.push(request.url()));
    const shared = new SharedPage(page, words);
    await shared.open(url);
    await expect(shared.main).toContainText("0.4800");
    await expect(page.locator("svg[role=img] path").first()).toBeAttached();
    expect(loaded.filter((address) => /\.wasm|monaco/.test(address))).toEqual([]);
  });

  test("tells previews in chats what it is, with a picture", async ({ request }) => {
    const html = await (await request.get(url)).text();
    const image = /property="og:image" content="([^"]+)"/.exec(html)?.[1];
    expect(html).toContain('property="og:title" content="Cantilever under its end load"');
    const picture = await request.get(image!);
    expect(picture.status()).toBe(200);
    expect(picture.headers()["content-type"]).toBe("image/png");
    expect((await picture.body()).subarray(1, 4).toString()).toBe("PNG");
  });

  test("states where it comes from: hashes, versions, duration", async ({ page, shared }) => {
    await shared.open(url);
    const provenance = page.locator("#provenance");
    await expect(provenance).toContainText("SHA-256");
    await expect(provenance).toContainText(/Python 3\.\d+/);
    await expect(provenance).toContainText("numpy");
  });

  test("can be copied by a colleague", async ({ page, shared, workbench }) => {
    await shared.open(url);
    await shared.copy.filter({ visible: true }).first().click();
    await expect(page).toHaveURL(/\/tasks\//);
    await workbench.ready();
    await expect(workbench.code).toContainText("calculate");
    await workbench.runUntil("completed");
  });

  test.describe("that is closed", () => {
    // What the browser says of the page that tells so.
    test.use({ forgiven: /404.*\/r\// });

    test("is gone once its link is ended", async ({ strangersPage, words, workbench }) => {
      const dialog = workbench.page.getByRole("dialog");
      await dialog.getByRole("button", { name: words.of("share.end_link") }).first().click();
      await expect(workbench.page.getByText(words.of("share.link_ended"))).toBeVisible();
      const page = await strangersPage();
      const response = await page.goto(url);
      expect(response?.status()).toBe(404);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(words.of("share.gone_title"));
      // A link that never was gets the same page.
      const unknown = await page.goto(new URL("/r/never-was-there", url).href);
      expect(unknown?.status()).toBe(404);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(words.of("share.gone_title"));
    });
  });

  test("on a server for this machine only says so and offers one HTML file", async ({ strangersPage, words, workbench }) => {
    const dialog = workbench.page.getByRole("dialog");
    await expect(dialog).toContainText("MECAPY_PUBLIC_URL");
    const downloading = workbench.page.waitForEvent("download");
    await dialog.getByRole("link", { name: words.of("share.as_file") }).click();
    // Without its ending a browser would show the file as text.
    const file = test.info().outputPath("shared.html");
    await (await downloading).saveAs(file);
    const page = await strangersPage();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(`file://${file}`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Cantilever under its end load");
    await expect(page.getByRole("main")).toContainText("0.4800");
    expect(asked.filter((address) => address.startsWith("http"))).toEqual([]);
  });
});
