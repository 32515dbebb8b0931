/**
 * `npm run demo -- convox`: two promotes on Drone to a rack on loopback that has the manners of a real one. The second
 * release does not come up, and the rack rolls it back.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { builds } from '../../test/context/recorded/drone.ts';
import { type FakeRack, password, startRack } from '../../test/support/convox/fake-rack.ts';
import type { Manners } from '../../test/support/convox/manners.ts';
import type { Sight } from '../../test/support/convox/world.ts';
import { encodeDrone } from '../../test/support/encoders.ts';
import { fakeGithub } from '../../test/support/github/fake-github.ts';
import { judge, paint, runStep, say, showStatuses, title } from './telling.ts';

const token = 'ghp_a_token_that_no_log_may_show';
const recorded: Readonly<Record<string, string>> = builds.promoteByHookOfBranch.env;
const { DRONE_REPO: repo = '', DRONE_COMMIT_SHA: sha = '' } = recorded;

const github = await fakeGithub({ token, validate: false });
github.repo(repo, { commits: [{ sha }] });
const tree = mkdtempSync(path.join(tmpdir(), 'slipway-demo-'));
writeFileSync(path.join(tree, 'convox.yml'), 'services:\n  web:\n    build: .\n');
writeFileSync(path.join(tree, 'Dockerfile'), 'FROM scratch\n');

const steps = ['Building: .', 'Step 1/2 : FROM node:24-slim', 'Step 2/2 : COPY . /app', 'Pushing'];
const manners = (rollout: readonly Sight[]): Manners => ({
  ...{ app: 'shop', racks: ['acme/production', 'acme/staging'] },
  ...{ build: ['running', 'running', 'complete'], rollout },
  tell: async (talk, nth) => {
    for (const step of steps) {
      await talk.say(`${step}\n`);
      if (nth === 1) await pause(400);
    }
    await talk.eof();
  },
  diagnosis: {
    pods: [
      {
        ...{ service: 'web', classification: 'unhealthy', restarts: 2 },
        ...{ stateDetail: 'CrashLoopBackOff (exit 1)', previousLogs: 'no DATABASE_URL\n' },
      },
    ],
  },
});

async function promote(rack: FakeRack) {
  const deployment = github.addDeployment({
    ...{ ref: 'main', environment: 'production', creator: 'mona' },
    at: Date.now() - 5000,
  });
  const settings = `target: convox
convox_host: ${rack.url}
convox_rack: production
convox_app: shop
convox_password:
  from_secret: convox_deploy_key
convox_before_promote: "web: bin/migrate"
final_status: slipway
github_api_url: ${github.url}
github_token:
  from_secret: github_token
`;
  const secrets = { github_token: token, convox_deploy_key: password };
  const { log, code } = await runStep(
    {
      ...recorded,
      DRONE_DEPLOY_ID: String(deployment.id),
      DRONE_REPO_LINK: `https://github.com/${repo}`,
      DRONE_BUILD_CREATED: String(Math.floor(Date.now() / 1000) - 3),
      DRONE_BUILD_NUMBER: String(deployment.id),
      ...encodeDrone(settings, secrets),
    },
    tree,
  );
  const statuses = github.statusesOf(deployment.id).toReversed();
  title(`Deployment ${deployment.id} on GitHub`);
  showStatuses(statuses);
  return { settings, log, code, last: statuses.at(-1) };
}

const rack = await startRack(manners(['updating', 'updating', 'running']));
title('A release that comes up; the log of the step');
const good = await promote(rack);
say(paint(2, `  the rack runs ${rack.world.release}, and ran "${rack.world.ran}" on it before`));

const sick = await startRack(manners(['updating', 'updating', 'rollback', 'back']));
title('A release that does not: the rack goes back, and is "running" again');
const bad = await promote(sick);
say(paint(2, `  the rack runs ${sick.world.release}`));

const said = `${good.log}${bad.log}`;
const isKept = judge({
  'the good one exits with 0, and GitHub says success':
    good.code === 0 && good.last?.state === 'success',
  'the new release is the one that runs': rack.world.release === 'RNEWBAAA',
  "each line of the build's log is there once": steps.every(
    (step) => good.log.split(step).length === 2,
  ),
  'the migration ran once, before the promotion': rack.world.ran.length === 1,
  'the bad one exits with 1, and GitHub says failure':
    bad.code === 1 && bad.last?.state === 'failure',
  'its reason is told': bad.last?.description.includes('CrashLoopBackOff') === true,
  'nothing was built or promoted twice': [rack, sick].every(
    ({ world }) => world.builds.length === 1 && world.promotions.length === 1,
  ),
  'the deploy key is in no log': !said.includes(password) && !said.includes(token),
  'the rack had nothing to complain about': rack.complaints.length + sick.complaints.length === 0,
});

await Promise.all([github.close(), rack.close(), sick.close()]);
rmSync(tree, { recursive: true });
process.exitCode = isKept ? 0 : 1;
