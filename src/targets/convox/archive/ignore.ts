import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Ignore = readonly string[];

export const readIgnore = (root: string): Ignore => {
  const file = join(root, '.dockerignore');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
};

export const isIgnored = (ignore: Ignore, file: string): boolean => ignore.includes(file);
