// What every spec starts from: a running server, the words of its language, and the page objects.
import {
  type APIRequestContext,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
  expect,
  test as base,
} from "@playwright/test";
import { SharedPage } from "../pages/shared-page.ts";
import { TasksPage } from "../pages/tasks-page.ts";
import { WorkbenchPage } from "../pages/workbench-page.ts";
import { Server } from "./server.js";
import { type Language, Words } from "./words.ts";

export interface TaskOnServer {
  id: string;
  name: string;
}

interface Fixtures {
  language: Language;
  words: Words;
  tasks: TasksPage;
  workbench: WorkbenchPage;
  shared: SharedPage;
  /** Makes a task over the API, as the start of a spec that is about something else. */
  makeTask: (code: string, more?: { name?: string; inputs?: object }) => Promise<TaskOnServer>;
  /** A page of a browser that never met this server: no cookie, no storage. */
  strangersPage: (options?: BrowserContextOptions) => Promise<Page>;
  /** What a page may say on the console without failing its spec. */
  forgiven: RegExp;
  watchConsole: undefined;
}

interface WorkerFixtures {
  server: Server;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  server: [
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  baseURL: async ({ server }, use) => use(server.url),
  language: ["en", { option: true }],
  locale: async ({ language }, use) => use(language === "fr" ? "fr-FR" : "en-GB"),
  words: async ({ language }, use) => use(new Words(language)),
  tasks: async ({ page, words }, use) => use(new TasksPage(page, words)),
  workbench: async ({ page, words }, use) => use(new WorkbenchPage(page, words)),
  shared: async ({ page, words }, use) => use(new SharedPage(page, words)),
  makeTask: async ({ request }, use) => use((code, more = {}) => makeTask(request, code, more)),
  forgiven: [/^$/, { option: true }],
  strangersPage: async ({ browser }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ locale: "en-GB", ...options });
      contexts.push(context);
      return context.newPage();
    });
    for (const context of contexts) await context.close();
  },
  watchConsole: [
    async ({ browser, context, forgiven }, use) => {
      const complaints: string[] = [];
      const watch = (one: BrowserContext) => one.on("page", (page) => listen(page, complaints));
      watch(context);
      browser.on("context", watch);
      await use(undefined);
      browser.off("context", watch);
      const serious = complaints.filter((text) => !forgiven.test(text));
      expect(serious, "what the pages complained of on the console").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Errors of a page's scripts and on its console, as they come. */
function listen(page: Page, complaints: string[]): void {
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${message.text()} (${message.location().url})`);
  });
}

async function makeTask(
  request: APIRequestContext,
  code: string,
  { name = "A calculation", inputs = {} }: { name?: string; inputs?: object },
): Promise<TaskOnServer> {
  const response = await request.post("/api/tasks", { data: { name, code, inputs } });
  expect(response.status(), await response.text()).toBe(201);
  return response.json();
}
