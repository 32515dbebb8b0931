import { ask } from '../asking.ts';
import type { Patience } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import type { GitlabPlace } from './place.ts';

export type Pipelines = {
  /** Which one a commit's status goes into; undefined: GitLab makes one. */
  of(sha: string, context: string, patience: Patience): Promise<number | undefined>;
  /** The same, asked beforehand. */
  prepare(sha: string, context: string, patience: Patience): Promise<void>;
  /** Where the context's open status is; undefined: none is open. */
  note(sha: string, context: string, id: number | undefined): void;
};

type Commit = { readonly last_pipeline?: { readonly id: number } | null };

/**
 * A status without a pipeline would make one of its own, beside the one that people look at. An open status is changed
 * where it is, whatever pipelines the commit has got since: there it would stay open for ever.
 */
export function createPipelines(place: GitlabPlace, forge: ForgeHttp): Pipelines {
  const open = new Map<string, number>();
  const last = new Map<string, number>();
  /** Commits of which it was just heard that there is none. */
  const without = new Set<string>();
  const keyOf = (sha: string, context: string) => `${sha} ${context}`;
  const pipelines: Pipelines = {
    async prepare(sha, context, patience) {
      if ((await pipelines.of(sha, context, patience)) === undefined) without.add(sha);
    },
    async of(sha, context, patience) {
      if (without.delete(sha)) return undefined;
      const known = open.get(keyOf(sha, context)) ?? last.get(sha);
      if (known !== undefined) return known;
      const url = `${place.api}/commits/${sha}?stats=false`;
      const question = { url, thing: `commit ${sha}`, ...patience };
      const id = await ask(forge, place, question, (body) => (body as Commit).last_pipeline?.id);
      if (id !== undefined) last.set(sha, id);
      return id;
    },
    note(sha, context, id) {
      if (id === undefined) open.delete(keyOf(sha, context));
      else open.set(keyOf(sha, context), id);
    },
  };
  return pipelines;
}
