import { request } from 'node:http';
import { selfSigned } from './certificate.ts';
import { type Loopback, serveTls } from './loopback.ts';

export type Secured = Loopback & { readonly cert: string };

/** Puts TLS, with a certificate that nobody knows, before a server on loopback; `name` is the host it says it is. */
export async function secured(url: string, name?: string): Promise<Secured> {
  const certificate = selfSigned(name);
  const { hostname, port } = new URL(url);
  const server = await serveTls(certificate, (message, response) => {
    const { method, url: path, headers } = message;
    const onward = request({ hostname, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    message.pipe(onward);
  });
  return { ...server, cert: certificate.cert };
}
