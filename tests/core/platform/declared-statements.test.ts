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
  });
});
