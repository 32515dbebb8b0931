import { type ConvoxValues, urlOfHost } from './settings.ts';

/** Where requests go first, and with what; the password stays in here and in the header. */
export type Place = {
  /** Without a slash at the end. */
  readonly base: string;
  readonly host: string;
  readonly authorization: string;
  readonly setting: 'convox_rack_url' | 'convox_password';
  /** What names the host. */
  readonly hostSetting: 'convox_rack_url' | 'convox_host';
  /** Name to match; undefined where the host is the rack itself. */
  readonly rack: string | undefined;
  /** What an answer may quote of all this, and nobody may read. */
  readonly secrets: readonly string[];
};

/** RACK_URL beats everything, as it does for the CLI; a host without a rack's name is a rack. */
export function placeOf(values: ConvoxValues): Place {
  if (values.convoxRackUrl !== undefined) {
    const url = new URL(values.convoxRackUrl);
    const user = `${decoded(url.username) || 'convox'}:${decoded(url.password)}`;
    const base = url.origin + url.pathname.replace(/\/+$/, '');
    const setting = 'convox_rack_url';
    return {
      base,
      host: url.host,
      ...signed(user),
      setting,
      hostSetting: setting,
      rack: undefined,
    };
  }
  const url = new URL(urlOfHost(values));
  return {
    base: url.origin,
    host: url.host,
    ...signed(`convox:${values.convoxPassword}`),
    setting: 'convox_password',
    hostSetting: 'convox_host',
    rack: values.convoxRack,
  };
}

function signed(user: string): Pick<Place, 'authorization' | 'secrets'> {
  const code = Buffer.from(user).toString('base64');
  const password = user.slice(user.indexOf(':') + 1);
  return {
    authorization: `Basic ${code}`,
    secrets: [code, user, password].filter((text) => text.length > 3),
  };
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
