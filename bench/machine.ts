import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Environment } from './environment';

/** Describes the machine the figures were measured on. */
export const describeMachine = ({ postgresVersion, redis }: Environment) => ({
  processor: cpus()[0]?.model ?? '',
  cores: availableParallelism(),
  memoryGb: Math.round((totalmem() / 2 ** 30) * 10) / 10,
  platform: `${process.platform} ${process.arch}`,
  node: process.versions.node,
  postgres: postgresVersion,
  redis: redis.version,
});
