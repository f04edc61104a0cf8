import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { settings } from '../../core/platform/config';
import { ROOT, readYamlDocuments } from './deploy-files';

type Labels = Record<string, string>;

interface Probe {
  httpGet: { path: string; port: string };
}

interface Container {
  image: string;
  command: string[];
  env?: { name: string; value: string }[];
  ports?: { name: string; containerPort: number }[];
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  resources: { requests: Labels; limits: Labels };
  securityContext: { readOnlyRootFilesystem: boolean; allowPrivilegeEscalation: boolean };
  volumeMounts?: { name: string }[];
}

interface Resource {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: {
    selector?: { matchLabels: Labels };
    podSelector?: { matchLabels: Labels };
    ingress?: { ports: { port: string }[] }[];
    minAvailable?: number;
    replicas?: number;
    template?: {
      metadata: { labels: Labels };
      spec: {
        terminationGracePeriodSeconds?: number;
        securityContext: { runAsNonRoot: boolean };
        containers: Container[];
        volumes?: { name: string }[];
      };
    };
  };
}

const resources = ['migrate', 'ablagh'].flatMap((name) =>
  readYamlDocuments<Resource>(`deploy/kubernetes/${name}.yml`),
);
const named = (kind: string, name: string) =>
  resources.find((resource) => resource.kind === kind && resource.metadata.name === name)?.spec;
const pods = resources.flatMap(({ spec }) => spec.template ?? []);
const containers = pods.flatMap(({ spec }) => spec.containers);
const podsOf = (labels: Labels = {}) =>
  pods.filter(({ metadata }) =>
    Object.entries(labels).every(([key, value]) => metadata.labels[key] === value),
  );

/** The kinds and versions of the example: an unknown one is a slip. */
const VERSIONS: Labels = {
  Deployment: 'apps/v1',
  Job: 'batch/v1',
  Service: 'v1',
  PodDisruptionBudget: 'policy/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
};

/** The deadline of `closeOnSignal`, and five seconds in which the service drops the pod. */
const STOPPING_SECONDS = 25 + 5;

describe('the example for Kubernetes', () => {
  it('has known kinds and versions, and each name once', () => {
    for (const { kind, apiVersion } of resources) expect([kind, apiVersion]).toEqual([kind, VERSIONS[kind]]);
    const names = resources.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('runs the entries of this project, in one image', () => {
    const entries = containers.map(({ command }) => command[1]?.replace(/^dist\/(.*)\.js$/, '$1.ts'));
    expect(entries.sort()).toEqual(['api/main.ts', 'migrations/main.ts', 'workers/main.ts']);
    for (const entry of entries) expect(existsSync(join(ROOT, entry as string))).toBe(true);
    expect(new Set(containers.map(({ image }) => image)).size).toBe(1);
  });

  it('sets only existing settings', () => {
    const names = containers.flatMap(({ env }) => env ?? []).map(({ name }) => name);
    expect(names.filter((name) => !(name in settings))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(['PORT', 'WORKERS_PORT']));
  });

  it.each([
    ['ablagh-api', 'http', 'PORT', ['/livez', '/readyz']],
    ['ablagh-workers', 'metrics', 'WORKERS_PORT', ['/livez']],
  ])('%s is asked at port %s, where it listens', (name, port, setting, paths) => {
    const container = named('Deployment', name)?.template?.spec.containers[0];
    const listens = container?.env?.find((entry) => entry.name === setting)?.value;
    expect(container?.ports).toEqual([{ name: port, containerPort: Number(listens) }]);
    const probes = [container?.livenessProbe, container?.readinessProbe].flatMap(
      (probe) => probe?.httpGet ?? [],
    );
    expect(probes).toEqual(paths.map((path) => ({ path, port })));
  });

  it.each(['ablagh-api', 'ablagh-workers'])(
    '%s is selected, kept available and isolated as a whole',
    (name) => {
      const deployment = named('Deployment', name);
      const own = deployment?.template as (typeof pods)[number];
      const ports = own.spec.containers.flatMap((container) => container.ports ?? []);
      const selections = [deployment, named('PodDisruptionBudget', name), named('NetworkPolicy', name)].map(
        (spec) => podsOf((spec?.selector ?? spec?.podSelector)?.matchLabels),
      );
      expect(selections).toEqual([[own], [own], [own]]);
      expect(named('PodDisruptionBudget', name)?.minAvailable).toBeLessThan(deployment?.replicas as number);
      expect(named('NetworkPolicy', name)?.ingress?.flatMap((rule) => rule.ports)).toEqual(
        ports.map((port) => ({ port: port.name })),
      );
    },
  );

  it('gives every process enough time to stop, and only the rights it needs', () => {
    for (const name of ['ablagh-api', 'ablagh-workers']) {
      const grace = named('Deployment', name)?.template?.spec.terminationGracePeriodSeconds;
      expect(grace).toBeGreaterThan(STOPPING_SECONDS);
    }
    for (const { spec } of podsOf()) {
      expect(spec.securityContext.runAsNonRoot).toBe(true);
      for (const { securityContext, resources: needs, volumeMounts = [] } of spec.containers) {
        expect(securityContext).toMatchObject({
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
        });
        expect(Object.keys(needs.requests)).toEqual(['cpu', 'memory']);
        expect(needs.limits.memory).toMatch(/^\d+Mi$/);
        expect(volumeMounts.map((mount) => mount.name)).toEqual((spec.volumes ?? []).map(({ name }) => name));
      }
    }
  });
});
