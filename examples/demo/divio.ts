import { fakeDivio } from '../../test/support/divio/fake-divio.ts';
import type { Stage } from './scene.ts';

const token = 'divio_a_token_that_no_log_may_show';

/** A Divio on loopback, on which somebody else deploys just now, and which has pulled the commit only meanwhile. */
export const divio: Stage = async (sha) => {
  const stages = [5, 15, 40, 60, 80, 95];
  const percent = (share: number): number => stages[Math.floor(share * stages.length)] ?? 95;
  const fake = await fakeDivio({ token, course: { lasts: 6000, percent } });
  const { world } = fake;
  const live = world.environments.find(({ slug }) => slug === 'live');
  world.deploy(live?.uuid ?? '', 'AUTO', { lasts: 4000 });
  world.pull(sha);
  return {
    settings: `target: divio
divio_application: hello
divio_environment: live
divio_sensitive_env:
  from_secret: divio_env
divio_api_url: ${fake.url}
divio_token:
  from_secret: divio_token
`,
    secrets: { divio_token: token, divio_env: 'API_KEY=a-key-that-no-log-may-show' },
    url: 'https://hello.us.aldryn.io',
    async look() {
      const lines = world.deployments.map(({ uuid, commit, startedAt = 0, endedAt = 0 }, nth) => {
        const whose = nth === 0 ? "somebody else's" : 'ours';
        const seconds = Math.round((endedAt - startedAt) / 1000);
        return `${uuid.slice(0, 8)}  ${whose.padEnd(15)} ${commit.slice(0, 8)} in ${seconds} s`;
      });
      return { title: `Deployments at Divio (${fake.exchanges.length} requests)`, lines };
    },
    deployed() {
      const [others, ours, ...more] = world.deployments;
      return {
        'ours began when the other had ended': (ours?.startedAt ?? 0) >= (others?.endedAt ?? 1 / 0),
        'one deployment of ours, of this commit': ours?.commit === sha && more.length === 0,
        'the variable was set before it': ours?.variables.API_KEY !== undefined,
        'Divio has nothing to complain of': fake.complaints.length === 0,
      };
    },
    told: (last) => ({
      'its words are the description': last?.description.includes('succeeded after 6s') === true,
    }),
    close: fake.close,
  };
};
