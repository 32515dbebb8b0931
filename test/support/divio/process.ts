import { divio } from '../../../src/targets/divio.ts';
import type { Target, TargetDeps } from '../../../src/targets/target.ts';
import {
  openTarget,
  type Process,
  type Settings,
  type Surroundings,
  startTarget,
} from '../process.ts';

export type { Process, Settings, Surroundings } from '../process.ts';

export const openDivio = (settings: Settings, deps: TargetDeps): Target =>
  openTarget(divio, settings, deps);

/** One process that deploys the environment `live` of the application `hello`. */
export function startDivio(
  at: { readonly url: string; readonly token: string },
  settings: Settings,
  surroundings: Surroundings,
): Process {
  const usual = { application: 'hello', environment: 'live' };
  const all = { api_url: at.url, token: at.token, ...usual, ...settings };
  return startTarget(divio, all, surroundings);
}
