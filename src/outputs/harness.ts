import { type RunOutputs, standardNames } from './run-outputs.ts';
import { byteLength, cutBytes, type Rendered, singleLine } from './text.ts';

/*
 * Harness reads outputs with two versions of one dotenv parser. They disagree on quotes and `#`, and both expand `$`:
 * only values of these characters mean the same to both; any other goes as base64, which Harness decodes.
 */
const safe = /^[A-Za-z0-9_.,:/@%+=?&~-]*$/;
const coded = '__B64__';
// The older parser loses the whole file at a line of 64 KiB, line break included.
const longestLine = 64 * 1024 - 2;

/** DRONE_OUTPUT and HARNESS_OUTPUT_FILE: all outputs in upper case, in the form that the file's name asks for. */
export const renderHarnessOutputs = (outputs: RunOutputs, path: string): Rendered =>
  render(
    [...outputs].map(([name, value]) => [name.toUpperCase(), value]),
    path,
  );

/**
 * DRONE_ENV, which every later step inherits as its environment: the standard outputs only, as `DEPLOYED_OUTCOME` and so
 * on. A target's own names stay out, for a deploy script must not choose another step's PATH; and `SLIPWAY_` is how
 * settings are spelt.
 */
export function renderHarnessEnv(outputs: RunOutputs, path: string): Rendered {
  const entries = standardNames.map((name): [string, string] => [
    `DEPLOYED_${name.toUpperCase()}`,
    outputs.get(name) ?? '',
  ]);
  return render(entries, path);
}

type Line = { readonly line: string; readonly lost?: string };

function render(entries: readonly (readonly [string, string])[], path: string): Rendered {
  const form = path.endsWith('.out') ? spaced : dotenv;
  const lines = entries.flatMap(([name, value]): readonly Line[] => form(name, value));
  return {
    text: lines.map(({ line }) => `${line}\n`).join(''),
    lost: lines.flatMap(({ lost }) => lost ?? []),
  };
}

function dotenv(name: string, value: string): readonly Line[] {
  const plain = safe.test(value) && !value.startsWith(coded);
  const head = plain ? `${name}=` : `${name}=${coded}`;
  const room = longestLine - head.length;
  const kept = cutBytes(value, plain ? room : Math.floor(room / 4) * 3);
  return [{ line: head + (plain ? kept : toBase64(kept)), ...cutNote(name, value, kept) }];
}

/** `KEY value` of Harness on Kubernetes. It has no form for an empty value. */
function spaced(name: string, value: string): readonly Line[] {
  const flat = singleLine(value);
  const kept = cutBytes(flat, longestLine - name.length - 1);
  return kept === '' ? [] : [{ line: `${name} ${kept}`, ...cutNote(name, flat, kept) }];
}

const toBase64 = (text: string): string => Buffer.from(text).toString('base64');

const cutNote = (name: string, value: string, kept: string): { lost?: string } =>
  kept === value
    ? {}
    : {
        lost: `${name} was cut from ${byteLength(value)} to ${byteLength(kept)} bytes, because Harness reads no line of 64 KiB`,
      };
