import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { giteaActions } from '../../src/context/gitea-actions.ts';
import { detectCi } from '../../src/context/index.ts';
import { contextWith, head, read } from './reading.ts';
import { builds } from './recorded/gitea-actions.ts';

const Gitea = suite('context: gitea-actions');

const push = contextWith('gitea-actions', {
  host: 'git.example.com',
  repo: 'octo/hello',
  repoUrl: 'https://git.example.com/octo/hello',
  forgeApiUrl: 'https://git.example.com/api/v1',
  forge: 'gitea',
  commit: head,
  ref: 'main',
  event: 'push',
  execution: '1829',
  actor: 'mona',
  workspace: '/workspace/octo/hello',
});

Gitea('reads a push, whose page it cannot tell', () => {
  assert.equal(read(giteaActions, builds.gitea), push);
});

Gitea('knows the page of a run on Forgejo', () => {
  assert.equal(read(giteaActions, builds.forgejo), {
    ...push,
    buildUrl: 'https://git.example.com/octo/hello/actions/runs/36',
  });
});

Gitea('never points to GitHub', () => {
  assert.equal(read(giteaActions, builds.posing), push);
});

Gitea('reads a pull request at its head', () => {
  assert.equal(read(giteaActions, builds.pullRequest), {
    ...push,
    event: 'pull_request',
    ref: 'fix',
    isPullRequest: true,
    deploys: false,
  });
});

for (const [name, { env }] of Object.entries(builds)) {
  Gitea(`is not taken for GitHub (${name})`, () => {
    assert.is(detectCi(env).id, 'gitea-actions');
  });
}

Gitea.run();
