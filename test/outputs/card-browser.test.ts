import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { chromium, type Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cardData } from '../../src/outputs/card.ts';
import { deliver } from '../../src/outputs/outputs.ts';
import { type RunFacts, type RunOutputs, runOutputs } from '../../src/outputs/run-outputs.ts';
import { hostile, sampleFacts, sampleOutputs } from './sample.ts';

/*
 * The card as a person sees it: what deliver() wrote to stdout, taken out of the log as Drone's runner does it,
 * its template fetched, expanded and rendered by the libraries of Drone's UI, in a real browser.
 */
const chromiumPath = '/usr/bin/chromium';
const switches = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const viewer = `
  import { AdaptiveCard } from 'adaptivecards';
  import { Template } from 'adaptivecards-templating';
  window.show = async ({ schema, data }) => {
    const template = await (await fetch(schema)).json();
    const card = new AdaptiveCard();
    const opened = [];
    card.onExecuteAction = (action) => opened.push(action.url);
    card.parse(new Template(template).expand({ $root: data }));
    document.getElementById('card').replaceChildren(card.render());
    window.opened = opened;
    return card.validateProperties().validationEvents.map((event) => event.message);
  };`;

const html = `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="/style.css">
  <style>body { margin: 24px; background: #fff } #card { width: 560px; border: 1px solid #ddd; border-radius: 6px }</style>
  <div id="card"></div><script src="/viewer.js"></script>`;

// What a person can read, unlike textContent.
const visibleText = "document.getElementById('card').innerText";

const fileOf = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

// The browser build of adaptive-expressions 4.23.3 calls its own assert as a function, which it is not.
const builtins: Readonly<Record<string, string>> = {
  assert:
    'module.exports = (ok, text) => { if (!ok) throw new Error(text || "assertion failed"); };',
  os: 'exports.EOL = "\\n";',
  util: 'exports.inspect = { custom: Symbol("inspect") }; Object.assign(exports, { TextEncoder, TextDecoder });',
};
const nodeBuiltins: Plugin = {
  name: 'node-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:assert|os|util)$/ }, ({ path }) => ({ path, namespace: 'builtin' }));
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: builtins[path] ?? '',
    }));
  },
};

async function bundleViewer(): Promise<string> {
  const resolveDir = fileURLToPath(new URL('../..', import.meta.url));
  const { outputFiles } = await build({
    stdin: { contents: viewer, resolveDir },
    bundle: true,
    write: false,
    format: 'iife',
    mainFields: ['main'],
    define: { global: 'window' },
    plugins: [nodeBuiltins],
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

type Shown = { readonly page: Page; readonly faults: readonly string[]; readonly text: string };

/** Serves the template and the page on loopback and shows one run's card. */
async function showing(
  outputs: RunOutputs,
  facts: RunFacts,
  look: (shown: Shown) => Promise<void>,
): Promise<void> {
  if (!existsSync(chromiumPath)) {
    throw new Error(
      `${chromiumPath} is missing: install the Debian package chromium to run this test`,
    );
  }
  const files: Readonly<Record<string, readonly [type: string, text: string]>> = {
    '/': ['text/html', html],
    '/viewer.js': ['text/javascript', await bundleViewer()],
    '/style.css': ['text/css', fileOf('node_modules/adaptivecards/dist/adaptivecards.css')],
    '/card.json': ['application/json', fileOf('docs/card.json')],
  };
  const server = createServer((request, response) => {
    const [type, text] = files[request.url ?? ''] ?? [];
    response.writeHead(type ? 200 : 404, {
      'content-type': `${type ?? 'text/plain'}; charset=utf-8`,
    });
    response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await chromium.launch({ executablePath: chromiumPath, args: switches });
  try {
    const page = await browser.newPage({ viewport: { width: 608, height: 420 } });
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(base);
    const card = await emittedCard(outputs, facts, `${base}/card.json`);
    const show = `window.show(${JSON.stringify(card)})`;
    const faults = (await page.evaluate(show)) as string[];
    await look({
      page,
      faults: [...faults, ...errors],
      text: (await page.evaluate(visibleText)) as string,
    });
  } finally {
    await browser.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Drone's extractor: a write that starts with the prefix, up to the suffix. */
async function emittedCard(outputs: RunOutputs, facts: RunFacts, schema: string): Promise<unknown> {
  const writes: string[] = [];
  const warnings = await deliver(
    outputs,
    facts,
    [{ kind: 'card', name: 'DRONE_CARD_PATH', path: '/dev/stdout', schema }],
    { redact: (text) => text, writeAtColumnZero: (text) => void writes.push(text) },
  );
  assert.equal(warnings, []);
  assert.is(writes.length, 1);
  const [, coded = ''] = /^\u001b\]1338;([^\u001b]+)\u001b\]0m\n$/.exec(writes[0] ?? '') ?? [];
  return JSON.parse(Buffer.from(coded, 'base64').toString());
}

async function buttonsOf(page: Page): Promise<readonly (readonly [string, string])[]> {
  const buttons = await page.locator('#card button, #card a[role=button], #card [role=link]').all();
  const titles: string[] = [];
  for (const button of buttons) {
    titles.push((await button.textContent())?.trim() ?? '');
    await button.click();
  }
  const opened = (await page.evaluate('window.opened')) as string[];
  return titles.map((title, index) => [title, opened[index] ?? '']);
}

const colourOf = (page: Page, text: string): Promise<unknown> =>
  page.evaluate(`getComputedStyle([...document.querySelectorAll('#card span')]
    .find((element) => element.textContent === '${text}')).color`);

const card = suite('card in the browser');

card('shows a good run with its links', () =>
  showing(sampleOutputs, sampleFacts, async ({ page, faults, text }) => {
    // CARD_PNG=docs/card.png draws the picture of the docs anew.
    const path = process.env.CARD_PNG;
    if (path) await page.locator('#card').screenshot({ path });
    assert.equal(faults, []);
    const { environment_url: _, ...data } = cardData(sampleOutputs, sampleFacts);
    for (const name of [
      'title',
      'outcome',
      'description',
      'repo',
      'commit',
      'ref',
      'actor',
      'duration',
      'deployment_id',
    ] as const) {
      assert.ok(text.includes(data[name]), `${name}: ${data[name]}`);
    }
    assert.not.match(text, '${');
    assert.is(await colourOf(page, 'success'), 'rgb(2, 138, 2)');
    assert.equal(await buttonsOf(page), [
      ['Open environment', sampleOutputs.get('environment_url') ?? ''],
      ['Deployment', sampleFacts.deploymentUrl ?? ''],
      ['Log', sampleOutputs.get('log_url') ?? ''],
    ]);
  }),
);

card('shows neither buttons nor rows for what is not known', () =>
  showing(
    runOutputs(
      { outcome: 'error', environment: 'production', description: 'No answer' },
      [],
      () => {},
    ),
    { durationMs: 4000 },
    async ({ page, faults, text }) => {
      assert.equal(faults, []);
      assert.equal(
        text.split('\n').filter((line) => line.trim() !== ''),
        ['Deploy to production', 'error', 'No answer', 'Duration', '4s'],
      );
      assert.is(await colourOf(page, 'error'), 'rgb(204, 51, 0)');
      assert.equal(await buttonsOf(page), []);
    },
  ),
);

card('shows hostile values as text', () => {
  const facts = {
    durationMs: 0,
    reason: Object.values(hostile).join(' '),
    ref: hostile.markdown,
    repo: hostile.expression,
    actor: hostile.unicode,
  };
  const outputs = new Map([
    ['outcome', 'failure'],
    ['commit', 'abc'],
    ['environment', hostile.quotes ?? ''],
  ]);
  return showing(outputs, facts, async ({ page, faults, text }) => {
    assert.equal(faults, []);
    assert.ok(text.includes('**b** [x](javascript:alert(1)) | <script>alert(1)</script>'));
    assert.ok(text.includes(`Deploy to ${hostile.quotes}`));
    assert.ok(text.includes('${HOME}'));
    assert.ok(text.includes('🚀 日本'));
    assert.is(await page.locator('#card script, #card a[href^="javascript:"]').count(), 0);
  });
});

card.run();
