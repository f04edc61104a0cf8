import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { registerGauges } from '../../core/monitoring/gauges';
import { createMetrics } from '../../core/platform/metrics';
import { filesIn, ROOT, readText, readYaml } from './deploy-files';

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; description: string; runbook: string };
}

interface RuleTest {
  alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[];
}

interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string }[];
}

interface Dashboard {
  uid: string;
  title: string;
  panels: Panel[];
  templating: { list: { name: string; definition?: string }[] };
}

const rules = readYaml<{ groups: { rules: Rule[] }[] }>('deploy/prometheus/alerts.yml').groups.flatMap(
  (group) => group.rules,
);
const ruleTests = readYaml<{ tests: RuleTest[] }>('deploy/prometheus/alerts.test.yml').tests.flatMap(
  (test) => test.alert_rule_test,
);
const dashboards = filesIn('deploy/grafana/dashboards').map(
  (path) => JSON.parse(readText(path)) as Dashboard,
);
const queriesOf = ({ panels, templating }: Dashboard) => [
  ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...templating.list.flatMap(({ definition }) => definition ?? []),
];

/** Lists the names of every series of a process; a histogram has three. */
function toldByAProcess(): Set<string> {
  const metrics = createMetrics();
  registerGauges(metrics, { query: async () => [] });
  const told = metrics.registry.getMetricsAsArray() as { name: string; type: unknown }[];
  return new Set(
    told.flatMap(({ name, type }) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name],
    ),
  );
}

const namesIn = (query: string): string[] => query.match(/\b(?:ablagh|process|nodejs)_[a-z0-9_]+/g) ?? [];

describe('the rules and dashboards', () => {
  const told = toldByAProcess();

  it.each([
    ...rules.map(({ alert, expr }) => [alert, [expr]] as const),
    ...dashboards.map((dashboard) => [dashboard.title, queriesOf(dashboard)] as const),
  ])('ask for nothing that no process tells: %s', (_, queries) => {
    const unknown = queries.flatMap(namesIn).filter((name) => !told.has(name));
    expect(unknown).toEqual([]);
  });

  it('query at least one series', () => {
    expect(rules.flatMap(({ expr }) => namesIn(expr)).length).toBeGreaterThan(20);
    expect(dashboards.map((dashboard) => queriesOf(dashboard).flatMap(namesIn).length > 10)).toEqual(
      dashboards.map(() => true),
    );
  });

  it('query the processes by their scrape names', () => {
    const { scrape_configs: jobs } = readYaml<{ scrape_configs: { job_name: string }[] }>(
      'deploy/prometheus/prometheus.yml',
    );
    const scraped = jobs.map(({ job_name }) => job_name);
    const asked = [...rules.map(({ expr }) => expr), ...dashboards.flatMap(queriesOf)].flatMap((query) =>
      [...query.matchAll(/job(?:=~?)"([^"]+)"/g)].map(([, job]) => job as string),
    );
    expect(asked.filter((job) => !scraped.some((name) => new RegExp(`^(?:${job})$`).test(name)))).toEqual([]);
    expect(new Set(asked)).toEqual(new Set(['ablagh-.+', ...scraped]));
  });
});

describe('a rule', () => {
  const anchors = new Set(
    [...readText('docs/operation.md').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );

  it.each(rules)('has a severity, a description and a runbook: $alert', (rule) => {
    expect(['critical', 'warning']).toContain(rule.labels.severity);
    expect(rule.annotations.summary.length).toBeGreaterThan(10);
    expect(rule.annotations.description).toMatch(/\.$/);
    const [, anchor] = /^docs\/operation\.md#([\w-]+)$/.exec(rule.annotations.runbook) ?? [];
    expect([...anchors]).toContain(anchor);
  });

  it.each(rules)('is tested firing and silent: $alert', ({ alert }) => {
    const outcomes = ruleTests
      .filter(({ alertname }) => alertname === alert)
      .map(({ exp_alerts: expected = [] }) => expected.length > 0);
    expect(new Set(outcomes)).toEqual(new Set([true, false]));
  });

  it('has a name of its own', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });
});

describe('a dashboard', () => {
  it.each(dashboards)('has panels with different titles that do not overlap: $title', ({ panels }) => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24);
  });

  it.each(dashboards)('queries a series in every panel except headings: $title', ({ panels }) => {
    const empty = panels.filter(({ type, targets = [] }) => type !== 'row' && targets.length === 0);
    expect(empty).toEqual([]);
  });

  it('has an id of its own', () => {
    expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
  });

  it('is in the folder that Grafana reads', () => {
    const { services } = readYaml<{ services: Record<string, { volumes: string[] }> }>(
      'deploy/monitoring.compose.yml',
    );
    const mounts = Object.values(services).flatMap(({ volumes }) =>
      volumes
        .filter((volume) => volume.startsWith('./'))
        .map((volume) => volume.split(':') as [string, string]),
    );
    for (const [folder] of mounts) expect(existsSync(join(ROOT, folder))).toBe(true);
    const { providers } = readYaml<{ providers: { options: { path: string } }[] }>(
      'deploy/grafana/provisioning/dashboards/ablagh.yml',
    );
    const [, mounted] = mounts.find(([folder]) => folder === './deploy/grafana/dashboards') ?? [];
    expect(providers.map(({ options }) => options.path)).toEqual([mounted]);
  });
});
