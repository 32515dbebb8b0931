import { lstatSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { CheckoutError } from '../../errors.ts';
import { onDisk } from './disk.ts';
import { shownName, shownNames } from './shown.ts';
import { demandGoing } from './stopped.ts';

export type Link = { readonly parts: readonly string[]; readonly target: string };

/** Linux follows no more links than that in one path. */
const mostHops = 40;
/** A few links through each other could ask for any number of looks: one link's, and all links' together. */
const mostLooks = { each: 1000, all: 200_000 };
/** All links are held until the files are there. */
const largestText = 16 * 1024 * 1024;
const longestTarget = 4096;

export type Links = {
  readonly all: readonly Link[];
  add(link: Link): void;
  /** Makes the links, and removes again those that lead out of the tree; resolves with their names. */
  make(root: string, signal: AbortSignal): Promise<readonly string[]>;
};

/**
 * Links are made when every file is written, so no file can be written through one. Where they lead is asked of the
 * file system itself, link by link, for only that knows what its names mean.
 */
export function createLinks(): Links {
  const links: Link[] = [];
  let bytes = 0;
  return {
    all: links,
    add(link) {
      const name = link.parts.join('/');
      const { target } = link;
      if (/[\0\ufffd]/.test(target) || target.length > longestTarget) {
        throw new CheckoutError(`The tree holds a link ${shownName(name)} that leads nowhere`);
      }
      bytes += name.length + target.length;
      if (bytes > largestText) throw new CheckoutError('The tree holds too many links');
      links.push(link);
    },
    async make(root, signal) {
      for (const { parts, target } of links) {
        onDisk(parts.join('/'), () => symlinkSync(target, join(root, ...parts)));
      }
      return dropOutside(root, links, signal);
    },
  };
}

/** Removes the links that lead out of the tree, or nowhere; resolves with their names. */
export async function dropOutside(
  root: string,
  links: readonly Link[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const outside: (readonly string[])[] = [];
  let looks = 0;
  for (const { parts, target } of links) {
    // Others have their turn.
    await setImmediate();
    demandGoing(signal);
    const path = follow(root, parts.slice(0, -1), target);
    looks += path.looks;
    if (looks > mostLooks.all) throw new CheckoutError('The tree holds links that have no end');
    if (!path.staysIn) outside.push(parts);
  }
  // Not before all are judged: what a link led to decides about those that lead through it.
  for (const parts of outside) unlinkSync(join(root, ...parts));
  return outside.map((parts) => parts.join('/'));
}

/** For people; nothing where no link was dropped. */
export function outsideWarning(outside: readonly string[]): readonly string[] {
  const { length } = outside;
  if (length === 0) return [];
  const links = length === 1 ? '1 link is' : `${length} links are`;
  const why = 'for leading out of the tree, or nowhere';
  return [`${links} left out, ${why}: ${shownNames(outside, length)}`];
}

type Path = { readonly staysIn: boolean; readonly looks: number };

function follow(root: string, folder: readonly string[], target: string): Path {
  // Real folders only: each link on the way is replaced by where it leads.
  const at = [...folder];
  const ahead = stepsOf(target);
  let looks = 0;
  if (target.startsWith('/')) return { staysIn: false, looks };
  for (let hops = 0; looks < mostLooks.each; ) {
    const step = ahead.pop();
    if (step === undefined) return { staysIn: true, looks };
    if (step === '..') {
      if (at.pop() === undefined) break;
      continue;
    }
    looks += 1;
    const next = targetOf(join(root, ...at, step));
    if (next === undefined) {
      at.push(step);
      continue;
    }
    hops += 1;
    if (next.startsWith('/') || hops > mostHops) break;
    ahead.push(...stepsOf(next));
  }
  return { staysIn: false, looks };
}

/** undefined: there is no link of that name. */
function targetOf(path: string): string | undefined {
  try {
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink();
    return isLink ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}

/** Last step first. */
const stepsOf = (path: string): string[] =>
  path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .reverse();
