import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Disk } from 'flydrive';
import { FSDriver } from 'flydrive/drivers/fs';
import { Unavailable } from '../platform/errors';

/** Keeps the bytes of attachments outside the database, by the attachment's id. Written once, never changed. */
export interface AttachmentStore {
  /**
   * Durable when it returns.
   *
   * @throws Unavailable `attachments`
   */
  put(id: string, bytes: Buffer): Promise<void>;
  /** @throws Unavailable `attachments`, also for an id that was never put */
  get(id: string): Promise<Buffer>;
}

/** A store whose files may be taken away again: only retention does. */
export interface AttachmentRemover {
  /**
   * Takes the bytes of an attachment away. Nothing happens when they are gone already.
   *
   * @throws Unavailable `attachments`
   */
  remove(id: string): Promise<void>;
}

/** Two levels of folders keep each small: an id starts with its time, so its end is what spreads. */
const storageKey = (id: string) => `${id.slice(-2)}/${id}`;

/**
 * Opens the store an address names: `file:///folder`, or `s3://bucket?region=…&endpoint=…` with the
 * credentials where the AWS SDK looks for them.
 *
 * @param dataDir the folder whose `attachments` is used when there is no address
 */
export async function openAttachmentStore(
  address: string | undefined,
  dataDir: string,
): Promise<AttachmentStore & AttachmentRemover> {
  const url = address ? new URL(address) : undefined;
  if (url?.protocol === 's3:') {
    // The SDK is large: only who stores there loads it.
    const { s3Disk } = await import('./s3-disk.js');
    return createDiskStore(s3Disk(url), async () => {});
  }
  const location = url ? fileURLToPath(url) : join(dataDir, 'attachments');
  return createDiskStore(new Disk(new FSDriver({ location, visibility: 'private' })), (key) =>
    syncFile(join(location, key)),
  );
}

function createDiskStore(
  disk: Disk,
  makeDurable: (key: string) => Promise<void>,
): AttachmentStore & AttachmentRemover {
  const orUnavailable = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw new Unavailable('attachments', { cause: error });
    }
  };
  return {
    put: (id, bytes) =>
      orUnavailable(async () => {
        await disk.put(storageKey(id), bytes);
        await makeDurable(storageKey(id));
      }),
    get: (id) => orUnavailable(async () => Buffer.from(await disk.getBytes(storageKey(id)))),
    remove: (id) => orUnavailable(() => disk.delete(storageKey(id))),
  };
}

/** A notice is promised to be kept once its commit is answered, so its files must be on the disk before. */
async function syncFile(path: string): Promise<void> {
  for (const target of [path, join(path, '..')]) {
    const handle = await open(target, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}
