import { createHmac } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { onDivio, type Scene, texts, verdictIs } from '../../support/divio/stage.ts';
import { order } from '../../support/job.ts';
import { serve } from '../../support/loopback.ts';

const pulling = suite('divio: time to pull');
const telling = suite('divio: its webhook is told');
const elsewhere = { repository: 'repojkvbzggzh6xzvkqv4j3jee' };

/** How long after the start the deployment began, in the world's time. */
async function delayOf({ world, clock, start }: Scene, settings: object, job: object = {}) {
  const began = clock.now();
  await start({ ...settings }, { job }).verdict;
  return (world.deployments[0]?.startedAt ?? Number.NaN) - began;
}
const aged = ({ clock }: Scene, age: number) => {
  const buildCreatedAt = clock.now() - age;
  return { order: { ...order, seq: buildCreatedAt, expiry: buildCreatedAt, buildCreatedAt } };
};

for (const [what, options, settings, age, least, most] of [
  ['is given to a young commit of another git host', elsewhere, {}, 5000, 15_000, 20_000],
  ['is not given to an older commit', elsewhere, {}, 61_000, 0, 5000],
  ['is not given where Divio hosts the code', {}, {}, 0, 0, 5000],
  ['is as long as it is told', {}, { pull_delay: '30s' }, 0, 30_000, 35_000],
  ['is none where it is told so', elsewhere, { pull_delay: '0s' }, 0, 0, 5000],
] as const) {
  onDivio(pulling, what, options, async (scene) => {
    const delay = await delayOf(scene, settings, aged(scene, age));
    assert.ok(delay >= least && delay < most, `${delay} ms`);
  });
}

onDivio(pulling, 'ends with the run', elsewhere, async ({ world, start }) => {
  const { verdict, recorded } = start({ pull_delay: '1h' });
  while (!recorded.progress.some((text) => text.includes('3600 s to pull'))) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  recorded.stop({ kind: 'signal', name: 'SIGTERM' });
  verdictIs(await verdict, 'cancelled', /^nothing was deployed/);
  assert.is(world.deployments.length, 0);
});

const secret = 'sh4red-secret-of-the-webhook';
const path = '/webhook/T0K3N-in-the-path';

/** What Divio's webhook hears. */
async function ear(status = 200) {
  const heard: { headers: Record<string, unknown>; body: string }[] = [];
  const server = await serve(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    heard.push({ headers: request.headers, body });
    response.writeHead(status).end(body);
  });
  return { ...server, heard };
}

onDivio(telling, 'as GitHub would, signed', elsewhere, async (scene) => {
  const webhook = await ear();
  const delay = await delayOf(scene, { webhook_url: webhook.url + path, webhook_secret: secret });
  const [{ headers = {}, body = '' } = {}] = webhook.heard;
  const signed = (hash: string) => `${hash}=${createHmac(hash, secret).update(body).digest('hex')}`;
  assert.is(headers['x-github-event'], 'push');
  assert.is(headers['content-type'], 'application/json');
  assert.is(headers['x-hub-signature-256'], signed('sha256'));
  assert.is(headers['x-hub-signature'], signed('sha1'));
  assert.is(headers.authorization, undefined);
  assert.equal(JSON.parse(body), {
    ...{ ref: 'refs/heads/main', before: '0'.repeat(40), after: order.commit },
    repository: { name: 'hello', full_name: 'octo/hello' },
  });
  assert.ok(delay >= 5000 && delay < 15_000, 'Divio needs a little time all the same');
  await webhook.close();
});

onDivio(telling, 'as GitLab would', elsewhere, async ({ start }) => {
  const webhook = await ear();
  const settings = { webhook_type: 'gitlab', webhook_secret: secret, webhook_url: webhook.url };
  await start(settings).verdict;
  const [{ headers = {}, body = '' } = {}] = webhook.heard;
  assert.is(headers['x-gitlab-event'], 'Push Hook');
  assert.is(headers['x-gitlab-token'], secret);
  assert.is(headers['x-hub-signature-256'], undefined);
  assert.is(JSON.parse(body).object_kind, 'push');
  assert.is(JSON.parse(body).project.path_with_namespace, 'octo/hello');
  await webhook.close();
});

onDivio(telling, 'without a signature where there is no secret', elsewhere, async ({ start }) => {
  const webhook = await ear();
  await start({ webhook_url: webhook.url }).verdict;
  assert.is(webhook.heard[0]?.headers['x-hub-signature-256'], undefined);
  await webhook.close();
});

onDivio(
  telling,
  'and deploys all the same when it does not listen',
  elsewhere,
  async ({ start }) => {
    const webhook = await ear(403);
    const process = start({ webhook_url: webhook.url + path, webhook_secret: secret });
    const verdict = await process.verdict;
    verdictIs(verdict, 'success', /succeeded/);
    assert.match(
      texts(process, 'warn').join(),
      /webhook could not be told, and the deploy goes on/,
    );
    const said = JSON.stringify([verdict, process.lines, process.recorded.saved]);
    for (const each of [secret, 'T0K3N']) assert.not.match(said, each);
    await webhook.close();
  },
);

onDivio(
  telling,
  'not where the branch is not known',
  { view: (_, json) => ({ ...json, branch: null }) },
  async ({ start }) => {
    const webhook = await ear();
    const process = start({ webhook_url: webhook.url });
    await process.verdict;
    assert.is(webhook.heard.length, 0);
    assert.match(texts(process, 'warn').join(), /is not told, for the environment's branch is not/);
    await webhook.close();
  },
);

onDivio(telling, 'of a branch that is not the one ordered', {}, async ({ start }) => {
  const process = start({}, { job: { order: { ...order, ref: 'refs/heads/feature' } } });
  await process.verdict;
  const said =
    /Divio deploys the head of main to live, whatever is ordered; the order is of feature/;
  assert.match(texts(process, 'warn').join(), said);
});

pulling.run();
telling.run();
