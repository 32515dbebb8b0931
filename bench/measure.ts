import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';

export type Case = {
  readonly name: string;
  /** Node's arguments. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly status?: number;
};
export type Measured = {
  readonly name: string;
  readonly ms: number;
  /** Median over the rounds of the ratio to the first case: what the machine does meanwhile, it does to both. */
  readonly ratio: number;
  readonly peakMiB: number;
};

/** Runs the cases in turn, round after round, so that each is compared with its neighbour in time. */
export function measure(cases: readonly Case[], rounds: number): Measured[] {
  const peaks = cases.map(peakOf);
  const rows = Array.from({ length: rounds }, () => cases.map(timeOf));
  return cases.map(({ name }, index) => ({
    name,
    ms: median(rows.map((row) => at(row, index))),
    ratio: median(rows.map((row) => at(row, index) / at(row, 0))),
    peakMiB: at(peaks, index),
  }));
}

const at = (row: readonly number[], index: number): number => row[index] ?? Number.NaN;

function timeOf(one: Case): number {
  const start = performance.now();
  runNode(one, one.args);
  return performance.now() - start;
}

// The kernel's own number, told at the very end; in a run of its own, since the asking takes time.
export const teller = `data:text/javascript,${encodeURIComponent(
  "process.on('exit',()=>process.getBuiltinModule('fs').writeSync(3,String(process.resourceUsage().maxRSS)))",
)}`;

function peakOf(one: Case): number {
  return Number(runNode(one, ['--import', teller, ...one.args]).output[3]) / 1024;
}

function runNode({ name, env = {}, status = 0 }: Case, args: readonly string[]) {
  const run = spawnSync(process.execPath, args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (run.status === status) return run;
  throw new Error(`${name} exited with ${run.status}: ${run.stdout}${run.stderr}`);
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export type Limits = Readonly<
  Record<string, { readonly ratio?: number; readonly peakMiB?: number }>
>;

/** Prints the table; tells whether every limit holds. */
export function report(title: string, rows: readonly Measured[], limits: Limits): boolean {
  console.log(`\n${title}`);
  const late = ({ name, ratio, peakMiB }: Measured): boolean =>
    ratio > (limits[name]?.ratio ?? Number.POSITIVE_INFINITY) ||
    peakMiB > (limits[name]?.peakMiB ?? Number.POSITIVE_INFINITY);
  console.table(
    rows.map((row) => ({
      case: row.name,
      'median ms': Number(row.ms.toFixed(1)),
      ratio: Number(row.ratio.toFixed(2)),
      '≤': limits[row.name]?.ratio ?? '',
      'peak MiB': Number(row.peakMiB.toFixed(0)),
      '≤ MiB': limits[row.name]?.peakMiB ?? '',
      holds: limits[row.name] ? (late(row) ? 'NO' : 'yes') : '',
    })),
  );
  return !rows.some(late);
}
