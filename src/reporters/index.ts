import { bitbucket } from './bitbucket.ts';
import { bitbucketDc } from './bitbucket-dc.ts';
import { gitea } from './gitea.ts';
import { githubDeployment } from './github-deployment.ts';
import { githubStatus } from './github-status.ts';
import { gitlab } from './gitlab.ts';
import type { ReporterEntry } from './reporter.ts';
import { slack } from './slack.ts';

/** Every audience that a run can tell, in the order in which they are told. */
export const reporterEntries: readonly ReporterEntry[] = [
  githubDeployment,
  githubStatus,
  gitlab,
  bitbucket,
  bitbucketDc,
  gitea,
  slack,
];
