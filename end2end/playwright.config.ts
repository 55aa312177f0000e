// Specs are sentences that a user would say; each file holds the sentences of one part of the product.
import { defineConfig } from "@playwright/test";
import { chromium } from "./support/chromium.js";

export default defineConfig({
  testDir: "specs",
  outputDir: "../target/playwright",
  // Each has a browser, a server and a worker of its own, which is what two processors carry.
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  // What passes only the second time is listed as flaky; it is a defect, of the page or of its spec.
  retries: 1,
  // Six tabs with six editors on a busy machine take a minute.
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    headless: true,
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    timezoneId: "UTC",
    acceptDownloads: true,
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: chromium(),
  },
});
