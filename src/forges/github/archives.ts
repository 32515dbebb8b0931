import { quoted, RemoteError } from '../../errors.ts';
import { type Finding, findingOf } from '../../targets/target.ts';
import type { Archives, ArchivesDeps, ArchivesEntry, Wanted } from '../archives.ts';
import { isOdd } from '../repo.ts';
import { createBackOff } from './back-off.ts';
import type { Github } from './client.ts';
import { connectGithub, credentialsOf } from './connect.ts';
import { explain, type Purpose } from './explain.ts';

/** https://docs.github.com/en/rest/repos/contents#download-a-repository-archive-tar */
export const githubArchives: ArchivesEntry = {
  id: 'github',
  signs: ['githubToken', 'githubAppId', 'githubApiUrl'],
  credentials: credentialsOf,
  open(loaded, order, deps) {
    const why = 'to fetch the tree from GitHub';
    const odd = order.repo && isOdd(order.repo);
    const fault = { name: 'repo', message: `must be owner/name, got ${quoted(order.repo ?? '')}` };
    const faults = odd ? [fault] : [];
    const github = connectGithub(loaded, order, deps, { contents: 'read' }, faults, why);
    return createArchives(github, deps);
  },
};

const purposeOf = (commit: string | undefined): Purpose => ({
  lost: 'archive not fetched',
  needs: 'contents: read',
  scope: 'repo',
  ...(commit ? { thing: `commit ${commit} in it` } : {}),
});

function createArchives(github: Github, deps: ArchivesDeps): Archives {
  return {
    place: `${github.repo} on ${new URL(github.webUrl).host}`,
    fetch: (wanted) =>
      github.authorized(wanted.signal, (authorization) =>
        download(github, deps, wanted, authorization),
      ),
    async check(commit, signal): Promise<readonly Finding[]> {
      const path = `/commits${commit ? `/${commit}` : ''}?per_page=1`;
      try {
        await github.rest({ method: 'GET', path, purpose: purposeOf(commit), signal });
        const what = commit ? `commit ${commit.slice(0, 8)}` : 'the newest commit';
        return [{ ok: true, text: `${what} of ${github.repo} can be read` }];
      } catch (error) {
        if (!(error instanceof RemoteError)) throw error;
        return [findingOf(error)];
      }
    },
  };
}

/** GitHub answers with a signed link to another host, which is good for five minutes. */
async function download<T>(
  github: Github,
  { http, clock, log }: ArchivesDeps,
  { commit, until, ...wanted }: Wanted<T>,
  authorization: string,
): Promise<T> {
  const purpose = purposeOf(commit);
  const backOff = createBackOff({ purpose, until }, { clock, log });
  const headers = {
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
    authorization,
  };
  try {
    const url = github.urlOf(`/tarball/${commit}`);
    return await http.download({ ...wanted, url, headers, backOff: backOff.ask });
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    throw backOff.limited(error) ?? explain(error, purpose, github);
  }
}
