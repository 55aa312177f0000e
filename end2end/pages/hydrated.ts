import { type Page, expect } from "@playwright/test";

/** Waits until the page answers: the server's HTML is there before its scripts are. */
export async function hydrated(page: Page): Promise<void> {
  await expect(page.locator("body")).toHaveAttribute("data-hydrated", "1", { timeout: 30_000 });
}
