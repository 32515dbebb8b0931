import { command } from './command.ts';
import { convox } from './convox.ts';
import { divio } from './divio.ts';
import { spinnaker } from './spinnaker.ts';
import type { TargetEntry } from './target.ts';
import { webhook } from './webhook.ts';

/** Every target; its id is what users type and the name of its file. */
export const targetEntries: readonly TargetEntry[] = [
  // biome-ignore format: one line each, so that two new targets merge
  command,
  convox,
  divio,
  spinnaker,
  webhook,
];
