import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const ROOT = join(__dirname, '../..');

export interface ProductionFile {
  /** From the root of the repository, with `/`. */
  path: string;
  /** For `require`. */
  absolute: string;
  text: string;
}

/** Reads every TypeScript file of these folders. */
export const productionFiles = (folders: readonly string[]): ProductionFile[] =>
  folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
      .map((name) => {
        const absolute = join(ROOT, folder, name);
        return {
          path: relative(ROOT, absolute).replaceAll('\\', '/'),
          absolute,
          text: readFileSync(absolute, 'utf8'),
        };
      }),
  );
