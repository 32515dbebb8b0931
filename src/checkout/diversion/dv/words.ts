import { stripVTControlCharacters } from 'node:util';
import { RemoteError } from '../../../errors.ts';

/** What one call of the program said, without the colours that it said it in. */
export type Said = { readonly out: string; readonly all: string; readonly code: number | null };

/** As a person would have read it: what draws a bar begins its line anew. */
export const plainOf = (text: string): string =>
  stripVTControlCharacters(text).replace(/\r\n?/g, '\n');

// Many errors end with 0 (measured by others): what it says counts too.
const failed =
  /^(?:error:|failed to )|not a diversion repository|not logged in|no credentials found/im;
const denied = /not logged in|no credentials found|unauthori[sz]ed|invalid token|authenticat/i;

/** The failure that a call amounts to; undefined where it went well. */
export function failureIn(
  what: string,
  { all, code }: Said,
  secrets: readonly string[],
): RemoteError | undefined {
  if (code === 0 && !failed.test(all)) return undefined;
  const lines = all.split('\n').map((line) => line.trim());
  const line = lines.find((each) => failed.test(each)) ?? lines.findLast(Boolean) ?? '';
  const said = inert(line, secrets);
  const kind = denied.test(line) ? 'credentials' : 'refused';
  const end = code === null ? 'it was ended' : `exit ${code}`;
  return new RemoteError(`dv ${what} failed (${end})${said ? `: ${said}` : ''}`, { kind });
}

const longestLine = 300;
/** What lets somebody in and is nobody's setting: what a signed link asks with, and access tokens. */
const passes = /(https?:\/\/[^\s?"'<>]*\?)[^\s"'<>]+|(\bbearer +)\S+|\beyJ[\w-]+(?:\.[\w-]*)+/gi;

/** A line of the program's, for people: no control character, and nothing that is cut, for that cannot be redacted. */
export function inert(line: string, secrets: readonly string[]): string {
  const known = secrets.reduce((text, secret) => text.replaceAll(secret, '***'), line);
  const plain = known
    .replace(passes, (_, link = '', word = '') => `${link}${word}***`)
    .replace(/[^\x20-\x7e\u00a0-\uffff]/g, '');
  return plain.length > longestLine ? `${plain.length} characters` : plain;
}

const workspace = 'dv\\.ws\\.[0-9a-f-]{36}';
const anyWorkspace = new RegExp(`\\b${workspace}\\b`, 'g');

export const workspacesIn = (text: string): readonly string[] => [
  ...new Set(text.match(anyWorkspace) ?? []),
];

export const commitIn = (text: string): string | undefined =>
  /^dv\.commit\.[\w-]{1,110}$/m.exec(text.trim())?.[0];

const standsIn = new RegExp(`^Working in workspace .*\\((${workspace})\\)$`, 'm');

/** `dv status`: of what the tree is, and whether the program is content with it. */
export function statusIn(text: string): {
  readonly branch: string | undefined;
  readonly commit: string | undefined;
  readonly workspace: string | undefined;
  readonly isDirty: boolean;
} {
  return {
    branch: /^On branch (.+?) (?:\()?dv\.branch\.[\w-]+/m.exec(text)?.[1],
    commit: /over commit (dv\.commit\.[\w-]{1,110})/.exec(text)?.[1],
    workspace: standsIn.exec(text)?.[1],
    isDirty: /^(?:New|Modified|Deleted|Renamed|Conflicted):/m.test(text),
  };
}
