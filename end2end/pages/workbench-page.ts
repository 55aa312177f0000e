// The page of one task: code, inputs, result.
import { type Locator, type Page, expect } from "@playwright/test";
import type { Words } from "../support/words.ts";
import { hydrated } from "./hydrated.ts";

export class WorkbenchPage {
  readonly run: Locator;
  readonly cancel: Locator;
  readonly share: Locator;
  readonly code: Locator;
  readonly inputs: Locator;
  readonly result: Locator;
  readonly runs: Locator;
  readonly saveState: Locator;
  readonly name: Locator;

  constructor(
    readonly page: Page,
    readonly words: Words,
  ) {
    const button = (key: string) => page.getByRole("button", { name: words.exactly(key) }).filter({ visible: true });
    const pane = (key: string) => page.getByRole("region", { name: words.of(key), exact: true });
    this.run = button("workbench.run");
    this.cancel = button("workbench.cancel");
    this.share = button("workbench.share");
    this.code = pane("workbench.code");
    this.inputs = pane("workbench.inputs");
    this.result = pane("workbench.result");
    this.runs = pane("common.runs").getByRole("listitem");
    this.saveState = page.locator(".save-state");
    this.name = page.getByRole("heading", { level: 1 });
  }

  async open(task: { id: string }, query = ""): Promise<void> {
    await this.page.goto(`/tasks/${task.id}${query}`);
    await this.ready();
  }

  /** Waits for scripts and editor. */
  async ready(): Promise<void> {
    await hydrated(this.page);
    await expect(this.code.locator(".monaco-editor .view-line").first()).toBeVisible({ timeout: 30_000 });
  }

  /** Puts the cursor into the editor. */
  async focusEditor(): Promise<void> {
    await this.code.locator(".view-lines").click();
  }

  /** Replaces the whole code, as a paste would. */
  async write(code: string): Promise<void> {
    await this.focusEditor();
    await this.page.keyboard.press("ControlOrMeta+a");
    await this.page.keyboard.insertText(code);
  }

  input(label: string): Locator {
    return this.inputs.getByLabel(label, { exact: true });
  }

  /** Presses Run and waits for the state that this run ends in. */
  async runUntil(state: "completed" | "failed" | "cancelled"): Promise<void> {
    const number = (await this.runs.count()) + 1;
    await this.run.click();
    await this.expectOutcome(number, state);
  }

  /** Waits until the result is of this run, and how it ended. */
  async expectOutcome(number: number, state: "completed" | "failed" | "cancelled"): Promise<void> {
    const line = this.result.locator(".run-line").first();
    await expect(line).toContainText(new RegExp(this.words.of("workbench.run_of", { number, version: "\\d+" })));
    await expect(line.locator(".state-word")).toHaveText(this.words.of(`common.state_${state}`));
  }

  /** The value of this name, as the result shows it. */
  value(name: string): Locator {
    const row = this.result.getByRole("row").filter({ has: this.page.getByRole("rowheader", { name, exact: true }) });
    return row.locator(".value");
  }

  /** Opens one of the tabs of the result. */
  async tab(name: "result" | "log"): Promise<Locator> {
    await this.page.getByRole("tab", { name: this.words.of(`workbench.${name}`) }).click();
    return this.page.getByRole("tabpanel");
  }

  async expectState(state: "queued" | "running" | "completed" | "failed" | "cancelled" | "inputs_changed"): Promise<void> {
    const word = this.words.of(`common.state_${state}`);
    await expect(this.result.locator(".state-word", { hasText: word }).first()).toBeVisible();
  }

  /** The task's menu, opened. */
  async menu(item: string): Promise<void> {
    await this.page.getByRole("button", { name: this.words.of("workbench.task_menu") }).click();
    await this.page.getByRole("menuitem", { name: new RegExp(`^${item}`) }).click();
  }

  async rename(name: string): Promise<void> {
    await this.name.getByRole("button").click();
    const field = this.page.getByRole("textbox", { name: this.words.of("workbench.name") });
    await field.fill(name);
    await field.press("Enter");
    // Until the server has answered, a reload would find the old name.
    await expect(this.name).toHaveAttribute("aria-busy", "false");
  }
}
