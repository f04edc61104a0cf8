export { AblaghRefused, AblaghUnreachable } from './errors';
export { createHttpClient, type FollowOptions, type HttpClient, type HttpClientOptions } from './http-client';
export type {
  Accepted,
  BatchAccepted,
  BatchAnswer,
  BatchRefused,
  Employer,
  FeedEvent,
  FeedPage,
  FieldFault,
  FollowedEvent,
  Notice,
  NoticeReport,
} from './notice';
export { createQueueClient, type Pushed, type QueueClient, type QueueClientOptions } from './queue-client';
