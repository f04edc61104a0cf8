import type { AddressInfo } from 'node:net';
import fastifyCookie from '@fastify/cookie';
import { answerError } from '../../../api/answer-error';
import { type App, createServer } from '../../../api/server';
import type { Overview } from '../../../core/monitoring/overview';
import { createOperators } from '../../../core/operators/operators';
import type { Database } from '../../../core/platform/database';
import { createLog } from '../../../core/platform/log';
import { assetRoutes } from '../../../web/assets/asset-routes';
import { registerOperatorSession } from '../../../web/ops/operator-session';
import { type StatusTiming, statusRoutes } from '../../../web/ops/status/status-routes';
import { SECRET_KEY } from '../../api/test-api';
import { startOperatorSession } from '../../support/operator';
import { aGoodDay } from './overviews';

/** A server of the status page alone; the test sets the overview. */
export interface StatusServer {
  app: App;
  /** Sets the result of each reading; an error is thrown. */
  setOverview(next: Overview | Error | Promise<Overview>): void;
  /** The number of readings so far. */
  readonly readings: number;
  /** The base URL of the server. */
  readonly url: string;
  /** Opens the stream with a session token. */
  open(token: string): Promise<StatusStream>;
  close(): Promise<void>;
}

export interface StatusEvent {
  event: string;
  data: { title: string; panels: string[]; part: string };
}

export interface StatusStream {
  answer: Response;
  /** The events received so far. */
  readonly events: readonly StatusEvent[];
  readonly ended: boolean;
  leave(): void;
}

export async function startStatusServer(
  db: Database,
  pace: Partial<StatusTiming> = {},
): Promise<StatusServer> {
  let present: Overview | Error | Promise<Overview> = aGoodDay();
  let readings = 0;
  const overview = {
    async read() {
      readings += 1;
      if (present instanceof Error) throw present;
      return present;
    },
  };
  const app = createServer(createLog('status', 'silent'));
  app.setErrorHandler(answerError);
  await app.register(assetRoutes);
  await app.register(async (operators) => {
    await operators.register(fastifyCookie);
    registerOperatorSession(operators, db, { SECRET_KEY, PUBLIC_URL: 'http://localhost' });
    await operators.register(statusRoutes({ db, overview, timing: { intervalMs: 50, ...pace } }));
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return {
    app,
    url,
    setOverview(next) {
      present = next;
    },
    get readings() {
      return readings;
    },
    open: (token) => openStream(`${url}/ops/stream`, token),
    close: () => app.close(),
  };
}

let people = 0;

/** Signs in a new viewer. @returns the viewer's name and the token for the cookie `ablagh-ops` */
export async function aViewer(db: Database): Promise<{ name: string; token: string }> {
  people += 1;
  const { name } = await createOperators(db).add(`looks-${people}`, 'viewer');
  return { name, token: await startOperatorSession(db, name) };
}

async function openStream(url: string, token: string): Promise<StatusStream> {
  const leaving = new AbortController();
  const answer = await fetch(url, {
    headers: { cookie: `ablagh-ops=${token}` },
    redirect: 'manual',
    signal: leaving.signal,
  });
  const events: StatusEvent[] = [];
  let rest = '';
  let ended = false;
  const listen = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) {
      const blocks = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n\n');
      rest = blocks.pop() as string;
      for (const block of blocks) {
        const [, event, data] = /^event: (\S+)\ndata: (.+)$/.exec(block) ?? [];
        if (event && data) events.push({ event, data: JSON.parse(data) });
      }
    }
  };
  void listen()
    .catch(() => {})
    .finally(() => {
      ended = true;
    });
  return {
    answer,
    events,
    get ended() {
      return ended;
    },
    leave: () => leaving.abort(),
  };
}
