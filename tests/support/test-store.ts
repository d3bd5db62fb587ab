/** An object store with an empty bucket, for the hubs of src/hub/testing. */
import { S3Client } from '../../src/hub/storage/s3-client.ts';
import { readS3Config } from '../../src/hub/storage/s3-config.ts';
import { startSwift } from './swift.ts';

export interface TestStore extends AsyncDisposable {
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
  return { settings, [Symbol.asyncDispose]: () => open.disposeAsync() };
}
