import { messageOf, quoted, SettingsError } from '../errors.ts';
import type { createApp } from '../server/app.ts';
import { envName } from '../settings/define.ts';

type App = Awaited<ReturnType<typeof createApp>>;

/** Rejects with a SettingsError where the address cannot be had. */
export async function listen(app: App, place: string): Promise<void> {
  try {
    await app.listen(placeOf(place));
  } catch (error) {
    const message = `is ${quoted(place)}, where nobody can listen: ${messageOf(error)}`;
    throw new SettingsError([{ name: envName('listen', 'SLIPWAY_'), message }]);
  }
}

function placeOf(listen: string): { readonly host: string; readonly port: number } {
  const at = listen.lastIndexOf(':');
  const host = listen.slice(0, Math.max(at, 0)).replace(/^\[(.*)\]$/, '$1');
  return { host: host || '0.0.0.0', port: Number(listen.slice(at + 1)) };
}
