import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { build } from 'esbuild';
import { bundling } from '../build.ts';
import { median } from './measure.ts';
import { plantTree } from './tree.ts';
import { peakOfDeploy } from './upload.ts';

const size = { files: 30_000, bytes: 358_000_000 };
const limits = { toPigz: 1.2, toGzip: 1.2, peakMiB: 120 };

type Round = { readonly ms: number; readonly cpuSeconds: number; readonly bytes: number };
type Row = { readonly name: string; readonly rounds: readonly Round[] };

/**
 * The source archive against GNU tar with gzip and with pigz, in turn; its memory, and that of a whole deploy that sends
 * it, also with a tree four times as large.
 */
export async function packTrees(bundle: string, folder: string, rounds: number): Promise<boolean> {
  const program = path.join(folder, 'pack.cjs');
  const entry = path.join(import.meta.dirname, 'pack.ts');
  await build({ ...bundling, entryPoints: [entry], outfile: program, format: 'cjs' });
  const tree = planted(folder, 'tree', 1);
  const out = path.join(folder, 'archive.tgz');
  const ours = `"${process.execPath}" "${program}" "${tree}" "${folder}"`;
  const cases = [
    { name: 'tar | gzip', command: `tar -c -C "${tree}" . | gzip > "${out}"`, out },
    ...(hasPigz()
      ? [{ name: 'tar | pigz -1', command: `tar -c -C "${tree}" . | pigz -1 > "${out}"`, out }]
      : []),
    { name: 'Slipway', command: ours },
  ];
  const table = Array.from({ length: rounds }, () => cases.map((one) => run(one.command, one.out)));
  const rows = cases.map(({ name }, at) => ({
    name,
    rounds: table.flatMap((row) => row[at] ?? []),
  }));
  const peaks = [
    { what: 'packing', peakMiB: peakOf(ours) },
    await sent(bundle, tree, 'a deploy that sends it'),
  ];
  rmSync(tree, { recursive: true });
  const large = planted(folder, 'large', 4);
  const packed = peakOf(`"${process.execPath}" "${program}" "${large}" "${folder}"`);
  peaks.push({ what: 'packing, tree four times as large', peakMiB: packed });
  peaks.push(await sent(bundle, large, 'a deploy that sends it, tree four times as large'));
  rmSync(large, { recursive: true });
  return tell(rows, peaks);
}

type Peak = { readonly what: string; readonly peakMiB: number };

const sent = async (bundle: string, tree: string, what: string): Promise<Peak> => ({
  what,
  peakMiB: await peakOfDeploy(bundle, tree),
});

function planted(folder: string, name: string, times: number): string {
  const root = path.join(folder, name);
  mkdirSync(root);
  plantTree(root, { files: size.files * times, bytes: size.bytes * times });
  return root;
}

const hasPigz = (): boolean => spawnSync('pigz', ['--version']).status === 0;

/** The shell knows what all the processes of a pipe took. */
function run(command: string, out?: string): Round {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync('sh', ['-c', `${command}; times`], {
    encoding: 'utf8',
  });
  const ms = performance.now() - start;
  if (status !== 0 || stderr) throw new Error(`${command} exited with ${status}: ${stderr}`);
  const lines = stdout.trim().split('\n');
  const [, user, userSeconds, system, systemSeconds] =
    /^(\d+)m([\d.]+)s (\d+)m([\d.]+)s$/.exec(lines.at(-1) ?? '')?.map(Number) ?? [];
  const cpuSeconds =
    ((user ?? Number.NaN) + (system ?? Number.NaN)) * 60 +
    (userSeconds ?? 0) +
    (systemSeconds ?? 0);
  return { ms, cpuSeconds, bytes: out ? statSync(out).size : JSON.parse(lines[0] ?? '').bytes };
}

const peakOf = (command: string): number =>
  JSON.parse(spawnSync('sh', ['-c', command], { encoding: 'utf8' }).stdout).peakMiB;

function tell(rows: readonly Row[], peaks: readonly Peak[]): boolean {
  const ours = rows.at(-1)?.rounds ?? [];
  const toOurs = (name: string, key: keyof Round): number => {
    const theirs = rows.find((row) => row.name === name)?.rounds ?? [];
    return median(theirs.map((round, at) => (ours[at]?.[key] ?? Number.NaN) / round[key]));
  };
  console.log(
    '\nThe source archive of 30,000 files, 358 MB, a tenth of which cannot be made smaller',
  );
  console.table(
    rows.map(({ name, rounds }) => ({
      packer: name,
      'median s': Number((median(rounds.map(({ ms }) => ms)) / 1000).toFixed(2)),
      'cpu s': Number(median(rounds.map(({ cpuSeconds }) => cpuSeconds)).toFixed(2)),
      MB: Number((median(rounds.map(({ bytes }) => bytes)) / 1e6).toFixed(1)),
    })),
  );
  const promises = [
    {
      promise: 'wall, to tar | pigz -1',
      value: toOurs('tar | pigz -1', 'ms'),
      limit: limits.toPigz,
    },
    { promise: 'size, to tar | gzip', value: toOurs('tar | gzip', 'bytes'), limit: limits.toGzip },
    ...peaks.map(({ what, peakMiB }) => ({
      promise: `peak MiB of ${what}`,
      value: peakMiB,
      limit: limits.peakMiB,
    })),
  ];
  const judged = promises.map(({ promise, value, limit }) => ({
    promise,
    value: Number(value.toFixed(2)),
    '≤': limit,
    holds: Number.isNaN(value) ? 'not measured' : value <= limit ? 'yes' : 'NO',
  }));
  console.table(judged);
  if (!hasPigz()) console.log('There is no pigz to compare with: apt-get install pigz');
  return judged.every(({ holds }) => holds !== 'NO');
}

if (import.meta.main) {
  const bundle = path.join(import.meta.dirname, '../dist/slipway.mjs');
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-archive-'));
  process.exitCode = (await packTrees(bundle, folder, Number(process.argv[2] ?? 5))) ? 0 : 1;
  rmSync(folder, { recursive: true });
}
