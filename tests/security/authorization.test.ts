import { useApi } from '../api/test-api';
import { ask } from './ask';
import { SCOPES_NEEDED, TABLE } from './authorization-table';
import { CALLERS, createCallers } from './callers';
import { type Route, routesOf } from './routes';
import { makeScene, type Scene } from './scene';

const app = useApi();
let base: string;
let scene: Scene;
let credentialsOf: Awaited<ReturnType<typeof createCallers>>;
beforeAll(async () => {
  scene = await makeScene(app.api, app.db);
  base = await app.api.listen();
  credentialsOf = await createCallers(app.db, scene);
});

/** Public files, whose names change with their content. */
const unnamed = (url: string): string => url.replace(/^\/assets\/.*/, '/assets/*');
const keyOf = ({ method, url }: Route): string => `${method} ${unnamed(url)}`;

const rows = TABLE.trim()
  .split('\n')
  .map((line) => {
    const [method = '', url = '', ...cells] = line.split(/ +/);
    return { method, url, cells };
  });
const keys = rows.map(keyOf);

/** Finds the row of a route. HEAD has the row of GET unless it has its own. */
const rowOf = (route: Route): string | undefined =>
  [keyOf(route), keyOf({ ...route, method: route.method.replace('HEAD', 'GET') })].find((key) =>
    keys.includes(key),
  );

const cellOf = ({ status, location }: { status: number; location: string | null }): string => {
  if (location?.startsWith('/login?next=')) return 'log';
  return location === '/ops/login' ? 'ops' : String(status);
};

describe('the table of rights', () => {
  it('has a row for every route, and no other', () => {
    const routes = routesOf(app.api.app);
    expect(routes.filter((route) => !rowOf(route)).map(keyOf)).toEqual([]);
    expect(keys.filter((key) => !routes.some((route) => keyOf(route) === key))).toEqual([]);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('has a cell for every kind of caller', () => {
    expect(rows.filter(({ cells }) => cells.length !== CALLERS.length)).toEqual([]);
  });

  it('knows the scope of every route of the API, and of no other', () => {
    const [without, withKey] = [CALLERS.indexOf('nobody'), CALLERS.indexOf('source')];
    const opened = rows.filter(
      ({ url, cells }) => url.startsWith('/v1/') || cells[without] !== cells[withKey],
    );
    expect(opened.map(keyOf).sort()).toEqual(Object.keys(SCOPES_NEEDED).sort());
  });

  it.each(rows.map((row) => [keyOf(row), row] as const))(
    'matches the answers: %s',
    async (key, { cells }) => {
      const routes = routesOf(app.api.app).filter((route) => rowOf(route) === key);
      for (const route of routes) {
        const answers = CALLERS.map(async (kind) =>
          cellOf(await ask(base, route, scene, await credentialsOf(kind, SCOPES_NEEDED[key]))),
        );
        expect([route.method, ...(await Promise.all(answers))]).toEqual([route.method, ...cells]);
      }
    },
  );
});
