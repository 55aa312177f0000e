// What the measurements share: the release build on a port of its own, percentiles, one form of output.
import path from "node:path";
import { chromium as playwright } from "playwright-core";
import { chromium } from "../end2end/support/chromium.js";
import { Server, root } from "../end2end/support/server.js";

export { root };

export const target = path.resolve(root, process.env.CARGO_TARGET_DIR ?? "target");

/** Starts the release build, hands its address to a measurement, and stops it again. */
export async function withServer(measurement) {
  process.env.END2END_SERVER = path.join(target, "release", "mecapy-server");
  const server = await Server.start({
    MECAPY_SITE_DIR: path.join(root, "target", "site"),
    MECAPY_WORKER_BIN: path.join(target, "release", "mecapy-worker"),
  });
  try {
    await measurement(server.url, server.child.pid);
  } finally {
    await server.stop();
  }
}

/** A browser that has never been anywhere. */
export async function withBrowser(measurement) {
  const browser = await playwright.launch({ ...chromium(), headless: true });
  try {
    return await measurement(browser);
  } finally {
    await browser.close();
  }
}

/** The value that a share of the values does not exceed; share 0.5 is the median. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}

/** One line of the table: what, how much, unit, and of how many measurements. */
export function line(what, value, unit, note = "") {
  const number = Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : 1);
  console.log(`${what.padEnd(58)} ${number.padStart(9)} ${unit.padEnd(4)} ${note}`.trimEnd());
}

/** Sends JSON and returns the JSON that comes back; anything but success stops the measurement. */
export async function post(url, body) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** The smallest calculation that is one: the figures are about the way to it and back. */
export const STRESS = `def calculate(force: float = 1000.0, section: float = 10.0):
    return {"stress": force / section}
`;
