import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import { type App, type AppDependencies, buildApp } from '../../api/app';
import { registerGauges } from '../../core/monitoring/gauges';
import type { AcceptDependencies } from '../../core/notices/accept-notices';
import { createAcceptor } from '../../core/notices/acceptor';
import { openAttachmentStore } from '../../core/notices/attachment-store';
import { loadConfig } from '../../core/platform/config';
import type { Database } from '../../core/platform/database';
import { createLog } from '../../core/platform/log';
import { createMetrics } from '../../core/platform/metrics';
import { createPostgresQueueBackend } from '../../core/platform/postgres-queue-backend';

import { useDatabase } from '../support/database';
import { addSource, registerEmployer } from '../support/fixtures';

export const SECRET_KEY = 'a secret of more than thirty-two bytes';

/** The dependencies of accepting. Attachments go to a folder of their own, which is made for the first one. */
export async function acceptDependencies(db: Database): Promise<AcceptDependencies & { folder: string }> {
  const folder = join(tmpdir(), `ablagh-attachments-${randomUUID()}`);
  return {
    db,
    folder,
    attachments: await openAttachmentStore(undefined, folder),
    wording: { template: '{name}: {trackingNumber}', suffix: '' },
    alertTtlHours: 72,
  };
}

export interface TestApi {
  app: App;
  /** Listens, at the first call, and gives the address. */
  listen(): Promise<string>;
  /** The logged lines. */
  logged: Record<string, unknown>[];
  close(): Promise<void>;
}

type Given = Partial<Omit<AppDependencies, 'backend'>> & { backend?: Partial<AppDependencies['backend']> };

/** Starts the API on a test database. Any dependency can be replaced, of the backend also single methods. */
export async function startTestApi(db: Database, given: Given = {}): Promise<TestApi> {
  const acceptance = await acceptDependencies(db);
  const logged: Record<string, unknown>[] = [];
  const log = createLog('api', 'info', { write: (line: string) => void logged.push(JSON.parse(line)) });
  const backend = createPostgresQueueBackend(db.pool, log);
  const metrics = createMetrics();
  registerGauges(metrics, db);
  const app = await buildApp({
    config: { ...loadConfig({}), SECRET_KEY, RATE_LIMIT_PER_SECOND: 100_000 },
    db,
    acceptance,
    acceptor: createAcceptor(given.acceptance ?? acceptance),
    metrics,
    log,
    ...given,
    backend: { ...backend, ...given.backend },
  });
  return {
    app,
    logged,
    async listen() {
      if (!app.server.listening) await app.listen({ port: 0, host: '127.0.0.1' });
      return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    },
    async close() {
      await app.close();
      await backend.close();
      await rm(acceptance.folder, { recursive: true, force: true });
    },
  };
}

/**
 * Starts the API on a database of its own for all tests of a file, with a system that has every scope and the
 * employer `aNotice` is for.
 */
export function useApi() {
  let api: TestApi;
  let key: { apiKey: string; keyId: string };
  // Registered before the database's hook, so that the API is closed first.
  afterAll(() => api.close());
  const test = useDatabase();
  beforeAll(async () => {
    api = await startTestApi(test.db);
    key = await addSource(test.db);
    await registerEmployer(test.db);
  });
  return {
    get db() {
      return test.db;
    },
    get api() {
      return api;
    },
    get apiKey() {
      return key.apiKey;
    },
    /** Calls as that system, unless the options hold other headers. */
    call: (url: string, options: Omit<InjectOptions, 'url'> & { url?: string } = {}) =>
      api.app.inject({ url, headers: bearer(key.apiKey), ...options }),
  };
}

/** Gives the headers of a system's request. */
export const bearer = (apiKey: string) => ({ authorization: `Bearer ${apiKey}` });
