// The words of the interface, from the files it takes them from itself: a spec that looks for a
// button by name follows a change of wording, and the same spec runs in French.
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const locales = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "..", "app", "locales");

export type Language = "en" | "fr";

export class Words {
  private readonly areas: Record<string, Record<string, string>> = {};

  constructor(readonly language: Language) {
    const folder = path.join(locales, language);
    for (const file of readdirSync(folder)) {
      this.areas[path.basename(file, ".json")] = JSON.parse(readFileSync(path.join(folder, file), "utf8"));
    }
  }

  /** The text `area.name`, with its places filled. */
  of(key: string, values: Record<string, string | number> = {}): string {
    const [area, name] = key.split(".") as [string, string];
    const text = this.areas[area]?.[name];
    if (text === undefined) throw new Error(`${this.language} has no text ${key}`);
    return text.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, place: string) => String(values[place] ?? ""));
  }

  /** A pattern for the whole text, or for its beginning where key names follow. */
  exactly(key: string): RegExp {
    return new RegExp(`^${escape(this.of(key))}( (Ctrl|⌘).*)?$`);
  }

  /** A pattern for the text with anything in its places. */
  like(key: string): RegExp {
    const parts = this.of(key, new Proxy({}, { get: () => "\u0000" })).split("\u0000");
    return new RegExp(parts.map(escape).join(".+"));
  }
}

/** Non-breaking spaces count as spaces, as they do in the names that a browser tells. */
function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s/g, "\\s");
}
