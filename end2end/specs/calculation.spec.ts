// Writing a calculation and running it.
import { expect, test } from "../support/test.ts";

const STRESS = `from mecapy import Q

def calculate(force: float = 1000.0, section: float = 10.0):
    """
    Args:
        force: Force
        section: Section
    """
    return {"Stress": Q(force / section, "MPa")}
`;

const ENDLESS = `import time

def calculate(step: float = 0.05):
    print("counting", flush=True)
    while True:
        time.sleep(step)
`;

test("an engineer writes a calculation, runs it and sees the number", async ({ tasks, workbench }) => {
  await tasks.open();
  await tasks.startNew();
  await workbench.ready();
  await workbench.write(STRESS.replace("1000.0", "1500.0"));
  await expect(workbench.input("Force")).toHaveValue("1500.0");
  await workbench.runUntil("completed");
  await expect(workbench.value("Stress")).toHaveText("150.0");
  await expect(workbench.result).toContainText("MPa");
});

test("inputs can be edited and the calculation run again", async ({ makeTask, workbench }) => {
  await workbench.open(await makeTask(STRESS));
  await workbench.runUntil("completed");
  await expect(workbench.value("Stress")).toHaveText("100.0");

  await workbench.input("Force").fill("2500");
  await workbench.expectState("inputs_changed");
  await workbench.runUntil("completed");
  await expect(workbench.value("Stress")).toHaveText("250.0");
  await expect(workbench.runs).toHaveCount(2);
  await expect(workbench.runs.first()).toContainText("Force");
});

test("the code of the reference runs: a dictionary in, a dictionary out", async ({ makeTask, workbench }) => {
  const code = "def calculate(inputs):\n    return {'stress': inputs['force'] / inputs['section']}\n";
  await workbench.open(await makeTask(code, { inputs: { force: 5000, section: 20 } }));
  await workbench.runUntil("completed");
  await expect(workbench.value("stress")).toHaveText("250.0");
});

test("a Python error is shown at its line", async ({ makeTask, page, words, workbench }) => {
  const code = "def calculate(load: float = 1.0):\n    area = 0.0\n    stress = load / area\n    return stress\n";
  await workbench.open(await makeTask(code));
  await workbench.runUntil("failed");
  const title = new RegExp(words.of("runs.error_line", { line: 3, said: ".*division by zero" }));
  await expect(workbench.result.getByRole("heading", { name: title })).toBeVisible();
  await expect(page.getByRole("contentinfo")).toContainText(words.of("workbench.one_error", { line: 3 }));
  await expect(workbench.code.locator(".squiggly-error").first()).toBeVisible();
  // The only frame is the author's.
  const traceback = workbench.result.locator(".traceback pre");
  await expect(traceback).toContainText('File "calculation.py", line 3');
  await expect(traceback).not.toContainText("mecapy_runner");
  expect((await traceback.innerText()).match(/File "/g)).toHaveLength(1);
});

test("a syntax error names its line", async ({ makeTask, words, workbench }) => {
  await workbench.open(await makeTask("def calculate(load: float = 1.0):\n    return load\n"));
  await workbench.write("def calculate(load: float = 1.0):\n    return load +\n");
  await workbench.runUntil("failed");
  await expect(workbench.result).toContainText("Line 2: Invalid syntax");
  await expect(workbench.page.getByRole("contentinfo")).toContainText(words.of("workbench.one_error", { line: 2 }));
});

test("an endless loop can be cancelled", async ({ makeTask, words, workbench }) => {
  await workbench.open(await makeTask(ENDLESS));
  await workbench.run.click();
  await workbench.expectState("running");
  await expect(workbench.result).toContainText("counting");
  await workbench.cancel.click();
  await workbench.expectState("cancelled");
  await expect(workbench.run).toBeVisible();
  await expect(workbench.result.getByText(words.of("common.state_cancelled")).first()).toBeVisible();
});

test("a reload during a run picks it up again", async ({ makeTask, page, workbench }) => {
  const code = `import time
from mecapy import progress

def calculate(seconds: float = 15.0):
    for step in range(60):
        progress(step / 60, "waiting")
        time.sleep(seconds / 60)
    print("rested")
    return {"seconds": seconds}
`;
  await workbench.open(await makeTask(code));
  await workbench.run.click();
  await workbench.expectState("running");
  await page.reload();
  await workbench.ready();
  await workbench.expectState("running");
  await workbench.expectState("completed");
  await expect(await workbench.tab("log")).toContainText("rested");
});

test("a field that does not parse is marked before anything is sent", async ({ makeTask, page, workbench }) => {
  await workbench.open(await makeTask(STRESS));
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("run") && request.method() === "POST") sent.push(request.url());
  });
  await workbench.input("Force").fill("4o");
  await workbench.run.click();
  await expect(workbench.inputs.getByRole("alert").filter({ hasText: "4o" })).toBeVisible();
  await expect(workbench.input("Force")).toBeFocused();
  await expect(workbench.input("Force")).toHaveAttribute("aria-invalid", "true");
  expect(sent).toEqual([]);
});

test("what the code prints appears while it runs", async ({ makeTask, workbench }) => {
  const code = "import time\n\ndef calculate(n: int = 3):\n    for i in range(n):\n        print('line', i)\n    time.sleep(300)\n    return n\n";
  await workbench.open(await makeTask(code));
  await workbench.run.click();
  await expect(workbench.result.locator(".log-text", { hasText: "line 2" })).toBeVisible();
  await workbench.expectState("running");
  await workbench.cancel.click();
  await workbench.expectState("cancelled");
  // What was printed stays with the run.
  await expect(await workbench.tab("log")).toContainText("line 2");
});

test("a double click on Run starts one run and does not cancel it", async ({ makeTask, workbench }) => {
  await workbench.open(await makeTask("import time\n\ndef calculate(s: float = 1.0):\n    time.sleep(s)\n    return s\n"));
  await workbench.run.dblclick({ delay: 60 });
  await workbench.expectOutcome(1, "completed");
  await expect(workbench.runs).toHaveCount(1);
});

test.describe("without the editor's files", () => {
  test.use({ forgiven: /editor\/monaco\.js/ });

  test("the page says that the code cannot be edited, and tries again", async ({ makeTask, page, words, workbench }) => {
    const { id } = await makeTask(STRESS);
    await page.route("**/editor/monaco.js*", (route) => route.abort());
    await page.goto(`/tasks/${id}`);
    const note = workbench.code.getByRole("alert");
    await expect(note).toContainText(words.of("workbench.no_editor"));
    await page.unroute("**/editor/monaco.js*");
    await note.getByRole("button", { name: words.of("common.try_again") }).click();
    await workbench.ready();
    await expect(note).toHaveCount(0);
  });
});

test("a result over the limit is a failed run that says so", async ({ makeTask, workbench }) => {
  await workbench.open(await makeTask("def calculate():\n    return 'x' * (33 * 1024 * 1024)\n"));
  await workbench.runUntil("failed");
  await expect(workbench.result).toContainText("larger than 32 MB");
});
