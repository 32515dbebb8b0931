import http from 'node:http';
import net from 'node:net';
import type { Got } from './judge.ts';
import type { Sent } from './requests.ts';

/** One request after another on connections that stay, as pools keep them. */
export function createSender(port: number, sockets: number) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: sockets });
  return {
    end: () => agent.destroy(),
    send: ({ method, url, headers, body }: Sent): Promise<Got> =>
      new Promise((resolve, reject) => {
        const options = { port, host: '127.0.0.1', agent, method, path: url, headers };
        const request = http.request(options, (answer) => {
          const { statusCode: status = 0 } = answer;
          const parts: Buffer[] = [];
          const end = (): void =>
            resolve({
              ...{ status, type: answer.headers['content-type'] ?? '' },
              text: Buffer.concat(parts).toString(),
            });
          answer.on('data', (part) => parts.push(part)).on('end', end);
          // What goes on until a run is over need not be heard to its end.
          if (answer.headers['x-accel-buffering'] && method !== 'HEAD') {
            setTimeout(() => {
              end();
              request.destroy();
            }, 50).unref();
          }
        });
        request.on('error', reject);
        request.end(body);
      }),
  };
}

/** All that comes back for bytes that may be no HTTP, until the server has had its say. */
export const exchange = (port: number, bytes: Buffer, isWhole: boolean): Promise<string> =>
  new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let text = '';
    const end = (): void => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(isWhole ? 2000 : 30, end);
    socket.on('data', (data) => {
      text += data.toString('latin1');
    });
    socket
      .on('error', () => {})
      .on('end', end)
      .on('close', end);
    socket.write(bytes);
    // The end of a body that is too short.
    if (isWhole) socket.end();
  });
