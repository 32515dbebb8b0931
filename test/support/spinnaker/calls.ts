import type { Definition } from './definition.ts';
import type { OkHttp } from './ok-http.ts';
import { converted } from './read.ts';
import { requestOf } from './request.ts';

/** `body` of an error is its text. */
export type Answer = { readonly code: number; readonly body: unknown };

/** What a stage asks of the service. */
export type Calls = {
  create(): Promise<Answer>;
  poll(url: string): Promise<Answer>;
  cancel(): Promise<Answer>;
};

export function createCalls(stage: Definition, http: OkHttp, isChunked: boolean): Calls {
  const headers = Object.fromEntries(
    Object.entries(stage.customHeaders).map(([name, values]) => [name, values.join(', ')]),
  );
  async function call(method: string, url: string, payload = ''): Promise<Answer> {
    if (!URL.canParse(url)) throw new Error(`IllegalArgumentException: non absolute URI ${url}`);
    const answer = await http.exchange(requestOf({ method, url }, headers, payload, isChunked));
    const { code, bytes } = answer;
    return { code, body: code < 400 ? converted(answer) : bytes.toString() };
  }
  return {
    create: () => call(stage.method, stage.url, stage.payload),
    poll: (url) => call('GET', url),
    cancel: () => call(stage.cancelMethod, stage.cancelEndpoint, stage.cancelPayload),
  };
}
