import type { FastifyRequest } from 'fastify';
import type { createInbox } from '../../core/inbox/inbox';
import type { AttachmentStore } from '../../core/notices/attachment-store';
import type { createPermits } from '../../core/permits/permits';
import { Refusal } from '../../core/platform/errors';
import { isUuid } from '../../core/text/uuid';
import type { createViews } from '../../core/views/views';
import type { Session } from '../ui/session';
import type { ExternalUrls } from './actions-menu';

/** What the routes of the inbox share. */
export interface InboxServices {
  inbox: ReturnType<typeof createInbox>;
  views: ReturnType<typeof createViews>;
  permits: ReturnType<typeof createPermits>;
  attachments: AttachmentStore;
  externalUrls: ExternalUrls;
}

/**
 * What is thrown when somebody asks for what is not theirs, whether it exists or not. It goes on the record,
 * by ids alone.
 */
export function notOwnedRefusal(
  request: FastifyRequest,
  { employerId }: Session,
  asked: { noticeId?: string; attachmentId?: string },
): Refusal {
  // What is no id is whatever somebody typed, and does not belong in a log.
  const ids = Object.fromEntries(Object.entries(asked).filter(([, id]) => isUuid(id)));
  request.log.warn({ employerId, ...ids }, 'asked for what is not theirs');
  return new Refusal('not_found', 'There is nothing at this address.');
}
