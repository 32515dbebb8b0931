import { readFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** Serves the files of one flat folder on loopback: whatever is in it at the time of each request. */
export async function servePath(folder: string) {
  const server = http.createServer(async (request, response) => {
    const [, name] = /^\/([\w.-]*)(?:\?|$)/.exec(request.url ?? '') ?? [];
    const file = path.join(folder, name || 'index.html');
    const content = name === undefined ? undefined : await readFile(file).catch(() => undefined);
    if (!content) return response.writeHead(404).end('nothing here yet\n');
    const type = types[path.extname(file)] ?? 'application/octet-stream';
    return response.writeHead(200, { 'content-type': type }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
