/** What the forge itself says has the last word on a run of the server: dist/slipway.mjs, a fake GitHub, real kills. */
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hexOf } from '../hooks/deliveries.ts';
import { fakeGitea } from '../support/gitea/fake-gitea.ts';
import { canned } from '../support/github/fake-github.ts';
import {
  type ForgeStage,
  head,
  lost,
  old,
  older,
  runOf,
  side,
  tagObject,
  until,
  withForge,
} from './forge-stage.ts';
import { onStage } from './stage.ts';

const endless = { script: ['QUEUED', 'IN_PROGRESS'] };
const anyEnd = ['SUCCESS', 'FAILURE', 'ERROR', 'REFUSED', 'CANCELED', 'TIMED_OUT'];

const ends = async (stage: ForgeStage, id: string, status: string, words: RegExp) => {
  const run = await stage.until(id, ...anyEnd);
  assert.is(run.status, status, `${run.progress}\n${stage.log()}`);
  assert.match(String(run.progress), words);
  return run;
};

const events = suite('serve: events of GitHub');

events('deploys what the forge has of a deployment, whatever its delivery says', () =>
  withForge(async (stage) => {
    const payload = JSON.stringify({ size: 'large' });
    const made = { ref: 'main', environment: 'production', task: 'deploy:web', payload };
    const { id } = stage.github.addDeployment(made);
    const lie = { sha: side, ref: 'topic', task: 'other' };
    const run = await stage.until(runOf(await stage.announce(id, lie)), ...anyEnd);
    assert.is(run.status, 'SUCCESS', stage.log());
    assert.equal([run.commit, run.ref, run.task], [head, 'main', 'deploy:web']);
    const [{ order } = { order: {} as Record<string, unknown> }] = stage.service.runs;
    assert.equal([order.commit, order.payload], [head, { size: 'large' }]);
    assert.equal(stage.states(id), ['queued', 'in_progress', 'success']);
  }),
);

events('answers a delivery before it asks the forge for anything, and does the work after it', () =>
  withForge(async (stage) => {
    const { id } = stage.github.addDeployment({ ref: 'main', environment: 'production' });
    stage.github.fail({ do: 'reset' });
    const { status, body } = await stage.announce(id);
    assert.is(status, 202, JSON.stringify(body));
    assert.equal(stage.states(id), []);
    stage.github.heal();
    await stage.until(runOf({ status, body }), 'SUCCESS');
    assert.equal(stage.states(id), ['queued', 'in_progress', 'success']);
  }),
);

events('makes one run of one event, by whatever delivery it comes', () =>
  withForge(async (stage) => {
    const { id } = stage.github.addDeployment({ ref: 'main', environment: 'production' });
    const first = await stage.announce(id, {}, 'one');
    const run = runOf(first);
    assert.is(runOf(await stage.announce(id, {}, 'one')), run, 'a replay');
    assert.is(runOf(await stage.announce(id, {}, 'two')), run, 'another id');
    await stage.until(run, 'SUCCESS');
    assert.is(runOf(await stage.announce(id, {}, 'three')), run, 'after the end');
    await pause(300);
    assert.is(stage.service.runs.length, 1);
    assert.equal(stage.states(id), ['queued', 'in_progress', 'success']);
  }),
);

events('follows a deployment of its own, and deploys it once', () =>
  withForge(async (stage) => {
    const original = await stage.post({ deployment: 'guarded', ref: 'main' });
    await until(() => stage.github.deployments.length === 1, stage.log);
    const id = stage.github.deployments[0]?.id ?? 0;
    const echo = runOf(await stage.announce(id));
    await stage.until(original, 'SUCCESS');
    await ends(stage, echo, 'SUCCESS', /./);
    assert.is(stage.service.runs.length, 1);
    assert.equal(stage.states(id), ['queued', 'in_progress', 'success']);
  }),
);

events('deploys a push that is on its branch, and an older one as well', () =>
  withForge(async (stage) => {
    const run = await stage.until(runOf(await stage.push('refs/heads/main', head)), ...anyEnd);
    assert.equal([run.status, run.commit, run.ref], ['SUCCESS', head, 'main'], stage.log());
    const next = await stage.until(runOf(await stage.push('refs/heads/main', old)), ...anyEnd);
    assert.equal([next.status, next.commit], ['SUCCESS', old]);
  }),
);

events('refuses a push that was pushed away, and a branch that is gone', () =>
  withForge(async (stage) => {
    const away = runOf(await stage.push('refs/heads/main', lost));
    await ends(stage, away, 'REFUSED', new RegExp(`commit ${lost} is not on branch main`));
    const gone = runOf(await stage.push('refs/tags/v9', head));
    await ends(stage, gone, 'REFUSED', /there is no tag v9 in octo\/hello .*github_token/);
    assert.is(stage.service.runs.length, 0);
    assert.is(stage.github.deployments.length, 0, 'nothing was opened');
  }),
);

events('deploys the commit of a tag, annotated or not', () =>
  withForge(async (stage) => {
    const plain = runOf(await stage.push('refs/tags/v1', older));
    assert.is((await stage.until(plain, 'SUCCESS', 'REFUSED', 'ERROR')).commit, older);
    const own = runOf(await stage.push('refs/tags/v2', tagObject, { head_commit: null }));
    const run = await stage.until(own, ...anyEnd);
    assert.equal([run.status, run.commit], ['SUCCESS', old], String(run.progress));
    assert.equal(
      stage.service.runs.map(({ order }) => order.commit),
      [older, old],
    );
  }),
);

events('tells whoever made a deployment that refs does not allow it', () =>
  withForge(async (stage) => {
    const { id } = stage.github.addDeployment({ ref: 'topic', environment: 'production' });
    const run = runOf(await stage.announce(id));
    await ends(stage, run, 'REFUSED', new RegExp(`${side} is on no branch or tag .*main, v\\*`));
    assert.equal(stage.states(id), ['failure']);
    assert.match(stage.github.statusesOf(id)[0]?.description ?? '', /^Refused: commit/);
    assert.is(stage.service.runs.length, 0);
  }),
);

events('asks a Gitea of its own, by the address and the token of the deployment', async () => {
  const gitea = await fakeGitea('octo/hello', 'hunter2-of-gitea');
  gitea.git({
    commits: [{ sha: old }, { sha: lost }, { sha: head, parents: [old] }],
    branches: { main: head },
  });
  const file = `
webhooks:
  - { forge: gitea, forge_url: "${gitea.url}", secret: { env: HOOK }, repositories: [octo/*] }
tokens:
  - { name: ci, value: { env: CI_TOKEN }, may: [read], deployments: ["*"] }
deployments:
  - name: hello
    forge: gitea
    forge_url: "${gitea.url}"
    repository: octo/hello
    environment: production
    refs: [m*]
    on: { push: [main] }
    target: webhook
    settings: { webhook_interval: "1", report: none }
    secrets:
      webhook_url: { env: DEPLOY_URL }
      webhook_token: { env: DEPLOY_TOKEN }
      gitea_token: { env: GITEA }
`;
  const env = { HOOK: 'hunter2-of-the-hook', GITEA: 'hunter2-of-gitea' };
  await onStage(
    async (stage) => {
      await stage.start();
      const push = async (sha: string): Promise<string> => {
        const repository = { full_name: 'octo/hello' };
        const body = { ref: 'refs/heads/main', after: sha, head_commit: { id: sha }, repository };
        const headers = {
          'content-type': 'application/json',
          'x-gitea-event': 'push',
          'x-gitea-delivery': sha,
          'x-gitea-signature': hexOf(env.HOOK, JSON.stringify(body)),
        };
        return runOf(await stage.ask('POST', '/hooks/gitea', body, headers));
      };
      const run = await stage.until(await push(old), ...anyEnd);
      assert.equal([run.status, run.commit], ['SUCCESS', old], `${run.progress} ${stage.log()}`);
      const refused = await stage.until(await push(lost), ...anyEnd);
      assert.is(refused.status, 'REFUSED', String(refused.progress));
      assert.is(stage.service.runs.length, 1);
      assert.equal(gitea.complaints, []);
      assert.not.match(stage.log(), /hunter2/);
    },
    {},
    { text: file, env },
  );
  await gitea.close();
});

events.run();

const requests = suite('serve: requests and the forge');

requests('resolves a ref, and demands that a commit is where refs allows', () =>
  withForge(async (stage) => {
    const ask = (body: object) => stage.post({ deployment: 'guarded', ...body });
    const main = await stage.until(await ask({ ref: 'main' }), ...anyEnd);
    assert.equal([main.status, main.commit], ['SUCCESS', head], String(main.progress));
    const tag = await stage.until(await ask({ ref: 'refs/tags/v2' }), ...anyEnd);
    assert.equal([tag.status, tag.commit], ['SUCCESS', old]);
    const given = await stage.until(await ask({ commit: older }), ...anyEnd);
    assert.equal([given.status, given.commit], ['SUCCESS', older]);
    const deployed = stage.service.runs.length;
    await ends(stage, await ask({ ref: 'topic' }), 'REFUSED', /on no branch or tag/);
    await ends(stage, await ask({ commit: side }), 'REFUSED', /on no branch or tag/);
    await ends(stage, await ask({ commit: 'e'.repeat(40) }), 'REFUSED', /on no branch or tag/);
    await ends(stage, await ask({ ref: 'nope' }), 'REFUSED', /no branch or tag nope/);
    const both = await ask({ commit: side, ref: 'main' });
    await ends(stage, both, 'REFUSED', /is not on branch or tag main/);
    assert.is(stage.service.runs.length, deployed);
  }),
);

requests('refuses a deployment that is of another environment or commit, over, or nowhere', () =>
  withForge(async (stage) => {
    const { github } = stage;
    const ask = (id: number, more = {}) =>
      stage.post({ deployment: 'guarded', deployment_id: String(id), ...more });
    const other = github.addDeployment({ ref: 'main', environment: 'staging' });
    await ends(stage, await ask(other.id), 'REFUSED', /is for staging, not for production/);
    const mine = github.addDeployment({ ref: 'main', environment: 'production' });
    await ends(stage, await ask(mine.id, { commit: old }), 'REFUSED', /is for commit 3+, not/);
    await ends(stage, await ask(99), 'REFUSED', /no deployment 99 in octo\/hello .*github_token/);
    const over = github.addDeployment({ ref: 'main', environment: 'production' });
    github.addStatus(over.id, { state: 'inactive' });
    await ends(stage, await ask(over.id), 'REFUSED', /is already inactive/);
    const aside = github.addDeployment({ ref: 'topic', environment: 'production' });
    await ends(stage, await ask(aside.id), 'REFUSED', /on no branch or tag/);
    for (const { id } of [other, mine, aside]) assert.equal(stage.states(id), []);
    assert.equal(stage.states(over.id), ['inactive']);
    assert.is(stage.service.runs.length, 0);
  }),
);

requests('cancels nothing on a deployment that a caller may not point at', () =>
  withForge(async (stage) => {
    const other = stage.github.addDeployment({ ref: 'main', environment: 'staging' });
    const first = await stage.post({ deployment: 'guarded', ref: 'main' });
    await stage.until(first, 'IN_PROGRESS');
    const waits = await stage.post({ deployment: 'guarded', deployment_id: String(other.id) });
    await pause(2500);
    await stage.ask('POST', `/v1/runs/${waits}/cancel`, {});
    await stage.until(waits, 'CANCELED');
    await pause(2500);
    assert.equal(stage.states(other.id), []);
    await stage.ask('POST', `/v1/runs/${first}/cancel`, {});
    await stage.until(first, 'CANCELED');
  }, endless),
);

requests('waits for a forge that is away, and names the setting that it refuses', () =>
  withForge(async (stage) => {
    stage.github.fail({ do: canned.unavailable() });
    const id = await stage.post({ deployment: 'guarded', ref: 'main' });
    await stage.until(id, 'IN_PROGRESS');
    await until(() => stage.github.requests.length >= 3, stage.log);
    stage.github.heal();
    assert.is((await stage.until(id, ...anyEnd)).status, 'SUCCESS', stage.log());
    stage.github.fail({ do: canned.badCredentials });
    const refused = await stage.post({ deployment: 'guarded', ref: 'main' });
    await ends(stage, refused, 'ERROR', /github_token is wrong, expired or revoked/);
    assert.is(stage.service.runs.length, 1);
  }),
);

requests('counts what the forge failed at, and how runs ended that were carried out', () =>
  withForge(async (stage) => {
    const { host } = new URL(stage.github.url);
    stage.github.fail({ do: canned.badCredentials });
    await stage.until(await stage.post({ deployment: 'guarded', ref: 'main' }), 'ERROR');
    stage.github.heal();
    await stage.until(await stage.post({ deployment: 'guarded', ref: 'main' }), 'SUCCESS');
    const text = await (await fetch(`${stage.url}/metrics`)).text();
    const sampleOf = (line: string): number =>
      Number(
        text
          .split('\n')
          .find((each) => each.startsWith(line))
          ?.split(' ')[1],
      );
    assert.ok(sampleOf(`slipway_forge_errors_total{host="${host}",kind="credentials"}`) >= 1, text);
    assert.not.match(text, 'kind="unavailable"');
    const ended = 'slipway_runs_ended_total{deployment="guarded",status=';
    assert.is(sampleOf(`${ended}"ERROR"}`), 1);
    assert.is(sampleOf(`${ended}"SUCCESS"}`), 1);
    assert.is(sampleOf('slipway_run_duration_seconds_count{deployment="guarded"}'), 2);
    assert.is(sampleOf('slipway_run_wait_seconds_count{deployment="guarded"}'), 2);
  }),
);

requests('asks neither the forge nor the target when somebody asks how a run stands', () =>
  withForge(
    async (stage) => {
      const [over, runs, waits] = [
        await stage.post({ deployment: 'open', commit: head, description: 'over' }),
        await stage.post({ deployment: 'guarded', commit: head }),
        await stage.post({ deployment: 'guarded', commit: head }),
      ];
      await stage.until(over, 'SUCCESS');
      await stage.until(runs, 'IN_PROGRESS');
      const asked = (): number => stage.github.requests.length + stage.service.exchanges.length;
      const before = asked();
      const polls = 300;
      for (let poll = 0; poll < polls; poll += 1) {
        const id = [over, runs, waits][poll % 3];
        const at = poll % 2 ? '/v1/runs' : '/spinnaker/v1/runs';
        assert.is((await stage.ask('GET', `${at}/${id}`)).status, 200);
      }
      // What goes on by itself, looks once a second.
      assert.ok(asked() - before < polls / 3, `${asked() - before} requests`);
    },
    { script: ({ description }) => (description === 'over' ? ['SUCCESS'] : ['IN_PROGRESS']) },
  ),
);

requests('ends as an error when the forge is away for as long as the run may take', () =>
  withForge(
    async (stage) => {
      stage.github.fail({ do: canned.unavailable() });
      const id = await stage.post({ deployment: 'guarded', ref: 'main' });
      await ends(stage, id, 'ERROR', /503/);
      assert.is(stage.service.runs.length, 0);
    },
    {},
    ', settle: "0", timeout: "4s"',
  ),
);

requests.run();

const waiting = suite('serve: runs that wait');

waiting('says queued on a deployment that waits, and how it ended', () =>
  withForge(async (stage) => {
    const first = await stage.post({ deployment: 'guarded', ref: 'main' });
    await stage.until(first, 'IN_PROGRESS');
    const { id } = stage.github.addDeployment({ ref: 'main', environment: 'production' });
    const run = runOf(await stage.announce(id));
    await until(() => stage.states(id).includes('queued'), stage.log);
    await stage.ask('POST', `/v1/runs/${run}/cancel`, { reason: 'not today' });
    await until(() => stage.states(id).length === 2, stage.log);
    assert.equal(stage.states(id), ['queued', 'failure']);
    assert.match(stage.github.statusesOf(id)[0]?.description ?? '', /not today/);
    await stage.ask('POST', `/v1/runs/${first}/cancel`, {});
    await stage.until(first, 'CANCELED');
  }, endless),
);

waiting('tells after a crash what the process before it had not told', () =>
  withForge(async (stage) => {
    const first = await stage.post({ deployment: 'guarded', ref: 'main' });
    await stage.until(first, 'IN_PROGRESS');
    const { id } = stage.github.addDeployment({ ref: 'main', environment: 'production' });
    const later = stage.github.addDeployment({ ref: 'main', environment: 'production' });
    const run = runOf(await stage.announce(id));
    await stage.ask('POST', `/v1/runs/${run}/cancel`, {});
    runOf(await stage.announce(later.id));
    await stage.kill('SIGKILL');
    assert.equal([stage.states(id), stage.states(later.id)], [[], []], 'nobody was told yet');
    await stage.start();
    await until(() => stage.states(id).length + stage.states(later.id).length > 1, stage.log);
    await pause(1000);
    assert.equal([stage.states(id), stage.states(later.id)], [['failure'], ['queued']]);
  }, endless),
);

waiting.run();
