import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RemoteError } from '../../src/errors.ts';
import type { Downloads, Http } from '../../src/http/http.ts';
import { observed } from '../../src/http/observed.ts';
import { noHttp } from '../support/no-http.ts';
import { rejectionOf } from '../support/rejection.ts';

const observing = suite('observed');

const failing = (error: Error): Http & Downloads => ({
  ...noHttp,
  request: () => Promise.reject(error),
  download: () => Promise.reject(error),
});
const { signal } = new AbortController();
const url = 'https://git.example.com/api?token=hunter2';

observing('hears of each call that failed, by host and kind', async () => {
  const heard: string[] = [];
  const error = new RemoteError('no', { kind: 'unavailable' });
  const http = observed(failing(error), (host, kind) => void heard.push(`${host} ${kind}`));
  assert.is(await rejectionOf(http.request({ method: 'GET', url, signal })), error);
  const download = { url, signal, headers: {}, most: 1, take: async () => 1 };
  assert.is(await rejectionOf(http.download(download)), error);
  assert.equal(heard, ['git.example.com unavailable', 'git.example.com unavailable']);
});

observing('hears nothing of what we broke off ourselves, or did wrong', async () => {
  const heard: string[] = [];
  const note = (host: string): void => void heard.push(host);
  const stopped = AbortSignal.abort();
  const broken = observed(failing(new RemoteError('no', { kind: 'unavailable' })), note);
  await rejectionOf(broken.request({ method: 'GET', url, signal: stopped }));
  const bug = observed(failing(new TypeError('bug')), note);
  await rejectionOf(bug.request({ method: 'GET', url, signal }));
  assert.equal(heard, []);
});

observing.run();
