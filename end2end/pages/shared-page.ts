// The read-only page behind a share link.
import { type Locator, type Page, expect } from "@playwright/test";
import type { Words } from "../support/words.ts";

export class SharedPage {
  readonly title: Locator;
  readonly main: Locator;
  readonly copy: Locator;

  constructor(
    readonly page: Page,
    words: Words,
  ) {
    this.title = page.getByRole("heading", { level: 1 });
    this.main = page.getByRole("main");
    this.copy = page.getByRole("button", { name: words.of("share.make_a_copy") });
  }

  async open(url: string): Promise<void> {
    const response = await this.page.goto(url);
    expect(response?.status()).toBe(200);
  }
}
