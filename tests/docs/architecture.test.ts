import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ALERT_TRANSITIONS } from '../../core/alerts/states';
import { QUEUE_NAMES } from '../../core/platform/queues';
import { TABLE_RIGHTS } from '../../migrations/rights';

const ROOT = join(__dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const architecture = read('docs/architecture.md');
/** The cells of the tables below a heading. */
const tableBelow = (heading: string): string[][] => {
  const [, section = ''] = architecture.split(`\n## ${heading}\n`);
  return (section.split('\n## ')[0] as string)
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[ -]+\|/.test(line))
    .map((line) => line.split('|').slice(1, -1));
};
const namedIn = (cell: string | undefined): string[] =>
  Array.from((cell ?? '').matchAll(/`([^`]+)`/g), ([, name]) => name as string);

describe('docs/architecture.md', () => {
  it('lists every queue, and no other', () => {
    const listed = tableBelow('Queues').flatMap(([names]) => namedIn(names));
    expect(listed.toSorted()).toEqual([...QUEUE_NAMES].toSorted());
  });

  it('lists every table, and no other', () => {
    const listed = tableBelow('Tables').flatMap(([names]) => namedIn(names));
    expect(listed.toSorted()).toEqual(Object.keys(TABLE_RIGHTS).toSorted());
  });

  it('lists every transition of an alert, and no other', () => {
    const rows = tableBelow('The life of an alert')
      .slice(1)
      .map(([from, to]) => [namedIn(from)[0], namedIn(to)[0]]);
    const allowed = Object.entries(ALERT_TRANSITIONS).flatMap(([from, states]) =>
      states.map((to) => [from, to]),
    );
    expect(rows.toSorted()).toEqual(allowed.toSorted());
    const [, diagram = ''] = architecture.split('stateDiagram-v2');
    const arrows = Array.from(
      (diagram.split('```')[0] as string).matchAll(/(\w+) --> (\w+):/g),
      ([, from, to]) => [from, to],
    );
    expect(arrows.toSorted()).toEqual(allowed.toSorted());
  });

  it('names every room, and every folder of core', () => {
    const rooms = tableBelow('Rooms')
      .flatMap(([names]) => namedIn(names))
      .map((name) => name.replace(/\/$/, ''));
    const isRoom = (path: string) =>
      readdirSync(path, { recursive: true, encoding: 'utf8' }).some((name) => /\.tsx?$/.test(name));
    const top = readdirSync(ROOT, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !/^\.|^(node_modules|dist|docs|deploy)$/.test(entry.name))
      .filter((entry) => isRoom(join(ROOT, entry.name)));
    const inCore = readdirSync(join(ROOT, 'core'));
    expect(rooms.toSorted()).toEqual([...top.map(({ name }) => name), ...inCore].toSorted());
  });

  it('explains its words in alphabetical order, each once', () => {
    const words = tableBelow('Glossary')
      .map(([word]) => (word as string).trim())
      .slice(1);
    expect(words.length).toBeGreaterThanOrEqual(40);
    expect(words).toEqual([...new Set(words)].toSorted((a, b) => a.localeCompare(b, 'en')));
  });
});

describe('each document', () => {
  const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']
    .concat(readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`))
    .concat(readdirSync(join(ROOT, 'docs/decisions')).map((name) => `docs/decisions/${name}`))
    .filter((path) => path.endsWith('.md'));

  it.each(documents)('%s points at files that exist', (path) => {
    const links = Array.from(read(path).matchAll(/\]\((?!https?:)([^)#\s]+)/g), ([, link]) => link as string);
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(path), link)))).toEqual([]);
  });

  it.each(documents)('%s names source files that exist', (path) => {
    const files = Array.from(
      read(path).matchAll(
        /`((?:api|bench|cli|client|core|embedded|faults|migrations|tests|web|workers)\/[\w./-]+\.tsx?)`/g,
      ),
      ([, file]) => file as string,
    );
    const examples = path === 'CONTRIBUTING.md' ? /reminders|help-/ : /^$/;
    expect(files.filter((file) => !examples.test(file) && !existsSync(join(ROOT, file)))).toEqual([]);
  });
});
