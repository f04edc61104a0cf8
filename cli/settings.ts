import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { type Config, loadConfig } from '../core/platform/config';
import { AblaghError, codeOf } from '../core/platform/errors';

type RequiredSetting = 'DATABASE_URL' | 'SECRET_KEY';

/** The file in the data folder in which `npm start` keeps its settings while it runs. */
const RUNNING_ENV_FILE = 'running.env';

/**
 * Loads the settings of a command from the environment; a setting that is absent there comes from an `npm start` that runs in this
 * folder.
 *
 * @throws AblaghError `no_settings` when a required setting is in neither place
 * @throws ConfigError when a value is wrong
 */
export function loadSettings<Need extends RequiredSetting>(
  env: NodeJS.ProcessEnv,
  needs: readonly Need[],
): Config<Need> {
  if (env.DATABASE_URL && env.SECRET_KEY) return loadConfig(env, needs);
  const { DATA_DIR } = loadConfig({ DATA_DIR: env.DATA_DIR });
  const path = join(DATA_DIR, RUNNING_ENV_FILE);
  const merged = { ...readEnvFile(path), ...withoutEmpty(env) };
  const missing = needs.filter((name) => !merged[name]);
  if (missing.length > 0) {
    throw new AblaghError(
      'no_settings',
      `${missing.join(' and ')} must be set. (Beside a running "npm start" they are read from ${path}.)`,
    );
  }
  return loadConfig(merged, needs);
}

function readEnvFile(path: string): NodeJS.ProcessEnv {
  try {
    return parseEnv(readFileSync(path, 'utf8')) as NodeJS.ProcessEnv;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return {};
    throw error;
  }
}

const withoutEmpty = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value));
