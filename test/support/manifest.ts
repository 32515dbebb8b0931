import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';

/** What of Kubernetes' objects the examples use, and no more: anything else is refused, so that nothing is overlooked. */
type Value = { secretKeyRef: { name: string; key: string } };
type Source = {
  configMap?: { name: string };
  secret?: { name: string; items: { key: string; path: string }[] };
};
type Volume = {
  name: string;
  projected?: { sources: Source[] };
  emptyDir?: object;
  persistentVolumeClaim?: { claimName: string };
};
type Probe = { httpGet: { path: string; port: string } };
export type Container = {
  name: string;
  image: string;
  args: string[];
  ports: { name: string; containerPort: number }[];
  env: { name: string; value?: string; valueFrom?: Value }[];
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
  readinessProbe: Probe;
  livenessProbe: Probe;
  lifecycle: { preStop: { exec: { command: string[] } } };
  securityContext: {
    allowPrivilegeEscalation: boolean;
    readOnlyRootFilesystem: boolean;
    capabilities: { drop: string[] };
  };
};
export type Pod = {
  terminationGracePeriodSeconds: number;
  securityContext: { runAsUser: number; runAsGroup: number; fsGroup: number };
  containers: [Container];
  volumes: Volume[];
};
type Labels = Readonly<Record<string, string>>;
export type Thing = {
  kind: string;
  metadata: { name: string };
  data?: Record<string, string>;
  stringData?: Record<string, string>;
  spec?: {
    replicas?: number;
    strategy?: { type?: string };
    selector?: Labels & { matchLabels?: Labels };
    ports?: { name: string; port: number; targetPort: string }[];
    template?: { metadata: { labels: Labels }; spec: Pod };
    rules?: {
      host: string;
      http: { paths: { backend: { service: { name: string; port: { name: string } } } }[] };
    }[];
  };
};

export const thingsOf = (...texts: readonly string[]): Thing[] =>
  texts.flatMap((text) =>
    parseAllDocuments(text).map((each) => {
      if (each.errors.length > 0) throw each.errors[0];
      return each.toJS() as Thing;
    }),
  );

export function thing(things: readonly Thing[], kind: string, name?: string): Thing {
  const found = things.filter(
    (each) => each.kind === kind && (name === undefined || each.metadata.name === name),
  );
  const [only] = found;
  if (!only || found.length > 1) throw new Error(`${found.length} things are ${kind} ${name}`);
  return only;
}

export const podOf = (things: readonly Thing[]): Pod => {
  const pod = thing(things, 'Deployment').spec?.template?.spec;
  if (!pod) throw new Error('the Deployment has no pod');
  return pod;
};

/** The variables of the container, as the kubelet fills them in. */
export const variablesOf = (things: readonly Thing[]): Record<string, string> =>
  Object.fromEntries(
    podOf(things).containers[0].env.map(({ name, value, valueFrom }) => {
      const { name: from = '', key = '' } = valueFrom?.secretKeyRef ?? {};
      const found = value ?? thing(things, 'Secret', from).stringData?.[key];
      if (found === undefined) throw new Error(`${name}: there is no ${key} in the Secret ${from}`);
      return [name, found];
    }),
  );

/** What the kubelet and the runtime make of the pod, as flags of `docker run`. */
export function flagsOf(
  things: readonly Thing[],
  folder: string,
  volumeOf: (claim: string) => string,
): readonly string[] {
  const pod = podOf(things);
  const [container] = pod.containers;
  const { runAsUser, runAsGroup, fsGroup } = pod.securityContext;
  const { capabilities, readOnlyRootFilesystem, allowPrivilegeEscalation } =
    container.securityContext;
  return [
    ...['--user', `${runAsUser}:${runAsGroup}`, '--group-add', String(fsGroup)],
    ...(readOnlyRootFilesystem ? ['--read-only'] : []),
    ...capabilities.drop.flatMap((name) => ['--cap-drop', name]),
    ...(allowPrivilegeEscalation ? [] : ['--security-opt', 'no-new-privileges']),
    ...['--stop-timeout', String(pod.terminationGracePeriodSeconds)],
    ...Object.entries(variablesOf(things)).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
    ...container.volumeMounts.flatMap(({ name, mountPath, readOnly }) => {
      const volume = pod.volumes.find((each) => each.name === name);
      if (volume?.emptyDir) return ['--tmpfs', `${mountPath}:exec,mode=1777`];
      const claim = volume?.persistentVolumeClaim?.claimName;
      if (claim !== undefined) {
        thing(things, 'PersistentVolumeClaim', claim);
        return ['-v', `${volumeOf(claim)}:${mountPath}`];
      }
      if (!volume?.projected) throw new Error(`there is no volume ${name}`);
      const place = path.join(folder, `projected-${name}`);
      lay(things, volume.projected.sources, place);
      return ['-v', `${place}:${mountPath}${readOnly ? ':ro' : ''}`];
    }),
  ];
}

function lay(things: readonly Thing[], sources: readonly Source[], place: string): void {
  const put = (file: string, text: string | undefined): void => {
    if (text === undefined) throw new Error(`${file} is projected from nothing`);
    mkdirSync(path.dirname(path.join(place, file)), { recursive: true, mode: 0o755 });
    writeFileSync(path.join(place, file), text, { mode: 0o644 });
  };
  for (const { configMap, secret } of sources) {
    if (configMap) {
      const { data = {} } = thing(things, 'ConfigMap', configMap.name);
      for (const [file, text] of Object.entries(data)) put(file, text);
    }
    for (const { key, path: file } of secret?.items ?? []) {
      put(file, thing(things, 'Secret', secret?.name).stringData?.[key]);
    }
  }
}
