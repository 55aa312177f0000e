// Everything without a pointer.
import { expect, test } from "../support/test.ts";

const AREA = 'def calculate(width: float = 3.0, height: float = 4.0):\n    return {"area": width * height}\n';

test("a calculation is written, run, saved and changed by keyboard alone", async ({ page, tasks, words, workbench }) => {
  await tasks.open();
  await page.keyboard.press("n");
  await expect(page).toHaveURL(/\/tasks\//);
  await workbench.ready();

  // F6 goes from pane to pane; the first is the code.
  await page.keyboard.press("F6");
  await expect(workbench.code.locator("*:focus")).toHaveCount(1);
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(AREA);
  await expect(workbench.input("Width")).toHaveValue("3.0");
  await page.keyboard.press("ControlOrMeta+Enter");
  await workbench.expectOutcome(1, "completed");
  await expect(workbench.value("area")).toHaveText("12.00");

  // It leaves the editor, too.
  await page.keyboard.press("F6");
  await expect(workbench.inputs.locator("*:focus")).toHaveCount(1);
  await workbench.input("Width").focus();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("5");
  await page.keyboard.press("ControlOrMeta+Enter");
  await expect(workbench.value("area")).toHaveText("20.00");
  await expect(workbench.saveState).toContainText(words.of("workbench.saved"));
});

test("the focus stays where the keyboard is", async ({ makeTask, page, words, workbench }) => {
  await workbench.open(await makeTask(AREA));
  // The button becomes Cancel and Run again.
  await workbench.run.focus();
  await page.keyboard.press("Enter");
  await workbench.expectOutcome(1, "completed");
  await expect(workbench.run).toBeFocused();

  const name = workbench.name.getByRole("button");
  for (const key of ["Escape", "Enter"]) {
    await name.focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("textbox", { name: words.of("workbench.name") })).toBeFocused();
    await page.keyboard.press(key);
    await expect(name).toBeFocused();
  }
});

test("an endless run is cancelled by keyboard", async ({ makeTask, page, workbench }) => {
  await workbench.open(await makeTask("def calculate(n: int = 1):\n    while True:\n        n += 1\n"));
  await page.keyboard.press("ControlOrMeta+Enter");
  await workbench.expectState("running");
  await page.keyboard.press("Escape");
  await workbench.expectState("running");
  await page.keyboard.press("ControlOrMeta+Shift+Enter");
  await workbench.expectState("cancelled");
});

test("the focus can always be seen", async ({ page, tasks }) => {
  await tasks.open();
  for (let step = 0; step < 12; step += 1) {
    await page.keyboard.press("Tab");
    const outline = await page.evaluate(() => {
      const focused = document.activeElement;
      if (!focused || focused === document.body) return "nothing is focused";
      const candidates = [focused, focused.parentElement, focused.closest(".row"), focused.closest("label")];
      const seen = candidates.some((element) => {
        if (!element) return false;
        const style = getComputedStyle(element);
        return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none";
      });
      return seen ? "seen" : `${focused.tagName}.${focused.className} shows no focus`;
    });
    expect(outline).toBe("seen");
  }
});
