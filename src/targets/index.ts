import type { TargetEntry } from './target.ts';

export const targetEntries: readonly TargetEntry[] = [];
