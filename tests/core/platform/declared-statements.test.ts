import { Client } from 'pg';
import { declaredStatements } from '../../../core/platform/statement';
import { useDatabase } from '../../support/database';
import { createStatementDescriber } from '../../support/describe-statement';
import { productionFiles } from '../../support/production-files';

const test = useDatabase();
const FOLDERS = [
  'core',
  'api',
  'workers',
  'web',
  'cli',
  'migrations',
  'embedded',
  'bench',
  'faults',
] as const;
const DECLARES = /= statement(<|\()/;
const files = productionFiles(FOLDERS);

/** Entries run when they are loaded, so none may declare a statement. */
const isEntry = (path: string) => /(^|\/)main\.ts$/.test(path) || path === 'embedded/api.ts';

/** The home of the outbox's one INSERT, an old migration, and builds of others that the benchmarks compare with. */
const FOREIGN = [
  'core/platform/outbox.ts',
  'migrations/008-outbox-sets.ts',
  'bench/bare-inserts.ts',
  'bench/textbook.ts',
];

describe('every declared statement', () => {
  let client: Client;

  beforeAll(async () => {
    for (const { absolute, path, text } of files)
      if (DECLARES.test(text) && !isEntry(path)) require(absolute);
    client = new Client({ connectionString: test.url });
    await client.connect();
  });
  afterAll(() => client.end());

  it('gives the columns it declares, by the word of PostgreSQL', async () => {
    const statements = declaredStatements();
    const describer = await createStatementDescriber(client);
    const faults: string[] = [];
    for (const statement of statements) {
      const differences = await describer
        .differences(statement)
        .catch((error: Error) => [`PostgreSQL refuses it: ${error.message}`]);
      faults.push(...differences.map((difference) => `${statement.name}: ${difference}`));
    }
    expect(faults).toEqual([]);
    expect(statements.length).toBeGreaterThan(100);
  });
});

describe('no production file', () => {
  it.each([
    ['reads rows that no statement declares', /\.query<(?!Row\b)/],
    ['binds more than three values by position', /\$([4-9]|[1-9]\d)\b(?!-)/],
    ['writes to the outbox by hand', /INSERT INTO outbox/],
  ])('%s', (_, pattern) => {
    const offenders = files.filter(({ path, text }) => !FOREIGN.includes(path) && pattern.test(text));
    expect(offenders.map(({ path }) => path)).toEqual([]);
  });

  it('that runs when it is loaded declares a statement', () => {
    expect(files.filter(({ path, text }) => isEntry(path) && DECLARES.test(text))).toEqual([]);
  });
});
