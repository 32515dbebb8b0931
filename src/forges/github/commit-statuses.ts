import { type CommitStatuses, commitState } from '../commit-statuses.ts';
import type { Github } from './client.ts';
import { postCommitStatus, readCommit } from './commit-rest.ts';
import { readHistory } from './history.ts';
import { shorten } from './text.ts';

/** https://docs.github.com/en/rest/commits/statuses */
export const createCommitStatuses = (github: Github): CommitStatuses => ({
  repo: github.repo,
  now: github.now,
  ahead: github.ahead,
  pageOf: (sha) => `${github.webUrl}/commit/${sha}`,
  shorten,
  stateOf: commitState,
  read: (sha, patience, known) => readCommit(github, sha, patience, known),
  history: (where, patience) => readHistory(github, where, patience),
  post: (sha, words, patience) => postCommitStatus(github, sha, words, patience),
});
