import { command } from './command.ts';
import { divio } from './divio.ts';
import type { TargetEntry } from './target.ts';
import { webhook } from './webhook.ts';

/** Every target; its id is what users type and the name of its file. */
export const targetEntries: readonly TargetEntry[] = [
  // biome-ignore format: one line each, so that two new targets merge
  command,
  divio,
  webhook,
];
