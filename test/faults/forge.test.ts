/** Every fault of GitHub's at every exchange of a run of dist/slipway.mjs, one at a time. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FaultRule } from '../support/github/fake-github.ts';
import { limits, passing, refusals } from './answers.ts';
import { forEach, onStage } from './stage.ts';

type End = {
  readonly code: number;
  readonly states?: readonly string[];
  readonly says?: RegExp;
  /** Where states do not tell it. */
  readonly deployed?: boolean;
};

const full = ['queued', 'in_progress', 'success'];
const good: End = { code: 0, states: full };
const without = (state: string, code: number): End => ({
  code,
  states: full.filter((each) => each !== state),
  says: new RegExp(`did not hear "${state}": `),
});

type Exchange = {
  readonly name: string;
  readonly rule: FaultRule;
  /** How the run ends for what is neither passing nor good. */
  readonly ends: (fault: string) => End;
};

const noCredential = /github_token/i;
const denials = ['401', '403 for want of a permission'];
const exchanges: readonly Exchange[] = [
  {
    name: 'the look',
    rule: { method: 'POST', path: /graphql/, nth: 1 },
    // REST knows the same, unless nobody believes who we are.
    ends: (fault) => (fault === '401' ? { code: 6, says: noCredential } : good),
  },
  {
    name: 'the creation',
    rule: { method: 'POST', path: /\/deployments$/, nth: 1 },
    ends: (fault) => {
      if (fault in limits) return good;
      if (fault.startsWith('409')) return { code: 5, says: /refused after .*(?:merge|not green)/ };
      if (fault === '422' || fault.startsWith('a redirect')) return { code: 2, says: /failed: / };
      return { code: 6, says: noCredential };
    },
  },
  {
    name: 'the look for twins',
    rule: { method: 'GET', path: /\/deployments$/, nth: 1 },
    ends: () => good,
  },
  {
    name: 'queued',
    rule: { method: 'POST', path: /\/statuses$/, nth: 1 },
    ends: (fault) =>
      denials.includes(fault)
        ? { code: 6, says: noCredential, states: ['error'], deployed: false }
        : without('queued', 0),
  },
  {
    name: 'in_progress',
    rule: { method: 'POST', path: /\/statuses$/, nth: 2 },
    ends: () => without('in_progress', 0),
  },
  {
    name: 'success',
    rule: { method: 'POST', path: /\/statuses$/, nth: 3 },
    ends: () => without('success', 3),
  },
];

const Forge = suite('GitHub answers badly');
const all = Object.entries({ ...passing, ...limits, ...refusals });

for (const { name, rule, ends } of exchanges) {
  Forge(`to ${name}`, () =>
    forEach(all, 6, ([fault, answer]) =>
      onStage(async (stage) => {
        stage.github.fail({ ...rule, do: answer });
        const { code, log } = await stage.run({ http_timeout: '2s', timeout: '50s' });
        const end = fault in passing ? good : ends(fault);
        const shown = `${fault} at ${name}:\n${log}`;
        assert.is(code, end.code, shown);
        const made = stage.deployments().map(({ id }) => stage.states(id).join(' '));
        assert.equal(made, end.states ? [end.states.join(' ')] : [], shown);
        assert.is(stage.left('ran'), (end.deployed ?? end.states) ? 'ran\n' : '', shown);
        assert.match(log, end.says ?? /success after/, shown);
        assert.equal(stage.github.stray, [], 'nothing follows a redirect to another host');
      }),
    ),
  );
}

Forge.run();
