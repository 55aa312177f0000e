// The real server with its embedded worker, on a port and in a data folder of its own.
// Plain JavaScript, because the benchmarks start it without a compiler in between.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "..");

const START_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 15_000;

export class Server {
  /**
   * @param {string} url
   * @param {import("node:child_process").ChildProcess} child
   * @param {string} data
   */
  constructor(url, child, data) {
    this.url = url;
    this.child = child;
    this.data = data;
  }

  /**
   * Resolves once the server says that it is ready; rejects with what it said instead.
   * @param {Record<string, string>} settings
   * @param {string[]} words
   */
  static async start(settings = {}, words = ["serve"]) {
    const data = await mkdtemp(path.join(tmpdir(), "mecapy-end2end-"));
    const program = process.env.END2END_SERVER ?? path.join(root, "target", "debug", "mecapy-server");
    const child = spawn(program, words, {
      cwd: root,
      env: {
        MECAPY_SITE_DIR: path.join(root, "target", "site-dev"),
        ...process.env,
        MECAPY_ADDR: "127.0.0.1:0",
        MECAPY_DATA_DIR: data,
        MECAPY_USER_NAME: "Claire Morel",
        MECAPY_LOG: "warn",
        ...settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    try {
      return new Server(await readyAddress(child), child, data);
    } catch (error) {
      child.kill("SIGKILL");
      await rm(data, { recursive: true, force: true });
      throw error;
    }
  }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, "exit");
      this.child.kill("SIGTERM");
      const timer = setTimeout(() => this.child.kill("SIGKILL"), STOP_WITHIN_MS);
      await ended;
      clearTimeout(timer);
    }
    await rm(this.data, { recursive: true, force: true });
  }
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<string>}
 */
function readyAddress(child) {
  /** @type {string[]} */
  const said = [];
  child.stderr?.on("data", (chunk) => said.push(String(chunk)));
  return new Promise((resolve, reject) => {
    /** @param {string} why */
    const fail = (why) => reject(new Error(`The server ${why}.\n${said.join("\n")}`));
    const timer = setTimeout(() => fail(`was not ready within ${START_WITHIN_MS / 1000} s`), START_WITHIN_MS);
    child.once("error", (error) => fail(`could not be started: ${error.message}`));
    child.once("exit", (code) => fail(`ended with ${code}`));
    if (!child.stdout) throw new Error("The server's output is not read");
    createInterface({ input: child.stdout }).on("line", (line) => {
      said.push(line);
      const ready = /ready: (http\S+)/.exec(line);
      if (ready?.[1]) {
        clearTimeout(timer);
        resolve(ready[1].replace(/\/$/, ""));
      }
    });
  });
}
