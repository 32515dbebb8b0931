import { SettingsError } from '../../../errors.ts';

/** Whether a Spinnaker release (`1.38`, `2026.1`, `2026.1.2`) has what came with another. */
export function hasSince(release: string | undefined, since: `${number}.${number}`): boolean {
  if (release === undefined) return false;
  const [year, minor] = numbers(release);
  const [sinceYear = 0, sinceMinor = 0] = since.split('.').map(Number);
  return year > sinceYear || (year === sinceYear && minor >= sinceMinor);
}

function numbers(release: string): readonly [number, number] {
  const [, year, minor] = /^v?(\d{1,4})\.(\d{1,3})(?:\.\d+)?$/.exec(release.trim()) ?? [];
  if (!year || !minor) {
    const message = `must be a release such as 1.38 or 2026.1, got ${JSON.stringify(release)}`;
    throw new SettingsError([{ name: '--spinnaker', message }]);
  }
  return [Number(year), Number(minor)];
}
