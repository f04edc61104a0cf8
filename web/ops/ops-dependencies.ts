import type { Config } from '../../core/platform/config';
import type { Database } from '../../core/platform/database';
import type { QueueBackend } from '../../core/platform/queue-backend';

/** Everything the operators' pages need of a process. Each page asks for its share with `Pick`. */
export interface OpsDependencies {
  db: Database;
  config: Pick<Config<'SECRET_KEY'>, 'SECRET_KEY' | 'SECRET_KEY_PREVIOUS' | 'PUBLIC_URL' | 'ALERT_TTL_HOURS'>;
  backend: Pick<QueueBackend, 'kind' | 'ping' | 'queue' | 'warmUp'>;
}
