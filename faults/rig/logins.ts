import type { KavenegarSimulator } from '../../embedded/simulators/kavenegar-simulator';
import type { Ledger, LoginEntry } from './ledger';
import { type LoadGenerator, startLoad } from './load-generator';
import type { Newcomer, Population } from './population';
import { until } from './until';

/** Milliseconds between two people who log in. */
const LOGIN_INTERVAL_MS = 600;
const REQUEST_TIMEOUT_MS = 8_000;
/** The time after which a person gives up waiting for the code. */
const CODE_TIMEOUT_MS = 20_000;
/** One person in so many requests a code and leaves: a code that comes twice must have time to show. */
const ABANDON_ONE_IN = 3;

export interface LoginsOptions {
  apiUrl: string;
  population: Population;
  ledger: Ledger;
  kavenegar: KavenegarSimulator;
  secondLine: KavenegarSimulator;
}

/** Finds the code in an SMS; undefined when it has none. */
export const loginCodeIn = (text: string): string | undefined => /کد ورود[^\d]*(\d{6})/.exec(text)?.[1];

/** Lets people log in with a code by SMS, each person once, until the people run out. */
export function startLogins(parts: LoginsOptions): LoadGenerator {
  const { newcomers } = parts.population;
  const next = async (n: number) => {
    const person = newcomers[n];
    if (person) await logIn(parts, person, n % ABANDON_ONE_IN === 0);
  };
  // A person who gets no page or no SMS during the fault is not logged in, which breaks no promise.
  return startLoad(LOGIN_INTERVAL_MS, next, () => {});
}

/** Whether a person who has not logged in before can do so now. */
export async function canLogIn(parts: LoginsOptions): Promise<boolean> {
  const { lastNewcomer } = parts.population;
  const { signIns } = await logIn(parts, lastNewcomer);
  return signIns === 1;
}

/** Requests a code, types it, and types the same code a second time. */
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
    // The cookie stays the one of the visitor who requested the code: the new session is not used.
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

/** Makes a browser that keeps the first cookie it gets and fills in the hidden fields of the forms it is shown. */
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
