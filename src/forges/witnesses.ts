import { bitbucketFacts } from './bitbucket/facts.ts';
import { bitbucketDcFacts } from './bitbucket-dc/facts.ts';
import { diversionFacts } from './diversion/facts.ts';
import type { FactsEntry } from './facts.ts';
import { giteaFacts } from './gitea/facts.ts';
import { githubFacts } from './github/facts.ts';
import { gitlabFacts } from './gitlab/facts.ts';

/** Every forge that can be asked what is to be deployed. */
export const factsEntries: readonly FactsEntry[] = [
  bitbucketFacts,
  bitbucketDcFacts,
  diversionFacts,
  giteaFacts,
  githubFacts,
  gitlabFacts,
];
