import { useApi } from '../api/test-api';
import { ask } from './ask';
import { type Credentials, createCallers } from './callers';
import { type Route, routesOf } from './routes';
import { makeScene, type Scene } from './scene';

const app = useApi();
let base: string;
let scene: Scene;
let employer: Credentials;
let operator: Credentials;
let nobody: Credentials;
beforeAll(async () => {
  scene = await makeScene(app.api, app.db);
  base = await app.api.listen();
  const credentialsOf = await createCallers(app.db, scene);
  [employer, operator, nobody] = await Promise.all([
    credentialsOf('employer'),
    credentialsOf('operator'),
    credentialsOf('nobody'),
  ]);
});

const isForOperators = ({ url }: Route): boolean => /^\/ops(\/|$)/.test(url);
/** The requests a browser can be made to send with its user's cookies: none that needs an API key or a callback's secret. */
const changes = (): Route[] =>
  routesOf(app.api.app).filter(
    ({ method, url }) => !['GET', 'HEAD'].includes(method) && !/^\/(v1|callbacks)\//.test(url),
  );

/** The credentials of a signed-in person, sent from a page that was not made for that person. */
const forgeries: [string, (mine: Credentials) => Credentials][] = [
  ['without a token', (mine) => ({ ...mine, csrf: { people: '', operators: '' } })],
  ['with the token of somebody else', (mine) => ({ ...mine, csrf: nobody.csrf })],
  [
    'with the token of the other kind of page',
    (mine) => ({ ...mine, csrf: { people: mine.csrf.operators, operators: mine.csrf.people } }),
  ],
  ['by another site, right token or not', (mine) => ({ ...mine, site: 'cross-site' })],
];

describe('a form that is sent', () => {
  it.each(forgeries)('%s changes nothing, on any route', async (_, forge) => {
    const answers: unknown[] = [];
    const before = await changesMade();
    for (const route of changes()) {
      const forged = forge(isForOperators(route) ? operator : employer);
      // The queue board takes no forms; its requests are recognised by their origin.
      if (route.url.startsWith('/ops/queues/') && !forged.site) continue;
      const { status } = await ask(base, route, scene, forged);
      if (status !== 403) answers.push([route, status]);
    }
    expect(answers).toEqual([]);
    expect(await changesMade()).toEqual(before);
  });

  it('from another subdomain of ours changes nothing on the queue board either', async () => {
    for (const route of changes().filter(({ url }) => url.startsWith('/ops/queues/'))) {
      const forged = { ...operator, site: 'same-site' };
      expect([route, (await ask(base, route, scene, forged)).status]).toEqual([route, 403]);
    }
  });
});

/** Counts the rows that a form can create or end. */
const changesMade = () =>
  app.db.query(
    `SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM permits) AS permits,
            (SELECT count(*) FROM login_codes) AS codes, (SELECT count(*) FROM inquiries) AS inquiries,
            (SELECT count(*) FROM lane_pauses) AS pauses,
            (SELECT count(*) FROM audit WHERE outcome <> 'refused') AS actions,
            (SELECT count(*) FROM sessions WHERE ended_at IS NOT NULL) AS logouts,
            (SELECT count(*) FROM operator_sessions WHERE ended_at IS NOT NULL) AS operator_logouts`,
  );
