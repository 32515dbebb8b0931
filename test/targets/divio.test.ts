import * as assert from 'uvu/assert';
import { createHttp } from '../../src/http/client.ts';
import { divio } from '../../src/targets/divio.ts';
import { fakeDivio } from '../support/divio/fake-divio.ts';
import { openDivio } from '../support/divio/process.ts';
import { createNotes, order } from '../support/job.ts';
import { scaledClock } from '../support/scaled-clock.ts';
import { testTarget } from './contract.ts';

const sensitive = 's3ns1t1ve-value-of-a-variable';

testTarget('divio', {
  entry: divio,
  stage: async (fate) => {
    const clock = scaledClock(50);
    const log = `Building\nthe token is none of ours\nsh: release.sh: not found\n`;
    const courses = {
      success: {},
      failure: { ends: 'failure', log },
      endless: { lasts: 1e9 },
    } as const;
    const fake = await fakeDivio({ clock, course: courses[fate] });
    fake.world.pull(order.commit ?? '');
    const { log: notes } = createNotes();
    const network = { proxyEnv: {}, caCert: undefined, skipVerify: false, timeoutMs: 500 };
    const http = createHttp({ ...network, clock, log: notes });
    const settings = {
      ...{ api_url: fake.url, token: fake.token, application: 'hello', environment: 'live' },
      sensitive_env: JSON.stringify({ API_KEY: sensitive }),
      log: 'always',
    };
    return {
      open: (deps) => openDivio(settings, deps),
      begun: () => fake.world.deployments.length,
      secrets: [fake.token, sensitive],
      deps: { http, clock },
      close: async () => {
        http.close();
        assert.equal(fake.complaints, []);
        await fake.close();
      },
    };
  },
});
