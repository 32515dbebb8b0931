import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { gitlab } from '../../src/context/gitlab.ts';
import { contextWith, head, read } from './reading.ts';
import { builds } from './recorded/gitlab.ts';

const Gitlab = suite('context: gitlab');

const push = contextWith('gitlab', {
  host: 'gitlab.example.com',
  repo: 'octo/web/hello',
  repoUrl: 'https://gitlab.example.com/octo/web/hello',
  forgeApiUrl: 'https://gitlab.example.com/api/v4',
  forge: 'gitlab',
  commit: head,
  ref: 'main',
  event: 'push',
  execution: '90125',
  createdAt: Date.UTC(2026, 10, 21, 10, 20),
  buildUrl: 'https://gitlab.example.com/octo/web/hello/-/pipelines/90125',
  stepUrl: 'https://gitlab.example.com/octo/web/hello/-/jobs/4711',
  actor: 'mona',
  workspace: '/builds/octo/web/hello',
});

Gitlab('reads a push of a repository in a subgroup', () => {
  assert.equal(read(gitlab, builds.push), push);
});

Gitlab('reads the environment of a deploy job', () => {
  assert.equal(read(gitlab, builds.deployJob), { ...push, environment: 'production' });
});

Gitlab('reads a tag', () => {
  assert.equal(read(gitlab, builds.tag), { ...push, ref: 'v1' });
});

const mergeRequest = {
  ...push,
  event: 'merge_request_event',
  ref: 'feature/login',
  isPullRequest: true,
  deploys: false,
};

for (const build of ['detached', 'mergedResult', 'mergeTrain'] as const) {
  Gitlab(`reads a merge request at its head (${build})`, () => {
    assert.equal(read(gitlab, builds[build]), mergeRequest);
  });
}

Gitlab('knows no commit of merged results whose head is not told', () => {
  assert.equal(read(gitlab, builds.mergedResultWithoutHead), {
    ...mergeRequest,
    commit: undefined,
  });
});

Gitlab('does not take a fork’s branch for one of this project', () => {
  assert.equal(read(gitlab, builds.fork), { ...mergeRequest, ref: undefined });
});

Gitlab('reads a pull request of the forge that it mirrors at its head', () => {
  assert.equal(read(gitlab, builds.externalPullRequest), {
    ...mergeRequest,
    event: 'external_pull_request_event',
  });
});

for (const [build, status] of [
  ['afterSuccess', 'success'],
  ['afterFailure', 'failure'],
  ['afterCancel', 'cancelled'],
] as const) {
  Gitlab(`reads ${status} in after_script`, () => {
    assert.equal(read(gitlab, builds[build]), { ...push, status });
  });
}

Gitlab.run();
