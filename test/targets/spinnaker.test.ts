import * as assert from 'uvu/assert';
import { createHttp } from '../../src/http/client.ts';
import { spinnaker } from '../../src/targets/spinnaker.ts';
import { fakeGate } from '../support/gate/fake-gate.ts';
import { openSpinnaker, usualSettings } from '../support/gate/process.ts';
import { createNotes } from '../support/job.ts';
import { scaledClock } from '../support/scaled-clock.ts';
import { testTarget } from './contract.ts';

const secret = 'p4r4m3t3r-that-no-log-may-show';

testTarget('spinnaker', {
  entry: spinnaker,
  stage: async (fate) => {
    const clock = scaledClock(50);
    const stages = [
      { name: 'Bake', lasts: 2000 },
      { name: 'Deploy', lasts: 2000, error: 'the manifest is none of ours' },
    ];
    const courses = {
      success: {},
      failure: {
        stages: stages.map((each, n) => ({ ...each, ends: n ? 'TERMINAL' : 'SUCCEEDED' })),
        ends: 'TERMINAL',
      },
      endless: { stages: [{ name: 'Deploy', lasts: 1e9 }] },
    } as const;
    const gate = await fakeGate({ clock, course: courses[fate] });
    const { log: notes } = createNotes();
    const network = { proxyEnv: {}, caCert: undefined, skipVerify: false, timeoutMs: 500 };
    const http = createHttp({ ...network, clock, log: notes });
    const settings = {
      ...{ gate_url: gate.url, token: gate.token, ...usualSettings },
      parameters: JSON.stringify({ tag: secret }),
    };
    return {
      open: (deps) => openSpinnaker(settings, deps),
      begun: () => gate.world.executions.length,
      secrets: [gate.token, secret],
      deps: { http, clock },
      close: async () => {
        http.close();
        assert.equal(gate.complaints, []);
        await gate.close();
      },
    };
  },
});
