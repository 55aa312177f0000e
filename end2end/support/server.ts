// The real server with its embedded worker, on a port and in a data folder of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "..");

const START_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 15_000;

export class Server {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly data: string,
  ) {}

  /** Resolves once the server says that it is ready; rejects with what it said instead. */
  static async start(settings: Record<string, string> = {}): Promise<Server> {
    const data = await mkdtemp(path.join(tmpdir(), "mecapy-end2end-"));
    const program = process.env.MECAPY_SERVER_BIN ?? path.join(root, "target", "debug", "mecapy-server");
    const child = spawn(program, ["serve"], {
      cwd: root,
      env: {
        ...process.env,
        MECAPY_SERVER_BIN: undefined,
        MECAPY_SITE_DIR: process.env.MECAPY_SITE_DIR ?? path.join(root, "target", "site-dev"),
        MECAPY_ADDR: "127.0.0.1:0",
        MECAPY_DATA_DIR: data,
        MECAPY_USER_NAME: "Claire Morel",
        MECAPY_LOG: "warn",
        ...settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said: string[] = [];
    child.stderr?.on("data", (chunk: Buffer) => said.push(chunk.toString()));
    const url = await new Promise<string>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`The server ${why}.\n${said.join("\n")}`));
      const timer = setTimeout(() => fail(`was not ready within ${START_WITHIN_MS / 1000} s`), START_WITHIN_MS);
      child.once("error", (error) => fail(`could not be started: ${error.message}`));
      child.once("exit", (code) => fail(`ended with ${code}`));
      createInterface({ input: child.stdout! }).on("line", (line) => {
        said.push(line);
        const ready = /ready: (http\S+)/.exec(line);
        if (ready) {
          clearTimeout(timer);
          resolve(ready[1]!.replace(/\/$/, ""));
        }
      });
    });
    return new Server(url, child, data);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const ended = once(this.child, "exit");
      this.child.kill("SIGTERM");
      const timer = setTimeout(() => this.child.kill("SIGKILL"), STOP_WITHIN_MS);
      await ended;
      clearTimeout(timer);
    }
    await rm(this.data, { recursive: true, force: true });
  }
}
