import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const text = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
const named = [...text.matchAll(/`(tests\/[^`]+)`/g)].map(([, path]) => path as string);
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split('|').slice(1, -1));

describe('docs/security.md', () => {
  it('names tests that exist', () => {
    expect(named.filter((path) => !/\.test\.tsx?$/.test(path) || !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('names a test for each guard', () => {
    const guards = rows.filter((cells) => cells.length === 4 && !/^ (who|-+) /.test(cells[0] as string));
    expect(guards.length).toBeGreaterThan(25);
    expect(guards.filter((cells) => !cells[3]?.includes('`tests/')).map(([who]) => who)).toEqual([]);
  });

  it('names every test of the security folder', () => {
    const tests = readdirSync(__dirname).filter(
      (name) => name.endsWith('.test.ts') && name !== 'document.test.ts',
    );
    expect(tests.filter((name) => !named.includes(`tests/security/${name}`))).toEqual([]);
  });

  it('covers every chapter of the ASVS, and names the unmet requirements of each', () => {
    const chapters = rows.filter(([name]) => /^ V\d+ /.test(name as string));
    expect(chapters.map(([name]) => Number(/V(\d+)/.exec(name as string)?.[1]))).toEqual(
      Array.from({ length: 17 }, (_, i) => i + 1),
    );
    expect(
      chapters.filter((cells) => cells.length !== 3 || cells.some((cell) => cell.trim() === '')),
    ).toEqual([]);
  });
});
