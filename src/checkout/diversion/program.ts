import { join } from 'node:path';
import { SettingsError } from '../../errors.ts';
import { findProgram } from '../../programs.ts';
import type { Method, Source } from './source.ts';

/** Where its installer and images put it. What a build's PATH names comes after: the token is handed to it. */
const usual = '/usr/local/bin:/usr/bin:/bin:/opt/diversion/bin';

/** By Diversion's own program, for tokens that cannot be exchanged. Throws a SettingsError where it is not there. */
export function byProgram(source: Source, setting: string): Method {
  const { env } = source.deps;
  const own = env.HOME ? join(env.HOME, '.diversion', 'bin', 'dv') : 'dv';
  const file = findProgram('dv', usual) ?? findProgram('dv', env.PATH) ?? findProgram(own, usual);
  if (!file) {
    const message =
      'is dv, and there is no such program here: add it to the image (FROM slipway), or leave this setting out';
    throw new SettingsError([{ name: setting, message }]);
  }
  return {
    how: 'by the program dv',
    // Loaded when it is asked to: nothing else needs it.
    async fetch(fetching) {
      const { fetchByProgram } = await import('./dv/checkout.ts');
      return fetchByProgram(source, file, fetching);
    },
    async check(signal) {
      const { checkProgram } = await import('./dv/check.ts');
      return checkProgram(source, file, signal);
    },
  };
}
