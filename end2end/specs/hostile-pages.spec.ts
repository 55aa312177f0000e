// Pages of other sites, open in the browser of somebody whose server has no login, get nothing from it
// and change nothing in it.
import type { APIRequestContext, Page } from "@playwright/test";
import { chromium } from "../support/chromium.js";
import { type Received, Site } from "../support/sites.ts";
import { expect, test } from "../support/test.ts";

const CODE = "def calculate():\n    return 1\n";
/** A name of somebody else that resolves to this machine, as its owner can make any of theirs. */
const EVIL = "evil.example";

const { executablePath, args } = chromium();
// The newest browsers ask their user before a page reaches this machine; others, and a user who agrees, do not.
const UNASKED = "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets";
test.use({
  launchOptions: { executablePath, args: [...args, UNASKED, `--host-resolver-rules=MAP ${EVIL} 127.0.0.1`] },
  // The browser says of every attempt that it was refused.
  forgiven: /.*/,
});

let elsewhere: Site;
let copied: string;
let run: string;
test.beforeEach(async ({ request }) => {
  elsewhere = await Site.start();
  const ran = await request.post("/api/tasks/execute?wait=60", { data: { code: CODE } });
  run = (await ran.json()).id;
  const shared = await (await request.post(`/api/runs/${run}/share`, { data: {} })).json();
  copied = `/r/${shared.token}/copy`;
});
test.afterEach(async () => elsewhere.stop());

async function tasks(request: APIRequestContext): Promise<number> {
  return (await (await request.get("/api/tasks")).json()).total;
}

/** Sends all that a page may send without asking first. Resolves when each of it was answered. */
async function attack(page: Page, target: string): Promise<void> {
  const task = JSON.stringify({ name: "x", code: CODE });
  const forPage = JSON.stringify({ name: "x", description: "", code: CODE, inputs: "{}" });
  await page.evaluate(
    async ({ target, copied, code, task, forPage }) => {
      const send = (path: string, body: BodyInit) =>
        // Nobody may look at the answer; it may even be kept from the page.
        fetch(target + path, { method: "POST", mode: "no-cors", credentials: "include", body }).catch(() => undefined);
      // A form whose one field makes a JSON text of what stands before and after its equals sign.
      const submit = (path: string, enctype: string, fields: Record<string, string>) =>
        new Promise((resolve) => {
          const name = `frame${document.forms.length}`;
          const frame = Object.assign(document.createElement("iframe"), { name });
          const form = Object.assign(document.createElement("form"), { method: "post", action: target + path, target: name });
          form.enctype = enctype;
          for (const [key, value] of Object.entries(fields)) {
            form.append(Object.assign(document.createElement("input"), { name: key, value }));
          }
          document.body.append(frame, form);
          frame.addEventListener("load", () => frame.contentWindow && resolve(undefined));
          form.submit();
        });
      const field = (json: string): Record<string, string> => {
        const end = json.length - 2;
        return { [`${json.slice(0, end)}`]: json.slice(end) };
      };
      await send("/api/tasks", task);
      await send("/fn/tasks/create", forPage);
      const form = new FormData();
      form.append("code", code);
      await send("/tasks/execute", form);
      await submit("/api/tasks", "text/plain", field(task.replace(/\}$/, ',"description":"="}')));
      await submit(copied, "application/x-www-form-urlencoded", {});
    },
    { target, copied, code: CODE, task, forPage },
  );
}

const posts = (received: Received[]) => received.filter(({ method }) => method === "POST");

for (const host of [EVIL, "127.0.0.1"]) {
  test(`a page at another port of ${host} sends what would make tasks, and none is made`, async ({ page, request, server }) => {
    await page.goto(elsewhere.url(host));
    // Control: a browser sends all of it, as it is, and asks nobody first.
    const sink = await Site.start();
    await attack(page, sink.url());
    const sent = posts(sink.received);
    await sink.stop();
    expect(sink.received.map(({ method }) => method)).not.toContain("OPTIONS");
    expect(sent.map(({ path }) => path)).toEqual(["/api/tasks", "/fn/tasks/create", "/tasks/execute", "/api/tasks", copied]);

    const before = await tasks(request);
    await attack(page, server.url);
    expect(await tasks(request)).toBe(before);

    // Control: from anybody but a page of another site, each of it makes a task.
    for (const [index, { path, headers, body }] of sent.entries()) {
      const type = headers["content-type"] ?? "text/plain";
      const answer = await request.post(path, { data: body, headers: { "content-type": type }, maxRedirects: 0 });
      expect(answer.status(), `${path}: ${await answer.text()}`).toBeLessThan(400);
      expect(await tasks(request), path).toBe(before + index + 1);
    }
  });
}

test("a page of another site reads nothing, opens no event stream and frames no page", async ({ page, server }) => {
  await page.goto(elsewhere.url(EVIL));
  const outcome = (base: string) =>
    page.evaluate(
      async ({ base, run }) => {
        const settled = (target: EventTarget, good: string, bad: string) =>
          new Promise<string>((resolve) => {
            target.addEventListener(good, () => resolve(good));
            target.addEventListener(bad, () => resolve(bad));
          });
        const read = await fetch(`${base}/api/tasks`, { credentials: "include" }).then(
          () => "read",
          () => "refused",
        );
        const script = Object.assign(document.createElement("script"), { src: `${base}/api/tasks` });
        const picture = Object.assign(document.createElement("img"), { src: `${base}/favicon.svg` });
        document.body.append(script, picture);
        const shown = await Promise.all([script, picture].map((one) => settled(one, "load", "error")));
        const socket = settled(new WebSocket(`${base.replace("http", "ws")}/api/runs/${run}/events`), "open", "error");
        return [read, ...shown, await socket];
      },
      { base, run },
    );
  expect(await outcome(server.url)).toEqual(["refused", "error", "error", "error"]);

  await page.evaluate((src) => {
    document.body.append(Object.assign(document.createElement("iframe"), { src }));
  }, server.url);
  await expect.poll(() => page.frames().map((frame) => frame.url())).toContain("chrome-error://chromewebdata/");

  // Control: the same from a page of the server's own origin.
  await page.route(`${server.url}/own`, (route) => route.fulfill({ contentType: "text/html", body: "<body>" }));
  await page.goto(`${server.url}/own`);
  expect(await outcome(server.url)).toEqual(["read", "error", "load", "open"]);
});

/** What a page gets from the server that its own name now means. */
async function rebound(page: Page, host: string, port: string): Promise<(number | string)[]> {
  const url = `http://${host}:${port}`;
  // What the name meant first: a site that serves the attack.
  await page.route(`${url}/attack`, (route) => route.fulfill({ contentType: "text/html", body: "<body>" }));
  await page.goto(`${url}/attack`);
  return page.evaluate(
    async ({ code, run }) => {
      const read = await fetch("/api/tasks");
      const body = JSON.stringify({ name: "x", code });
      const written = await fetch("/api/tasks", { method: "POST", body });
      const socket = new WebSocket(`${location.origin.replace("http", "ws")}/api/runs/${run}/events`);
      const opened = await new Promise<string>((resolve) => {
        socket.addEventListener("open", () => resolve("open"));
        socket.addEventListener("error", () => resolve("error"));
      });
      return [read.status, written.status, opened];
    },
    { code: CODE, run },
  );
}

test("a page whose name was made to mean this machine is not served", async ({ page, request, server }) => {
  const { port } = new URL(server.url);
  const before = await tasks(request);
  expect(await rebound(page, EVIL, port)).toEqual([421, 421, "error"]);
  expect(await tasks(request)).toBe(before);
  // Control: to a browser all of it is the page's own origin, as it is for a name that is ours.
  expect(await rebound(page, "localhost", port)).toEqual([200, 201, "open"]);
  expect(await tasks(request)).toBe(before + 1);
});
