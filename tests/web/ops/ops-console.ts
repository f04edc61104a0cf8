import type { LightMyRequestResponse } from 'fastify';
import { useApi } from '../../api/test-api';
import { type AlertDesk, createAlertDesk, type TestAlert } from '../../support/alert-desk';
import { emailOfUnknownFate, refusedSms } from '../../support/dead-alerts';
import { anOperator, type TestOperator } from '../../support/operator';
import { type Providers, startProviders } from '../../workers/providers';

/** An API with a signed-in operator and viewer, and simulated providers, for all tests of a file. */
export function useOpsConsole() {
  const app = useApi();
  let desk: AlertDesk;
  let providers: Providers;
  let operator: TestOperator;
  let viewer: TestOperator;
  beforeAll(async () => {
    desk = await createAlertDesk(app.db);
    providers = await startProviders();
    operator = await anOperator(app.api, app.db);
    viewer = await anOperator(app.api, app.db, 'viewer');
  });
  afterAll(() => providers?.close());
  return {
    get app() {
      return app;
    },
    get db() {
      return app.db;
    },
    get desk() {
      return desk;
    },
    get providers() {
      return providers;
    },
    get operator() {
      return operator;
    },
    get viewer() {
      return viewer;
    },
    refusedSms: async (count = 1): Promise<TestAlert[]> => refusedSms(app.db, desk, providers, count),
    unknownEmail: async (): Promise<TestAlert> => emailOfUnknownFate(app.db, desk, providers),

    /** Opens the page of an action, fills in a reason and sends the form. */
    async do(path: string, fields: Record<string, string> = {}): Promise<LightMyRequestResponse> {
      const shown = await operator.browser.get(path);
      return operator.browser.post(path, {
        ...hiddenFields(shown.body),
        reason: 'به درخواست مدیر',
        ...fields,
      });
    },

    /** Reads the audit log, newest last. */
    records: () =>
      app.db.query<{
        operator: string;
        action: string;
        subject: string;
        outcome: string;
        touched: number;
        reason: string | null;
      }>('SELECT operator, action, subject, outcome, touched, reason FROM audit ORDER BY id'),

    async lastRecord() {
      const [row] = await app.db.query<{ action: string; subject: string; outcome: string; touched: number }>(
        'SELECT operator, role, action, subject, outcome, touched, reason FROM audit ORDER BY id DESC LIMIT 1',
      );
      return row;
    },
  };
}

/** Returns the hidden fields of the form in a page's `<main>`. */
export function hiddenFields(html: string): Record<string, string> {
  const main = /<main[\s\S]*<\/main>/.exec(html)?.[0] ?? '';
  return Object.fromEntries(
    [...main.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [
      name as string,
      value as string,
    ]),
  );
}
