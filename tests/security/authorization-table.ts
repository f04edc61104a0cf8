import type { Scope } from '../../core/sources/source-systems';

/** The scope that each route of the API needs; null where any key is enough. HEAD is like GET. */
export const SCOPES_NEEDED: Record<string, Scope | null> = {
  'POST /v1/notices': 'notices',
  'POST /v1/notices/batch': 'notices',
  'GET /v1/notices/:id': 'notices',
  'PUT /v1/employers/:nationalId': 'employers',
  'GET /v1/events': null,
  'POST /v1/inquiries': 'inquiries',
};

/**
 * The answer of every route to every kind of caller, in the order of the requests. `log` redirects to the login of employers and
 * `ops` to the sign-in of operators; a form answers 400 and 409 to a caller who may send it. HEAD is answered like GET where it
 * has no row of its own. The columns:
 *
 *   no credentials · a revoked key · a key with every scope but the needed one · the key of another source system ·
 *   the key of the notice's source system · the employer · another employer · a viewer · an operator
 */
export const TABLE = `
GET /                                                                     200 200 200 200 200 200 200 200 200
GET /docs                                                                 200 200 200 200 200 200 200 200 200
GET /docs/                                                                200 200 200 200 200 200 200 200 200
GET /docs/static/index.html                                               302 302 302 302 302 302 302 302 302
GET /docs/static/swagger-initializer.js                                   200 200 200 200 200 200 200 200 200
GET /docs/*                                                               404 404 404 404 404 404 404 404 404
GET /docs/json                                                            200 200 200 200 200 200 200 200 200
GET /docs/yaml                                                            200 200 200 200 200 200 200 200 200
GET /livez                                                                200 200 200 200 200 200 200 200 200
GET /login                                                                200 200 200 200 200 303 303 200 200
POST /login                                                               303 303 303 303 303 303 303 303 303
GET /login/code                                                           200 200 200 200 200 303 303 200 200
POST /login/code                                                          422 422 422 422 422 422 422 422 422
POST /login/again                                                         422 422 422 422 422 422 422 422 422
GET /logout                                                               log log log log log 200 200 log log
POST /logout                                                              303 303 303 303 303 303 303 303 303
GET /readyz                                                               200 200 200 200 200 200 200 200 200
GET /metrics                                                              200 200 200 200 200 200 200 200 200
GET /callbacks/kavenegar/:secret                                          404 404 404 404 404 404 404 404 404
POST /callbacks/kavenegar/:secret                                         404 404 404 404 404 404 404 404 404
POST /v1/notices                                                          401 401 403 202 202 401 401 401 401
POST /v1/notices/batch                                                    401 401 403 200 200 401 401 401 401
GET /v1/notices/:id                                                       401 401 403 404 200 401 401 401 401
PUT /v1/employers/:nationalId                                             401 401 403 200 200 401 401 401 401
GET /v1/events                                                            401 401 200 200 200 401 401 401 401
POST /v1/inquiries                                                        401 401 403 200 200 401 401 401 401
GET /assets/*                                                             200 200 200 200 200 200 200 200 200
GET /inbox                                                                log log log log log 200 200 log log
GET /inbox/:id                                                            log log log log log 200 404 log log
GET /inbox/:id/attachments/:attachmentId                                  log log log log log 200 404 log log
GET /inbox/:id/permit                                                     log log log log log 200 404 log log
POST /inbox/:id/permit                                                    log log log log log 303 404 log log
GET /inbox/:id/permit/issued                                              log log log log log 200 404 log log
GET /inbox/:id/permit/revoke                                              log log log log log 200 404 log log
POST /inbox/:id/permit/revoke                                             log log log log log 303 404 log log
GET /inbox/:id/permit/revoked                                             log log log log log 200 404 log log
GET /inquiry                                                              200 200 200 200 200 200 200 200 200
POST /inquiry                                                             200 200 200 200 200 200 200 200 200
GET /inquiry/attachments/:attachmentId                                    404 404 404 404 404 404 404 404 404
GET /ops                                                                  ops ops ops ops ops ops ops 200 200
GET /ops/login                                                            200 200 200 200 200 200 200 303 303
POST /ops/login                                                           401 401 401 401 401 401 401 401 401
POST /ops/logout                                                          ops ops ops ops ops ops ops ops ops
GET /ops/stream                                                           ops ops ops ops ops ops ops 200 200
HEAD /ops/stream                                                          ops ops ops ops ops ops ops 204 204
GET /ops/steering                                                         ops ops ops ops ops ops ops 200 200
GET /ops/steering/lanes/:channel/:lane/pause                              ops ops ops ops ops ops ops 403 200
POST /ops/steering/lanes/:channel/:lane/pause                             ops ops ops ops ops ops ops 403 400
GET /ops/steering/lanes/:channel/:lane/resume                             ops ops ops ops ops ops ops 403 409
POST /ops/steering/lanes/:channel/:lane/resume                            ops ops ops ops ops ops ops 403 400
GET /ops/steering/lines/:name/open                                        ops ops ops ops ops ops ops 403 409
POST /ops/steering/lines/:name/open                                       ops ops ops ops ops ops ops 403 400
GET /ops/steering/lines/:name/rate                                        ops ops ops ops ops ops ops 403 200
POST /ops/steering/lines/:name/rate                                       ops ops ops ops ops ops ops 403 400
GET /ops/steering/sources/:code/cancel                                    ops ops ops ops ops ops ops 403 200
POST /ops/steering/sources/:code/cancel                                   ops ops ops ops ops ops ops 403 400
GET /ops/audit                                                            ops ops ops ops ops ops ops 200 200
GET /ops/alerts/:id/resend                                                ops ops ops ops ops ops ops 403 200
POST /ops/alerts/:id/resend                                               ops ops ops ops ops ops ops 403 400
GET /ops/alerts/:id/count-as-sent                                         ops ops ops ops ops ops ops 403 200
POST /ops/alerts/:id/count-as-sent                                        ops ops ops ops ops ops ops 403 400
GET /ops/alerts/:id/give-up                                               ops ops ops ops ops ops ops 403 200
POST /ops/alerts/:id/give-up                                              ops ops ops ops ops ops ops 403 400
GET /ops/find                                                             ops ops ops ops ops ops ops 200 200
POST /ops/find                                                            ops ops ops ops ops ops ops 200 200
GET /ops/notices/:id                                                      ops ops ops ops ops ops ops 200 200
GET /ops/notices/:id/unmask                                               ops ops ops ops ops ops ops 403 200
POST /ops/notices/:id/unmask                                              ops ops ops ops ops ops ops 403 400
GET /ops/dead-letters                                                     ops ops ops ops ops ops ops 200 200
GET /ops/dead-letters/alerts/:channel/:state/:cause                       ops ops ops ops ops ops ops 200 200
GET /ops/dead-letters/alerts/:channel/:state/:cause/resend                ops ops ops ops ops ops ops 403 200
POST /ops/dead-letters/alerts/:channel/:state/:cause/resend               ops ops ops ops ops ops ops 403 400
GET /ops/dead-letters/alerts/:channel/:state/:cause/count-as-sent         ops ops ops ops ops ops ops 403 200
POST /ops/dead-letters/alerts/:channel/:state/:cause/count-as-sent        ops ops ops ops ops ops ops 403 400
GET /ops/dead-letters/alerts/:channel/:state/:cause/give-up               ops ops ops ops ops ops ops 403 200
POST /ops/dead-letters/alerts/:channel/:state/:cause/give-up              ops ops ops ops ops ops ops 403 400
GET /ops/dead-letters/refusals/:code                                      ops ops ops ops ops ops ops 200 200
GET /ops/dead-letters/refusals/:code/deal-with                            ops ops ops ops ops ops ops 403 409
POST /ops/dead-letters/refusals/:code/deal-with                           ops ops ops ops ops ops ops 403 400
GET /ops/dead-letters/callbacks                                           ops ops ops ops ops ops ops 200 200
GET /ops/dead-letters/callbacks/deal-with                                 ops ops ops ops ops ops ops 403 409
POST /ops/dead-letters/callbacks/deal-with                                ops ops ops ops ops ops ops 403 400
GET /ops/queues                                                           ops ops ops ops ops ops ops 200 200
GET /ops/queues/                                                          ops ops ops ops ops ops ops 200 200
GET /ops/queues/static/locales/en-US/messages.json                         ops ops ops ops ops ops ops 200 200
GET /ops/queues/metrics-history                                           ops ops ops ops ops ops ops 200 200
GET /ops/queues/job-schedulers                                            ops ops ops ops ops ops ops 200 200
GET /ops/queues/queue/:queueName                                          ops ops ops ops ops ops ops 200 200
GET /ops/queues/queue/:queueName/:jobId                                   ops ops ops ops ops ops ops 200 200
GET /ops/queues/api/redis/stats                                           401 401 401 401 401 401 401 403 403
GET /ops/queues/api/queues                                                401 401 401 401 401 401 401 200 200
PUT /ops/queues/api/queues/pause                                          401 401 401 401 401 401 401 403 403
PUT /ops/queues/api/queues/resume                                         401 401 401 401 401 401 401 403 403
GET /ops/queues/api/queues/:queueName/metrics                             401 401 401 401 401 401 401 200 200
GET /ops/queues/api/queues/:queueName/default-job-options                 401 401 401 401 401 401 401 200 200
GET /ops/queues/api/queues/:queueName/workers                             401 401 401 401 401 401 401 200 200
GET /ops/queues/api/queues/:queueName/rate-limit                          401 401 401 401 401 401 401 200 200
PUT /ops/queues/api/queues/:queueName/rate-limit                          401 401 401 401 401 401 401 403 403
PUT /ops/queues/api/queues/:queueName/rate-limit/release                  401 401 401 401 401 401 401 403 403
PUT /ops/queues/api/queues/:queueName/retry/:queueStatus                  401 401 401 401 401 401 401 403 403
PUT /ops/queues/api/queues/:queueName/resume                              401 401 401 401 401 401 401 403 403
GET /ops/queues/api/queues/:queueName/job-data-schema                     401 401 401 401 401 401 401 200 200
PATCH /ops/queues/api/queues/:queueName/job-schedulers/:schedulerId       401 401 401 401 401 401 401 403 403
PUT /ops/queues/api/queues/:queueName/job-schedulers/:schedulerId/remove  401 401 401 401 401 401 401 403 403
PUT /ops/queues/api/queues/:queueName/job-schedulers/:schedulerId/run     401 401 401 401 401 401 401 403 403
POST /ops/queues/api/queues/:queueName/add                                401 401 401 401 401 401 401 403 403
PUT /ops/queues/api/queues/:queueName/promote                             401 401 401 401 401 401 401 403 403
PUT /ops/queues/api/queues/:queueName/pause                               401 401 401 401 401 401 401 403 403
PUT /ops/queues/api/queues/:queueName/clean/:queueStatus                  401 401 401 401 401 401 401 403 403
PUT /ops/queues/api/queues/:queueName/concurrency                         401 401 401 401 401 401 401 403 403
PUT /ops/queues/api/queues/:queueName/empty                               401 401 401 401 401 401 401 403 403
PUT /ops/queues/api/queues/:queueName/obliterate                          401 401 401 401 401 401 401 403 403
GET /ops/queues/api/queues/:queueName/:jobId                              401 401 401 401 401 401 401 404 404
GET /ops/queues/api/queues/:queueName/:jobId/logs                         401 401 401 401 401 401 401 200 200
GET /ops/queues/api/queues/:queueName/:jobId/flow                         401 401 401 401 401 401 401 404 404
PUT /ops/queues/api/queues/:queueName/:jobId/retry                        401 401 401 401 401 401 401 403 409
PUT /ops/queues/api/queues/:queueName/:jobId/remove-unprocessed-children  401 401 401 401 401 401 401 403 403
PUT /ops/queues/api/queues/:queueName/:jobId/clean                        401 401 401 401 401 401 401 403 403
PUT /ops/queues/api/queues/:queueName/:jobId/promote                      401 401 401 401 401 401 401 403 409
PATCH /ops/queues/api/queues/:queueName/:jobId/priority                   401 401 401 401 401 401 401 403 403
PATCH /ops/queues/api/queues/:queueName/:jobId/update-data                401 401 401 401 401 401 401 403 403
PATCH /ops/queues/api/queues/:queueName/:jobId/delay                      401 401 401 401 401 401 401 403 403
GET /ops/queues/api/job-schedulers                                        401 401 401 401 401 401 401 200 200
GET /ops/queues/*                                                         404 404 404 404 404 404 404 404 404
`;
