import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { unpack } from '../../../src/checkout/archive/unpack.ts';
import { ending, entryBytes, tarOf } from '../../support/tarball.ts';

/** `node many-files.ts FOLDER COUNT`: unpacks so many files into it, and prints how much memory that took at most. */
const [root = '', count = '0'] = process.argv.slice(2);
const commit = '5'.repeat(40);
const body = Buffer.alloc(700, 'text ');
const perFolder = 1000;

async function* tar(): AsyncGenerator<Uint8Array> {
  yield tarOf([{ path: 'top/', flag: '5' }], { sha: commit, isOpen: true });
  for (let at = 0; at < Number(count); at += 1) {
    const folder = `top/d${Math.floor(at / perFolder)}`;
    if (at % perFolder === 0) yield entryBytes({ path: `${folder}/`, flag: '5' });
    yield entryBytes({ path: `${folder}/f${at}`, body });
  }
  yield ending;
}

const packed = Readable.from(tar()).pipe(createGzip({ level: 1 }));
const signal = new AbortController().signal;
const { files } = await unpack(packed, { root, commit, most: 1024 ** 3, signal });
console.log(JSON.stringify({ files, peakKiB: process.resourceUsage().maxRSS }));
