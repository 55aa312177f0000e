// Keeping tasks: names, copies, versions, and nothing lost.
import { WorkbenchPage } from "../pages/workbench-page.ts";
import { expect, test } from "../support/test.ts";

const ADD = "def calculate(a: float = 1.0, b: float = 2.0):\n    return {'sum': a + b}\n";

test("the first visit finds the examples as tasks", async ({ tasks }) => {
  await tasks.open();
  await expect(tasks.rows.nth(5)).toBeVisible();
  await expect(tasks.rows.filter({ hasText: "MPa" }).first()).toBeVisible();
});

test("the gallery makes a task of an example that runs as it is", async ({ page, tasks, workbench }) => {
  await tasks.open("/examples");
  await page.getByRole("list").filter({ has: page.locator(".card") }).getByRole("button").first().click();
  await expect(page).toHaveURL(/\/tasks\//);
  await workbench.ready();
  await workbench.runUntil("completed");
});

test("tasks can be searched", async ({ makeTask, tasks }) => {
  const { name } = await makeTask(ADD, { name: "Crank of a quarry hoist" });
  await tasks.open();
  await tasks.search.fill("quarry");
  await expect(tasks.row(name)).toBeVisible();
  await expect(tasks.rows).toHaveCount(2);
  await tasks.search.fill("nothing has this name");
  await expect(tasks.row(name)).toHaveCount(0);
});

test("a task can be renamed, and keeps its name after a reload", async ({ makeTask, page, workbench }) => {
  await workbench.open(await makeTask(ADD));
  await workbench.rename("Sum of two loads");
  await expect(workbench.name).toHaveText("Sum of two loads");
  await page.reload();
  await workbench.ready();
  await expect(workbench.name).toHaveText("Sum of two loads");
});

test("a task can be duplicated, and the copy changes alone", async ({ makeTask, page, words, workbench }) => {
  const original = await makeTask(ADD, { name: "Original" });
  await workbench.open(original);
  await workbench.menu(words.of("workbench.duplicate"));
  await expect(page).not.toHaveURL(new RegExp(original.id));
  await workbench.ready();
  await workbench.rename("Changed copy");
  await workbench.open(original);
  await expect(workbench.name).toHaveText("Original");
});

test.describe("with a connection that breaks", () => {
  // What the browser says of the part that did not come, and the product of its end.
  test.use({ forgiven: /workbench_page_view\.wasm|panicked at|unreachable|Failed to fetch/ });

  test("a workbench that cannot be loaded says so, and comes after a reload", async ({ makeTask, page, tasks, words, workbench }) => {
    const { name } = await makeTask(ADD, { name: "Behind a lost connection" });
    await tasks.open();
    await page.route("**/workbench_page_view.wasm", (route) => route.abort());
    await page.getByRole("link", { name, exact: true }).click();
    const notice = page.getByRole("alert").filter({ hasText: words.of("common.crashed") });
    // One, however much of the page ended with it.
    await expect(notice).toHaveCount(1);
    await expect(notice).toBeVisible();
    await page.unroute("**/workbench_page_view.wasm");
    await notice.getByRole("button").click();
    await expect(notice).toHaveCount(0);
    await tasks.openTask(name);
    await workbench.ready();
    await expect(workbench.name).toHaveText(name);
  });
});

test("a deleted task comes back by undo", async ({ makeTask, page, tasks, words, workbench }) => {
  const task = await makeTask(ADD, { name: "Deleted by mistake" });
  await workbench.open(task);
  await workbench.menu(words.of("workbench.delete"));
  await expect(page).toHaveURL(/\/$/);
  await expect(tasks.row(task.name)).toHaveCount(0);
  await tasks.undo();
  await expect(workbench.name).toHaveText(task.name);
  await tasks.open();
  await expect(tasks.row(task.name)).toBeVisible();
});

test("every changed save makes a version, an unchanged one makes none", async ({ makeTask, page, request, words, workbench }) => {
  const task = await makeTask(ADD);
  const versions = async () => (await (await request.get(`/api/tasks/${task.id}/versions`)).json()).total;
  /** Ctrl S, and what the page says once that is done. */
  const save = async (said: string) => {
    await workbench.code.locator(".view-lines").click();
    await page.keyboard.press("ControlOrMeta+s");
    const toast = page.locator(".toast").last();
    await expect(toast).toHaveText(said);
    await expect(page.locator(".toast")).toHaveCount(0);
  };
  await workbench.open(task);
  await save(words.of("workbench.saved"));
  expect(await versions(), "an untouched task").toBe(1);
  await workbench.write(ADD.replace("a + b", "a - b"));
  await expect(workbench.saveState).toContainText(words.of("workbench.unsaved"));
  await save(words.of("workbench.saved_as", { version: 2 }));
  await expect(workbench.saveState).toContainText(words.of("workbench.saved"));
  const version = page.getByRole("button", { name: words.of("workbench.versions_of", { version: "v2" }) });
  await expect(version).toBeVisible();
  await save(words.of("workbench.saved"));
  expect(await versions(), "saved again without a change").toBe(2);
  await page.reload();
  await workbench.ready();
  await expect(version).toBeVisible();
});

test("unsaved edits survive a reload", async ({ makeTask, page, words, workbench }) => {
  await workbench.open(await makeTask(ADD));
  await workbench.write(ADD.replace("a + b", "a * b"));
  await expect(workbench.saveState).toContainText(words.of("workbench.unsaved"));
  await expect
    .poll(() => page.evaluate(() => Object.values({ ...localStorage }).some((value) => value.includes("a * b"))))
    .toBe(true);
  await page.reload();
  await workbench.ready();
  await expect(workbench.code).toContainText("a * b");
  await expect(workbench.saveState).toContainText(words.of("workbench.unsaved"));
});

test("unsaved inputs survive a reload", async ({ makeTask, page, words, workbench }) => {
  await workbench.open(await makeTask(ADD));
  await workbench.input("b").fill("77.5");
  await expect(workbench.saveState).toContainText(words.of("workbench.unsaved"));
  await expect
    .poll(() => page.evaluate(() => Object.values({ ...localStorage }).some((value) => value.includes("77.5"))))
    .toBe(true);
  await page.reload();
  await workbench.ready();
  await expect(workbench.input("b")).toHaveValue("77.5");
  await workbench.runUntil("completed");
  await expect(workbench.value("sum")).toHaveText("78.50");
});

test.describe("a conflict", () => {
  // What the browser says of the answer that says so.
  test.use({ forgiven: /409/ });

  test("two tabs that edit one task do not overwrite each other silently", async ({ context, makeTask, words, workbench }) => {
    const task = await makeTask(ADD);
    await workbench.open(task);
    const second = await context.newPage();
    const other = new WorkbenchPage(second, words);
    await other.open(task);

    await other.write(ADD.replace("a + b", "a + b + 100"));
    await second.keyboard.press("ControlOrMeta+s");
    await expect(other.saveState).toContainText(words.of("workbench.saved"));

    await workbench.page.bringToFront();
    await workbench.write(ADD.replace("a + b", "a + b + 200"));
    await workbench.page.keyboard.press("ControlOrMeta+s");
    const dialog = workbench.page.getByRole("dialog", { name: words.of("workbench.conflict_title") });
    await expect(dialog).toBeVisible();
    await dialog.getByRole("button", { name: words.of("workbench.conflict_mine") }).click();
    await expect(workbench.saveState).toContainText(words.of("workbench.saved"));
    await expect(workbench.code).toContainText("200");
  });
});

test("six open tabs keep working", async ({ context, makeTask, words, workbench }) => {
  test.slow();
  const code = "import time\n\ndef calculate(s: float = 500.0):\n    print('under way', flush=True)\n    time.sleep(s)\n    return s\n";
  const benches = [];
  for (let n = 0; n < 6; n += 1) {
    const bench = new WorkbenchPage(await context.newPage(), words);
    await bench.open(await makeTask(code, { name: `Tab ${n}` }));
    await bench.page.bringToFront();
    await bench.run.click();
    benches.push(bench);
  }
  // All six follow their runs now; a seventh page must still load and run.
  await workbench.open(await makeTask(ADD));
  for (const bench of benches) {
    await bench.page.bringToFront();
    await bench.cancel.click();
    await bench.expectState("cancelled");
  }
  await workbench.page.bringToFront();
  await workbench.runUntil("completed");
  await expect(workbench.value("sum")).toHaveText("3.000");
});
