import https from 'node:https';
import { parse } from 'node:querystring';
import { type ConnectionOptions, connect } from 'node:tls';
import { KavenegarApi } from 'kavenegar';
import { version } from 'kavenegar/package.json';
import { createKavenegar } from '../../../../core/channels/kavenegar/kavenegar';
import {
  type Answer,
  answerJson,
  certificate,
  type FakeKavenegar,
  startFakeKavenegar,
} from './fake-kavenegar';

/**
 * What our transport takes for granted about the `kavenegar` package, shown on the package as it is, over TLS:
 * its calls to api.kavenegar.com:443 end at a server of ours.
 */
const API_KEY = 'key-of-the-contract';
const HOST = 'api.kavenegar.com';

let fake: FakeKavenegar;
let answer: Answer;
const ordinaryAgent = https.globalAgent;

beforeEach(async () => {
  answer = answerJson([{ messageid: 1, status: 1 }]);
  fake = await startFakeKavenegar((response, call) => answer(response, call), { tls: true });
  https.globalAgent = agentTo(fake.port);
});
afterEach(async () => {
  https.globalAgent.destroy();
  https.globalAgent = ordinaryAgent;
  await fake.close();
});

/** Leads every connection to a port of this machine, and still asks for the certificate of the name called. */
function agentTo(port: number): https.Agent {
  const agent = new https.Agent();
  const createConnection = (options: ConnectionOptions) =>
    connect({ ...options, host: '127.0.0.1', port, ca: certificate, servername: String(options.host) });
  return Object.assign(agent, { createConnection });
}

type Api = ReturnType<typeof KavenegarApi>;

/** Calls the package, which is left untouched, and waits for its callback. */
const callSdk = (invoke: (api: Api, callback: (...answer: unknown[]) => void) => void) =>
  new Promise<unknown[]>((resolve) => {
    invoke(KavenegarApi({ apikey: API_KEY }), (...given) => resolve(given));
  });

const info = (api: Api, callback: (...answer: unknown[]) => void) => api.AccountInfo({}, callback);

it('is the release of the package whose transport was studied', () => {
  expect(version).toBe('1.1.4');
});

describe('the package', () => {
  const params = { receptor: '["09121234567"]', message: '["سلام + & = ٪"]', localmessageids: '[12]' };

  it.each([
    ['SendArray', 'sms/sendarray'],
    ['Status', 'sms/status'],
    ['StatusLocalMessageid', 'sms/statuslocalmessageid'],
    ['AccountInfo', 'account/info'],
    ['VerifyLookup', 'verify/lookup'],
  ] as const)('posts %s to /v1/{key}/%s.json as a form', async (method, path) => {
    await callSdk((api, callback) => api[method](params, callback));
    const [call] = fake.calls;
    expect(call).toMatchObject({ httpMethod: 'POST', path: `/v1/${API_KEY}/${path}.json` });
    expect(call?.headers).toMatchObject({
      host: HOST,
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'content-length': String(Buffer.byteLength(call?.body ?? '')),
    });
    expect({ ...parse(call?.body ?? '') }).toEqual(params);
  });

  it('goes through its method `request`, so that another transport can take its place', async () => {
    const api = KavenegarApi({ apikey: API_KEY });
    const request = jest.fn();
    api.request = request;
    const callback = () => {};
    api.SendArray(params, callback);
    api.Status({ messageid: '1' }, callback);
    api.StatusLocalMessageid({ localid: '1' }, callback);
    api.AccountInfo({}, callback);
    expect(request.mock.calls).toEqual([
      ['sms', 'sendarray', params, callback],
      ['sms', 'status', { messageid: '1' }, callback],
      ['sms', 'statuslocalmessageid', { localid: '1' }, callback],
      ['account', 'info', {}, callback],
    ]);
  });

  it('hands over entries, status and message', async () => {
    const entries = [{ messageid: 8792343, status: 10 }];
    answer = answerJson(entries);
    expect(await callSdk(info)).toEqual([entries, 200, 'پاسخ']);
  });

  it('hands over a refusal in the same shape', async () => {
    answer = (response, call) => {
      response.statusCode = 411;
      answerJson(null, 411)(response, call);
    };
    expect(await callSdk(info)).toEqual([null, 411, 'پاسخ']);
  });

  it('hands over a network error as one JSON string, without a status', async () => {
    answer = (response) => response.destroy();
    expect(await callSdk(info)).toEqual([JSON.stringify({ error: 'socket hang up' })]);
  });

  it('hands over what is not JSON as a status 500 of its own', async () => {
    const log = jest.spyOn(globalThis.console, 'log').mockReturnValue();
    answer = (response) => response.end('<html>502 Bad Gateway</html>');
    expect(await callSdk(info)).toEqual([[], 500, expect.stringContaining('not valid JSON')]);
    log.mockRestore();
  });

  it('calls a callback again that throws, which is why ours never throws', async () => {
    const log = jest.spyOn(globalThis.console, 'log').mockReturnValue();
    const given: unknown[][] = [];
    await callSdk((api, callback) =>
      api.AccountInfo({}, (...some) => {
        given.push(some);
        if (given.length === 1) throw new Error('of the callback');
        callback();
      }),
    );
    expect(given).toEqual([
      [[{ messageid: 1, status: 1 }], 200, 'پاسخ'],
      [[], 500, 'of the callback'],
    ]);
    log.mockRestore();
  });
});

describe('our transport', () => {
  it('puts the same bytes into path and form as the package would', async () => {
    const plain = await startFakeKavenegar(answerJson([]));
    const kavenegar = createKavenegar({ apiKey: API_KEY, sender: '10004346', baseUrl: plain.url });
    await kavenegar.send([
      { localId: '901', mobile: '+989121234567', text: 'شرکت «نمونه» & پسران = ۱۰۰٪\nخط دوم + 📄 ~!*()\'"' },
      { localId: '902', mobile: '+989351112233', text: 'hello' },
    ]);
    await kavenegar.lookUp(['901', '902']);
    await kavenegar.statuses(['8792343', '8792344']);
    await kavenegar.credit();
    for (const { path, body } of plain.calls) {
      const method = Object.entries(METHODS).find(([end]) => path.endsWith(end))?.[1] as keyof Api;
      const params = parse(body) as Record<string, string>;
      await callSdk((api, callback) => (api[method] as Api['AccountInfo'])(params, callback));
    }
    const wire = ({ calls }: FakeKavenegar) =>
      calls.map(({ httpMethod, path, body, headers }) => [httpMethod, path, body, headers['content-length']]);
    expect(plain.calls).toHaveLength(4);
    expect(wire(plain)).toEqual(wire(fake));
    kavenegar.close();
    await plain.close();
  });

  it('writes arrays as JSON, and local ids as numbers, because the service takes no text there', async () => {
    const plain = await startFakeKavenegar(answerJson([]));
    const kavenegar = createKavenegar({ apiKey: API_KEY, sender: '10004346', baseUrl: plain.url });
    // Larger than a JavaScript number holds: it must not be rounded on its way.
    await kavenegar.send([{ localId: '9007199254740993', mobile: '+989121234567', text: 'a"b' }]);
    expect({ ...parse(plain.calls[0]?.body ?? '') }).toEqual({
      receptor: '["09121234567"]',
      sender: '["10004346"]',
      message: '["a\\"b"]',
      localmessageids: '[9007199254740993]',
    });
    kavenegar.close();
    await plain.close();
  });
});

const METHODS = {
  '/sms/sendarray.json': 'SendArray',
  '/sms/status.json': 'Status',
  '/sms/statuslocalmessageid.json': 'StatusLocalMessageid',
  '/account/info.json': 'AccountInfo',
};
