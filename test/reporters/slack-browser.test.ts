import { chromium, type Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { channelPage } from '../support/slack/render.ts';
import { onStage, type Stage } from './slack-stage.ts';

/* The messages as people see them: what the reporter sent, drawn as a channel in a real browser. */
const seeing = suite('slack in a browser');

// What a person can read, unlike textContent.
const visibleText = "document.getElementById('channel').innerText";
const switches = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'];

const shown = (tell: (stage: Stage) => Promise<void>, look: (page: Page) => Promise<void>) =>
  onStage(async (stage) => {
    await tell(stage);
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: switches,
    });
    try {
      const page = await browser.newPage({ viewport: { width: 760, height: 600 } });
      await page.setContent(channelPage(stage.slack.messages));
      await look(page);
    } finally {
      await browser.close();
    }
  });

const links = { deploymentUrl: 'https://github.com/octo/hello/deployments/production' };
const tail = `> hello@1.4.0 migrate
> node migrate.js

0042_orders ... ok
0043_invoices ... failed: relation "invoices" exists
`;

/** A failure, and the deploy that mends it. */
async function story({ open, status, signal, clock }: Stage): Promise<void> {
  const of = { ...status('queued').of, ...links, task: 'deploy' };
  const first = open({ runKey: 'a'.repeat(20) }, { slack_mention: 'U012ABCDEF' });
  const description = 'The command exited with code 1';
  await first.post(status('in_progress', { of, description: 'Deploying' }), signal);
  clock.advance(133_000);
  await first.post(status('failure', { of, description, end: { tookMs: 133_000, tail } }), signal);
  clock.advance(15 * 60_000);
  const mended = { ...of, commit: '1a2b3c4d'.repeat(5), actor: 'hubot' };
  const end = { tookMs: 151_000, tail: '', previous: 'failure' as const };
  const environmentUrl = 'https://shop.example.com';
  const good = { of: mended, end, environmentUrl, description: 'Deployed 1a2b3c4d to production' };
  await open({ runKey: 'b'.repeat(20) }).post(status('success', good), signal);
  clock.advance(40 * 60_000);
  const last = { of: { ...of, commit: '5e6f7a8b'.repeat(5), environment: 'staging' } };
  const doing = { ...last, description: 'Deploying 5e6f7a8b to staging' };
  await open({ runKey: 'c'.repeat(20) }).post(status('in_progress', doing), signal);
}

seeing('shows what failed, what mended it, and what is on its way', () =>
  shown(story, async (page) => {
    // SLACK_PNG=docs/slack.png draws the picture of the docs anew.
    const path = process.env.SLACK_PNG;
    if (path) await page.locator('#channel').screenshot({ path });
    const text = (await page.evaluate(visibleText)) as string;
    for (const line of [
      'Failed · octo/hello · production\nThe command exited with code 1',
      'cccccccc · main · by octocat · 2m13s · Log · Deployment',
      '1 reply',
      'replied to a thread',
      '@U012ABCDEF Failed · octo/hello · production: The command exited with code 1',
      '0043_invoices ... failed: relation "invoices" exists',
      'Recovered · octo/hello · production\nDeployed 1a2b3c4d to production',
      '1a2b3c4d · main · by hubot · 2m31s · Open · Log · Deployment',
      'Deploying · octo/hello · staging\nDeploying 5e6f7a8b to staging',
    ]) {
      assert.ok(text.replaceAll('\u00a0', ' ').includes(line), `${line}\nis not in\n${text}`);
    }
    assert.is(await page.locator('.sign').count(), 3);
    assert.is(await page.locator('a').count(), 7);
  }),
);

seeing('shows what others wrote as text', () => {
  const evil = '<img src=x onerror=alert(1)> <!channel> <https://evil.example|Log> &amp;';
  const tell = async ({ open, status, signal }: Stage): Promise<void> => {
    const of = { repo: evil, environment: evil, ref: evil, actor: evil, task: 'deploy' };
    const end = { tookMs: 0, tail: evil };
    await open().post(status('failure', { of, end, description: evil }), signal);
  };
  return shown(tell, async (page) => {
    const text = (await page.evaluate(visibleText)) as string;
    assert.is(text.split(evil).length - 1, 8, text);
    assert.is(await page.locator('img, .call, a').count(), 0);
  });
});

seeing.run();
