// Runs the Power Query scripts of the documentation: parsed by Microsoft's own parser, evaluated here as far as the
// scripts go, their requests sent to a real server. What a script uses and this file does not know is an error.
//
// node docs/tests/powerquery.mjs < JSON > JSON
//   in   { script, workbook: { name: [record, …] }, settings: { name: text } }
//        workbook: the named tables of Excel; settings: what the reader puts in place of the texts of the script
//   out  { requests: [{ method, url, headers, body }], table: { columns, rows } }, or { requests, error }
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const { DefaultSettings, TaskUtils } = createRequire(import.meta.url)("@microsoft/powerquery-parser");
const FIRST_REFUSAL = 400;

/** What `error` raises, and what Power Query itself shows as an error. */
class ScriptError extends Error {}

/** Columns by name, and rows of cells. */
class Table {
  constructor(columns, rows) {
    this.columns = columns;
    this.rows = rows;
  }

  record(row) {
    return Object.fromEntries(this.columns.map((name, place) => [name, row[place]]));
  }
}

class Answer {
  constructor(status, body) {
    this.status = status;
    this.body = body;
  }
}

/** The functions that the scripts use, with what Power Query's reference says of them. */
const library = ({ workbook, requests }) => ({
  "TextEncoding.Utf8": 65001,
  "QuoteStyle.Csv": 1,
  "Excel.CurrentWorkbook": () =>
    new Table(
      ["Content", "Name"],
      Object.entries(workbook).map(([name, records]) => [tableOf(records), name]),
    ),
  "Record.FromList": (values, names) => Object.fromEntries(names.map((name, place) => [name, values[place]])),
  "Record.ToTable": (record) => new Table(["Name", "Value"], Object.entries(record)),
  "List.Transform": async (list, change) => Promise.all(list.map((one) => change(one))),
  "Table.FromColumns": (columns, names) =>
    new Table(
      names,
      columns[0].map((_, row) => columns.map((cells) => cells[row])),
    ),
  "Table.ColumnNames": (table) => table.columns,
  "Table.PromoteHeaders": ({ rows: [names, ...rows] }) => new Table(names, rows),
  "Table.TransformColumnTypes": numbers,
  "Json.FromValue": (value) => JSON.stringify(value),
  "Json.Document": (answer) => JSON.parse(answer.body),
  "Csv.Document": (answer, { Delimiter }) => csv(answer.body, Delimiter),
  "Value.Metadata": (answer) => ({ "Response.Status": answer.status }),
  "Web.Contents": (url, options = {}) => contents(url, options, requests),
});

/** GET, or POST where there is content; a refusal is an error unless the script takes it. */
async function contents(base, options, requests) {
  const { RelativePath, Query = {}, Headers = {}, Content, ManualStatusHandling = [], ...unknown } = options;
  if (Object.keys(unknown).length) throw new Error(`Web.Contents has options not known here: ${Object.keys(unknown)}`);
  const url = new URL(RelativePath === undefined ? base : `${base}/${RelativePath}`);
  for (const [name, value] of Object.entries(Query)) url.searchParams.append(name, value);
  const request = { method: Content === undefined ? "GET" : "POST", headers: Headers, body: Content };
  requests.push({ url: url.href, ...request });
  const response = await fetch(url, request);
  if (response.status >= FIRST_REFUSAL && !ManualStatusHandling.includes(response.status)) {
    throw new ScriptError(`Web.Contents failed to get contents from '${url}' (${response.status})`);
  }
  return new Answer(response.status, await response.text());
}

function tableOf(records) {
  const columns = Object.keys(records[0]);
  return new Table(
    columns,
    records.map((record) => columns.map((name) => record[name])),
  );
}

/** Only `type number` with the culture of English, which is how the server writes numbers. */
function numbers(table, changes, culture) {
  if (culture !== "en-US") throw new Error("Numbers are read as English writes them: name the culture en-US.");
  const changed = new Set(changes.map(([name]) => name));
  const cell = (text, place) => {
    if (!changed.has(table.columns[place])) return text;
    if (text.trim() === "" || Number.isNaN(Number(text))) throw new ScriptError(`${text} is no number`);
    return Number(text);
  };
  return new Table(
    table.columns,
    table.rows.map((row) => row.map(cell)),
  );
}

/** RFC 4180, one row a line: the documentation's tables have no line ends in their cells. */
function csv(body, delimiter) {
  const cells = (line) =>
    [...line.matchAll(new RegExp(`("(?:[^"]|"")*"|[^${delimiter}]*)(?:${delimiter}|$)`, "g"))]
      .map(([, cell]) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell))
      .slice(0, -1);
  const lines = body.replace(/^\uFEFF/, "").trimEnd().split(/\r?\n/);
  const rows = lines.map((line) => cells(`${line}${delimiter}`).slice(0, line.split(delimiter).length));
  return new Table(rows[0].map((_, place) => `Column${place + 1}`), rows);
}

const nodes = (wrapper) => wrapper.elements.map((element) => (element.kind === "Csv" ? element.node : element));
const unquoted = (literal) => literal.slice(1, -1).replaceAll('""', '"');
const nameOf = (identifier) => (identifier.startsWith('#"') ? unquoted(identifier.slice(1)) : identifier);

/** Gives the value of an expression. `scope` gives the value of a name, or undefined. */
async function value(node, scope) {
  const read = evaluators[node.kind];
  if (!read) throw new Error(`${node.kind} is not known to docs/tests/powerquery.mjs.`);
  return read(node, scope);
}

const evaluators = {
  async LetExpression(node, outer) {
    const pairs = nodes(node.variableList).map((pair) => [nameOf(pair.key.literal), pair.value]);
    const expressions = new Map(pairs);
    const known = new Map();
    // As in Power Query: a variable is worked out when it is first needed, once.
    const scope = (name) => {
      if (!expressions.has(name)) return outer(name);
      if (!known.has(name)) known.set(name, value(expressions.get(name), scope));
      return known.get(name);
    };
    return value(node.expression, scope);
  },
  LiteralExpression({ literal }) {
    if (literal.startsWith('"')) return unquoted(literal);
    return literal === "null" ? null : JSON.parse(literal);
  },
  ListExpression: (node, scope) => Promise.all(nodes(node.content).map((one) => value(one, scope))),
  async RecordExpression(node, scope) {
    const record = {};
    for (const pair of nodes(node.content)) record[nameOf(pair.key.literal)] = await value(pair.value, scope);
    return record;
  },
  IdentifierExpression(node, scope) {
    const found = scope(node.identifier.literal);
    if (found === undefined) throw new Error(`${node.identifier.literal} is not known to docs/tests/powerquery.mjs.`);
    return found;
  },
  ParenthesizedExpression: (node, scope) => value(node.content, scope),
  EachExpression: (node, scope) => (item) => value(node.paired, (name) => (name === "_" ? item : scope(name))),
  FieldSelector: async (node, scope) => field(await scope("_"), node),
  TypePrimaryType: (node) => node,
  PrimitiveType: (node) => node,
  async IfExpression(node, scope) {
    return value((await value(node.condition, scope)) ? node.trueExpression : node.falseExpression, scope);
  },
  async ErrorRaisingExpression(node, scope) {
    throw new ScriptError(await value(node.paired, scope));
  },
  async ArithmeticExpression(node, scope) {
    const [left, right] = [await value(node.left, scope), await value(node.right, scope)];
    if (node.operatorConstant.constantKind !== "&" || typeof left !== "string" || typeof right !== "string") {
      throw new Error(`Only texts are joined here, not ${left} ${node.operatorConstant.constantKind} ${right}.`);
    }
    return left + right;
  },
  RelationalExpression: async (node, scope) => compared(node, await value(node.left, scope), await value(node.right, scope)),
  EqualityExpression: async (node, scope) => compared(node, await value(node.left, scope), await value(node.right, scope)),
  async RecursivePrimaryExpression(node, scope) {
    let current = await value(node.head, scope);
    for (const step of nodes(node.recursiveExpressions)) current = await advanced(current, step, scope);
    return current;
  },
};

function compared({ operatorConstant }, left, right) {
  const operators = { "=": () => left === right, "<>": () => left !== right, ">=": () => left >= right };
  return operators[operatorConstant.constantKind]();
}

/** One step further: a call, an item, a field. */
async function advanced(current, step, scope) {
  if (step.kind === "InvokeExpression") {
    return current(...(await Promise.all(nodes(step.content).map((one) => value(one, scope)))));
  }
  if (step.kind === "FieldSelector") return field(current, step);
  if (step.kind !== "ItemAccessExpression") throw new Error(`${step.kind} is not known to docs/tests/powerquery.mjs.`);
  const key = await value(step.content, scope);
  if (!(current instanceof Table)) return current[key];
  const fits = (record) => Object.entries(key).every(([name, wanted]) => record[name] === wanted);
  const found = current.rows.map((row) => current.record(row)).filter(fits);
  if (found.length !== 1) throw new ScriptError("The key didn't match any rows in the table.");
  return found[0];
}

function field(of, node) {
  const name = nameOf(node.content.literal);
  if (of instanceof Table) return of.rows.map((row) => of.record(row)[name]);
  if (!(name in of)) throw new ScriptError(`The field '${name}' of the record wasn't found.`);
  return of[name];
}

/** Puts what the reader would type in place of the texts that the script begins with. */
function personalised(ast, settings) {
  for (const [name, typed] of Object.entries(settings)) {
    const pair = nodes(ast.variableList).find((one) => one.key.literal === name);
    if (pair?.value.kind !== "LiteralExpression") throw new Error(`The script has no text ${name} to be replaced.`);
    pair.value = { ...pair.value, literal: `"${typed}"` };
  }
  return ast;
}

const given = JSON.parse(await text(process.stdin));
const parsed = await TaskUtils.tryLexParse(DefaultSettings, given.script);
if (parsed.resultKind !== "Ok" || parsed.stage !== "Parse") {
  console.error(`The script is not valid: ${parsed.error?.message ?? parsed.stage}`);
  process.exit(1);
}
const requests = [];
const names = library({ workbook: given.workbook ?? {}, requests });
try {
  const ast = structuredClone(parsed.ast);
  const table = await value(personalised(ast, given.settings ?? {}), (name) => names[name]);
  if (!(table instanceof Table)) throw new Error("The script gives no table.");
  console.log(JSON.stringify({ requests, table }));
} catch (error) {
  if (!(error instanceof ScriptError)) throw error;
  console.log(JSON.stringify({ requests, error: error.message }));
}
