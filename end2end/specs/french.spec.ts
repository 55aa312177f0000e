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
  await expect(workbench.value("Contrainte")).toHaveText("125,0");
});

test("une entrée avec une virgule est lue", async ({ makeTask, workbench }) => {
  await workbench.open(await makeTask(STRESS));
  await workbench.input("Force").fill("2500,5");
  await workbench.runUntil("completed");
  await expect(workbench.value("Contrainte")).toHaveText("312,6");
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

test("une erreur est dite en français, avec sa ligne et ce qui manque", async ({ makeTask, words, workbench }) => {
  await workbench.open(await makeTask("def calculate(d: float = 1.0):\n    return {'d': d_2}\n"));
  await workbench.runUntil("failed");
  const title = words.of("runs.error_name", { line: 2, name: "d_2" });
  await expect(workbench.result.getByRole("heading", { name: title })).toBeVisible();
  await expect(workbench.page.getByRole("contentinfo")).toContainText(words.of("workbench.one_error", { line: 2 }));
});

const FAILURES = [
  ["le paquet", "import sklearn\n\ndef calculate():\n    return 1\n", "Le paquet sklearn n’est pas disponible dans un calcul"],
  [
    "la clé",
    "class Mesh:\n    pass\n\ndef calculate():\n    return {'mesh': Mesh()}\n",
    'result["mesh"] est un Mesh, qui ne peut pas être enregistré',
  ],
  ["la limite", "def calculate():\n    return 'x' * (33 * 1024 * 1024)\n", "Le résultat dépasse 32 Mo, la limite, atteinte dans result"],
] as const;

for (const [what, code, title] of FAILURES) {
  test(`une erreur nomme ${what}`, async ({ makeTask, workbench }) => {
    await workbench.open(await makeTask(code));
    await workbench.runUntil("failed");
    await expect(workbench.result.getByRole("heading", { name: title })).toBeVisible();
  });
}

test("un tracé est là, avec ses axes et ses virgules", async ({ makeTask, page, workbench }) => {
  const code = `from mecapy import Chart

def calculate(f: float = 0.5):
    return {"Courbe": Chart("Flèche", x=[0.0, 0.5, 1.0], x_label="Position", x_unit="m", y_label="Flèche", y_unit="mm").line([0.0, f, 1.0], "acier")}
`;
  await workbench.open(await makeTask(code));
  await workbench.runUntil("completed");
  const area = workbench.result.locator(".chart-area").first();
  await expect(area.getByRole("img", { name: "Flèche : Flèche (mm) en fonction de Position (m)" })).toBeVisible();
  await area.focus();
  await page.keyboard.press("End");
  await expect(workbench.result.locator(".chart-readout").first()).toContainText("1,000 m ; 1,000 mm");
});

test("un calcul sans fin peut être arrêté", async ({ makeTask, words, workbench }) => {
  await workbench.open(await makeTask("def calculate(n: int = 1):\n    while True:\n        n += 1\n"));
  await workbench.run.click();
  await workbench.expectState("running");
  await workbench.cancel.click();
  await workbench.expectOutcome(1, "cancelled");
  await expect(workbench.result).toContainText(words.of("workbench.was_cancelled"));
});

test("un résultat peut être partagé, et se lit en français", async ({ makeTask, page, strangersPage, words, workbench }) => {
  await workbench.open(await makeTask(STRESS, { name: "Contrainte dans une barre" }));
  await workbench.runUntil("completed");
  await workbench.share.click();
  const link = page.getByRole("dialog").getByLabel(words.of("share.link"), { exact: true });
  await expect(link).toHaveValue(/\/r\//);
  const stranger = await strangersPage({ locale: "fr-FR" });
  await stranger.goto(await link.inputValue());
  await expect(stranger.locator("html")).toHaveAttribute("lang", "fr");
  await expect(stranger.getByRole("heading", { level: 1 })).toHaveText("Contrainte dans une barre");
  await expect(stranger.getByRole("main")).toContainText("125,0");
  await expect(stranger.getByRole("main")).toContainText(words.of("share.provenance"));
});
