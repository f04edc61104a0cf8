import type { FastifyRequest } from 'fastify';
import type { createInbox } from '../../core/inbox/inbox';
import type { AttachmentStore } from '../../core/notices/attachment-store';
import type { createPermits } from '../../core/permits/permits';
import { Refusal } from '../../core/platform/errors';
import { isUuid } from '../../core/text/uuid';
import type { createViews } from '../../core/views/views';
import type { Session } from '../ui/session';
import type { ExternalUrls } from './actions-menu';

/** The services that the routes of the inbox share. */
export interface InboxServices {
  inbox: ReturnType<typeof createInbox>;
  views: ReturnType<typeof createViews>;
  permits: ReturnType<typeof createPermits>;
  attachments: AttachmentStore;
  externalUrls: ExternalUrls;
}

/**
 * Makes the refusal of a request for a notice or attachment that the employer does not own, whether it exists or not, and logs the
 * request by ids alone.
 */
export function notOwnedRefusal(
  request: FastifyRequest,
  { employerId }: Session,
  requested: { noticeId?: string; attachmentId?: string },
): Refusal {
  // Text that is not an id may be anything, also personal data, and does not belong in a log.
  const ids = Object.fromEntries(Object.entries(requested).filter(([, id]) => isUuid(id)));
  request.log.warn({ employerId, ...ids }, 'requested a notice or attachment that is not theirs');
  return new Refusal('not_found', 'There is nothing at this address.');
}
