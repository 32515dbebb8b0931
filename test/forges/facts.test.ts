import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RemoteError } from '../../src/errors.ts';
import { createBitbucketFacts } from '../../src/forges/bitbucket/facts.ts';
import { bitbucketDcFacts } from '../../src/forges/bitbucket-dc/facts.ts';
import type { Facts, FactsEntry } from '../../src/forges/facts.ts';
import { giteaFacts } from '../../src/forges/gitea/facts.ts';
import { githubFacts } from '../../src/forges/github/facts.ts';
import { gitlabFacts } from '../../src/forges/gitlab/facts.ts';
import { reach } from '../../src/forges/reach.ts';
import { factsEntries } from '../../src/forges/witnesses.ts';
import { loadedOf } from '../checkout/stage.ts';
import { fakeBitbucket } from '../support/bitbucket/fake-bitbucket.ts';
import { fakeDcRefs } from '../support/bitbucket-dc/dc-refs.ts';
import type { Forge } from '../support/forge/server.ts';
import { fakeGitea } from '../support/gitea/fake-gitea.ts';
import { fakeGithub } from '../support/github/fake-github.ts';
import type { RepoSetup } from '../support/github/world.ts';
import { fakeGitlab } from '../support/gitlab/fake-gitlab.ts';
import { client } from '../support/http-client.ts';
import { order } from '../support/job.ts';

const token = 'tok-4dc1f00dbaadcafe';
const repo = 'octo/hello';
const id = (letter: string): string => letter.repeat(40);
const [old, base, head, side, lost] = [id('1'), id('2'), id('3'), id('4'), id('5')];
const tagObject = id('7');
const manyTags = Object.fromEntries(
  Array.from({ length: 130 }, (_, at) => [`release-${String(at).padStart(3, '0')}`, base]),
);

/** main: old ─ base ─ head; a branch from base; and a commit that was pushed away. */
const setup: RepoSetup = {
  commits: [
    { sha: old },
    { sha: base },
    { sha: side, parents: [base] },
    { sha: lost, parents: [base] },
    { sha: head, parents: [base] },
  ],
  branches: { main: head, 'feature/one#1': side },
  tags: { ...manyTags, v1: old, v2: base },
  annotated: { v2: tagObject },
};

type Scene = {
  readonly facts: Facts;
  readonly notes: ReturnType<typeof client>['notes'];
  /** Sets the next answers to questions to this status. */
  fail(status: '401' | '403' | '503'): void;
  asked(): number;
};
type Stage = {
  readonly url: string;
  readonly entry: FactsEntry;
  readonly settings: Readonly<Record<string, string>>;
  fail: Scene['fail'];
  asked(): number;
  close(): Promise<void>;
};

const plain = async (
  forge: Promise<Forge>,
  entry: (url: string) => FactsEntry,
  settings: (url: string) => Stage['settings'],
): Promise<Stage> => {
  const { url, git, fail, complaints, exchanges, close } = await forge;
  git(setup);
  return {
    ...{ url, entry: entry(url), settings: settings(url) },
    fail: (status) => fail('facts', ...Array.from({ length: 8 }, () => status)),
    asked: () => exchanges.length,
    close: async () => {
      assert.equal(complaints, []);
      await close();
    },
  };
};

/** Diversion's commits are no hashes: test/forges/diversion. */
type GitForge = Exclude<FactsEntry['id'], 'diversion'>;

const stages: Readonly<Record<GitForge, () => Promise<Stage>>> = {
  async github() {
    const github = await fakeGithub({ token });
    github.repo(repo, setup);
    return {
      url: github.url,
      entry: githubFacts,
      settings: { github_token: token, github_api_url: github.url },
      fail: (status) => github.fail({ do: { status: Number(status), body: '{}' } }),
      asked: () => github.requests.length,
      close: async () => {
        github.assertClean();
        await github.close();
      },
    };
  },
  gitlab: () =>
    plain(
      fakeGitlab(repo, token),
      () => gitlabFacts,
      (url) => ({ gitlab_token: token, gitlab_url: url }),
    ),
  gitea: () =>
    plain(
      fakeGitea(repo, token),
      () => giteaFacts,
      (url) => ({ gitea_token: token, gitea_url: url }),
    ),
  'bitbucket-dc': () =>
    plain(
      fakeDcRefs(repo, token),
      () => bitbucketDcFacts,
      (url) => ({ bitbucket_dc_token: token, bitbucket_dc_url: url }),
    ),
  bitbucket: () =>
    plain(
      fakeBitbucket(repo, `Bearer ${token}`),
      (url) => createBitbucketFacts({ site: url, api: `${url}/2.0` }),
      () => ({ bitbucket_token: token }),
    ),
};

const patience = () => ({ signal: new AbortController().signal, until: Date.now() + 60_000 });

async function inScene(kind: GitForge, play: (scene: Scene) => Promise<void>) {
  const stage = await stages[kind]();
  const { http, notes, end } = client({ timeoutMs: 2000 });
  const clock = { now: () => Date.now(), pause: async () => {} };
  try {
    const loaded = loadedOf(stage.settings);
    const facts = stage.entry.open(loaded, { ...order, repo }, { http, clock, log: notes });
    await play({ facts, notes, fail: stage.fail, asked: stage.asked });
    assert.not.match(notes.lines.join('\n'), token);
  } finally {
    await end();
    await stage.close();
  }
}

for (const kind of Object.keys(stages) as GitForge[]) {
  const facts = suite(`${kind}: facts`);

  facts('is among those who can be asked', () => {
    assert.ok(factsEntries.some((entry) => entry.id === kind));
  });

  facts('knows where branches and tags stand, and which are not there', () =>
    inScene(kind, async ({ facts: { tipOf } }) => {
      assert.is((await tipOf('branch', 'main', patience()))?.commit, head);
      assert.is((await tipOf('branch', 'feature/one#1', patience()))?.commit, side);
      assert.equal(await tipOf('tag', 'v1', patience()), { commit: old });
      assert.is(await tipOf('tag', 'main', patience()), undefined);
      assert.is(await tipOf('branch', 'v1', patience()), undefined);
      assert.is(await tipOf('branch', 'no"pe', patience()), undefined);
    }),
  );

  facts('asks nothing for a name that leads out of the repository', () =>
    inScene(kind, async ({ facts: { tipOf }, asked }) => {
      const before = asked();
      for (const up of ['..', '../..', '../../../../../octo/secret/git/ref/heads/main', './main']) {
        for (const name of [up, `main/${up}`, `refs/heads/${up}`]) {
          assert.is(await tipOf('branch', name, patience()), undefined, name);
          assert.is(await tipOf('tag', name, patience()), undefined, name);
        }
      }
      assert.is(asked(), before);
    }),
  );

  facts('peels an annotated tag to its commit', () =>
    inScene(kind, async ({ facts: { tipOf } }) => {
      const tip = await tipOf('tag', 'v2', patience());
      assert.is(tip?.commit, base);
      if (kind !== 'bitbucket') assert.is(tip?.tagObject, tagObject);
    }),
  );

  facts('tells an ancestor from what was pushed away, and from what is not there', () =>
    inScene(kind, async ({ facts: { holds } }) => {
      assert.is(await holds(head, head, patience()), true);
      assert.is(await holds(head, old, patience()), true);
      assert.is(await holds(head, side, patience()), false);
      assert.is(await holds(old, head, patience()), false, 'a descendant');
      assert.is(await holds(head, lost, patience()), false);
      assert.is(await holds(head, id('e'), patience()), false);
    }),
  );

  facts('finds the branch or tag of a commit by names and by how they start', () =>
    inScene(kind, async ({ facts: witness }) => {
      const find = async (commit: string, names: readonly string[], start?: string) => {
        const starts = start === undefined ? [] : [start];
        const matches = (name: string): boolean => name.startsWith(start ?? '-');
        return reach(witness, { commit, names, starts, matches }, patience());
      };
      assert.equal(await find(old, ['gone', 'main']), { from: 'branch main' });
      assert.equal((await find(side, [], 'feature/')).from, 'branch feature/one#1');
      assert.match(String((await find(base, [], 'release-')).from), /^tag release-/);
      assert.match(String((await find(old, [], 'v')).from), /^tag v[12]$/);
      assert.match(String((await find(side, [], '')).from), /^branch feature/);
      assert.is((await find(lost, ['main'], 'v')).from, undefined);
    }),
  );

  facts('says when it did not look at everything', () =>
    inScene(kind, async ({ facts: witness, asked }) => {
      const matches = (name: string): boolean => name.startsWith('release-');
      const wanted = { commit: side, names: [], starts: ['release-'], matches };
      const reached = await reach(witness, wanted, patience());
      // GitLab says itself who has it, so nothing was left out.
      assert.is('isCut' in reached && reached.isCut, kind !== 'gitlab');
      assert.ok(asked() < 70, String(asked()));
    }),
  );

  facts('names the setting of a credential that is refused, and asks again what is away', () =>
    inScene(kind, async ({ facts: { tipOf, setting }, fail }) => {
      fail('401');
      const refused = await tipOf('branch', 'main', patience()).catch((error: unknown) => error);
      assert.instance(refused, RemoteError);
      assert.is((refused as RemoteError).kind, 'credentials');
      assert.match((refused as RemoteError).message, setting);
    }),
  );

  facts('calls a forge that is away unavailable', () =>
    inScene(kind, async ({ facts: { tipOf }, fail }) => {
      fail('503');
      const away = await tipOf('branch', 'main', patience()).catch((error: unknown) => error);
      assert.is((away as RemoteError).kind, 'unavailable');
    }),
  );

  facts.run();
}
