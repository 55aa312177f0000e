// The list of tasks, the examples, and the bar above them.
import { type Locator, type Page, expect } from "@playwright/test";
import type { Words } from "../support/words.ts";
import { hydrated } from "./hydrated.ts";

export class TasksPage {
  readonly search: Locator;
  readonly newTask: Locator;
  readonly rows: Locator;

  constructor(
    private readonly page: Page,
    private readonly words: Words,
  ) {
    this.search = page.getByRole("searchbox", { name: words.of("tasks.search") });
    this.newTask = page.getByRole("button", { name: new RegExp(`^${words.of("tasks.new")}`) });
    this.rows = page.getByRole("table", { name: words.of("common.tasks") }).getByRole("row");
  }

  async open(path: "/" | "/examples" | "/runs" | "/reference" = "/"): Promise<void> {
    await this.page.goto(path);
    await hydrated(this.page);
  }

  row(name: string): Locator {
    return this.rows.filter({ hasText: name });
  }

  async openTask(name: string): Promise<void> {
    await this.page.getByRole("link", { name, exact: true }).click();
    await expect(this.page).toHaveURL(/\/tasks\//);
  }

  /** Opens a new task from the list and waits for its page. */
  async startNew(): Promise<void> {
    await this.newTask.click();
    await expect(this.page).toHaveURL(/\/tasks\//);
  }

  async undo(): Promise<void> {
    await this.page.getByRole("button", { name: this.words.of("common.undo") }).click();
  }
}
