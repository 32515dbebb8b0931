import type { FastifyInstance } from 'fastify';
import { Failure, notFound } from '../failure.ts';

/** Tells a wrong method from a wrong address: call it before the first route. */
export function watchRoutes(app: FastifyInstance): void {
  const known = new Map<string, { readonly shape: RegExp; readonly methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    const shape = new RegExp(`^${url.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+')}/?$`);
    const entry = known.get(url) ?? { shape, methods: new Set() };
    known.set(url, entry);
    for (const each of [method].flat()) entry.methods.add(each);
  });
  app.setNotFoundHandler((request) => {
    const [path = ''] = request.url.split('?');
    const methods = [...known.values()]
      .filter(({ shape }) => shape.test(path))
      .flatMap((entry) => [...entry.methods]);
    if (methods.length === 0) throw notFound();
    const allow = [...new Set(methods)].sort().join(', ');
    throw new Failure(405, 'wrong_method', `Send ${allow} here.`, { headers: { allow } });
  });
}
