import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';

export type Proxy = {
  readonly url: string;
  /** `CONNECT host:port` and `GET http://…`, as they were asked for. */
  readonly asked: string[];
  /** Head lines that crossed the proxy in the clear. */
  readonly heads: string[];
  close(): Promise<void>;
};

type ProxyOptions = {
  /** Status of the answer to every CONNECT. */
  readonly refuse?: number;
  /** Where a `host:port` is in truth, so that a service with a fixed address can be played on loopback. */
  readonly hosts?: Readonly<Record<string, string>>;
};

/** A forward proxy on loopback: tunnels by CONNECT, passes plain requests on. */
export async function startProxy({ refuse, hosts = {} }: ProxyOptions = {}): Promise<Proxy> {
  const asked: string[] = [];
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    heads.push(JSON.stringify(request.headers));
    const { method, headers } = request;
    const onward = http.request(request.url ?? '', { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.writeHead(502).end());
    request.pipe(onward);
  });
  server.on('connection', (socket) => void sockets.add(socket.unref()));
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    heads.push(JSON.stringify(request.headers));
    socket.on('error', () => {});
    if (refuse) return socket.end(`HTTP/1.1 ${refuse} No\r\n\r\n`);
    const wanted = request.url ?? '';
    const [host, port] = (hosts[wanted] ?? wanted).split(':');
    const onward = net.connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    sockets.add(onward);
    onward.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    heads,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
