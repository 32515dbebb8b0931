import { SettingsError } from '../../errors.ts';
import { textAt } from './shapes.ts';

type Wanted = {
  readonly wanted: string;
  readonly host: string;
  /** Of the setting. */
  readonly name: string;
};

/** The one rack that is meant: its full name, or a part that only one has. */
export function matchRack(json: unknown, { wanted, host, name }: Wanted): string {
  const names = (Array.isArray(json) ? json : []).flatMap((each) => {
    const name = textAt(each, 'name');
    const organization = textAt((each as Record<string, unknown> | null)?.organization, 'name');
    return name ? [organization ? `${organization}/${name}` : name] : [];
  });
  const exact = names.find((name) => name === wanted);
  const parts = names.filter((name) => name.includes(wanted));
  const [only, ...others] = exact ? [exact] : parts;
  if (only !== undefined && others.length === 0) return only;
  throw new SettingsError([{ name, message: messageOf() }]);

  function messageOf(): string {
    return only === undefined
      ? `names no rack that ${host} shows to this password: ${listed(names)}`
      : `fits several racks of ${host}: ${listed(parts)}`;
  }
}

const listed = (names: readonly string[]): string => {
  const shown = names.slice(0, 10).join(', ');
  const rest = names.length > 10 ? ` and ${names.length - 10} more` : '';
  return names.length === 0 ? 'it shows none' : `there is ${shown}${rest}`;
};
