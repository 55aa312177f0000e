// What every spec starts from: a running server, the words of its language, and the page objects.
import { type APIRequestContext, type Page, expect, test as base } from "@playwright/test";
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
  /** What a page may say on the console without failing its spec. */
  forgiven: RegExp[];
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
  forgiven: [[], { option: true }],
  watchConsole: [
    async ({ page, forgiven }, use) => {
      const complaints = complaintsOf(page);
      await use(undefined);
      const serious = complaints.filter((text) => !forgiven.some((pattern) => pattern.test(text)));
      expect(serious, "what the pages complained of on the console").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Errors of a page's scripts and on its console, as they come. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${message.text()} (${message.location().url})`);
  });
  return complaints;
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
