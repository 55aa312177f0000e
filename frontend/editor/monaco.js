// The part of Monaco that a calculation needs: the editor, Python, and no other language.
//
// Whoever imports this module gets Monaco's API with its style sheet in the page and its worker
// wired up; nothing is fetched from anywhere but the folder that this file is served from.
export {
  editor,
  languages,
  KeyCode,
  KeyMod,
  MarkerSeverity,
  MarkerTag,
  Position,
  Range,
  Selection,
  Uri,
} from "monaco-editor/editor";

import "monaco-editor/languages/definitions/python/register";
// Fetched with the editor: loading it on demand would cost the first paint of coloured code a round trip.
import "monaco-editor/languages/definitions/python/python";

// Left out on purpose: the diff editor, code lenses, colour pickers, inline completions and
// rename, which nothing here uses, and the highlighter of "ambiguous" characters, which would
// put a box around every σ.
import "monaco-editor/features/anchorSelect/register";
import "monaco-editor/features/bracketMatching/register";
import "monaco-editor/features/caretOperations/register";
import "monaco-editor/features/clipboard/register";
import "monaco-editor/features/codeAction/register";
import "monaco-editor/features/codeEditor/register";
import "monaco-editor/features/codicon/register";
import "monaco-editor/features/comment/register";
import "monaco-editor/features/contextmenu/register";
import "monaco-editor/features/cursorUndo/register";
import "monaco-editor/features/dnd/register";
import "monaco-editor/features/find/register";
import "monaco-editor/features/folding/register";
import "monaco-editor/features/fontZoom/register";
import "monaco-editor/features/gotoError/register";
import "monaco-editor/features/gotoLine/register";
import "monaco-editor/features/hover/register";
import "monaco-editor/features/iPadShowKeyboard/register";
import "monaco-editor/features/indentation/register";
import "monaco-editor/features/lineSelection/register";
import "monaco-editor/features/linesOperations/register";
import "monaco-editor/features/longLinesHelper/register";
import "monaco-editor/features/multicursor/register";
import "monaco-editor/features/parameterHints/register";
import "monaco-editor/features/placeholderText/register";
import "monaco-editor/features/quickCommand/register";
import "monaco-editor/features/readOnlyMessage/register";
import "monaco-editor/features/smartSelect/register";
import "monaco-editor/features/suggest/register";
import "monaco-editor/features/toggleTabFocusMode/register";
import "monaco-editor/features/tokenization/register";
import "monaco-editor/features/unusualLineTerminators/register";
import "monaco-editor/features/wordHighlighter/register";
import "monaco-editor/features/wordOperations/register";
import "monaco-editor/features/wordPartOperations/register";

const beside = (name) => new URL(name, import.meta.url).href;

self.MonacoEnvironment = {
  getWorker: () => new Worker(beside("./editor.worker.js"), { type: "module", name: "editor" }),
};

// The editor measures itself when it is made, so its style sheet must be there first.
const href = beside("./monaco.css");
if (![...document.styleSheets].some((sheet) => sheet.href === href)) {
  await new Promise((resolve, reject) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
    link.addEventListener("load", resolve, { once: true });
    link.addEventListener("error", () => reject(new Error(`${href} could not be loaded`)), { once: true });
    document.head.append(link);
  });
}
