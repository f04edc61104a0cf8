import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { useApi } from '../api/test-api';
import { addressOf } from './ask';
import { type Credentials, createCallers } from './callers';
import { anyText } from './from-schema';
import { type Route, routesOf } from './routes';
import { makeScene, type Scene } from './scene';
import { send } from './send';

const RUNS = 12;
/** The stream never ends, and the other two end the session that the rest needs. */
const LEFT_OUT = ['/ops/stream', '/logout', '/ops/logout'];
/** Fields of our forms; a form ignores fields that it does not have. */
const FIELDS = [
  'nationalId',
  'code',
  'next',
  'where',
  'duration',
  'bodyName',
  'passcode',
  'q',
  'after',
  'reason',
];
const QUERY = [
  'q',
  'viewed',
  'from',
  'to',
  'workshop',
  'after',
  'before',
  'next',
  'bye',
  'done',
  'pass',
  'page',
];

const app = useApi();
let base: string;
let scene: Scene;
let employer: Credentials;
let operator: Credentials;
beforeAll(async () => {
  scene = await makeScene(app.api, app.db);
  base = await app.api.listen();
  const credentialsOf = await createCallers(app.db, scene);
  [employer, operator] = await Promise.all([credentialsOf('employer'), credentialsOf('operator')]);
});

const isForOperators = ({ url }: Route): boolean => /^\/ops(\/|$)/.test(url);

/** Makes fields with any text or with existing values, so that some requests get far. */
const fieldsOf = (names: string[]) =>
  fc.dictionary(
    fc.constantFrom(...names),
    fc.oneof(anyText(), fc.constantFrom('1403/01/21', 'day', 'yes', scene.nationalId, scene.passcode, '۱۲۳')),
    { maxKeys: 4 },
  );

/** Makes addresses of a route, with existing values or any text in the place of its parameters. */
const addressesOf = (route: Route): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constant(addressOf(route, scene)),
    fc.array(anyText(80), { minLength: 5, maxLength: 5 }).map((texts) => {
      let place = 0;
      return route.url.replace(/:\w+|\*/g, () => {
        place += 1;
        return encodeURIComponent((texts[place - 1] as string).toWellFormed());
      });
    }),
  );

/** Adds the hidden fields of each form to the generated ones. */
function formOf(route: Route, { csrf }: Credentials, fields: Record<string, string>): string {
  const token = isForOperators(route) ? csrf.operators : csrf.people;
  return new URLSearchParams({ csrf: token, requestId: randomUUID(), ...fields }).toString();
}

it('pages, forms and the queue board answer any input of an authorised caller without an error of the server', async () => {
  const routes = routesOf(app.api.app).filter(
    ({ url, method }) =>
      method !== 'HEAD' &&
      !LEFT_OUT.includes(url) &&
      !/^\/(v1|docs|assets|callbacks|livez|readyz|metrics)/.test(url),
  );
  for (const route of routes) {
    const who = isForOperators(route) ? operator : employer;
    const requests = fc.record({
      address: addressesOf(route),
      query: fieldsOf(QUERY),
      fields: fieldsOf(FIELDS),
      type: fc.constantFrom(
        'application/x-www-form-urlencoded',
        'application/x-www-form-urlencoded',
        'application/json',
      ),
    });
    await fc.assert(
      fc.asyncProperty(requests, async ({ address, query, fields, type }) => {
        const hasForm = route.method !== 'GET';
        const { status, body } = await send(base, {
          method: route.method,
          url: `${address}?${new URLSearchParams(query)}`,
          headers: {
            ...who.headers,
            'sec-fetch-site': 'same-origin',
            ...(hasForm && { 'content-type': type }),
          },
          body: hasForm ? formOf(route, who, fields) : undefined,
        });
        expect([route.method, route.url, status < 500 || body]).toEqual([route.method, route.url, true]);
      }),
      { numRuns: RUNS },
    );
  }
}, 120_000);
