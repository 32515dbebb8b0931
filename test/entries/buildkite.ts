import path from 'node:path';
import type { Env } from '../examples/example.ts';

const hook = path.join(import.meta.dirname, '../../entries/buildkite/hooks/command');

/** As the agent's `agent/plugin` writes a plugin's configuration into variables. */
export function configured(name: string, configuration: Readonly<Record<string, unknown>>): Env {
  const upper = (key: string): string => key.toUpperCase().replace(/-|\s/g, '_');
  const walk = (prefix: string, value: unknown): (readonly [string, string])[] => {
    if (Array.isArray(value)) return value.flatMap((item, at) => walk(`${prefix}_${at}`, item));
    if (typeof value === 'object' && value !== null) {
      return Object.entries(value).flatMap(([key, item]) => walk(`${prefix}_${upper(key)}`, item));
    }
    return [[prefix, String(value)]];
  };
  return {
    BUILDKITE_PLUGIN_NAME: upper(name),
    BUILDKITE_PLUGIN_CONFIGURATION: JSON.stringify(configuration),
    ...Object.fromEntries(walk(`BUILDKITE_PLUGIN_${upper(name)}`, configuration)),
  };
}

/** Its wrapper sources a hook, hands on what that exported, and tells how it ended. */
export const sourced = `. '${hook}'`;
export const wrapper = `${sourced}
export BUILDKITE_HOOK_EXIT_STATUS=$?
exit $BUILDKITE_HOOK_EXIT_STATUS`;
