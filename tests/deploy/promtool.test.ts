import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesIn, ROOT, readText } from './deploy-files';

const WITHOUT_PROMTOOL = `
╔════════════════════════════════════════════════════════════════════════╗
║  PROMETHEUS' OWN CHECK OF RULES AND DASHBOARDS WAS LEFT OUT.           ║
║  There is no promtool on the PATH: Debian has it in its package        ║
║  prometheus. What follows shows only that names and forms are right.   ║
╚════════════════════════════════════════════════════════════════════════╝
`;

const there = spawnSync('promtool', ['--version']).status === 0;
if (!there) process.stderr.write(WITHOUT_PROMTOOL);

/** @throws Error with promtool's message */
const promtool = (...args: string[]): string =>
  execFileSync('promtool', args, { cwd: join(ROOT, 'deploy/prometheus'), encoding: 'utf8', stdio: 'pipe' });

/** The queries of all dashboards, with Grafana's variables filled in. */
const queries = filesIn('deploy/grafana/dashboards').flatMap((path) =>
  [...readText(path).matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(([, text]) =>
    (JSON.parse(text as string) as string).replaceAll('$__rate_interval', '1m').replaceAll('$line', 'first'),
  ),
);

const checks: Record<string, () => void> = {
  'takes the configuration and the rules it names': () => {
    expect(promtool('check', 'config', 'prometheus.yml')).toContain('rules found');
  },
  'sees every rule fire and keep silent as its tests say': () => {
    expect(promtool('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
  },
  'understands every query of the dashboards': () => {
    const folder = mkdtempSync(join(tmpdir(), 'ablagh-promtool-'));
    const rules = queries.map((expr, i) => ({ record: `query:${i}`, expr }));
    writeFileSync(join(folder, 'queries.json'), JSON.stringify({ groups: [{ name: 'queries', rules }] }));
    try {
      expect(promtool('check', 'rules', join(folder, 'queries.json'))).toContain(`${queries.length} rules`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

describe('promtool', () => {
  it(`is ${there ? '' : 'not '}there`, () => {
    expect(queries.length).toBeGreaterThan(40);
  });
  for (const [name, check] of there ? Object.entries(checks) : []) it(name, check);
});
