import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KavenegarSettings } from '../../core/channels/kavenegar/kavenegar';
import { createLines } from '../../core/channels/lines';
import type { Database } from '../../core/platform/database';
import { CHANNELS } from '../../core/platform/queues';
import { type AlertDesk, createAlertDesk } from '../support/alert-desk';
import { createTestDatabase, type TestDatabase, useDatabase } from '../support/database';
import { type Providers, startProviders } from './providers';
import { kill, startWorkersProcess } from './workers-process';

/** The world of a worker's test: a database, a desk that accepts alerts, and the simulated providers. */
export interface WorkersScene {
  readonly url: string;
  readonly db: Database;
  readonly desk: AlertDesk;
  /** New for each test; all lines are open. */
  readonly providers: Providers;
  /** Starts new providers in the place of those that the test closed. */
  startProvidersAgain(settings?: Partial<KavenegarSettings>): Promise<void>;
}

interface WorkersSceneOptions {
  /** Connections of the pool. */
  max?: number;
  settings?: Partial<KavenegarSettings>;
}

/** Sets up one database for a file, and the providers for each of its tests. */
export function useWorkersScene({ max = 20, settings = {} }: WorkersSceneOptions = {}): WorkersScene {
  const test = useDatabase({ max });
  let desk: AlertDesk;
  let providers: Providers;
  const start = async (given = settings) => {
    providers = await startProviders({}, given);
  };
  beforeAll(async () => {
    desk = await createAlertDesk(test.db);
  });
  beforeEach(async () => {
    for (const channel of CHANNELS) await createLines(test.db).openChannel(channel);
    await start();
  });
  afterEach(() => providers.close());
  return {
    get url() {
      return test.url;
    },
    get db() {
      return test.db;
    },
    get desk() {
      return desk;
    },
    get providers() {
      return providers;
    },
    startProvidersAgain: start,
  };
}

/** The world of a test of whole workers processes. */
export interface ProcessScene extends Omit<WorkersScene, 'startProvidersAgain'> {
  /** A folder for attachments. */
  readonly folder: string;
  /** Starts the production workers in a process of their own; the scene kills it at the end of the test. */
  startProcess(redisUrl: string | undefined): ChildProcess;
}

/** Sets up a database, providers and a folder for each test. `closeFirst` runs before they are taken away. */
export function useProcessScene(closeFirst: () => Promise<unknown> = async () => {}): ProcessScene {
  let test: TestDatabase;
  let desk: AlertDesk;
  let providers: Providers;
  let folder: string;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    test = await createTestDatabase({ max: 20 });
    desk = await createAlertDesk(test.db);
    providers = await startProviders();
    folder = await mkdtemp(join(tmpdir(), 'ablagh-workers-'));
  });
  afterEach(async () => {
    await closeFirst();
    await Promise.all(children.splice(0).map(kill));
    await providers.close();
    await test.drop();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    get url() {
      return test.url;
    },
    get db() {
      return test.db;
    },
    get desk() {
      return desk;
    },
    get providers() {
      return providers;
    },
    get folder() {
      return folder;
    },
    startProcess(redisUrl) {
      const child = startWorkersProcess({ databaseUrl: test.url, redisUrl, providers, folder });
      children.push(child);
      return child;
    },
  };
}
