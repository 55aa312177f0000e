// What a page's content security policy kept from happening, as the browser reports it.
import { type BrowserContext, type Page, expect } from "@playwright/test";

export interface Violation {
  page: string;
  directive: string;
  blocked: string;
  sample: string;
}

type Reporting = typeof globalThis & { mecapyViolation(violation: Violation): void };

/** Gathers the violations of every page of a context, from the first line of its document on. */
export async function watchPolicy(context: BrowserContext): Promise<Violation[]> {
  const violations: Violation[] = [];
  await context.exposeBinding("mecapyViolation", (_, violation: Violation) => violations.push(violation));
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      (globalThis as Reporting).mecapyViolation({
        page: location.pathname,
        directive: event.effectiveDirective,
        blocked: event.blockedURI,
        sample: event.sample,
      });
    });
  });
  return violations;
}

/** Waits until everything that the page did so far is drawn and reported. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
}

/** Nothing was kept from happening so far. */
export async function expectNoViolation(page: Page, violations: Violation[]): Promise<void> {
  await settled(page);
  expect(violations, "what the pages' policies forbade").toEqual([]);
}
