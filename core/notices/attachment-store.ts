import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Disk } from 'flydrive';
import { FSDriver } from 'flydrive/drivers/fs';
import { Unavailable } from '../platform/errors';

/** The bytes of attachments, kept outside the database under the attachment's id. They are written once and never changed. */
export interface AttachmentStore {
  /**
   * Stores the bytes, durably when this returns.
   *
   * @throws Unavailable `attachments`
   */
  put(id: string, bytes: Buffer): Promise<void>;
  /** Reads the bytes. @throws Unavailable `attachments`, also for an id that was never stored */
  get(id: string): Promise<Buffer>;
}

/** The removal of stored bytes, apart from the store because only retention removes any. */
export interface AttachmentRemover {
  /**
   * Removes the bytes of an attachment. Nothing happens when they are gone already.
   *
   * @throws Unavailable `attachments`
   */
  remove(id: string): Promise<void>;
}

/** Spreads the files over folders by the end of their id, which is random; its start is the time. */
const storageKey = (id: string) => `${id.slice(-2)}/${id}`;

/**
 * Opens the attachment store of an address: `file:///folder`, or `s3://bucket?region=…&endpoint=…` with the credentials where the
 * AWS SDK looks for them.
 *
 * @param dataDir the folder whose `attachments` is used when there is no address
 */
export async function openAttachmentStore(
  address: string | undefined,
  dataDir: string,
): Promise<AttachmentStore & AttachmentRemover> {
  const url = address ? new URL(address) : undefined;
  if (url?.protocol === 's3:') {
    // The SDK is large, so it is loaded only where S3 is used.
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

/** Flushes a file and its folder to the disk. An accepted notice is never lost, so its files must be durable before its commit. */
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
