import type { Run } from '../store/run.ts';

type Labels = Readonly<Record<string, string>>;

/** What is counted; everything is in the table, so that nobody counts under a name that is not documented. */
const counters = {
  slipway_runs_accepted_total: 'Requests for runs, by door and by what became of them.',
  slipway_runs_ended_total:
    'Runs that this process ended, those that waited too, by deployment and status.',
  slipway_webhook_deliveries_total: 'Deliveries that were believed, by forge and answer.',
  slipway_webhook_rejections_total: 'Deliveries that were refused, by forge and reason.',
  slipway_forge_errors_total:
    'Calls to forges, and to others who are told, that failed in the end, by host and kind.',
  slipway_login_failures_total: 'Wrong tokens.',
  slipway_http_requests_total: 'Answers, by method, route and status.',
} as const;
const histograms = {
  slipway_intake_seconds: {
    about: 'From a request for a run to its durable acceptance.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  },
  slipway_run_wait_seconds: {
    about: 'From acceptance to start.',
    buckets: [1, 5, 15, 60, 300, 900, 3600],
  },
  slipway_run_duration_seconds: {
    about: 'From start to end.',
    buckets: [5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600],
  },
} as const;
/** What is looked up when somebody asks. */
const gauges = {
  slipway_info: 'The version that runs.',
  slipway_ready: 'Whether new runs are taken.',
  slipway_runs: 'Runs that are kept, by status.',
  slipway_queue_depth: 'Runs that wait for their turn.',
  slipway_queue_age_seconds: 'How long the run that waits longest has waited.',
} as const;

/** Every figure, for the docs. */
export const figures: readonly (readonly [name: string, type: string, about: string])[] = [
  ...Object.entries(gauges).map(([name, about]) => [name, 'gauge', about] as const),
  ...Object.entries(counters).map(([name, about]) => [name, 'counter', about] as const),
  ...Object.entries(histograms).map(([name, { about }]) => [name, 'histogram', about] as const),
];

export type Metrics = {
  count(name: keyof typeof counters, labels: Labels): void;
  observe(name: keyof typeof histograms, labels: Labels, seconds: number): void;
  /** A run that this process ended. */
  ended(run: Run): void;
  /** All of it in Prometheus' text format, behind these lines. */
  text(looked: readonly Gauge[]): string;
};
export type Gauge = {
  readonly name: keyof typeof gauges;
  readonly values: readonly (readonly [Labels, number])[];
};

type Histogram = { readonly counts: number[]; sum: number; total: number };

export function createMetrics(): Metrics {
  const counted = new Map<string, Map<string, number>>();
  const observed = new Map<string, Map<string, Histogram>>();

  const metrics: Metrics = {
    count(name, labels) {
      const values = of(counted, name, () => new Map<string, number>());
      const key = labelText(labels);
      values.set(key, (values.get(key) ?? 0) + 1);
    },
    observe(name, labels, measured) {
      // A clock that was set back took no time away.
      const seconds = Math.max(0, measured);
      const { buckets } = histograms[name];
      const values = of(observed, name, () => new Map<string, Histogram>());
      const value = of(values, labelText(labels), () => ({
        counts: buckets.map(() => 0),
        sum: 0,
        total: 0,
      }));
      for (const [at, bound] of buckets.entries()) {
        if (seconds <= bound) value.counts[at] = (value.counts[at] ?? 0) + 1;
      }
      value.sum += seconds;
      value.total += 1;
    },
    ended({ deployment, status, createdAt, startedAt, endedAt }) {
      metrics.count('slipway_runs_ended_total', { deployment, status });
      if (startedAt === undefined) return;
      metrics.observe('slipway_run_wait_seconds', { deployment }, (startedAt - createdAt) / 1000);
      if (endedAt === undefined) return;
      metrics.observe('slipway_run_duration_seconds', { deployment }, (endedAt - startedAt) / 1000);
    },
    text: (looked) =>
      [
        ...looked.flatMap(gaugeLines),
        ...Object.entries(counters).flatMap(([name, about]) => [
          ...headOf(name, about, 'counter'),
          ...Array.from(counted.get(name) ?? [], ([labels, value]) => `${name}${labels} ${value}`),
        ]),
        ...Object.entries(histograms).flatMap(([name, { about, buckets }]) => [
          ...headOf(name, about, 'histogram'),
          ...Array.from(observed.get(name) ?? []).flatMap(([labels, value]) =>
            histogramLines(name, labels, buckets, value),
          ),
        ]),
        '',
      ].join('\n'),
  };
  return metrics;
}

function of<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}

const headOf = (name: string, about: string, type: string): readonly string[] => [
  `# HELP ${name} ${about}`,
  `# TYPE ${name} ${type}`,
];

const gaugeLines = ({ name, values }: Gauge): readonly string[] => [
  ...headOf(name, gauges[name], 'gauge'),
  ...values.map(([labels, value]) => `${name}${labelText(labels)} ${value}`),
];

function histogramLines(
  name: string,
  labels: string,
  buckets: readonly number[],
  { counts, sum, total }: Histogram,
): readonly string[] {
  const within = (bound: string): string =>
    labels === '' ? `{le="${bound}"}` : `${labels.slice(0, -1)},le="${bound}"}`;
  return [
    ...buckets.map((bound, at) => `${name}_bucket${within(String(bound))} ${counts[at]}`),
    `${name}_bucket${within('+Inf')} ${total}`,
    `${name}_sum${labels} ${sum}`,
    `${name}_count${labels} ${total}`,
  ];
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
