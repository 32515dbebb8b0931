import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export type WebhookServer = { readonly url: string; end(): Promise<void> };

/** Debian's `webhook`: it looks at the token, starts a program and answers, and remembers nothing. */
export async function webhookServer(folder: string, token: string): Promise<WebhookServer> {
  const file = path.join(folder, 'hooks.json');
  const match = {
    type: 'value',
    value: `Bearer ${token}`,
    parameter: { source: 'header', name: 'Authorization' },
  };
  const hook = {
    id: 'runs',
    'execute-command': '/bin/true',
    'response-message': '{"status":"QUEUED"}',
    'trigger-rule': { match },
  };
  writeFileSync(file, JSON.stringify([hook]));
  const port = await freePort();
  const args = ['-hooks', file, '-ip', '127.0.0.1', '-port', String(port)];
  const child = spawn('webhook', args, { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}/hooks/runs`;
  while (!(await fetch(url).catch(() => undefined))) {
    if (child.exitCode !== null) throw new Error(`webhook exited with ${child.exitCode}`);
    await pause(20);
  }
  return {
    url,
    async end() {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
