import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * The commit that is checked out in a folder or above it; undefined where that cannot be read. Git's own files are
 * read, because the image has no git, and git refuses a tree that belongs to another user.
 */
export function readHead(folder: string): string | undefined {
  const git = findGit(resolve(folder));
  const head = git && read(join(git, 'HEAD'));
  if (!git || !head) return undefined;
  const [, name] = /^ref: (refs\/\S+)$/.exec(head) ?? [];
  if (!name) return commitIn(head);
  const shared = read(join(git, 'commondir'));
  // Branches of a linked worktree are kept with the others.
  const folders = shared ? [git, resolve(git, shared)] : [git];
  for (const place of folders) {
    const found = commitIn(read(join(place, name))) ?? packed(place, name);
    if (found) return found;
  }
  return undefined;
}

function findGit(folder: string): string | undefined {
  const place = join(folder, '.git');
  if (read(join(place, 'HEAD'))) return place;
  const [, elsewhere] = /^gitdir: (.+)$/m.exec(read(place) ?? '') ?? [];
  if (elsewhere) return resolve(folder, elsewhere.trim());
  const above = dirname(folder);
  return above === folder ? undefined : findGit(above);
}

const packed = (git: string, name: string): string | undefined =>
  read(join(git, 'packed-refs'))
    ?.split('\n')
    .filter((line) => line.slice(line.indexOf(' ') + 1) === name)
    .map(commitIn)
    .find(Boolean);

const commitIn = (text: string | undefined): string | undefined =>
  /^(?:[0-9a-f]{64}|[0-9a-f]{40})(?![0-9a-f])/.exec(text ?? '')?.[0];

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
