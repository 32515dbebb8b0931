import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export type Size = { readonly files: number; readonly bytes: number };

const poolBytes = 16 * 1024 * 1024;
const perFolder = 25;

/**
 * A tree as an application has it: many small files and a few large ones, text that repeats itself as code does, and a
 * tenth that no packer makes smaller. The same seed gives the same bytes.
 */
export function plantTree(root: string, { files, bytes }: Size, seed = 1): void {
  const random = randomOf(seed);
  const text = textOf(random);
  const noise = noiseOf(random);
  // Half of the files are smaller than a fifth of the mean; the largest has some megabytes.
  const weights = Array.from({ length: files }, () => (random() + 1e-5) ** -0.8);
  const sum = weights.reduce((one, other) => one + other, 0);
  let folder = root;
  let written = 0;
  let noisy = 0;
  for (const [index, weight] of weights.entries()) {
    if (index % perFolder === 0) {
      folder = folderOf(root, index / perFolder);
      mkdirSync(folder, { recursive: true });
    }
    const size = Math.min(Math.round((weight / sum) * bytes), poolBytes);
    const pool = noisy < written / 10 ? noise : text;
    written += size;
    if (pool === noise) noisy += size;
    const from = Math.floor(random() * (poolBytes - size));
    const name = pool === noise ? `image-${index}.png` : `module-${index}.js`;
    writeFileSync(path.join(folder, name), pool.subarray(from, from + size));
  }
}

/** Three levels, as packages nest. */
const folderOf = (root: string, index: number): string =>
  path.join(
    ...[root, `package-${index % 40}`, `lib-${Math.floor(index / 40) % 10}`, `part-${index}`],
  );

/** Marsaglia's xorshift: 32 bits are enough for a tree. */
function randomOf(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function noiseOf(random: () => number): Buffer {
  const words = Uint32Array.from({ length: poolBytes / 4 }, () => random() * 2 ** 32);
  return Buffer.from(words.buffer);
}

/** Lines of a made-up language: few words often, most of them seldom, and numbers between. */
function textOf(random: () => number): Buffer {
  const letters = 'etaoinshrdlucmfwypvbgkjqxz';
  const word = (): string =>
    Array.from({ length: 2 + random() * 9 }, () => letters[Math.floor(random() ** 2 * 26)]).join(
      '',
    );
  const words = Array.from({ length: 4000 }, word);
  const signs = [' ', ' ', ' ', '.', '(', ', ', ') ', ' = ', '; ', ' => ', ": '", "', "];
  const pick = (list: readonly string[], skew: number): string =>
    list[Math.floor(random() ** skew * list.length)] ?? '';
  const lines: string[] = [];
  for (let length = 0; length < poolBytes; ) {
    const count = 1 + random() * 6;
    // Code repeats itself: what was said a few lines before is said again, and goes on otherwise.
    const before = lines[Math.floor(lines.length - random() * 60)] ?? '';
    let line = before.slice(0, random() * before.length) || '  '.repeat(random() * 5);
    for (let at = 0; at < count; at += 1) {
      line += random() < 0.03 ? Math.floor(random() * 1e4) : pick(words, 4);
      line += pick(signs, 1);
    }
    line = `${line.slice(0, 100)}\n`;
    lines.push(line);
    length += line.length;
  }
  return Buffer.from(lines.join(''), 'latin1').subarray(0, poolBytes);
}
