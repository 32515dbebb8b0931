import { flagName } from '../define.ts';
import { flagged, type Owner } from './owner.ts';

export type FlagOption = {
  readonly type: 'string';
  /** A flag given twice counts with its last value only where the parser does not make a list of it. */
  readonly requiresArg: boolean;
  readonly hidden?: true;
};

/**
 * What yargs needs to split words. All are strings without defaults, because the rules judge values and `load` knows
 * where each came from; a bare flag of a bool arrives as ''. Older names work and are hidden.
 */
export function flagOptions(owners: readonly Owner[]): Readonly<Record<string, FlagOption>> {
  const options: Record<string, FlagOption> = {};
  for (const [key, setting] of flagged(owners)) {
    const option: FlagOption = { type: 'string', requiresArg: setting.is.kind !== 'bool' };
    options[flagName(key)] = option;
    for (const name of setting.alias ?? []) {
      options[name.replaceAll('_', '-')] = { ...option, hidden: true };
    }
  }
  return options;
}
