import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from 'yaml';
import type { Entry, FileFault, ScalarTree, Tree } from './tree.ts';

export type Parsed = { readonly tree: Tree | undefined; readonly faults: readonly FileFault[] };

/** Anchors may refer to each other in ways that no file needs and no memory holds. */
const mostNodes = 100_000;
const deepest = 60;

/** The only file that knows the YAML library. */
export function parseYaml(text: string): Parsed {
  const lines = new LineCounter();
  const options = { lineCounter: lines, prettyErrors: false, version: '1.2' } as const;
  const document = parseDocument(text, options);
  const faults: FileFault[] = [];
  const lineAt = (offset: number | undefined): number => lines.linePos(offset ?? 0).line || 1;
  for (const { code, pos } of [...document.errors, ...document.warnings]) {
    faults.push({ path: '', line: lineAt(pos[0]), message: sayings[code] ?? 'is not YAML here' });
  }
  if (faults.length > 0) return { tree: undefined, faults };
  const convert = createConverter(document, lineAt, (line, message) =>
    faults.push({ path: '', line, message }),
  );
  const tree = document.contents === null ? undefined : convert(document.contents, 0);
  return { tree: faults.length > 0 ? undefined : tree, faults };
}

/** In our own words, for the library's quote the file, and what is broken may be a secret. */
const sayings: Readonly<Record<string, string>> = {
  BAD_ALIAS:
    'has an anchor or alias that is not whole; a text that begins with * or & needs quotes',
  BAD_DIRECTIVE: 'has a directive (%…) that YAML 1.2 does not know',
  BAD_DQ_ESCAPE: 'has an escape that is none: in double quotes a backslash is written twice',
  BAD_INDENT:
    'is not indented as the lines around it, or a bracket or quote before it is not closed',
  BAD_SCALAR_START: 'begins with a character that needs quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'has two colons, or a key that is no single word: put texts with a colon in quotes',
  DUPLICATE_KEY: 'has a key twice: keep one',
  MISSING_CHAR: 'lacks a closing quote, bracket, brace or a colon',
  MULTILINE_IMPLICIT_KEY: 'lacks a colon after a key',
  MULTIPLE_DOCS: 'holds more than one document: keep what stands before ---',
  TAB_AS_INDENT: 'is indented by a tab: YAML takes blanks only',
  TAG_RESOLVE_FAILED: 'has a tag (!…) that YAML 1.2 does not know',
  UNEXPECTED_TOKEN:
    'has something that does not belong there: a quote, a bracket or a word too many',
};

type Convert = (node: Node, depth: number) => Tree;

function createConverter(
  document: Document.Parsed,
  lineAt: (offset: number | undefined) => number,
  fault: (line: number, message: string) => void,
): Convert {
  let count = 0;
  const nothing = (line: number): ScalarTree => ({ kind: 'scalar', line, value: null, source: '' });
  const convert: Convert = (node, depth) => {
    const line = lineAt(node.range?.[0]);
    count += 1;
    if (count > mostNodes || depth > deepest) {
      if (count !== Number.POSITIVE_INFINITY) {
        fault(line, 'is too large or too deep, or an anchor refers to itself');
      }
      count = Number.POSITIVE_INFINITY;
      return nothing(line);
    }
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target) return { ...convert(target, depth + 1), line };
      fault(line, 'refers to an anchor that is not there; a text that begins with * needs quotes');
      return nothing(line);
    }
    if (isMap(node)) return mapOf(node.items as Pair<Node, Node | null>[], line, depth);
    if (isSeq(node)) {
      const items = node.items.map((item) => convert(item as Node, depth + 1));
      return { kind: 'list', line, items };
    }
    return isScalar(node) ? scalarOf(node.value, node.source, line) : nothing(line);
  };
  const mapOf = (items: readonly Pair<Node, Node | null>[], line: number, depth: number): Tree => {
    const entries = new Map<string, Entry>();
    for (const { key, value } of items) {
      const at = lineAt(key.range?.[0]);
      if (!isScalar(key)) fault(at, 'has a key that is no text');
      // `on` and `1` are texts as keys, whatever YAML makes of them as values.
      const name = isScalar(key) ? (key.source ?? String(key.value)) : '';
      entries.set(name, { line: at, value: value ? convert(value, depth + 1) : nothing(at) });
    }
    return { kind: 'map', line, entries };
  };
  return convert;
}

function scalarOf(value: unknown, source: string | undefined, line: number): ScalarTree {
  const isPlain = value === null || ['string', 'number', 'boolean'].includes(typeof value);
  const known = (isPlain ? value : String(value)) as ScalarTree['value'];
  return { kind: 'scalar', line, value: known, source: source ?? String(value) };
}
