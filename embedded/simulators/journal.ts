import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const FLUSH_INTERVAL_MS = 200;

/** A simulator's memory over restarts: one JSON object per line, each written within 200 ms. */
export interface Journal<Entry> {
  append(entry: Entry): void;
  /** Writes the entries that are still in memory. */
  close(): Promise<void>;
}

/**
 * Opens a journal and hands its entries to `restore`, the oldest first. Entries that `restore` rejects are dropped from the
 * file, so that it does not grow for ever. A line that a kill cut off is dropped as well.
 *
 * @param restore returns false for an entry that is not worth keeping
 * @param keepLast only this many of the latest entries are read
 */
export function openJournal<Entry>(
  path: string,
  restore: (entry: Entry) => boolean,
  keepLast: number,
): Journal<Entry> {
  mkdirSync(dirname(path), { recursive: true });
  const lines = readLines(path);
  const kept = lines.slice(-keepLast).filter((line) => {
    const entry = parse<Entry>(line);
    return entry !== undefined && restore(entry);
  });
  if (kept.length < lines.length) {
    writeFileSync(`${path}.new`, kept.map((line) => `${line}\n`).join(''));
    renameSync(`${path}.new`, path);
  }

  let waiting: Entry[] = [];
  let timer: NodeJS.Timeout | undefined;
  let written: Promise<void> = Promise.resolve();
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const text = `${waiting.map((entry) => JSON.stringify(entry)).join('\n')}\n`;
    waiting = [];
    // A full disk costs the memory of the simulator, not the simulator.
    written = written.then(() => appendFile(path, text)).catch(() => {});
  };
  return {
    append(entry) {
      waiting.push(entry);
      timer ??= setTimeout(flush, FLUSH_INTERVAL_MS);
    },
    async close() {
      flush();
      await written;
    },
  };
}

function readLines(path: string): string[] {
  try {
    const text = readFileSync(path, 'utf8');
    const lines = text.split('\n');
    // Whole files end in a newline; text after the last newline is a torn write.
    return text.endsWith('\n') || text === '' ? lines.slice(0, -1) : lines;
  } catch {
    return [];
  }
}

function parse<Entry>(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}
