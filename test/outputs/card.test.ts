import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { outcomes } from '../../src/outcome.ts';
import { cardData, cardSequence, renderCard } from '../../src/outputs/card.ts';
import { runOutputs } from '../../src/outputs/run-outputs.ts';
import { hostile, sampleFacts, sampleOutputs } from './sample.ts';

const schema = 'https://octo.github.io/hello/card.json';
const read = (name: string): string =>
  readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

const card = suite('card');

card('has sample data in the docs as the code makes it', () => {
  assert.equal(JSON.parse(read('card.data.json')), cardData(sampleOutputs, sampleFacts));
});

card('gives the template every name that it uses, in the same letters', () => {
  const data = cardData(
    runOutputs({}, [], () => {}),
    { durationMs: 0 },
  );
  const used = [...read('card.json').matchAll(/\$\{(\w+)/g)].map(([, name]) => name ?? '');
  assert.ok(used.length > 20);
  for (const name of used) assert.type((data as Record<string, unknown>)[name], 'string', name);
});

card('hides every button whose link may be missing', () => {
  for (const action of JSON.parse(read('card.json')).actions) {
    const name = /^\$\{(\w+)\}$/.exec(action.url)?.[1];
    assert.is(action.$when, `\${${name} != ''}`);
  }
});

card('keeps values to one line and links to the web', () => {
  for (const value of Object.values(hostile)) {
    const data = cardData(
      new Map([
        ['environment', value],
        ['environment_url', value],
      ]),
      {
        durationMs: 0,
        reason: value,
        deploymentUrl: `javascript:${value}`,
      },
    );
    assert.ok(Object.values(data).every((text) => !/[\p{Cc}\u2028]/u.test(text)));
    assert.is(data.deployment_url, '');
    if (!value.startsWith('https:')) assert.is(data.environment_url, '');
  }
});

card('has a colour for every outcome', () => {
  for (const outcome of outcomes) {
    const { color, style } = cardData(new Map([['outcome', outcome]]), { durationMs: 0 });
    assert.match(color, /^(?:good|attention|warning|default)$/);
    assert.match(style, /^(?:good|attention|warning|emphasis)$/);
  }
  assert.is(cardData(new Map([['outcome', 'success']]), { durationMs: 0 }).color, 'good');
  assert.is(cardData(new Map([['outcome', 'timed_out']]), { durationMs: 0 }).color, 'attention');
});

const giants = ['x', 'é', '🚀', '"', '\\', '<'].map((unit) => unit.repeat(70_000 / unit.length));
card('is one sequence that fits into one log frame, whatever the values', () => {
  for (const giant of giants) {
    const outputs = new Map([...sampleOutputs.keys()].map((name) => [name, giant]));
    const link = `https://h.example/${'x'.repeat(70_000)}`;
    const facts = {
      ...sampleFacts,
      reason: giant,
      repo: giant,
      ref: giant,
      actor: giant,
      deploymentUrl: link,
    };
    const json =
      renderCard(`https://h.example/${'s'.repeat(1982)}`, cardData(outputs, facts)) ?? '';
    const sequence = cardSequence(json);
    assert.match(sequence, /^\u001b\]1338;[A-Za-z0-9+/=]+\u001b\]0m\n$/);
    assert.ok(sequence.length - 1 <= 16_000, String(sequence.length));
    assert.ok(sequence.length > 8_000, 'no more is cut than need be');
    const { data } = JSON.parse(Buffer.from(sequence.slice(7, -5), 'base64').toString());
    assert.is(data.deployment_url, '', 'a link is whole or not there');
    assert.ok(data.description.length > 10);
    assert.ok(Object.values<string>(data).every((text) => text.isWellFormed()));
  }
});

card('cuts nothing from a usual card', () => {
  const data = cardData(sampleOutputs, sampleFacts);
  assert.equal(JSON.parse(renderCard(schema, data) ?? ''), { schema, data });
});

card('is not made for an address that Drone cannot store', () => {
  const data = cardData(sampleOutputs, sampleFacts);
  assert.is(renderCard(`${schema}?${'x'.repeat(2000)}`, data), undefined);
});

card.run();
