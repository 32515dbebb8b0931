import { fakeBitbucketDc } from '../test/support/bitbucket-dc/bitbucket-dc.ts';
import { fakeGiteaStatuses } from '../test/support/gitea/gitea-statuses.ts';
import { fakeGithub } from '../test/support/github/fake-github.ts';
import { fakeGitlabStatuses } from '../test/support/gitlab/gitlab-statuses.ts';
import { serve } from '../test/support/loopback.ts';
import { deploys, fakeSlack } from '../test/support/slack/fake-slack.ts';

/** Settings, by name in plugin.yml. */
export type Settings = Readonly<Record<string, string>>;
export type Audience = { readonly id: string; readonly settings: Settings };
export type Forges = {
  readonly repo: string;
  readonly sha: string;
  /** The one that every run tells. */
  readonly first: Audience;
  /** Nine more. */
  readonly others: readonly Audience[];
  /** Takes requests and never answers. */
  readonly hanging: Audience;
  close(): Promise<void>;
};

const repo = 'octo/hello';
const sha = 'c'.repeat(40);
const token = 'token-of-the-bench-1';

/** Real servers, one for each audience; forges answer after so many ms. */
export async function startForges(latencyMs: number): Promise<Forges> {
  const setup = { commits: [{ sha }], branches: { main: sha } };
  const common = { repo, token, setup, latencyMs, now: Date.now };
  const github = await fakeGithub({ token, latencyMs });
  github.repo(repo, setup);
  const gitlab = await fakeGitlabStatuses(common);
  const dcs = [await fakeBitbucketDc(common), await fakeBitbucketDc(common)];
  const giteas = [await fakeGiteaStatuses(common), await fakeGiteaStatuses(common)];
  const slacks = [await fakeSlack(), await fakeSlack(), await fakeSlack()];
  const silent = await serve(() => {});
  const githubSettings = { github_token: token, github_api_url: github.url };
  const giteaAt = (url: string): Audience => ({
    id: 'gitea',
    settings: { gitea_token: token, gitea_url: url },
  });
  return {
    ...{ repo, sha },
    first: { id: 'github-deployment', settings: githubSettings },
    others: [
      { id: 'github-status', settings: githubSettings },
      { id: 'gitlab', settings: { gitlab_token: token, gitlab_url: gitlab.url } },
      ...dcs.map(({ url }) => ({
        id: 'bitbucket-dc',
        settings: { bitbucket_dc_token: token, bitbucket_dc_url: url },
      })),
      ...giteas.map(({ url }) => giteaAt(url)),
      ...slacks.map((slack) => ({
        id: 'slack',
        settings: {
          ...{ slack_token: slack.token, slack_channel: deploys.id },
          slack_api_url: slack.url,
        },
      })),
    ],
    hanging: giteaAt(silent.url),
    async close() {
      const all = [github, gitlab, ...dcs, ...giteas, ...slacks, silent];
      for (const server of all) await server.close();
    },
  };
}
