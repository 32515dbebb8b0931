import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import type { Identity } from './http.ts';

export type Network = {
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY, both cases. */
  readonly proxyEnv: Readonly<Record<string, string | undefined>>;
  /** PEM, trusted besides the system's and Node's roots. */
  readonly caCert: string | undefined;
  readonly skipVerify: boolean;
  /** What a service that asks for a certificate is shown. */
  readonly identity?: Identity | undefined;
};

type Agents = {
  for(url: string): { http?: http.Agent; https?: https.Agent };
  close(): void;
};

const proxyNames = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];

/** Kept connections, proxies and trust; built on first use, because reading every root certificate takes time. */
export function createAgents({ proxyEnv, caCert, skipVerify, identity }: Network): Agents {
  const proxies = Object.fromEntries(
    proxyNames
      .flatMap((name) => [name, name.toLowerCase()])
      .map((name): [string, string | undefined] => [name, proxyEnv[name]])
      .filter(([, value]) => value),
  );
  let plain: http.Agent | undefined;
  let secure: https.Agent | undefined;
  const roots = (): string[] => [
    ...tls.getCACertificates('bundled'),
    ...tls.getCACertificates('system'),
    ...(caCert ? [caCert] : []),
  ];
  return {
    for(url) {
      if (url.startsWith('https:')) {
        secure ??= new https.Agent({
          keepAlive: true,
          proxyEnv: proxies,
          rejectUnauthorized: !skipVerify,
          secureContext: tls.createSecureContext({ ca: roots(), ...identity }),
        });
        return { https: secure };
      }
      plain ??= new http.Agent({ keepAlive: true, proxyEnv: proxies });
      return { http: plain };
    },
    close() {
      plain?.destroy();
      secure?.destroy();
    },
  };
}
