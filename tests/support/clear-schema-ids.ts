import { globalRegistry } from 'zod';

/**
 * Forgets the schema ids of the test file before: a worker loads zod once for all its files, but our schemas anew for each, and a
 * second schema with the id of a first gets another name in the OpenAPI document.
 */
globalRegistry.clear();
