import { quoted, RemoteError } from '../../errors.ts';
import { idIn, isRefName, pathOf } from '../asking.ts';
import type { Facts, FactsEntry, Listed, Patience, RefKind, Tip } from '../facts.ts';
import { isOdd } from '../repo.ts';
import type { Github } from './client.ts';
import { connectGithub, credentialsOf } from './connect.ts';
import { type RestDeployment, reading, readStatuses, shownOf } from './deployments.ts';
import type { Purpose } from './explain.ts';
import { understood } from './shape.ts';

/** https://docs.github.com/en/rest/git/refs, /commits/commits#compare-two-commits and /deployments/deployments. */
export const githubFacts: FactsEntry = {
  id: 'github',
  credentials: credentialsOf,
  open(loaded, order, deps) {
    const why = 'to ask GitHub what is to be deployed';
    const odd = order.repo && isOdd(order.repo);
    const fault = { name: 'repo', message: `must be owner/name, got ${quoted(order.repo ?? '')}` };
    const permissions = { contents: 'read', deployments: 'read' } as const;
    return createFacts(connectGithub(loaded, order, deps, permissions, odd ? [fault] : [], why));
  },
};

/** Of what is read here the most that is kept. */
const mostListed = 1000;

type Ref = {
  readonly ref: string;
  readonly object: { readonly type: string; readonly sha: string };
};

const purposeOf = (thing: string): Purpose => ({
  lost: 'branches and tags not read',
  needs: 'contents: read',
  scope: 'repo',
  thing,
});
const groupOf = (kind: RefKind): string => (kind === 'branch' ? 'heads' : 'tags');

function createFacts(github: Github): Facts {
  /** undefined: not there, or nothing that is a commit. */
  async function get<T>(
    path: string,
    thing: string,
    patience: Patience,
    read: (body: unknown) => T,
  ): Promise<T | undefined> {
    const purpose = purposeOf(thing);
    try {
      const reply = await github.rest({ method: 'GET', path, purpose, ...patience });
      return understood(reply, purpose.lost, () => read(reply.body));
    } catch (error) {
      const isAbsent = error instanceof RemoteError && [404, 422].includes(error.status ?? 0);
      if (isAbsent) return undefined;
      throw error;
    }
  }

  async function tipOf(kind: RefKind, name: string, patience: Patience): Promise<Tip | undefined> {
    if (!isRefName(name)) return undefined;
    const thing = `${kind} ${name}`;
    const ref = `${groupOf(kind)}/${pathOf(name)}`;
    const object = await get(`/git/ref/${ref}`, thing, patience, (body) => (body as Ref).object);
    if (!object) return undefined;
    if (object.type === 'commit') return { commit: idIn(object.sha) };
    const read = (body: unknown) => idIn((body as { sha: unknown }).sha);
    const commit = await get(`/commits/${ref}?per_page=1`, thing, patience, read);
    return commit === undefined ? undefined : { commit, tagObject: idIn(object.sha) };
  }

  return {
    place: `${github.repo} on ${new URL(github.webUrl).host}`,
    setting: github.setting,
    tipOf,
    async holds(tip, commit, patience) {
      // The second page has no files, and who is behind has no commits.
      const path = `/compare/${tip}...${commit}?per_page=1&page=2`;
      const status = await get(
        path,
        `commit ${commit}`,
        patience,
        (body) => (body as { status?: unknown }).status,
      );
      return status === 'behind' || status === 'identical';
    },
    async list(kind, start, _commit, patience) {
      const group = `refs/${groupOf(kind)}/`;
      const path = `/git/matching-refs/${groupOf(kind)}${start ? `/${pathOf(start)}` : ''}`;
      const all =
        (await get(path, `a list of its ${kind}s`, patience, (body) =>
          (body as readonly Ref[]).map(
            ({ ref, object }): Listed => ({
              name: ref.slice(group.length),
              commit: object.type === 'commit' ? idIn(object.sha) : undefined,
            }),
          ),
        )) ?? [];
      return { refs: all.slice(-mostListed), isCut: all.length > mostListed };
    },
    async deployment(id, patience) {
      const purpose = { ...reading, thing: `deployment ${id}` };
      const path = `/deployments/${id}`;
      const reply = await github.rest({ method: 'GET', path, purpose, ...patience });
      const { posted } = await readStatuses(github, id, patience);
      return understood(reply, reading.lost, () => {
        const row = reply.body as RestDeployment & { readonly ref?: string };
        return { deployment: shownOf(github, row, posted), ref: row.ref };
      });
    },
  };
}
