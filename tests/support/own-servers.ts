/**
 * Gives this process the addresses of its own servers among those of the run, as `TEST_DATABASE_URL` and, where there is a
 * Redis, `TEST_REDIS_URL`.
 */
const { JEST_WORKER_ID: worker } = process.env;

process.env.TEST_DATABASE_URL = process.env[`TEST_DATABASE_URL_${worker}`];
const redisUrl = process.env[`TEST_REDIS_URL_${worker}`];
if (redisUrl) process.env.TEST_REDIS_URL = redisUrl;
