import { spinnaker } from '../../../src/targets/spinnaker.ts';
import type { Target, TargetDeps } from '../../../src/targets/target.ts';
import {
  openTarget,
  type Process,
  type Settings,
  type Surroundings,
  startTarget,
} from '../process.ts';

export const usualSettings = {
  application: 'hello',
  pipeline: 'Deploy to live',
  parameters: '{"tag":"v1.2.3-p4r4m3t3r"}',
};

export const openSpinnaker = (settings: Settings, deps: TargetDeps): Target =>
  openTarget(spinnaker, settings, deps);

/** One process that runs the pipeline `Deploy to live` of the application `hello`. */
export function startSpinnaker(
  at: { readonly url: string; readonly token: string },
  settings: Settings,
  surroundings: Surroundings,
): Process {
  const all = { gate_url: at.url, token: at.token, ...usualSettings, ...settings };
  return startTarget(spinnaker, all, surroundings);
}
