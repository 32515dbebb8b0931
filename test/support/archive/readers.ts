import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';

export type Read = {
  /** latin1 */
  readonly name: string;
  readonly kind: string;
  readonly mode: number;
  readonly size: number;
  readonly seconds: number;
  readonly sum: string;
  readonly owner: string;
};

/** All of it: the memory of a piece is used again for the next one. */
export async function read(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(Buffer.from(piece));
  return Buffer.concat(all);
}

/** The rack's own reader, Go's archive/tar, where this machine has Go; compiled once. */
const goReader = compile(path.join(import.meta.dirname, '../../targets/convox/archive/list.go'));

function compile(source: string): string | undefined {
  if (spawnSync('go', ['version']).status !== 0) return undefined;
  const folder = mkdtempSync(path.join(tmpdir(), 'go-tar-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const program = path.join(folder, 'list');
  const env = { ...process.env, GO111MODULE: 'off', GOTOOLCHAIN: 'local' };
  const run = spawnSync('go', ['build', '-o', program, source], { env });
  assert.is(run.status, 0, `go build: ${run.stderr}`);
  return program;
}

/** Undefined without Go. A file is not read through: what it does not hold is skipped. */
export function readByGo(
  source: Uint8Array | { readonly file: string },
): readonly Read[] | undefined {
  if (!goReader) return undefined;
  const isFile = !(source instanceof Uint8Array);
  const run = spawnSync(goReader, isFile ? [source.file] : [], {
    ...(isFile ? {} : { input: source }),
    maxBuffer: 1e9,
  });
  assert.is(run.status, 0, `Go: ${run.stderr}`);
  const lines = run.stdout.toString().split('\n').filter(Boolean);
  return lines.map((line) => {
    const entry = JSON.parse(line);
    return { ...entry, name: Buffer.from(entry.name, 'base64').toString('latin1') };
  });
}

/** What GNU tar lists, one line for each entry, names escaped; it must have nothing to say on stderr. */
export function listByTar(args: readonly string[], input?: Uint8Array): string[] {
  const run = spawnSync('tar', ['--quoting-style=escape', '--numeric-owner', '-tv', ...args], {
    ...(input && { input }),
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    maxBuffer: 1e9,
  });
  assert.is(run.status, 0, `tar: ${run.stderr}`);
  assert.is(run.stderr.toString(), '');
  return run.stdout.toString().trimEnd().split('\n');
}

export function testByGzip(packed: Uint8Array): void {
  const run = spawnSync('gzip', ['-t'], { input: packed });
  assert.is(run.status, 0, `gzip: ${run.stderr}`);
}

const field = (block: Buffer, from: number, to: number): string =>
  block.toString('latin1', from, to).replace(/\0.*$/s, '');

/** Our own reading, strict and to the byte: for what the others forgive. */
export function readStrictly(packed: Uint8Array): readonly Read[] {
  const bytes = gunzipSync(packed);
  const entries: Read[] = [];
  let extended = new Map<string, string>();
  for (let at = 0; ; ) {
    const block = bytes.subarray(at, at + 512);
    if (block.every((byte) => byte === 0)) {
      assert.is(bytes.length - at, 1024, 'two empty blocks and no more');
      return entries;
    }
    const plain = Buffer.from(block).fill(' ', 148, 156);
    const sum = plain.reduce((one, other) => one + other, 0);
    assert.is(Number.parseInt(field(block, 148, 155), 8), sum, 'checksum');
    assert.is(block.toString('latin1', 257, 265), 'ustar\x0000');
    const kind = field(block, 156, 157);
    const stated = Number.parseInt(field(block, 124, 136), 8);
    const size = kind === 'x' ? stated : Number(extended.get('size') ?? stated);
    const content = bytes.subarray(at + 512, at + 512 + size);
    assert.is(content.length, size);
    at += 512 + Math.ceil(size / 512) * 512;
    if (kind === 'x') {
      extended = recordsOf(content);
      continue;
    }
    entries.push({
      name: extended.get('path') ?? field(block, 0, 100),
      kind,
      mode: Number.parseInt(field(block, 100, 108), 8),
      size,
      seconds: Number.parseInt(field(block, 136, 148), 8),
      sum: createHash('sha256').update(content).digest('hex'),
      owner: `${Number.parseInt(field(block, 108, 116), 8)} ${Number.parseInt(field(block, 116, 124), 8)} ${field(block, 265, 297)} ${field(block, 297, 329)}`,
    });
    extended = new Map();
  }
}

function recordsOf(content: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const length = Number.parseInt(content.toString('latin1', at, at + 8), 10);
    const record = content.toString('latin1', at, at + length);
    const [, key = '', value = ''] = /^\d+ ([^=]+)=(.*)\n$/s.exec(record) ?? [];
    assert.ok(key, `a PAX record: ${record}`);
    records.set(key, value);
    at += length;
  }
  return records;
}
