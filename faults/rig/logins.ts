import type { KavenegarSimulator } from '../../embedded/simulators/kavenegar-simulator';
import type { Ledger, LoginEntry } from './ledger';
import { type LoadGenerator, startLoad } from './load-generator';
import type { Newcomer, Population } from './population';
import { until } from './until';

/** Milliseconds between two people who log in. */
const LOGIN_INTERVAL_MS = 600;
const REQUEST_TIMEOUT_MS = 8_000;
/** How long somebody looks at a phone before giving up. */
const CODE_TIMEOUT_MS = 20_000;
/** Every so manyth asks for a code and goes away: a code that comes twice must show for a while. */
const ABANDON_ONE_IN = 3;

export interface LoginsOptions {
  apiUrl: string;
  population: Population;
  ledger: Ledger;
  kavenegar: KavenegarSimulator;
  secondLine: KavenegarSimulator;
}

/** The code in an SMS; undefined when it brings none. */
export const loginCodeIn = (text: string): string | undefined => /کد ورود[^\d]*(\d{6})/.exec(text)?.[1];

/** People who log in with a code that comes by SMS, each once, for as long as there are any. */
export function startLogins(parts: LoginsOptions): LoadGenerator {
  const { newcomers } = parts.population;
  const next = async (n: number) => {
    const person = newcomers[n];
    if (person) await logIn(parts, person, n % ABANDON_ONE_IN === 0);
  };
  // Whoever gets no page or no SMS while the plug is out is not in: that is nobody's fault.
  return startLoad(LOGIN_INTERVAL_MS, next, () => {});
}

/** Whether somebody who has not been here yet gets in now. */
export async function canLogIn(parts: LoginsOptions): Promise<boolean> {
  const { lastNewcomer } = parts.population;
  const { signIns } = await logIn(parts, lastNewcomer);
  return signIns === 1;
}

/** Asks for a code, types it as it comes, and then types the same code again as if nothing had happened. */
async function logIn(parts: LoginsOptions, person: Newcomer, goesAway = false): Promise<LoginEntry> {
  const { apiUrl, ledger, kavenegar, secondLine } = parts;
  const entry: LoginEntry = { ...person, acknowledged: false, signIns: 0 };
  ledger.logins.push(entry);
  const browser = createBrowser(apiUrl, person.address);
  await browser.get('/login');
  entry.acknowledged = (await browser.post('/login', { nationalId: person.nationalId })) === 303;
  if (goesAway) return entry;
  const code = await until(
    'the code comes',
    () => newestCode([kavenegar, secondLine], person.mobile),
    CODE_TIMEOUT_MS,
    100,
  );
  await browser.get('/login/code');
  for (let i = 0; i < 2; i += 1) {
    // The cookie stays that of the visitor who asked: the session that begins is not used.
    const status = await browser.post('/login/code', { code });
    if (status === 303) entry.signIns += 1;
  }
  return entry;
}

function newestCode(lines: KavenegarSimulator[], mobile: string): string | undefined {
  const mine = lines.flatMap((line) =>
    line.messages().filter(({ receptor }) => receptor.slice(-10) === mobile.slice(-10)),
  );
  return mine.map(({ text }) => loginCodeIn(text)).findLast((code) => code !== undefined);
}

/** A browser that keeps the first cookie it gets, and fills in the hidden fields of the forms it is shown. */
function createBrowser(apiUrl: string, address: string) {
  let cookie = '';
  let csrf = '';
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = { cookie, 'x-forwarded-for': address };
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    return fetch(new URL(path, apiUrl), { redirect: 'manual', signal, headers, ...init });
  };
  return {
    async get(path: string): Promise<void> {
      const answer = await ask(path);
      cookie ||= answer.headers.get('set-cookie')?.split(';')[0] ?? '';
      csrf = /name="csrf" value="([^"]+)"/.exec(await answer.text())?.[1] ?? csrf;
    },
    /** @returns the HTTP status */
    async post(path: string, fields: Record<string, string>): Promise<number> {
      const answer = await ask(path, { method: 'POST', body: new URLSearchParams({ csrf, ...fields }) });
      await answer.arrayBuffer();
      return answer.status;
    },
  };
}
