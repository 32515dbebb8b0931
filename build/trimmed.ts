import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

type Trim = { readonly why: string; readonly change: (source: string) => string };

const absent = (name: string): string =>
  `export default class { constructor() { throw new Error(${JSON.stringify(`${name} is not in this bundle`)}); } }`;

/** A maker that is called when the app is made, of something that fails when it is used. */
const missing = (name: string): string =>
  `module.exports = () => () => { throw new Error(${JSON.stringify(`${name} is not in this bundle`)}); };`;

/** What `instanceof` asks of a global loads that global; undici is 27 ms. A string or bytes need not be asked. */
const asksFirst = (source: string): string =>
  source.replaceAll(
    /((?:options\.)?body) instanceof (FormData|ReadableStream)/g,
    (asked, body, name) =>
      `(Object.prototype.toString.call(${body}) === '[object ${name}]' && ${asked})`,
  );
const decodesBy = (source: string): string => `import { TextDecoder } from 'node:util';\n${source}`;

/**
 * Parts of packages that src/http/client.ts and src/server/app.ts cannot reach with the options they give. Each stands
 * for a file; what would reach it anyway fails loudly instead of going on. test/bundle.test.ts runs the client as it
 * is bundled.
 */
const trims: Readonly<Record<string, Trim>> = {
  'cacheable-request/dist/index.js': {
    why: "Only got's option `cache` makes one; it brings keyv, http-cache-semantics, normalize-url, get-stream.",
    change: () => `${absent('cacheable-request')}\nexport class CacheError extends Error {}`,
  },
  'got/dist/source/core/utils/dns-cache.js': {
    why: "Only got's option `dnsCache` makes one.",
    change: () => absent("got's DNS cache"),
  },
  'got/dist/source/core/utils/http2-client.js': {
    why: "Only got's option `http2` reads it; it subclasses streams and starts a session pool when loaded.",
    change: () => 'export default undefined;',
  },
  'got/dist/source/core/index.js': {
    why: 'It asks whether each body is a FormData or a stream of the web, which loads them; and TextDecoder, as below.',
    change: (source) => decodesBy(asksFirst(source)),
  },
  'got/dist/source/core/response.js': {
    why: 'The global TextDecoder loads streams of the web; the same class is in util.',
    change: decodesBy,
  },
  'got/dist/source/core/utils/decompress-response.js': {
    why: 'It asks zlib for Zstandard when loaded; our Node has it.',
    change: (source) =>
      source.replace(
        "...(typeof zlib.createZstdDecompress === 'function' ? ['zstd'] : [])",
        "'zstd'",
      ),
  },
  'got/dist/source/core/options.js': {
    why: 'It names tls.checkServerIdentity for plain HTTP too, which loads tls: 10 ms.',
    change: (source) =>
      // The very function, not one that calls it: Node keeps connections apart that check in their own way.
      source.replace(
        'checkServerIdentity: https.checkServerIdentity ?? checkServerIdentity,',
        "...(url.protocol === 'https:' && { checkServerIdentity: https.checkServerIdentity ?? checkServerIdentity }),",
      ),
  },
  'decompress-response/index.js': {
    why: 'It asks zlib for Zstandard when loaded; our Node has it.',
    change: (source) => source.replace(/^const supportsZstd = .*$/m, 'const supportsZstd = true;'),
  },
  '@sindresorhus/is/distribution/index.js': {
    why: 'It builds two Intl.ListFormat at once for messages hardly ever seen: 16 ms of ICU data.',
    change: (source) =>
      source.replace(
        /^const (\w+) = (new Intl\.ListFormat\(.*\));$/gm,
        'const $1 = { format: (list) => $2.format(list) };',
      ),
  },
  '@fastify/ajv-compiler/index.js': {
    why: "Only a route's schema makes one, and ours have none: src/deployments judges. It brings Ajv, 270 KB.",
    change: () => missing("Fastify's validator"),
  },
  '@fastify/fast-json-stringify-compiler/index.js': {
    why: "Only a route's schema makes one; 150 KB.",
    change: () => missing("Fastify's serializer"),
  },
  'light-my-request/index.js': {
    why: 'Only inject(), which is for tests, asks for it.',
    change: () => missing('inject()'),
  },
  'fastify/lib/plugin-utils.js': {
    why: 'Only plugins that name a version of Fastify have it compared; semver is 46 KB.',
    change: (source) => source.replace("require('semver')", 'undefined'),
  },
  'fastify/lib/request.js': {
    why: 'Only the option `trustProxy` calls it.',
    change: (source) => source.replace("require('@fastify/proxy-addr')", 'undefined'),
  },
  'fastify/lib/logger-factory.js': {
    why: 'A package without a licence file, for six functions that do nothing.',
    change: (source) =>
      source.replace(
        "require('abstract-logging')",
        '{ fatal() {}, error() {}, warn() {}, info() {}, debug() {}, trace() {} }',
      ),
  },
};

/** Fails when a package moved or changed the file, so that an update cannot undo this in silence. */
export const trimmed: Plugin = {
  name: 'trimmed',
  setup(build) {
    const seen = new Set<string>();
    build.onStart(() => seen.clear());
    build.onLoad({ filter: /node_modules/ }, ({ path }) => {
      const found = Object.entries(trims).find(([file]) =>
        path.replaceAll('\\', '/').endsWith(`/node_modules/${file}`),
      );
      if (!found) return undefined;
      const [file, { change }] = found;
      const source = readFileSync(path, 'utf8');
      const contents = change(source);
      if (contents !== source) seen.add(file);
      return { contents };
    });
    build.onEnd((result) => {
      const paths = Object.keys(result.metafile?.inputs ?? {});
      const uses = (name: string): boolean =>
        paths.some((path) => path.includes(`node_modules/${name}/`));
      const unused = Object.keys(trims).filter(
        (file) => uses(/fastify|light-my/.test(file) ? 'fastify' : 'got') && !seen.has(file),
      );
      return {
        errors: unused.map((file) => ({
          text: `${file} is not there any more, or reads differently; look at build/trimmed.ts again`,
        })),
      };
    });
  },
};
