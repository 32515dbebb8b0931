import { fakeGate } from '../../test/support/gate/fake-gate.ts';
import type { Stage } from './scene.ts';

const parameters = 'tag={{commit}},note=a-key-that-no-log-may-show';

/** A Spinnaker on loopback, whose pipeline asks a person before it deploys; that one says yes. */
export const spinnaker: Stage = async (sha) => {
  const stages = [
    { name: 'Bake', type: 'bakeManifest', lasts: 1500 },
    { name: 'Go live?', type: 'manualJudgment', lasts: 4000, instructions: 'Look at the canary' },
    { name: 'Deploy', type: 'deployManifest', lasts: 2500 },
  ];
  const gate = await fakeGate({ course: { stages } });
  // Its answer is lost, and the execution is found by the correlation id.
  gate.fail('start', 'cut after');
  return {
    settings: `target: spinnaker
spinnaker_gate_url: ${gate.url}
spinnaker_ui_url: https://spinnaker.example.com
spinnaker_application: hello
spinnaker_pipeline: Deploy to live
spinnaker_parameters:
  from_secret: spinnaker_parameters
spinnaker_token:
  from_secret: spinnaker_token
environment_url: https://hello.example.com
`,
    secrets: { spinnaker_token: gate.token, spinnaker_parameters: parameters },
    url: 'https://hello.example.com',
    async look() {
      const lines = gate.world.executions.map(({ id, pipeline, status, trigger }) => {
        const tag = String(trigger.parameters.tag).slice(0, 8);
        return `${id.slice(0, 4)}…  ${pipeline.name}, tag ${tag}: ${status}`;
      });
      return { title: `Executions in Spinnaker (${gate.exchanges.length} requests)`, lines };
    },
    deployed() {
      const [ours, ...more] = gate.world.executions;
      const isOurs = ours?.status === 'SUCCEEDED' && ours.trigger.parameters.tag === sha;
      return {
        'one execution, of this commit, though its answer was lost': isOurs && more.length === 0,
        'Gate has nothing to complain of': gate.complaints.length === 0,
      };
    },
    told: (last) => ({
      'its end is the description': last?.description.includes('succeeded after 8s') === true,
    }),
    close: gate.close,
  };
};
