import type { Knex } from 'knex';
import * as register from './001-register';
import * as notices from './002-notices';
import * as eventsAndOutbox from './003-events-and-outbox';
import * as alerts from './004-alerts';
import * as viewsPermitsInquiries from './005-views-permits-inquiries';
import * as sessions from './006-sessions';
import * as inbox from './007-inbox';
import * as outboxSets from './008-outbox-sets';
import * as operators from './009-operators';
import * as lines from './010-lines';
import * as operation from './011-operation';
import * as deadLetters from './012-dead-letters';
import * as traces from './013-traces';
import * as alertPages from './014-alert-pages';
import * as evidence from './015-evidence';
import * as retention from './016-retention';
import * as restores from './017-restores';
import * as codeReports from './018-code-reports';
import * as settledAttempts from './019-settled-attempts';
import * as timeline from './020-timeline';
import * as alertTransitions from './021-alert-transitions';

interface Migration {
  up(knex: Knex): Promise<void>;
  down(knex: Knex): Promise<void>;
}

/** Every migration, in order. The database records the names, so they must never change. */
const migrations: Record<string, Migration> = {
  '001-register': register,
  '002-notices': notices,
  '003-events-and-outbox': eventsAndOutbox,
  '004-alerts': alerts,
  '005-views-permits-inquiries': viewsPermitsInquiries,
  '006-sessions': sessions,
  '007-inbox': inbox,
  '008-outbox-sets': outboxSets,
  '009-operators': operators,
  '010-lines': lines,
  '011-operation': operation,
  '012-dead-letters': deadLetters,
  '013-traces': traces,
  '014-alert-pages': alertPages,
  '015-evidence': evidence,
  '016-retention': retention,
  '017-restores': restores,
  '018-code-reports': codeReports,
  '019-settled-attempts': settledAttempts,
  '020-timeline': timeline,
  '021-alert-transitions': alertTransitions,
};

/** Lists the migrations explicitly, so that the recorded names are the same whether the code runs from .ts or .js. */
export const migrationSource: Knex.MigrationSource<string> = {
  getMigrations: async () => Object.keys(migrations),
  getMigrationName: (name) => name,
  getMigration: async (name) => migrations[name] as Migration,
};
