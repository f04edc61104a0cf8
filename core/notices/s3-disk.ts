import { S3Client } from '@aws-sdk/client-s3';
import { Disk } from 'flydrive';
import { S3Driver } from 'flydrive/drivers/s3';

/** Opens a bucket of an S3 store: `s3://bucket?region=…&endpoint=…`, with the credentials where the AWS SDK looks for them. */
export function s3Disk(url: URL): Disk {
  const endpoint = url.searchParams.get('endpoint');
  const client = new S3Client({
    region: url.searchParams.get('region') ?? 'us-east-1',
    // Stores other than Amazon's take the bucket in the path; most of them have no wildcard host names.
    ...(endpoint && { endpoint, forcePathStyle: true }),
  });
  return new Disk(new S3Driver({ client, bucket: url.hostname, visibility: 'private', supportsACL: false }));
}
