/**
 * `npm run demo`, or `npm run demo -- convox` for another target's: a promote from its first variable to its last status. The bundle is the real one, Drone's
 * variables are a recording, GitHub and the web server are on loopback. Fails if anything is not as promised.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { builds } from '../test/context/recorded/drone.ts';
import { encodeDrone } from '../test/support/encoders.ts';
import { fakeGithub } from '../test/support/github/fake-github.ts';
import { servePath } from './serve.ts';
import { judge, paint, runStep, say, showStatuses, title } from './stage.ts';

const [other] = process.argv.slice(2);
if (other !== undefined) {
  await import(`./demo-${other}.ts`);
  process.exit();
}
const token = 'ghp_a_token_that_no_log_may_show';

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-demo-'));
const site = await servePath(path.join(folder, 'site'));
const github = await fakeGithub({ token, validate: false });

/** What GitHub's hook told Drone, and Drone tells the step. */
const recorded: Readonly<Record<string, string>> = builds.promoteByHookOfBranch.env;
const { DRONE_REPO: repo = '', DRONE_COMMIT_SHA: sha = '' } = recorded;
github.repo(repo, { commits: [{ sha }] });
const deployment = github.addDeployment({
  ...{ ref: 'main', environment: 'production', creator: 'mona' },
  at: Date.now() - 5000,
});
const drone = {
  ...recorded,
  DRONE_DEPLOY_ID: String(deployment.id),
  DRONE_REPO_LINK: `https://github.com/${repo}`,
  DRONE_BUILD_CREATED: String(Math.floor(Date.now() / 1000) - 3),
};

const settings = `command: ./examples/deploy.sh
command_env:
  SITE_DIR: ${path.join(folder, 'site')}
environment_url: ${site.url}
final_status: slipway
github_api_url: ${github.url}
github_token:
  from_secret: github_token
`;
const variables = encodeDrone(settings, { github_token: token });

title('The step, as its author writes it');
say(paint(2, '  - name: deploy\n    image: slipway\n    settings:'));
say(paint(36, settings.trimEnd().replace(/^/gm, '      ')));

const before = await fetch(site.url);
title(`Mona deploys ${repo} to ${deployment.environment}; the step's log`);
const { log, code } = await runStep({ ...drone, ...variables });
const after = await fetch(site.url);
const page = await after.text();
const statuses = github.statusesOf(deployment.id).toReversed();

title(`The site at ${site.url}`);
say(`  before: ${before.status}; after: ${after.status}, "${sentenceOf(page)}"`);

title(`Deployment ${deployment.id} on GitHub`);
showStatuses(statuses);

const link = `${recorded.DRONE_BUILD_LINK}/${recorded.DRONE_STAGE_NUMBER}/${recorded.DRONE_STEP_NUMBER}`;
const last = statuses.at(-1);
const promises: Readonly<Record<string, boolean>> = {
  'the step exits with 0': code === 0,
  'nothing was served before': before.status === 404,
  'the page of this commit is served': after.ok && page.includes(sha.slice(0, 8)),
  'queued, in_progress and one success': states() === 'queued in_progress success',
  "every status links to the step's log": statuses.every(({ logUrl }) => logUrl.startsWith(link)),
  'the last one links to the site': last?.environmentUrl.replace(/\/$/, '') === site.url,
  "the script's own words are its description": last?.description.includes('is live') === true,
  'no second deployment was made': github.deployments.length === 1,
  'the token is in no log and no status': !`${log}${JSON.stringify(statuses)}`.includes(token),
};
const isKept = judge(promises);

await Promise.all([github.close(), site.close()]);
rmSync(folder, { recursive: true });
process.exitCode = isKept ? 0 : 1;

function states(): string {
  return statuses.map(({ state }) => state).join(' ');
}

function sentenceOf(html: string): string {
  const [, sentence = html] = /<p>(.*?)<\/p>/.exec(html) ?? [];
  return sentence.replace(/<[^>]+>/g, '');
}
