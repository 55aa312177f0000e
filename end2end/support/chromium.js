// Which browser is used, and how it is started.
import { existsSync } from "node:fs";

const PLACES = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** @returns {{ executablePath: string, args: string[] }} */
export function chromium() {
  const executablePath = PLACES.find((place) => place && existsSync(place));
  if (!executablePath) throw new Error("There is no Chromium. Run scripts/setup test, or name one in CHROMIUM.");
  return {
    executablePath,
    // Root may not use Chromium's own sandbox, and nothing here may call out.
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  };
}
