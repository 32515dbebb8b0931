/**
 * `npm run demo`: a promote from its first variable to its last status. The bundle is the real one, Drone's variables
 * are a recording, GitHub and what is deployed to are on loopback. Fails if anything is not as promised. By a script;
 * `npm run demo -- divio` by Divio, `-- spinnaker` by a pipeline in Spinnaker, `-- diversion` a tree of Diversion's,
 * `-- convox` twice to Convox.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { builds } from '../test/context/recorded/drone.ts';
import { encodeDrone } from '../test/support/encoders.ts';
import { fakeGithub } from '../test/support/github/fake-github.ts';
import { command } from './demo/command.ts';
import { diversion } from './demo/diversion.ts';
import { divio } from './demo/divio.ts';
import type { Stage } from './demo/scene.ts';
import { spinnaker } from './demo/spinnaker.ts';
import { judge, paint, runStep, say, showStatuses, title } from './demo/telling.ts';

const [name = 'command'] = process.argv.slice(2);
// A good end and a bad one are a play of their own.
if (name === 'convox') {
  await import('./demo/convox.ts');
  process.exit();
}
const token = 'ghp_a_token_that_no_log_may_show';

const stages: Readonly<Record<string, Stage>> = { command, diversion, divio, spinnaker };
const stage = stages[name];
if (!stage) {
  const names = [...Object.keys(stages), 'convox'].join(', ');
  console.error(`There is no demo "${name}"; there are ${names}: npm run demo -- divio`);
  process.exit(2);
}

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-demo-'));
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

const scene = await stage(sha, folder);
const settings = `${scene.settings}final_status: slipway
github_api_url: ${github.url}
github_token:
  from_secret: github_token
`;
const variables = encodeDrone(settings, { github_token: token, ...scene.secrets });

title('The step, as its author writes it');
say(paint(2, '  - name: deploy\n    image: slipway\n    settings:'));
say(paint(36, settings.trimEnd().replace(/^/gm, '      ')));

title(`Mona deploys ${repo} to ${deployment.environment}; the step's log`);
const { log, code } = await runStep({ ...drone, ...variables });
const seen = await scene.look();
const statuses = github.statusesOf(deployment.id).toReversed();

title(seen.title);
for (const line of seen.lines) say(`  ${line}`);

title(`Deployment ${deployment.id} on GitHub`);
showStatuses(statuses);

const link = `${recorded.DRONE_BUILD_LINK}/${recorded.DRONE_STAGE_NUMBER}/${recorded.DRONE_STEP_NUMBER}`;
const last = statuses.at(-1);
const promises: Readonly<Record<string, boolean>> = {
  'the step exits with 0': code === 0,
  ...scene.deployed(),
  'queued, in_progress and one success': states() === 'queued in_progress success',
  "every status links to the step's log": statuses.every(({ logUrl }) => logUrl.startsWith(link)),
  'the last one links to the site': last?.environmentUrl.replace(/\/$/, '') === scene.url,
  ...scene.told(last),
  'no second deployment was made': github.deployments.length === 1,
  'the token is in no log and no status': ![token, ...Object.values(scene.secrets)].some((each) =>
    `${log}${JSON.stringify(statuses)}`.includes(each),
  ),
};
const isKept = judge(promises);

await Promise.all([github.close(), scene.close()]);
rmSync(folder, { recursive: true });
process.exitCode = isKept ? 0 : 1;

function states(): string {
  return statuses.map(({ state }) => state).join(' ');
}
