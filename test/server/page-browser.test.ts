import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serve } from '../support/loopback.ts';
import { claim, openStage, order, type Stage, staged, tokens } from './stage.ts';

/* The page as a person uses it, in a real browser. */
const browsing = suite('the page in a browser');

const switches = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-sync',
];

type Seen = { readonly page: Page; readonly context: BrowserContext; readonly base: string };

const browsed = (
  run: (stage: Stage, seen: Seen) => Promise<void>,
  options: Parameters<Browser['newContext']>[0] = {},
) =>
  staged(
    async (stage) => {
      const base = await stage.app.listen({ port: 0, host: '127.0.0.1' });
      const browser = await chromium.launch({
        executablePath: '/usr/bin/chromium',
        args: switches,
      });
      try {
        const context = await browser.newContext(options);
        const page = await context.newPage();
        page.setDefaultTimeout(60_000);
        const troubles: string[] = [];
        page.on('pageerror', (error) => troubles.push(error.message));
        page.on(
          'console',
          (line) => line.text().includes('Security Policy') && troubles.push(line.text()),
        );
        await run(stage, { page, context, base });
        assert.equal(troubles, []);
      } finally {
        await browser.close();
      }
    },
    // No cookie goes over a plain connection where the public address is a safe one.
    { publicUrl: 'http://127.0.0.1' },
  );

const accept = async ({ call }: Stage): Promise<string> =>
  (await call('spinnaker', 'POST', '/v1/runs', { body: order })).json.id;

/** Signs in by the keyboard alone. */
async function signIn({ page, base }: Seen, path: string): Promise<void> {
  await page.goto(base + path);
  await page.getByLabel('Token').focus();
  await page.keyboard.type(tokens.spinnaker);
  await page.keyboard.press('Enter');
  await page.waitForURL(base + path);
}

browsing(
  'follows a run to its end, and cancels after a question',
  browsed(async (stage, seen) => {
    const { page } = seen;
    const id = await accept(stage);
    await signIn(seen, `/runs/${id}`);
    await page
      .getByText('Waits for its turn')
      .or(page.getByText('waits for its turn'))
      .first()
      .waitFor();
    const lease = await claim(stage);
    await page.locator('#head .state', { hasText: 'In progress' }).waitFor();
    await lease.log(Buffer.from('\u001b[32mfirst\u001b[0m <b>line</b>\n'));
    await page.locator('#log', { hasText: 'first <b>line</b>' }).waitFor();
    await lease.tell({ progress: '2 of 3 pods' });
    await page.locator('#head .lead', { hasText: '2 of 3 pods' }).waitFor();
    const summary = page.locator('#cancel summary');
    await summary.focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Reason').fill('wrong branch');
    await page.getByRole('button', { name: 'Yes, cancel it' }).click();
    await page.locator('#head .state', { hasText: 'Cancelling' }).waitFor();
    assert.is((await lease.renew())?.reason, 'wrong branch');
    await lease.log(Buffer.from('without a line break'));
    await lease.end('CANCELED', { text: 'stopped' });
    await page.locator('#head .state', { hasText: 'Cancelled' }).waitFor();
    await page.locator('#connection', { hasText: 'Ended' }).waitFor();
    assert.is(await page.locator('#cancel').count(), 0);
    assert.is(await page.locator('#log').textContent(), 'first <b>line</b>\nwithout a line break');
  }),
);

browsing(
  'knows whoever comes by a link from another site, such as a forge',
  browsed(async (stage, seen) => {
    const { page, base } = seen;
    const id = await accept(stage);
    await signIn(seen, '/');
    const forge = await serve((_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(`<a href="${base}/runs/${id}">View deployment</a>`);
    });
    await page.goto(forge.url.replace('127.0.0.1', 'localhost'));
    await page.getByText('View deployment').click();
    await page.locator('#head .state', { hasText: 'Waiting' }).waitFor();
    await forge.close();
  }),
);

browsing(
  'loses no line and repeats none when the server is away for a while',
  browsed(async (stage, seen) => {
    const { page, base } = seen;
    const id = await accept(stage);
    const lease = await claim(stage);
    await signIn(seen, `/runs/${id}`);
    await page.locator('#connection', { hasText: 'Live' }).waitFor();
    const write = (from: number, to: number) =>
      lease.log(
        Buffer.from(Array.from({ length: to - from }, (_, at) => `line ${from + at}\n`).join('')),
      );
    await write(0, 100);
    await page.locator('#log', { hasText: 'line 99\n' }).waitFor();
    const { port } = new URL(base);
    await stage.app.close();
    await page.locator('#connection', { hasText: 'Connection lost' }).waitFor();
    await write(100, 200);
    const next = await openStage({ publicUrl: 'http://127.0.0.1', store: stage.store });
    try {
      await next.app.listen({ port: Number(port), host: '127.0.0.1' });
      await page.locator('#log', { hasText: 'line 199\n' }).waitFor();
      await write(200, 300);
      await lease.end('SUCCESS', { text: 'serves' });
      await page.locator('#connection', { hasText: 'Ended' }).waitFor();
      const wanted = Array.from({ length: 300 }, (_, at) => `line ${at}\n`).join('');
      assert.is(await page.locator('#log').textContent(), wanted);
    } finally {
      await next.end();
    }
  }),
);

browsing(
  'stays smooth with 100,000 lines',
  browsed(async (stage, seen) => {
    const { page } = seen;
    const id = await accept(stage);
    const lease = await claim(stage);
    await signIn(seen, `/runs/${id}`);
    await page.locator('#connection', { hasText: 'Live' }).waitFor();
    // Of no frame may be more than a moment between two others.
    await page.evaluate(`
      window.longest = 0;
      let last = performance.now();
      const tick = () => {
        const now = performance.now();
        window.longest = Math.max(window.longest, now - last);
        last = now;
        requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);`);
    const count = 100_000;
    for (let from = 0; from < count; from += 5000) {
      const lines = Array.from({ length: 5000 }, (_, at) => `line ${from + at} of a deploy\n`);
      await lease.log(Buffer.from(lines.join('')));
    }
    await lease.end('SUCCESS', { text: 'serves' });
    await page.locator('#connection', { hasText: 'Ended' }).waitFor();
    const text = await page.evaluate("document.getElementById('log').textContent");
    assert.match(String(text), `line ${count - 1} of a deploy\n`);
    assert.is(String(text).split('\n').length, count + 1);
    const longest = Number(await page.evaluate('window.longest'));
    assert.ok(longest < 2500, `a frame took ${longest} ms`);
  }),
);

browsing(
  'shows all of a long log where it is asked for',
  browsed(async (stage, seen) => {
    const { page } = seen;
    const id = await accept(stage);
    const lease = await claim(stage);
    const lines = Array.from(
      { length: 20_000 },
      (_, at) => `line ${at} of many that a deploy says\n`,
    );
    await lease.log(Buffer.from(lines.join('')));
    await lease.end('SUCCESS', { text: 'serves' });
    await signIn(seen, `/runs/${id}`);
    await page.getByRole('button', { name: 'Show all of it here' }).click();
    await page.locator('#connection', { hasText: 'Ended' }).waitFor();
    assert.is(await page.evaluate("document.getElementById('log').textContent"), lines.join(''));
  }),
);

browsing(
  'keeps the list fresh, and filters it when something is chosen',
  browsed(async (stage, seen) => {
    const { page, base } = seen;
    await signIn(seen, '/');
    await page.getByText('No runs yet').waitFor();
    const id = await accept(stage);
    await page.locator('.run', { hasText: 'hello-production' }).waitFor();
    await page.goto(`${base}/`);
    await page.getByLabel('State').selectOption('FAILURE');
    await page.getByText('No run fits').waitFor();
    assert.is(new URL(page.url()).search, '?status=FAILURE');
    await page.getByLabel('State').selectOption('');
    await page.locator('.run a', { hasText: 'hello-production' }).click();
    await page.waitForURL(`${base}/runs/${id}`);
  }),
);

for (const [what, width] of [
  ['a phone', 360],
  ['a tablet', 768],
] as const) {
  browsing(
    `fits ${what}`,
    browsed(
      async (stage, seen) => {
        const { page, base } = seen;
        const id = await accept(stage);
        const lease = await claim(stage);
        await lease.log(Buffer.from(`${'word '.repeat(100)}${'x'.repeat(400)}\n`));
        await lease.end('FAILURE', { text: `pod ${'y'.repeat(200)} crashed` });
        await signIn(seen, '/');
        for (const path of ['/', `/runs/${id}`, '/docs', '/login']) {
          await page.goto(base + path);
          const overflow = await page.evaluate(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          );
          assert.is(overflow, 0, path);
        }
      },
      { viewport: { width, height: 700 } },
    ),
  );
}

browsing(
  'works without a script: it reloads, filters by a button, and cancels',
  browsed(
    async (stage, seen) => {
      const { page, base } = seen;
      const id = await accept(stage);
      await signIn(seen, '/');
      await page.getByLabel('Deployment').selectOption('hello-production');
      await page.getByRole('button', { name: 'Show' }).click();
      await page.locator('.run a', { hasText: 'hello-production' }).click();
      await page.waitForURL(`${base}/runs/${id}`);
      const lease = await claim(stage);
      await page.locator('#head .state', { hasText: 'In progress' }).waitFor();
      await page.locator('#cancel summary').click();
      await page.getByRole('button', { name: 'Yes, cancel it' }).click();
      await page.locator('#head .state', { hasText: 'Cancelling' }).waitFor();
      await lease.end('CANCELED', { text: 'stopped' });
      await page.locator('#head .state', { hasText: 'Cancelled' }).waitFor();
    },
    { javaScriptEnabled: false },
  ),
);

browsing.run();
