import type { FastifyInstance } from 'fastify';
import { jsonBytes, sendText } from '../answer.ts';
import { openApi } from '../openapi.ts';
import { addressesOf, assetsOf } from '../page/assets.ts';
import { docsPage } from '../page/docs-page.ts';
import { textOf } from '../page/html.ts';
import type { Parts } from '../parts.ts';

/** Neither depends on slipway.yml, so both are made once. */
export function docsRoutes(
  app: FastifyInstance,
  { catalog, version, publicUrl, links, clock }: Parts,
): void {
  const document = openApi(catalog, version, publicUrl);
  const json = jsonBytes(document);
  const assets = addressesOf(assetsOf(), links);
  const frame = { links, assets, now: clock.now(), viewer: undefined };
  const page = textOf(docsPage(frame, document));

  app.get('/openapi.json', async (_, reply) =>
    reply.header('content-type', 'application/json').send(json),
  );
  app.get('/docs', async (_, reply) =>
    sendText(
      reply.header(
        'content-security-policy',
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; frame-ancestors 'none'",
      ),
      'text/html',
      page,
    ),
  );
}
