import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { renderSummary } from '../../src/outputs/summary.ts';
import { hostile, sampleFacts, sampleOutputs } from './sample.ts';

/** What HTML makes of the text of a cell. */
const shown = (cell: string): string =>
  cell.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));

const summary = suite('renderSummary');

summary('is a small table', () => {
  const text = renderSummary(sampleOutputs, sampleFacts);
  assert.is(
    shown(text),
    [
      '### Deploy to production',
      '',
      '| | |',
      '|---|---|',
      '| Outcome | **success** |',
      '| Environment | production |',
      '| Repository | octo/hello |',
      '| Commit | 7fd1a60b01f9 of main |',
      '| Deployment | [1187654321](<https://github.com/octo/hello/deployments/production>) |',
      '| Serves at | [https://hello.example.com/?ref=card&x=1#top](<https://hello.example.com/?ref=card&x=1#top>) |',
      '| Log | [https://drone.example.com/octo/hello/118/1/2](<https://drone.example.com/octo/hello/118/1/2>) |',
      '| Duration | 1m23s |',
      '| Reason | Version v118 serves on all 3 instances |',
      '',
      '',
    ].join('\n'),
  );
});

summary("links to the service's own page where the target names one", () => {
  const page = 'https://control.divio.com/o/o1/app/a1/';
  const outputs = new Map([...sampleOutputs, ['control_panel_url', page]]);
  const text = shown(renderSummary(outputs, sampleFacts));
  assert.match(text, `| At the service | [${page}](<${page}>) |`);
});

for (const [name, value] of Object.entries(hostile)) {
  summary(`shows the hostile value ${name} as text`, () => {
    const lines = renderSummary(sampleOutputs, { ...sampleFacts, reason: value }).split('\n');
    assert.is(lines.length, value === '' ? 14 : 15);
    const cell =
      /^\| Reason \| (.*) \|$/.exec(lines.find((line) => line.startsWith('| Reason')) ?? '')?.[1] ??
      '';
    assert.not.match(cell, /[<>|`*_[\](){}\\$#@~!:"'\u001b](?<!&#)/);
    assert.is(shown(cell), value.replace(/[\p{Cc}\u2028]+/gu, ' ').trim());
  });
}

summary('makes no link of what is not the web, and ends none early', () => {
  const link = (url: string): string => {
    const text = renderSummary(new Map([['environment_url', url]]), { durationMs: 0 });
    return /\| Serves at \| (.*) \|/.exec(text)?.[1] ?? '';
  };
  assert.not.match(link('javascript:alert(1)'), '](');
  assert.match(link('https://h/a>b|c)d(e`f'), '](<https://h/a%3Eb%7Cc%29d%28e%60f>)');
  assert.match(link('https://h/">x'), '](<https://h/%22%3Ex>)');
});

summary('stays small', () => {
  const text = renderSummary(sampleOutputs, { ...sampleFacts, reason: '<'.repeat(70_000) });
  assert.ok(text.length < 10_000);
});

summary.run();
