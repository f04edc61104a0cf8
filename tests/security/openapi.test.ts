import fc from 'fast-check';
import { loadConfig } from '../../core/platform/config';
import { createSourceSystems } from '../../core/sources/source-systems';
import { bearer, SECRET_KEY, startTestApi, type TestApi } from '../api/test-api';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { addSource, registerEmployer } from '../support/fixtures';
import { type Operation, readDocument } from './api-document';
import { anyText, type JsonSchema, nearlyValuesOf } from './from-schema';
import { type Sent, send } from './send';

/** Far more time than any of these requests needs, even on a busy machine. */
const LONGEST_MS = 10_000;
const RUNS = 150;
/** Statuses of another method on the same path: not found, or another documented operation. */
const ELSEWHERE = [200, 400, 401, 403, 404, 415, 422];

let test: TestDatabase;
let api: TestApi;
let base: string;
let apiKey: string;
let scopeless: string;
let document: Awaited<ReturnType<typeof readDocument>>;
beforeAll(async () => {
  test = await createTestDatabase();
  // Behind a proxy each request has its own address, so that wrong inquiries from one do not lock out the others.
  const settings = { RATE_LIMIT_PER_SECOND: 100_000, TRUSTED_PROXIES: '127.0.0.1' };
  api = await startTestApi(test.db, { config: { ...loadConfig({}), SECRET_KEY, ...settings } });
  base = await api.listen();
  ({ apiKey } = await addSource(test.db));
  scopeless = (await createSourceSystems(test.db).add('scopeless', 'بی‌اجازه', [])).apiKey;
  await registerEmployer(test.db);
  document = await readDocument(base);
});
afterAll(async () => {
  await api.close();
  await test.drop();
});

/** Makes one value most of the time, one of the others sometimes. */
const mostly = <T>(value: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 9, arbitrary: fc.constant(value) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );

/** Makes bodies: JSON of the schema or near it, several lines of JSON, truncated JSON, or any bytes. */
function bodiesOf(schema: JsonSchema): fc.Arbitrary<Buffer> {
  const json = nearlyValuesOf(schema, document.resolve).map((value) => JSON.stringify(value) ?? '');
  const cut = ([text, place]: [string, number]) => text.slice(0, place % (text.length || 1));
  const text = fc.oneof(
    { weight: 8, arbitrary: json },
    { weight: 2, arbitrary: fc.array(json, { maxLength: 4 }).map((lines) => lines.join('\n')) },
    { weight: 1, arbitrary: fc.tuple(json, fc.nat()).map(cut) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '[',
        '{"__proto__":1}',
        '{"constructor":{"prototype":1}}',
        '"\\ud800"',
        '1e999',
      ),
    },
  );
  return fc.oneof(
    { weight: 9, arbitrary: text.map((one) => Buffer.from(one)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  );
}

/** Makes requests to an operation: right, nearly right, or arbitrary. */
function requestsTo(path: string, method: string, operation: Operation): fc.Arbitrary<Sent> {
  const { parameters = [], requestBody } = operation;
  const [[type = '', media] = []] = Object.entries(requestBody?.content ?? {});
  const values = parameters.map(({ schema }) =>
    fc.oneof(nearlyValuesOf(schema, document.resolve).map(String), anyText()),
  );
  return fc
    .record({
      values: fc.tuple(...values),
      query: fc.option(fc.dictionary(anyText(20), anyText(20), { maxKeys: 2 }), { freq: 4, nil: {} }),
      body: media ? bodiesOf(media.schema) : fc.constant(undefined),
      type: mostly(type, 'text/plain', 'multipart/form-data', 'application/json; charset=latin1', 'x'),
      key: mostly<Record<string, string>>(
        bearer(apiKey),
        bearer(scopeless),
        bearer('abl_x.y'),
        { authorization: 'Basic YTpi' },
        {},
      ),
      others: mostly<Record<string, string>>(
        {},
        { 'content-encoding': 'gzip' },
        { accept: 'text/html' },
        { 'x-request-id': 'a b' },
      ),
      verb: mostly(method, 'get', 'post', 'put', 'patch', 'delete', 'options', 'trace', 'propfind'),
    })
    .map(({ values: given, query, body, type: contentType, key, others, verb }) => {
      const search = new URLSearchParams(query);
      let url = path;
      parameters.forEach((parameter, i) => {
        const value = (given[i] as string).toWellFormed();
        if (parameter.in === 'query') search.append(parameter.name, value);
        else url = url.replace(`{${parameter.name}}`, () => encodeURIComponent(value));
      });
      return {
        method: verb.toUpperCase(),
        url: search.size > 0 ? `${url}?${search}` : url,
        headers: { ...key, ...others, ...newAddress(), ...(body && { 'content-type': contentType }) },
        body,
      };
    });
}

let addresses = 0;
const newAddress = () => {
  addresses += 1;
  return { 'x-forwarded-for': `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}` };
};

const OPERATIONS = [
  ['get', '/livez'],
  ['get', '/readyz'],
  ['get', '/metrics'],
  ['post', '/v1/notices'],
  ['post', '/v1/notices/batch'],
  ['get', '/v1/notices/{id}'],
  ['put', '/v1/employers/{nationalId}'],
  ['get', '/v1/events'],
  ['post', '/v1/inquiries'],
] as const;

describe('the OpenAPI document', () => {
  it('has these operations, each tested below', () => {
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(documented.toSorted()).toEqual(OPERATIONS.map((one) => one.join(' ')).toSorted());
  });

  it.each(OPERATIONS)('documents every answer to any request: %s %s', async (method, path) => {
    const operation = document.paths[path]?.[method] as Operation;
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(requestsTo(path, method, operation), async (request) => {
        const began = performance.now();
        const answer = await send(base, request);
        expect(performance.now() - began).toBeLessThan(LONGEST_MS);
        if (answer.status >= 400) document.expectProblem(answer);
        if (request.method.toLowerCase() !== method) expect(ELSEWHERE).toContain(answer.status);
        else document.expectDocumented(operation, answer);
        seen.add(answer.status);
      }),
      { numRuns: RUNS },
    );
    // Were every request refused at once, the code behind the checks would be untested.
    expect([...seen].some((status) => status < 300 || status === 404 || status === 422)).toBe(true);
  });
});
