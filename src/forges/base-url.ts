import { SettingsError } from '../errors.ts';
import type { Order } from '../order.ts';

type Base = {
  readonly id: Order['forge'];
  /** Its setting, and what the author wrote there. */
  readonly name: string;
  readonly written: string | undefined;
  /** Where the forge is when nobody says; undefined where there is no such place. */
  readonly usual?: string;
  /** What a repository's page has after the forge's own address, where that is not `owner/name` alone. */
  readonly page?: RegExp;
};

/** People write the address of the API, too; a question or a fragment is part of neither. */
function siteIn(written: string): string {
  const { origin, pathname } = new URL(written);
  return `${origin}${pathname}`.replace(/\/+$/, '').replace(api, '');
}
const api = /\/(?:api\/v\d|rest(?:\/api(?:\/[\w.]+)?)?)$/;

/**
 * Where a forge is: what the author wrote, else where CI says that the repository is. The credential goes there, so a
 * link that whoever runs the build may have set is not believed.
 */
export function baseUrlOf({ id, name, written, usual, page }: Base, order: Order): string {
  if (written) return siteIn(written);
  const { forge, repo, repoUrl, unprovenHost } = order;
  if (unprovenHost) {
    const message = `is required here, such as https://${unprovenHost}: whoever runs the build may have set the repository's link, so no credential follows it`;
    throw new SettingsError([{ name, message }]);
  }
  if (forge && forge !== id) {
    const message = `is required: this build's repository is on ${forge}, where no other credential must go`;
    throw new SettingsError([{ name, message }]);
  }
  const place = repoUrl?.replace(/\/+$/, '').replace(/\.git$/, '');
  if (place && page?.test(place)) return place.replace(page, '');
  if (place && repo && place.endsWith(`/${repo}`)) return place.slice(0, -repo.length - 1);
  if (place) return new URL(place).origin;
  if (usual) return usual;
  throw new SettingsError([{ name, message: 'is required: nothing says where the repository is' }]);
}
