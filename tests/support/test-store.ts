/** An object store with an empty bucket, for the hubs of src/hub/testing. */
import { S3Client } from '../../src/hub/storage/s3-client.ts';
import { readS3Config } from '../../src/hub/storage/s3-config.ts';
import { listObjects, listUploads } from '../../src/hub/storage/s3-objects.ts';
import { startSwift } from './swift.ts';

export interface TestStore extends AsyncDisposable {
  readonly endpoint: string;
  /** The environment that src/hub/testing/blobs-config.ts reads. */
  readonly settings: Readonly<Record<string, string>>;
}

export async function startTestStore(): Promise<TestStore> {
  await using stack = new AsyncDisposableStack();
  const { endpoint, credentials } = stack.use(await startSwift());
  const settings = {
    CAIS_TEST_BUCKET: 'blobs',
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  await new S3Client(readS3Config('s3://blobs/any', settings)).call('PUT', null);
  const open = stack.move();
  return { endpoint, settings, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** What a hub of these settings has in its store: names of objects, and those of uploads in parts. */
export async function storedBy(settings: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const client = new S3Client(readS3Config(settings['CAIS_HUB_BLOBS'] ?? '', settings));
  const objects = await Array.fromAsync(listObjects(client, ''));
  const uploads = await Array.fromAsync(listUploads(client, ''));
  // The one that /readyz looks for is not of a blob.
  return [...objects, ...uploads].map(({ key }) => key).filter((key) => key !== 'ready');
}
