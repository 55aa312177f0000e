// The same, in French.
import { expect, test } from "../support/test.ts";

test.use({ language: "fr" });

const STRESS = 'from mecapy import Q\n\ndef calculate(force: float = 1000.0, section: float = 8.0):\n    return {"Contrainte": Q(force / section, "MPa")}\n';

test("un ingénieur écrit un calcul, le lance et voit le nombre", async ({ page, tasks, workbench }) => {
  await tasks.open();
  await expect(page.locator("html")).toHaveAttribute("lang", "fr");
  await tasks.startNew();
  await workbench.ready();
  await workbench.write(STRESS);
  await workbench.runUntil("completed");
  await expect(workbench.result).toContainText("125,0");
});

test("une entrée avec une virgule est lue", async ({ makeTask, workbench }) => {
  await workbench.open(await makeTask(STRESS));
  await workbench.input("Force").fill("2500,5");
  await workbench.runUntil("completed");
  await expect(workbench.result).toContainText("312,6");
});

test("la langue peut être changée, et reste", async ({ page, tasks, words }) => {
  await tasks.open();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(words.of("common.tasks"));
  await page.getByRole("button", { name: words.like("common.account") }).click();
  await page.getByRole("menuitemradio", { name: "English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
});
