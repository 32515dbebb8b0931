import { fakeDiversion } from '../test/support/diversion/fake-diversion.ts';

/** `node bench/diversion-server.ts TOKEN FILES BYTES TIMES MS`: so many files of a size, each answer so late. */
const [token = '', files = '', bytes = '', times = '', latencyMs = ''] = process.argv.slice(2);
const perFolder = 100;
const fake = await fakeDiversion({
  ...{ token, latencyMs: Number(latencyMs) },
  files: Object.fromEntries(
    Array.from({ length: Number(files) }, (_, at) => [
      `d${Math.floor(at / perFolder)}/f${at}`,
      { body: Buffer.alloc(Number(bytes), `file ${at} `), times: Number(times) },
    ]),
  ),
});
console.log(JSON.stringify({ url: fake.url, authUrl: fake.authUrl }));
// Servers on loopback keep no process alive.
setInterval(() => {}, 1_000_000);
process.once('disconnect', () => process.exit());
