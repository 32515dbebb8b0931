import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Verdict } from '../../../src/targets/target.ts';
import { onGate, type Scene, type StageOptions } from '../../support/gate/stage.ts';
import type { Course } from '../../support/gate/world.ts';
import { order } from '../../support/job.ts';
import { texts, verdictIs } from '../../support/process.ts';
import { rejectionOf } from '../../support/rejection.ts';

const deploying = suite('spinnaker: a deploy');
const ends = suite('spinnaker: every word at the end');
const people = suite('spinnaker: what waits for people');
const stopping = suite('spinnaker: a run that is ended');
const giving = suite('spinnaker: what the pipeline is given');

const long = { name: 'Deploy', lasts: 1e9 };
const begun = async ({ gate, exchanged }: Scene): Promise<void> => {
  while (!gate.exchanges.includes('start')) await exchanged(gate.exchanges.length + 1);
};

onGate(deploying, 'tells its stages, its link and its results', {}, async ({ gate, start }) => {
  const process = start();
  const verdict = await process.verdict;
  assert.equal(verdict, {
    outcome: 'success',
    description: 'pipeline Deploy to live succeeded after 6s',
  });
  const { progress, results } = process.recorded;
  assert.equal(
    progress.filter((line) => /succeeded/.test(line)),
    [
      'Spinnaker: stage "Bake" succeeded after 2s (1 of 2)',
      'Spinnaker: stage "Deploy" succeeded after 4s (2 of 2)',
    ],
  );
  const id = results.get('execution_id') ?? '';
  assert.match(id, /^01J\d+$/);
  assert.is(results.get('execution_url'), `${gate.url}/pipelines/${id}`);
  assert.equal(
    [...results.keys()].sort(),
    [
      ...['duration', 'ended_at', 'execution_id', 'execution_status', 'execution_url'],
      ...['pipeline', 'started_at'],
    ].sort(),
  );
  assert.equal([results.get('execution_status'), results.get('duration')], ['SUCCEEDED', '6']);
  assert.ok(
    texts(process, 'info').includes(`Spinnaker runs execution ${id}: ${gate.url}/pipelines/${id}`),
  );
});

onGate(deploying, 'links to the UI that is set', {}, async ({ start }) => {
  const process = start({ ui_url: 'https://spinnaker.example.com/' });
  await process.verdict;
  assert.match(
    process.recorded.results.get('execution_url') ?? '',
    /^https:\/\/spinnaker\.example\.com\/#\/applications\/hello\/executions\/details\/01J\d+$/,
  );
});

onGate(deploying, 'by the id of the pipeline', {}, async ({ start, pipeline, world }) => {
  const { verdict } = start({ pipeline: pipeline().id });
  verdictIs(await verdict, 'success', /^pipeline Deploy to live succeeded/);
  assert.is(world.executions.length, 1);
});

onGate(deploying, 'with Gate below a path', { below: '/api/v1' }, async ({ gate, start }) => {
  const process = start({ gate_url: `${gate.url}/` });
  verdictIs(await process.verdict, 'success', /succeeded/);
  const link = process.recorded.results.get('execution_url') ?? '';
  assert.match(link, new RegExp(`^http://${gate.host}/#/applications/hello/executions/details/`));
});

onGate(
  deploying,
  'is not followed where that is meant',
  { course: { stages: [long] } },
  async (scene) => {
    const process = scene.start({ wait: 'false' });
    const verdict = await process.verdict;
    verdictIs(verdict, 'success', /^execution 01J\d+ started, not followed$/);
    assert.not.ok(scene.gate.exchanges.includes('look'));
    assert.ok(process.recorded.results.has('execution_url'));
  },
);

/** Gate's own answers, with fields that are missing, null or of other kinds. */
const views: readonly (readonly [string, (json: Record<string, unknown>) => unknown])[] = [
  ['without stages', (json) => ({ ...json, stages: undefined })],
  ['with stages that are none', (json) => ({ ...json, stages: [null, 7, {}, { id: 3 }] })],
  [
    'with null for nearly everything',
    ({ id, status }) => ({ id, status, trigger: null, paused: 1 }),
  ],
  ['with lower case', (json) => ({ ...json, status: String(json.status).toLowerCase() })],
];
for (const [what, change] of views) {
  const view: StageOptions['view'] = (exchange, json) =>
    exchange === 'look' ? change(json as Record<string, unknown>) : json;
  onGate(deploying, `goes well ${what}`, { view }, async ({ start }) => {
    verdictIs(await start().verdict, 'success', /succeeded/);
  });
}

onGate(
  deploying,
  'is followed without what its stages hold, where that is too large',
  {
    course: { stages: [{ name: 'Deploy', lasts: 4000, ends: 'TERMINAL' }], ends: 'TERMINAL' },
    view: (exchange, json) =>
      exchange === 'look' ? { ...(json as object), huge: 'x'.repeat(9 * 1024 * 1024) } : json,
    factor: 5,
  },
  async ({ start, gate }) => {
    const { verdict } = start({}, { timeoutMs: 5000 });
    verdictIs(
      await verdict,
      'failure',
      /^stage "Deploy" of pipeline Deploy to live failed: see http/,
    );
    assert.is(gate.exchanges.filter((each) => each === 'look').length, 1);
  },
);

/** How one word at the end is told. */
type End = readonly [course: Partial<Course>, outcome: Verdict['outcome'], said: RegExp];
const stages = (ends: string, more = {}) => [{ name: 'Deploy', lasts: 3000, ends, ...more }];
const words: Readonly<Record<string, End>> = {
  SUCCEEDED: [{}, 'success', /^pipeline Deploy to live succeeded after 6s$/],
  'SUCCEEDED with a stage that failed': [
    { stages: [...stages('FAILED_CONTINUE', { error: 'smoke' }), { name: 'Tell', lasts: 1000 }] },
    'success',
    /succeeded after 4s, though its stage "Deploy" failed$/,
  ],
  TERMINAL: [
    { ends: 'TERMINAL', stages: stages('TERMINAL', { error: 'ImagePullBackOff:\n web' }) },
    'failure',
    /^stage "Deploy" of pipeline Deploy to live failed: ImagePullBackOff: web$/,
  ],
  'TERMINAL without a reason': [
    { ends: 'TERMINAL', stages: stages('TERMINAL') },
    'failure',
    /^stage "Deploy" of pipeline Deploy to live failed: see http.*\/pipelines\/01J\d+$/,
  ],
  'TERMINAL at its start': [
    { ends: 'TERMINAL', stages: [], canceledBy: 'system', reason: 'Failed on startup: no bean' },
    'failure',
    /^pipeline Deploy to live failed: Failed on startup: no bean$/,
  ],
  'TERMINAL by a judgment': [
    { ends: 'TERMINAL', stages: stages('TERMINAL', { type: 'manualJudgment' }) },
    'failure',
    /^stage "Deploy" of pipeline Deploy to live failed: somebody judged "stop"$/,
  ],
  CANCELED: [
    { ends: 'CANCELED', stages: stages('CANCELED'), canceledBy: 'mona', reason: 'wrong day' },
    'cancelled',
    /^pipeline Deploy to live was cancelled in Spinnaker by mona: wrong day$/,
  ],
  STOPPED: [{ ends: 'STOPPED' }, 'failure', /ended as STOPPED: see http/],
  SKIPPED: [{ ends: 'SKIPPED' }, 'failure', /was skipped: nothing was deployed$/],
  FAILED_CONTINUE: [{ ends: 'FAILED_CONTINUE' }, 'failure', /ended as FAILED_CONTINUE: see http/],
  'a word that nobody knows': [
    { ends: 'EXPLODED' },
    'error',
    /^not known how the deploy ended: Spinnaker calls it EXPLODED; see http/,
  ],
};
for (const [word, [course, outcome, said]] of Object.entries(words)) {
  onGate(ends, word, { course }, async ({ start }) => {
    verdictIs(await start().verdict, outcome, said);
  });
}

for (const word of ['PAUSED', 'SUSPENDED', 'REDIRECT', 'BUFFERED', 'DREAMING']) {
  onGate(ends, `not before it ends: ${word}`, { course: { runs: word } }, async ({ start }) => {
    const process = start();
    verdictIs(await process.verdict, 'success', /succeeded/);
    const isStrange = texts(process, 'warn').some((line) =>
      line.includes(`says ${word}, which no`),
    );
    assert.is(isStrange, word === 'DREAMING');
  });
}

onGate(
  people,
  'names who has paused it, and where it goes on',
  { course: { runs: 'PAUSED', pausedBy: 'mona' } },
  async ({ start }) => {
    const process = start();
    await process.verdict;
    const said = process.recorded.progress.filter((line) => /paused/.test(line));
    assert.is(said.length, 1);
    assert.match(said[0] ?? '', /is paused by mona, until somebody resumes it at http.*01J\d+$/);
  },
);

onGate(
  people,
  'names the judgment that it waits for, once, with its instructions and the link',
  {
    course: {
      stages: [
        { name: 'Bake', lasts: 1000 },
        { name: 'Go?', type: 'manualJudgment', lasts: 20_000, instructions: 'Look at\nthe canary' },
        { name: 'Deploy', lasts: 8000 },
      ],
    },
  },
  async ({ start }) => {
    const process = start();
    verdictIs(await process.verdict, 'success', /succeeded after 29s/);
    const said = process.recorded.progress.filter((line) => /judgment/.test(line));
    assert.is(said.length, 1, said.join('\n'));
    assert.match(
      said[0] ?? '',
      /^Spinnaker: stage "Go\?" waits for somebody's judgment at http.*01J\d+: Look at the canary$/,
    );
  },
);

const stops = [
  [{ kind: 'signal', name: 'SIGTERM' }, 'cancelled', 'the run was ended by SIGTERM'],
  [{ kind: 'timeout' }, 'timed_out', "the run's timeout passed"],
  [{ kind: 'person', reason: 'mona cancelled it' }, 'cancelled', 'mona cancelled it'],
] as const;
for (const [stop, outcome, why] of stops) {
  onGate(
    stopping,
    `by ${stop.kind} cancels once, with the reason`,
    { course: { stages: [long] }, factor: 5 },
    async (scene) => {
      const { gate, world, start } = scene;
      const buildUrl = 'https://ci.example.com/41';
      const process = start({}, { job: { order: { ...order, buildUrl } } });
      await begun(scene);
      process.recorded.stop(stop);
      verdictIs(await process.verdict, outcome, /was cancelled in Spinnaker by ci@example\.com/);
      assert.is(world.executions[0]?.status, 'CANCELED');
      assert.is(world.executions[0]?.reason, `Slipway: ${why} (${buildUrl})`);
      assert.is(gate.exchanges.filter((each) => each === 'cancel').length, 1);
    },
  );
}

onGate(
  stopping,
  'that cannot be cancelled in time goes on, and says where',
  { course: { stages: [long], cancelTakes: undefined }, factor: 5 },
  async (scene) => {
    const process = scene.start();
    await begun(scene);
    process.recorded.stop({ kind: 'signal', name: 'SIGTERM' });
    const verdict = await process.verdict;
    verdictIs(verdict, 'cancelled', /^Spinnaker was told to cancel and has not ended yet$/);
    assert.match(verdict.goesOn ?? '', /\/pipelines\/01J\d+$/);
  },
);

onGate(
  stopping,
  'says why Spinnaker could not be told',
  { course: { stages: [long] }, factor: 5 },
  async (scene) => {
    const process = scene.start();
    await begun(scene);
    scene.gate.fail('cancel', '403');
    process.recorded.stop({ kind: 'signal', name: 'SIGTERM' });
    verdictIs(await process.verdict, 'cancelled', /^Spinnaker could not be told to cancel: .*403/);
    assert.match(texts(process, 'warn').join(), 'Spinnaker could not be told to cancel: PUT');
  },
);

onGate(
  stopping,
  'after the execution has ended is told as that, and cancels nothing',
  { course: { stages: [{ name: 'Deploy', lasts: 2000 }] }, factor: 1 },
  async (scene) => {
    const process = scene.start();
    await begun(scene);
    // Between two looks.
    await pause(2200);
    process.recorded.stop({ kind: 'signal', name: 'SIGTERM' });
    verdictIs(await process.verdict, 'success', /succeeded after 2s/);
    assert.not.ok(scene.gate.exchanges.includes('cancel'));
  },
);

for (const fault of ['none', 'cut after'] as const) {
  for (const wait of ['true', 'false']) {
    const title = `while Gate starts it (${fault}, wait ${wait}) cancels what it has started`;
    onGate(stopping, title, { course: { stages: [long] }, factor: 5 }, async (scene) => {
      const { gate, world, start } = scene;
      gate.fail('start', fault);
      const process = start({ wait });
      // Called before the answer is read.
      gate.onExchange = (exchange) => {
        if (exchange === 'start') process.recorded.stop({ kind: 'signal', name: 'SIGTERM' });
      };
      verdictIs(await process.verdict, 'cancelled', /was cancelled in Spinnaker/);
      assert.is(world.executions[0]?.status, 'CANCELED');
    });
  }
}

onGate(giving, 'is what the author wrote, and what is deployed', {}, async ({ start, world }) => {
  const parameters = {
    tag: 'v-{{commit}}',
    region: 'us',
    note: '{{description}}',
    raw: '{{.Values}}',
    by: '{{actor}}',
  };
  const process = start(
    { parameters: JSON.stringify(parameters) },
    {
      job: {
        order: {
          ...{ ...order, deploymentId: '7', actor: '${mona}', payload: { say: '${1+1}' } },
          buildUrl: 'https://ci.example.com/41',
        },
      },
    },
  );
  verdictIs(await process.verdict, 'success', /succeeded/);
  const { trigger } = world.executions[0] ?? {};
  // A parameter that the order does not fill is left to the pipeline's default.
  const { note: _, ...given } = parameters;
  assert.equal(trigger?.parameters, { ...given, tag: `v-${order.commit}`, by: '$ {mona}' });
  assert.equal(trigger?.payload, {
    ...{ repo: 'octo/hello', environment: 'production', commit: order.commit, ref: 'main' },
    ...{
      task: 'deploy',
      actor: '$ {mona}',
      deployment_id: '7',
      build_url: 'https://ci.example.com/41',
    },
    ...{ run_key: order.runKey, payload: { say: '$ {1+1}' } },
  });
  assert.equal(
    texts(process, 'warn'),
    ['raw', 'by'].map((name) => `pipeline Deploy to live declares no parameter ${name}`),
  );
});

onGate(
  giving,
  'is no expression of two texts that stand side by side',
  {},
  async ({ start, world }) => {
    const parameters = { tag: '{{ref}}{{description}}-{{ ref }}{{.Values}}', note: '$ {{ref}}' };
    const job = { order: { ...order, ref: 'x$', description: '{7*7}' } };
    const process = start({ parameters: JSON.stringify(parameters) }, { job });
    verdictIs(await process.verdict, 'success', /succeeded/);
    const given = { tag: 'x$ {7*7}-x$ {{.Values}}', note: '$ x$' };
    assert.equal(world.executions[0]?.trigger.parameters, given);
  },
);

onGate(giving, 'is warned of where Spinnaker would not', {}, async ({ start }) => {
  const process = start({ parameters: 'tag=v1,regoin=eu,region=mars' });
  verdictIs(await process.verdict, 'success', /succeeded/);
  assert.equal(texts(process, 'warn'), [
    'pipeline Deploy to live declares no parameter regoin; did you mean region?',
    'the value of parameter region is none of its options: eu, us',
  ]);
});

for (const [what, settings, said] of [
  [
    'a parameter that is missing',
    { parameters: 'region=eu' },
    /PARAMETERS lacks the parameter tag: pipeline Deploy to live requires it$/,
  ],
  [
    'no parameters at all',
    { parameters: '' },
    /PARAMETERS lacks the parameter tag: .* requires it$/,
  ],
  [
    'a parameter of which the order says nothing',
    { parameters: 'tag={{deployment_id}}' },
    /lacks the parameter tag: .* requires it; a placeholder of which the order says nothing is/,
  ],
  [
    'half a parameter',
    { parameters: 'tag=v-{{deployment_id}}' },
    /PARAMETERS holds \{\{deployment_id\}\} in tag, and the order has none$/,
  ],
  [
    'a pipeline that is nearly right',
    { pipeline: 'deploy to liv' },
    /PIPELINE names no pipeline of hello: "deploy to liv"; did you mean "Deploy to live"\?$/,
  ],
  [
    'a pipeline of another name',
    { pipeline: 'Release' },
    /"Release"; there are: Deploy to live, Deploy to test, Retired, One by one$/,
  ],
  ['a pipeline that is disabled', { pipeline: 'Retired' }, /is disabled in Spinnaker: Retired$/],
  [
    'a pipeline of another application, by its id',
    { application: 'helo', pipeline: '6a4cff2e-8265-4584-8993-2da2eb6254f5' },
    /APPLICATION names no application that Gate at/,
  ],
  [
    'an application that is not there',
    { application: 'helo' },
    /APPLICATION names no application that Gate at 127\.0\.0\.1:\d+ shows: helo$/,
  ],
] as const) {
  onGate(giving, `is a fault of the settings: ${what}`, {}, async ({ start, world }) => {
    const error = await rejectionOf(start(settings).verdict);
    assert.match(error.message, said);
    assert.is(world.executions.length, 0);
  });
}

onGate(giving, 'is left to Gate where it shows no pipelines', {}, async ({ gate, start }) => {
  gate.fail('pipeline', '404');
  gate.fail('pipelines', '404');
  verdictIs(await start().verdict, 'success', /succeeded/);
});

onGate(giving, 'is refused by Gate where it shows no pipelines', {}, async ({ gate, start }) => {
  gate.fail('pipeline', '404');
  gate.fail('pipelines', '404');
  const { verdict } = start({ parameters: '' });
  verdictIs(
    await verdict,
    'failure',
    /^nothing was started: .*400: Required parameter tag is missing/,
  );
});

deploying.run();
ends.run();
people.run();
stopping.run();
giving.run();
