import { type Marker, markedLink, unmarkLink } from '../identity.ts';
import type { Deployment, Posted } from './forge.ts';

/** Of a status that somebody else ends: the page and the marker of whoever posted it. */
export const closedLink = (link: string, marker: Marker): string | undefined =>
  markedLink([unmarkLink(link)], { ...marker, closure: true });

/** Of a closure: the page that its owner showed, with the owner's marker and the word that somebody else closed it. */
export function closureLink(deployment: Deployment): string | undefined {
  const { owner, statuses, url } = deployment;
  const theirs = statuses.find(({ marker }) => marker && marker.key === owner?.key);
  const links = [theirs?.link, statuses.find(({ link }) => link)?.link, url]
    .filter((link) => link !== undefined)
    .map(unmarkLink);
  return owner ? markedLink(links, { ...(theirs?.marker ?? owner), closure: true }) : links[0];
}

export const isOwn = (marker: Marker | undefined, own: Marker): boolean =>
  marker?.key === own.key && marker.component === own.component;

/** Whether another run than its owner has spoken on it since: then it is not the owner's orphan any more. */
export function isTakenOver({ owner }: Deployment, now: readonly Posted[]): boolean {
  const poster = now.find(({ marker }) => marker && !marker.closure)?.marker;
  return poster !== undefined && poster.key !== owner?.key;
}
