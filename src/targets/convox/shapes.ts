import { isObject } from '../../settings/rules.ts';

/** Racks of every version leave fields out, so all of them may be missing. */
export type App = {
  readonly release: string;
  readonly status: string;
  readonly generation: string | undefined;
};
export type Build = {
  readonly id: string;
  readonly status: string;
  readonly release: string;
  readonly reason: string;
  readonly description: string;
};
/** Without its variables, which are secret. */
export type Release = { readonly id: string; readonly build: string };
export type Process = {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly release: string;
  readonly command: string;
};

export const textAt = (json: unknown, key: string): string | undefined =>
  isObject(json) && typeof json[key] === 'string' ? json[key] : undefined;

export const appIn = (json: unknown): App => ({
  release: textAt(json, 'release') ?? '',
  status: textAt(json, 'status') ?? 'unknown',
  generation: textAt(json, 'generation'),
});

export const buildIn = (json: unknown): Build => ({
  id: textAt(json, 'id') ?? '',
  status: textAt(json, 'status') ?? 'unknown',
  release: textAt(json, 'release') ?? '',
  reason: textAt(json, 'reason') ?? '',
  description: textAt(json, 'description') ?? '',
});

export const releaseIn = (json: unknown): Release => ({
  id: textAt(json, 'id') ?? '',
  build: textAt(json, 'build') ?? '',
});

export const processIn = (json: unknown): Process => ({
  id: textAt(json, 'id') ?? '',
  name: textAt(json, 'name') ?? '',
  status: textAt(json, 'status') ?? '',
  release: textAt(json, 'release') ?? '',
  command: textAt(json, 'command') ?? '',
});

export const listIn = <T>(json: unknown, read: (each: unknown) => T): readonly T[] =>
  Array.isArray(json) ? json.map(read) : [];
